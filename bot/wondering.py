"""The use case of questions that the policy does not answer, kept for its owner if the asker agrees."""

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.audit import AuditKind
from bot.domain.insights import Period, period_at
from bot.domain.membership import Known
from bot.domain.naming import named_in
from bot.domain.schooldays import local
from bot.domain.schools import Person, School
from bot.domain.triage import frame
from bot.errors import FormError, NotAllowed, StaleIndex, StoreBusy, StoreFailed, UnknownSchool
from bot.ports import Clock, Store, Unit

KEPT = timedelta(days=90)
"""SAFETY 29."""
LONGEST = 500
"""How many characters a question may have."""

PRESSED = timedelta(hours=1)
"""So long a second press of the same button is known for one."""
NO_TOPIC = "Something else"
"""What is about no topic of the bank."""
MOST_TERMS = 12

HEAD_ONLY = "Only the head, who owns the policies, sees these."
BLANK = "Write the question first."
TOO_LONG = f"Keep the question to {LONGEST} characters."
NOT_PLAIN = (
    "Only a plain question about a rule is kept, such as “May staff follow a parent?”, and this may be about "
    "something that has happened. If it has, report it; if a child may be in danger, ring 999 now."
)
NAMES_SOMEBODY = "Leave out names, addresses and numbers: only the question itself is kept."

# What means one person, whoever it is: "Mrs Vale", an account, an address, a number to ring.
_SOMEBODY = re.compile(
    r"\b(?:mr|mrs|ms|mx|dr)\b\.? [a-z]|\bmiss (?-i:[A-Z])|(?<!\w)@\w|\S@\S"
    r"|<[@#]|https?:|www\.|(?:\d[ -]?){9}",
    re.I,
)
_ASKER = "-asker"


@dataclass(frozen=True, slots=True)
class Wondered:
    """A question as its asker agreed to it; who asked is not kept."""

    at: datetime
    """The day, as its first moment in UTC: a time would tell who it was."""
    wording: str


@dataclass(frozen=True, slots=True)
class Missed:
    """How often, on one topic, the policy had no clause, and how often an answer did not help."""

    topic: str
    unanswered: int
    not_helpful: int


def _no_topic(_question: str) -> str:
    return ""


@dataclass(frozen=True)
class Wondering:
    """Keeps plain questions for the policy's owner, who is the head, and counts what found no help."""

    schools: Mapping[str, School]
    store: Store
    clock: Clock
    topic_of: Callable[[str], str] = _no_topic
    """What a question is about, as the topic bank calls it; "" where that is not clear."""

    def keep(self, known: Known, wording: str) -> None:
        """
        Keep *wording*, which its asker has seen and agreed to; the same again that day changes nothing.

        Raises:
            FormError: blank, too long, or no plain question: an urgent message and a report never are,
                nor is what tells of something real or asks nothing (`triage.frame`), nor one that names
                somebody of the school. In doubt it is not kept.
            StoreBusy, StoreFailed: nothing was kept.
        """
        words = " ".join(wording.split())
        wrong = _wrong(known, words)
        if wrong:
            raise FormError({"wording": wrong})
        school = known.school.id
        with self.store.writing() as unit:
            asked = Wondered(unit.now.replace(hour=0, minute=0, second=0, microsecond=0), words)
            if asked not in _questions(unit, school):
                value = json.dumps({"at": asked.at.isoformat(), "wording": asked.wording})
                unit.hold(f"{_prefix(school)}{secrets.token_hex(8)}", value, unit.now + KEPT)

    def listed(self, school: str, person: str) -> tuple[Wondered, ...]:
        """The questions of *school*, oldest first, for a head; raises `NotAllowed` for anybody else."""
        with self._for_head(school, person, "questions for the policy") as unit:
            return _questions(unit, school)

    def feedback(self, known: Known, clause: str, helpful: bool, question: str = "", press: str = "") -> None:
        """
        Count that an answer with *clause* first was helpful or not; no word of the question is kept.

        *clause* is "" for an answer without one; of *question* the topic alone is counted, and that in its
        term. The same *press* again counts once. Raises `StoreBusy` and `StoreFailed`: nothing was counted.
        """
        key, topic = _tally(known.school.id), "" if helpful else self._topic(question)
        with self.store.writing() as unit:
            if _pressed(unit, known, press):
                return
            if topic:
                self._count(unit, known.school, topic, 1)
            counts = _counts(unit, key)
            yes, no = counts.get(clause, (0, 0))
            counts[clause] = (yes + 1, no) if helpful else (yes, no + 1)
            unit.put_memo(key, json.dumps(counts))

    def unanswered(self, known: Known, question: str, press: str = "") -> None:
        """Count a plain *question* on which the policy has no clause; no answer waits for what fails here."""
        topic = self._topic(question)
        with suppress(StoreBusy, StoreFailed), self.store.writing() as unit:
            if topic and not _pressed(unit, known, press):
                self._count(unit, known.school, topic, 0)

    def missed(self, school: str, person: str, period: Period) -> tuple[Missed, ...]:
        """
        What found no help in *period*, by topic, for anybody of the school; who asked is not known.

        The numbers are as they are: whoever shows them hides the small ones. `NotAllowed` for others.
        """
        if school not in self.schools:
            raise UnknownSchool("There is no school of that name here.")
        allowed = person in {each.id for each in self.schools[school].people}
        with self.store.writing() as unit:
            kind = AuditKind.LISTED if allowed else AuditKind.REFUSED
            unit.record(kind, person, school, detail="questions by topic")
            counted = _terms(unit, school)
        if not allowed:
            raise NotAllowed(f"{school}: not one of its people")
        found: dict[str, list[int]] = {}
        for first, topics in counted.items():
            for topic, counts in topics.items() if period.holds(date.fromisoformat(first)) else ():
                found[topic] = [a + b for a, b in zip(found.get(topic, [0, 0]), counts, strict=True)]
        return tuple(Missed(topic, *counts) for topic, counts in sorted(found.items()))

    def _topic(self, question: str) -> str:
        """The topic of *question*; "" for nothing asked. A topic that cannot be read stops no count."""
        if not question.strip():
            return ""
        try:
            return self.topic_of(question) or NO_TOPIC
        except StaleIndex:
            return NO_TOPIC

    def _count(self, unit: Unit, school: School, topic: str, which: int) -> None:
        terms = _terms(unit, school.id)
        first = period_at(school.hours, local(unit.now).date()).first.isoformat()
        counts = terms.setdefault(first, {}).setdefault(topic, [0, 0])
        counts[which] += 1
        kept = dict(sorted(terms.items())[-MOST_TERMS:])
        unit.put_memo(_topics(school.id), json.dumps(kept))

    def counts(self, school: str, person: str) -> Mapping[str, tuple[int, int]]:
        """For a head: clause → how often helpful, how often not; raises `NotAllowed` for anybody else."""
        with self._for_head(school, person, "feedback by clause") as unit:
            return _counts(unit, _tally(school))

    @contextmanager
    def _for_head(self, school: str, person: str, doing: str) -> Iterator[Unit]:
        """A unit in which a head looks; that, or the refusal, is in the audit log (SAFETY 21)."""
        if school not in self.schools:
            raise UnknownSchool("There is no school of that name here.")
        allowed = person in {each.id for each in self.schools[school].holders("head")}
        with self.store.writing() as unit:
            unit.record(AuditKind.LISTED if allowed else AuditKind.REFUSED, person, school, detail=doing)
            if allowed:
                yield unit
        if not allowed:
            raise NotAllowed(f"{school}: not its head", HEAD_ONLY)


def _wrong(known: Known, words: str) -> str:
    """Why *words* are not kept, or ""."""
    if not words:
        return BLANK
    if len(words) > LONGEST:
        return TOO_LONG
    # What only asks is by the rules of `triage.decide` neither urgent nor a report; they let more pass.
    if not frame(words)[2]:
        return NOT_PLAIN
    if _SOMEBODY.search(words) or named_in(_people_alone(known), words):
        return NAMES_SOMEBODY
    return ""


def _people_alone(known: Known) -> School:
    """The school and the asker without anybody's role: "the head" in a question about a rule is nobody."""
    handle, people = known.reporter.handle, known.school.people
    asker = Person(_ASKER, known.reporter.name, slack=handle)
    return replace(known.school, people=(*people, asker), roles={})


def _prefix(school: str) -> str:
    return f"question:{school}:"


def _tally(school: str) -> str:
    return f"feedback:{school}"


def _topics(school: str) -> str:
    return f"topics:{school}"


def _terms(unit: Unit, school: str) -> dict[str, dict[str, list[int]]]:
    """First day of the term → topic → how often unanswered, how often not helpful."""
    found: dict[str, dict[str, list[int]]] = json.loads(unit.memo(_topics(school)) or "{}")
    return found


def _pressed(unit: Unit, known: Known, press: str) -> bool:
    """Whether *press* was counted before; remembers it, but not whose it was."""
    if not press:
        return False
    said = json.dumps([known.school.id, known.reporter.handle, press])
    key = f"pressed:{hashlib.sha256(said.encode()).hexdigest()}"
    if unit.held(key):
        return True
    unit.hold(key, "1", unit.now + PRESSED)
    return False


def _questions(unit: Unit, school: str) -> tuple[Wondered, ...]:
    # A folder may be called "a:b", whose questions are not those of "a".
    keys = (key for key in unit.held_keys(_prefix(school)) if ":" not in key.removeprefix(_prefix(school)))
    found = (json.loads(unit.held(key)) for key in keys)
    return tuple(Wondered(datetime.fromisoformat(each["at"]), each["wording"]) for each in found)


def _counts(unit: Unit, key: str) -> dict[str, tuple[int, int]]:
    found: dict[str, list[int]] = json.loads(unit.memo(key) or "{}")
    return {clause: (yes, no) for clause, (yes, no) in found.items()}
