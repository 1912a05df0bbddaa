"""Draws an answer as a card: the terminal's words, the clause byte for byte, numbers to tap, buttons."""

from collections.abc import Iterable, Iterator
from typing import Any

from bot.domain import answer_words
from bot.domain.answers import Answer, Citation, Contact, Outcome, Step
from bot.domain.naming import role_of
from bot.domain.schools import School
from bot.domain.triage import Form, Route
from bot.slack import blocks, ids
from bot.slack.blocks import Block

HELPFUL, UNHELPFUL = "answer.helpful", "answer.unhelpful"
"""Buttons; their value is `card_value`, with the clause that stands first."""
MORE, SHARE, SEND = "answer.more", "answer.share", "answer.send"
"""Buttons; their value is `card_value`."""
WHICH_FORM = "answer.form"
"""A button; its value is a school, and after a line feed the words to begin a form with."""
MORE_MODAL = "answer_more"

CARRIED = 600
"""The longest question that a button carries: several do, and all of a message together has a limit."""
BEGUN = 1800
"""The most characters that a form begins with; with the name of the form they fit a button."""
QUOTED = 6000
"""The most characters quoted on one card; Slack refuses messages from about 12,000 (see `notifier`)."""
SEND_IT = "Send this question to the policy owner?"
FROM_ITS_MENU = (
    "To report this message, open its menu and choose “Report this message”: "
    "then whoever wrote it is kept out."
)
GOES_ON = "The clause goes on in the policy; it is too long to be shown here."
UNANSWERED = (Outcome.NONE, Outcome.NEAREST)


def card_value(school: str, question: str, clause: str = "") -> str:
    """The value of a button on a card: whose policy, which clause came first, what was asked."""
    return "\n".join((school, clause, question))


def card_of(value: str) -> tuple[str, str, str]:
    """School, question and clause of a `card_value`."""
    school, _, rest = value.partition("\n")
    clause, _, question = rest.partition("\n")
    return school, question, clause


def answer_blocks(answer: Answer, school: School, share: bool = False, words: str | None = "") -> list[Block]:
    """
    The card of *answer*, which is not urgent; at most 50 blocks.

    Whoever is to be asked stands there as a mention where *school* knows their Slack id. With *share* a
    plain question gets a button that shows the card in the channel as well. *words* are what
    the button "Report this" holds of anything else; None where it is somebody else's message, whose author
    must not be lost on the way to a form (SAFETY 12): that is reported from its menu.
    """
    return [
        blocks.context(answer.school_name),
        *(block for step in answer.first for block in _first(step)),
        *_bold(answer.verdict),
        *_clauses(answer),
        *_people(answer, school),
        *(block for note in answer.notes for block in blocks.paragraphs(f"Note: {note}")),
        *([] if _carried(answer) else more_blocks(answer)),
        *_buttons(answer, share, words),
    ]


def more_blocks(answer: Answer) -> list[Block]:
    """The clauses that the first one refers to, and those that came next; none where there is nothing."""
    if not answer.answered:
        return []
    drawn: list[Block] = []
    for link in answer.citations[0].links:
        drawn += [*_bold(answer_words.place(link)), *blocks.quote(answer_words.shortened(link.text))]
    if others := answer_words.see_also(answer):
        drawn += _bold(answer_words.SEE_ALSO)
        for citation in others:
            drawn += [blocks.context(citation.reference)]
            drawn += blocks.quote(answer_words.shortened(citation.quote))
    return drawn


def more_view(answer: Answer) -> dict[str, Any]:
    """`more_blocks` as a modal, with the clause that they belong to on top."""
    top = (
        _bold(f"{answer.school_name} · {answer_words.title(answer.citations[0])}") if answer.answered else []
    )
    drawn = more_blocks(answer) or [blocks.section("There is nothing more on this in the policy.")]
    return blocks.modal(MORE_MODAL, "More on this", [*top, *drawn])


def form_blocks(words: str = "", school: str = "") -> list[Block]:
    """Each form with its button, which then begins with *words*: one block each, for they share an id."""
    begun = blocks.shortened(words, CARRIED)
    return [
        blocks.section(f"{said[:1].upper()}{said[1:]}", form_button(form, "Report", begun, school=school))
        for form, said in answer_words.FORM_WORDS.items()
    ]


def form_button(form: Form, label: str, words: str = "", style: str = "", school: str = "") -> Block:
    """
    A button that opens *form* at *school*, beginning with *words*; two of them never stand in one block.

    Without a school it is the one that whoever presses belongs to.
    """
    value = ids.form_value(str(form), school, blocks.shortened(words, BEGUN))
    return blocks.button(ids.OPEN_FORM, label, value, style)


def reporting_button(answer: Answer, words: str = "") -> Block:
    """
    The button to the likely form, or to the choice of one where nothing points to any.

    The form begins with a plain question; with anything else only what *words* name (SAFETY 29).
    """
    plain = answer.triage.route is Route.QUESTION
    begun = answer.question if plain else words
    form = answer_words.likely_form(answer)
    if form:
        return form_button(form, "Report this", begun, "" if plain else "primary", answer.school)
    return blocks.button(WHICH_FORM, "Report this", f"{answer.school}\n{blocks.shortened(begun, BEGUN)}")


def mentioned(school: School, contact: Contact) -> tuple[str, ...]:
    """The Slack ids of those whom *contact* means, as far as *school* knows them."""
    role = role_of(school, contact.role)
    people = school.holders(role) if role else school.people
    names = contact.name.split(" or ") if contact.name else []
    return tuple(
        person.slack
        for person in people
        if person.slack and (person.name in names or (role and not person.name))
    )


def _bold(words: str) -> list[Block]:
    return [blocks.rich(blocks.line(blocks.words(part, bold=True))) for part in blocks.pieces(words)]


def _first(step: Step) -> Iterator[Block]:
    """What comes before everything else, with whom to ring."""
    yield from _bold(step.words)
    if step.contacts:
        yield blocks.rich(blocks.line(blocks.words("Ring", bold=True)), *blocks.contacts(step.contacts))


def _clauses(answer: Answer) -> list[Block]:
    if answer.outcome is Outcome.NONE:
        headings = [blocks.line(blocks.words(f"• {heading}")) for heading in answer.headings]
        top = blocks.line(blocks.words(answer_words.NEAREST_HEADINGS))
        return [blocks.rich(top, *headings)] if headings else []
    drawn: list[Block] = []
    used = 0
    for citation in answer_words.cited(answer):
        used += len(citation.quote)
        if not drawn or used <= QUOTED:
            drawn += _clause(citation)
    return drawn


def _clause(citation: Citation) -> list[Block]:
    drawn = [*_bold(answer_words.title(citation)), *blocks.quote(citation.quote[:QUOTED])]
    if len(citation.quote) > QUOTED:
        drawn.append(blocks.context(GOES_ON))
    if further := answer_words.also(citation):
        drawn += [blocks.rich(blocks.line(blocks.words(part))) for part in blocks.pieces(further[:QUOTED])]
    source = answer_words.source(citation)
    # Small print is easily missed, and an overdue policy is what a reader must not miss.
    return [*drawn, *(_bold(source) if citation.overdue else [blocks.context(source)])]


def _people(answer: Answer, school: School) -> Iterator[Block]:
    if ask := answer_words.only_to_ask(answer):
        lines = [_asked(school, each) for each in ask]
        yield blocks.rich(blocks.line(blocks.words("Ask", bold=True)), *lines)
    report, opening = answer_words.telling(answer)
    yield from _bold(report)
    if opening:
        yield blocks.rich(blocks.line(blocks.words(opening, bold=True)), *blocks.contacts(answer.tell))


def _asked(school: School, contact: Contact) -> Block:
    """A contact with the mention after the name, so that whoever is unknown to Slack is named still."""
    (drawn,) = blocks.contacts((contact,))
    said, *number = drawn["elements"]
    mentions = [
        part for user in mentioned(school, contact) for part in (blocks.words(" "), blocks.mention(user))
    ]
    return blocks.line(said, *mentions, *number)


def _carried(answer: Answer) -> bool:
    """Whether a button may hold the question: a plain one, and not too long a one (SAFETY 29)."""
    return answer.triage.route is Route.QUESTION and len(answer.question) <= CARRIED


def _buttons(answer: Answer, share: bool, words: str | None) -> list[Block]:
    plain = answer.triage.route is Route.QUESTION
    row = [*_feedback(answer), *_more(answer)]
    if words is not None:
        row.append(reporting_button(answer, words))
    if share and plain and _carried(answer):
        row.append(blocks.button(SHARE, "Share in channel", card_value(answer.school, answer.question)))
    owner = plain and answer.outcome in UNANSWERED
    return [
        *([blocks.actions(*row)] if row else []),
        *([blocks.section(FROM_ITS_MENU)] if words is None else []),
        *([send_block(answer.school, answer.question)] if owner else []),
    ]


def send_block(school: str, question: str) -> Block:
    """
    Asks whether the question may go to the policy's owner; the button shows the wording first (SAFETY 29).

    A long question is cut, and can be mended there.
    """
    value = card_value(school, blocks.shortened(question, CARRIED))
    return blocks.section(SEND_IT, blocks.button(SEND, "See the wording", value))


def _feedback(answer: Answer) -> Iterable[Block]:
    if not answer.citations or answer.outcome is Outcome.NONE:
        return
    # Only of a plain question the words go along: they may be sent to the policy's owner (SAFETY 29).
    question = answer.question if answer.triage.route is Route.QUESTION else ""
    clause = blocks.shortened(answer.citations[0].reference, 200)
    value = card_value(answer.school, blocks.shortened(question, CARRIED), clause)
    yield blocks.button(HELPFUL, "Helpful", card_value(answer.school, "", clause))
    yield blocks.button(UNHELPFUL, "Not helpful", value)


def _more(answer: Answer) -> Iterable[Block]:
    if _carried(answer) and more_blocks(answer):
        yield blocks.button(MORE, "More", card_value(answer.school, answer.question))
