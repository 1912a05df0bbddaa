"""Draws an answer in the terminal: wrapped, coloured where colour is wanted, readable at 80 columns."""

from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.domain.answers import Answer, Citation, Contact, Outcome, Stance
from bot.domain.triage import Form, Route

_WIDEST = 96
_COLOURS = {
    Stance.PROHIBITED: "red",
    Stance.CONDITIONAL: "yellow",
    Stance.CAUTION: "yellow",
    Stance.ALLOWED: "green",
    Stance.REQUIRED: "cyan",
    Stance.INFO: "blue",
}
_FORMS = {
    Form.FRIEND_REQUEST: "a friend request, follow or message",
    Form.TROLLING: "online abuse of staff, pupils or the school",
    Form.ADULT_CONCERN: "a worry about an adult who works or helps here",
    Form.CONCERN: "a concern about a child or a device",
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
            Text(f"Ring {'; '.join(_contact(contact) for contact in step.contacts)}", style="bold red")
        )
    colour = _COLOURS[answer.stance] if answer.stance else "default"
    console.print(Padding(Text(answer.verdict, style=f"bold {colour}"), (1, 0)))
    if answer.outcome is Outcome.NONE:
        _draw_nearest_headings(console, answer)
    else:
        shown = answer.citations[:1] if answer.answered else answer.citations[:3]
        for citation in shown:
            console.print(_card(citation, colour, console.width - 8))
    if answer.answered:
        _draw_more(console, answer)
    console.print(Group(*_below(answer)))


def _card(citation: Citation, colour: str, widest: int) -> Panel:
    title = Text(_title(citation), style="bold")
    lead = Text(f"{citation.lead} ", style="italic") if citation.lead else Text()
    quote = Text("“") + lead + Text(citation.text) + Text("”")
    # In the frame a long title would be cut short, and with it the number of the clause.
    framed = title.cell_len <= widest
    lines: list[RenderableType] = [quote] if framed else [title, quote]
    if len(citation.exceptions) > 1:
        lines.append(
            Text("Also: " + "; ".join(f"“{part}”" for part in citation.exceptions[1:]), style="italic")
        )
    lines.append(Text(_source(citation), style="red" if citation.overdue else "dim"))
    return Panel(
        Group(*lines),
        title=title if framed else None,
        title_align="left",
        border_style=colour,
        box=box.ROUNDED,
        padding=(0, 1),
    )


def _title(citation: Citation) -> str:
    section = citation.section
    # A clause without a number is named by its section already.
    shown = (
        "" if not section or section in citation.clause or citation.clause.startswith(section) else section
    )
    return " · ".join(part for part in (citation.reference, shown) if part)


def _source(citation: Citation) -> str:
    page = f", page {citation.page}" if citation.page else ""
    return f"{citation.policy}{page} · {citation.dated}"


def _draw_nearest_headings(console: Console, answer: Answer) -> None:
    if answer.headings:
        console.print("The nearest headings in it:")
        for heading in answer.headings:
            console.print(_indented(f"• {heading}"))


def _draw_more(console: Console, answer: Answer) -> None:
    first = answer.citations[0]
    for link in first.links:
        place = f"{link.clause}, item {link.item}" if link.item else link.clause
        console.print(_indented(f"{link.words} → {place}: “{_shortened(link.text)}”", "dim"))
    if len(answer.citations) > 1:
        console.print(Text("See also", style="bold"))
        for citation in answer.citations[1:3]:
            console.print(_indented(f"{citation.reference}: “{_shortened(citation.quote)}”", "dim"))


def _indented(words: str, style: str = "") -> Padding:
    return Padding(Text(words, style=style), (0, 0, 0, 2), expand=False)


def _below(answer: Answer) -> list[RenderableType]:
    lines: list[RenderableType] = [Text()]
    # Nobody is named twice: who is to be told can be asked as well.
    told = {(contact.name, contact.telephone) for contact in answer.tell}
    ask = [contact for contact in answer.ask if (contact.name, contact.telephone) not in told]
    if ask:
        lines.append(_people("Ask: ", ask))
    if answer.triage.route is Route.REPORT and answer.triage.form:
        lines.append(
            Text(f"This sounds like something to report: {_FORMS[answer.triage.form]}.", style="bold")
        )
        lines.append(_people("Tell ", answer.tell))
    elif answer.tell:
        lines.append(_people("Contact with a pupil: always tell ", answer.tell))
    lines += [Text(f"Note: {note}", style="yellow") for note in answer.notes]
    return lines


def _people(opening: str, contacts: Sequence[Contact]) -> Text:
    text = Text(opening, style="bold")
    for at, contact in enumerate(contacts):
        text.append("; " if at else "", style="not bold")
        text.append(_contact(contact), style="not bold")
    return text


def _contact(contact: Contact) -> str:
    return ", ".join(part for part in (contact.role, contact.name, contact.telephone) if part)


def _urgent(answer: Answer) -> Panel:
    lines: list[RenderableType] = []
    for step in answer.urgent:
        if lines:
            lines.append(Text())
        lines.append(Text(step.words, style="bold" if step.contacts else ""))
        lines += [
            Padding(Text(f"☎ {_contact(contact)}", style="bold red"), (0, 2)) for contact in step.contacts
        ]
    lines += [Text(note, style="dim") for note in answer.notes]
    return Panel(Group(*lines), title="URGENT", border_style="bold red", box=box.HEAVY, padding=(0, 1))


def _shortened(words: str, most: int = 150) -> str:
    """The beginning of *words*; the whole stands in the policy."""
    return words if len(words) <= most else words[: words.rfind(" ", 0, most)] + " …"
