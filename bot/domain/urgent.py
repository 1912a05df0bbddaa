"""The urgent reply: danger first, then whom in school, then whom when an adult is the worry. Pure."""

from collections.abc import Iterable
from datetime import date

from bot.domain.answers import Contact, Step
from bot.domain.guidance import Guidance
from bot.domain.schools import School
from bot.domain.verdicts import contact

NOT_THE_ROUTE = "This chat is never the emergency route: do not wait for an answer here."
TELL_NOW, QUESTION = "Report this now", "It was only a question"
"""The two buttons (SAFETY 8): neither names anybody, for whoever the message names is left out."""
NOT_TOLD = "Nobody has been told yet."
ONE_PRESS = (
    "One press files your message, as it stands, as an urgent case. "
    "Whoever it names, by name or role, is left out, and the next in school is told instead."
)
IN_FIVE_MINUTES = (
    "If you press neither, in five minutes somebody in school whom your message does not name is asked to "
    "ring you. They are told your name and nothing else, and you are told who was asked."
)
NOT_HELD = "Your message is not kept, and nobody will be told by itself: ring now."
"""Instead of the buttons, where the store took nothing."""
UNKNOWN_JURISDICTION = (
    "This school has not said in which nation of the UK it is; guidance differs, ask children's social care."
)


def reply(school: School, guidance: Guidance) -> tuple[Step, ...]:
    """
    The urgent reply of *school*, in the order of SAFETY 6, 7 and 9.

    It needs no form and no search, so that it can be given when all else fails.
    """

    def words(identity: str) -> str:
        return guidance.line(identity, school.jurisdiction).words

    emergency = guidance.line("emergency", school.jurisdiction)
    steps = [
        Step(emergency.words, (Contact("emergency services", "", emergency.telephone),)),
        Step(words("refer"), _contacts(school, ("social_care", "social_care_out_of_hours"))),
        Step("Then tell, in school:", _contacts(school, _leads(school))),
        *_about_an_adult(school),
        Step(words("images")),
        Step(words("listen")),
        Step(NOT_THE_ROUTE),
    ]
    if school.jurisdiction == "unknown":
        steps.append(Step(UNKNOWN_JURISDICTION))
    return tuple(steps)


def cautions(school: School, guidance: Guidance, today: date) -> tuple[str, ...]:
    """A line for each reason to doubt the guidance shown: never checked here, or overdue."""
    shown = (guidance.line(identity, school.jurisdiction) for identity in ("refer", "images", "listen"))
    found = dict.fromkeys(line.caution(today) for line in shown)
    return tuple(f"About the guidance above: {caution}." for caution in found if caution)


def _about_an_adult(school: School) -> tuple[Step, ...]:
    """SAFETY 7, by person: where the head is the DSL too, the worry about that person goes to the chair."""
    head = {person.id for person in school.holders("head")}
    same = head & {person.id for person in school.holders("dsl")}
    first = "If it is about an adult who works or helps here: tell the head" + (
        "." if same else ", not the DSL."
    )
    second = (
        "If it is about the head"
        + (", who is the DSL too" if same else "")
        + ": tell the chair of governors."
    )
    return (
        Step(first, _contacts(school, ("head",))),
        Step(second, _contacts(school, ("chair",))),
        Step("If neither is safe to tell: ring the LADO.", _contacts(school, ("lado",))),
    )


def _leads(school: School) -> tuple[str, ...]:
    """The DSL, and the deputy where the school has one."""
    deputy = school.holders("deputy_dsl") or school.telephone("deputy_dsl")
    return ("dsl", "deputy_dsl") if deputy else ("dsl",)


def _contacts(school: School, roles: Iterable[str]) -> tuple[Contact, ...]:
    return tuple(contact(school, role) for role in roles)
