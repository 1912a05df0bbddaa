"""The evidence coach: how to capture what is on the screen already, and what would still help. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.data_files import Entry
from bot.domain.form_facts import values_of, visible
from bot.domain.form_types import Choice, FormDefinition, Lists
from bot.domain.guidance import caution
from bot.domain.reports import AnswerValue, Gate
from bot.domain.triage import Form
from bot.errors import ConfigurationError

EVIDENCE = "evidence"
"""The id under which a missing screenshot is named."""
NEVER_IMAGES = (
    "Capture nothing that could show a nude, semi-nude or sexual image of someone under 18. "
    "That comes before anything else here, and before any policy that asks for screen prints."
)
ONLY_WHAT_IS_THERE = (
    "Capture only what was sent to you or is on your screen already: "
    "the whole screen, with the address or handle, the date and the time."
)
FRIEND_REQUEST = (
    "First: take a screenshot of the request.",
    "Then: decline it{clause}.",
    "Do not message them, not even to explain.",
    "Then send this report.",
)
DO_NOT_LOOK = (
    "Do not open a pupil's profile, join a group, follow a link, use a pupil's phone or ask a child for more."
)
TERRORIST = "Material from terrorists: do not save it; note the address where it stands."
DO_NOT_REPLY = "Do not reply, and do not delete anything."
TALK_LATER = "Speak to a class or a pupil about it only after the safeguarding lead (DSL) has answered."
TELLS_SENDER = {
    "yes": "{name} tells the sender about a screenshot.",
    "sometimes": "Some apps tell the sender about a screenshot, and {name} may.",
    "no": "Some apps tell the sender about a screenshot; {name} is not known to, but apps change.",
}
NOT_ONLINE = "not-online"
_KEYS = ("id", "name", "steps", "tells_sender", "source", "review_due", "checked_by", "checked_on")


@dataclass(frozen=True, slots=True)
class Platform:
    """An app, how to capture from it, and when somebody last checked that."""

    id: str
    name: str
    steps: tuple[str, ...]
    tells_sender: str
    source: str
    review_due: date
    checked_by: str = ""
    checked_on: date | None = None

    def caution(self, today: date) -> str:
        """What to say beside the steps: that nobody has checked them, or that it is overdue; else ""."""
        return caution(self.checked_by, self.checked_on, self.review_due, today)


@dataclass(frozen=True, slots=True)
class Platforms:
    """Every app the forms know, in the order in which they are offered."""

    known: tuple[Platform, ...]

    def get(self, identity: str) -> Platform:
        """Return the platform *identity*; whatever is not known gets the advice for another app."""
        by_id = {each.id: each for each in self.known}
        return by_id.get(identity) or by_id["other"]

    def lists(self) -> Lists:
        """Return the choices that the forms' question "where?" takes from here."""
        return Lists({"platforms": tuple(Choice(each.id, each.name) for each in self.known)})


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that would still help: *id* is its field, or "evidence"."""

    id: str
    words: str


def parse(data: Mapping[str, object], file: str = "platforms.toml") -> Platforms:
    """
    Return the platforms that *data* (the parsed *file*) holds.

    Raises:
        ConfigurationError: with file, platform and key; also when there is none called "other".
    """
    entries = list(Entry(file, "", data).entries("platform"))
    known = tuple(_platform(each) for each in entries)
    ids = [each.id for each in known]
    for entry, identity in zip(entries, ids, strict=True):
        if ids.count(identity) > 1:
            raise entry.error('there are two platforms with this "id"')
    if "other" not in ids:
        raise ConfigurationError(f'{file}: it needs a [[platform]] with the id "other"')
    return Platforms(known)


def capture_steps(platform: Platform, form: Form, clause: str, today: date) -> tuple[str, ...]:
    """
    Return how to capture from *platform* for *form*, in order, with all of SAFETY 24.

    *clause* is the one that the school's routing names, or "". Shown only once the gate is answered "no".
    """
    cited = f", as clause {clause} of your school's policy has it" if clause else ""
    in_order = FRIEND_REQUEST if form is Form.FRIEND_REQUEST else ()
    doubt = platform.caution(today)
    online = platform.id != NOT_ONLINE
    # Once the screenshot is taken the sender has been told: the warning comes before the step.
    warning = TELLS_SENDER[platform.tells_sender].replace("{name}", platform.name)
    return (
        NEVER_IMAGES,
        *((ONLY_WHAT_IS_THERE, warning) if online else ()),
        *in_order[:1],
        *platform.steps,
        *(each.replace("{clause}", cited) for each in in_order[1:]),
        DO_NOT_LOOK,
        DO_NOT_REPLY,
        TERRORIST,
        TALK_LATER,
        *((f"About the steps for {platform.name}: {doubt}.",) if doubt else ()),
    )


def missing(
    form: FormDefinition,
    answers: Mapping[str, AnswerValue],
    evidence_count: int,
    cannot_get: Collection[str] = (),
    gate: Gate = Gate.NO,
) -> tuple[Missing, ...]:
    """
    Return what would still help, without what the reporter *cannot_get* (ids as this returns them).

    Once the gate was answered "yes" or "not sure", no file is asked for and only who, where and when are.
    """
    stopped = gate in (Gate.YES, Gate.NOT_SURE)
    found = [
        Missing(field.id, field.missing)
        for field in visible(form, answers)
        if field.missing and not values_of(answers, field.id) and (field.when_stopped or not stopped)
    ]
    if not evidence_count and not stopped and NOT_ONLINE not in values_of(answers, "where"):
        found.append(Missing(EVIDENCE, _EVIDENCE_WORDS))
    return tuple(each for each in found if each.id not in cannot_get)


_EVIDENCE_WORDS = (
    "A screenshot of what is on your screen already, with the handle, the date and the time; "
    "you are asked about images of children first."
)


def _platform(entry: Entry) -> Platform:
    entry.only(*_KEYS)
    if not (steps := entry.texts("steps")):
        raise entry.error('"steps" must say at least one thing to do')
    return Platform(
        id=entry.needed("id"),
        name=entry.needed("name"),
        steps=steps,
        tells_sender=entry.among("tells_sender", (entry.needed("tells_sender"),), TELLS_SENDER)[0],
        source=entry.needed("source"),
        review_due=entry.needed_day("review_due"),
        checked_by=entry.text("checked_by"),
        checked_on=entry.day("checked_on"),
    )
