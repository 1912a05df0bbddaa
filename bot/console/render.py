"""Draws an answer in the terminal: wrapped, coloured where colour is wanted, readable at 80 columns."""

from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.domain import answer_words
from bot.domain.answers import Answer, Citation, Contact, Outcome, Stance

_WIDEST = 96
_COLOURS = {
    Stance.PROHIBITED: "red",
    Stance.CONDITIONAL: "yellow",
    Stance.CAUTION: "yellow",
    Stance.ALLOWED: "green",
    Stance.REQUIRED: "cyan",
    Stance.INFO: "blue",
}


def console_for(stderr: bool = False) -> Console:
    """A console as wide as the terminal, but never wider than a page."""
    console = Console(stderr=stderr, highlight=False, emoji=False, markup=False)
    console.width = min(console.width, _WIDEST)
    return console


def draw(console: Console, answer: Answer) -> None:
    """Print *answer*; every word is the clause's, or a fixed one of the answer or of this page."""
    console.print(Text(answer.school_name, style="bold"))
    if answer.urgent:
        console.print(_urgent(answer))
        return
    for step in answer.first:
        console.print(Padding(Text(step.words, style="bold red"), (1, 0, 0, 0)))
        console.print(
            Text(
                f"Ring {'; '.join(answer_words.contact(contact) for contact in step.contacts)}",
                style="bold red",
            )
        )
    colour = _COLOURS[answer.stance] if answer.stance else "default"
    console.print(Padding(Text(answer.verdict, style=f"bold {colour}"), (1, 0)))
    if answer.outcome is Outcome.NONE:
        _draw_nearest_headings(console, answer)
    else:
        for citation in answer_words.cited(answer):
            console.print(_card(citation, colour, console.width - 8))
    if answer.answered:
        _draw_more(console, answer)
    console.print(Group(*_below(answer)))


def _card(citation: Citation, colour: str, widest: int) -> Panel:
    title = Text(answer_words.title(citation), style="bold")
    lead = Text(f"{citation.lead} ", style="italic") if citation.lead else Text()
    quote = Text("“") + lead + Text(citation.text) + Text("”")
    # In the frame a long title would be cut short, and with it the number of the clause.
    framed = title.cell_len <= widest
    lines: list[RenderableType] = [quote] if framed else [title, quote]
    if further := answer_words.also(citation):
        lines.append(Text(further, style="italic"))
    lines.append(Text(answer_words.source(citation), style="red" if citation.overdue else "dim"))
    return Panel(
        Group(*lines),
        title=title if framed else None,
        title_align="left",
        border_style=colour,
        box=box.ROUNDED,
        padding=(0, 1),
    )


def _draw_nearest_headings(console: Console, answer: Answer) -> None:
    if answer.headings:
        console.print(answer_words.NEAREST_HEADINGS)
        for heading in answer.headings:
            console.print(_indented(f"• {heading}"))


def _draw_more(console: Console, answer: Answer) -> None:
    for link in answer.citations[0].links:
        console.print(_indented(f"{answer_words.place(link)}: “{answer_words.shortened(link.text)}”", "dim"))
    if others := answer_words.see_also(answer):
        console.print(Text(answer_words.SEE_ALSO, style="bold"))
        for citation in others:
            quoted = answer_words.shortened(citation.quote)
            console.print(_indented(f"{citation.reference}: “{quoted}”", "dim"))


def _indented(words: str, style: str = "") -> Padding:
    return Padding(Text(words, style=style), (0, 0, 0, 2), expand=False)


def _below(answer: Answer) -> list[RenderableType]:
    lines: list[RenderableType] = [Text()]
    if ask := answer_words.only_to_ask(answer):
        lines.append(_people("Ask: ", ask))
    report, opening = answer_words.telling(answer)
    if report:
        lines.append(Text(report, style="bold"))
    if opening:
        lines.append(_people(f"{opening} ", answer.tell))
    lines += [Text(f"Note: {note}", style="yellow") for note in answer.notes]
    return lines


def _people(opening: str, contacts: Sequence[Contact]) -> Text:
    text = Text(opening, style="bold")
    for at, contact in enumerate(contacts):
        text.append("; " if at else "", style="not bold")
        text.append(answer_words.contact(contact), style="not bold")
    return text


def _urgent(answer: Answer) -> Panel:
    lines: list[RenderableType] = []
    for step in answer.urgent:
        if lines:
            lines.append(Text())
        lines.append(Text(step.words, style="bold" if step.contacts else ""))
        lines += [
            Padding(Text(f"☎ {answer_words.contact(contact)}", style="bold red"), (0, 2))
            for contact in step.contacts
        ]
    lines += [Text(note, style="dim") for note in answer.notes]
    return Panel(Group(*lines), title="URGENT", border_style="bold red", box=box.HEAVY, padding=(0, 1))
