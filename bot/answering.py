"""The use case of asking: a message in, the answer every channel draws out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain import following, urgent, verdicts
from bot.domain.answers import Answer, Citation, Contact, Finding, Outcome, Step
from bot.domain.guidance import Guidance
from bot.domain.schools import School
from bot.domain.triage import Form, Route, Triage, decide
from bot.domain.triage_rules import SEXUAL_IMAGE, plain
from bot.errors import StaleIndex, UnknownSchool
from bot.ports import Retrieval

WELL_TOLD = "Telling us is the right thing to do; a slip that is told early is easily put right."
IN_DANGER = "If anyone may be in danger, ring 999 first, then the people above."


@dataclass(frozen=True)
class Answering:
    """Answers from the policies of the asker's school alone."""

    schools: Mapping[str, School]
    retrieval: Retrieval
    guidance: Guidance
    today: Callable[[], date] = date.today

    def ask(self, school_id: str, message: str, earlier: Sequence[str] = ()) -> Answer:
        """
        What the school's policy says about *message*; for an urgent one, whom to ring comes first.

        An urgent message or a report is answered even when no policy can be read. *earlier* is what the
        same person asked before, oldest first: a plain question that leans on it is answered joined to the
        nearest plain question, never to an urgent message or a report.

        Raises:
            UnknownSchool: no school of that id is configured, or none of its documents could be read.
            StaleIndex: the index cannot be read.
        """
        school = self._school(school_id)
        try:
            finding = self.retrieval.find(school_id, message)
        except (StaleIndex, UnknownSchool) as error:
            triage = decide(message, {})
            # SAFETY 6 and 31: whoever asks for help is not turned away because a file is damaged.
            if triage.route is Route.QUESTION:
                raise
            return self._without_policy(school, message, triage, error.user_message)
        triage = decide(message, finding.likeness)
        if triage.route is Route.URGENT:
            return self._urgent(school, message, triage, finding)
        if triage.route is Route.QUESTION and (asked := self._joined(school_id, message, earlier)):
            message, finding = asked, self.retrieval.find(school_id, asked)
        first = finding.citations[0] if finding.citations else None
        outcome = verdicts.outcome_for(message, finding.outcome, first)
        decisive = first if outcome is Outcome.ANSWER else None
        ask, tell = _people(school, triage, message, decisive)
        return Answer(
            school=school_id,
            school_name=school.name,
            question=message,
            triage=triage,
            outcome=outcome,
            verdict=verdicts.verdict(outcome, first),
            citations=finding.citations,
            headings=finding.headings,
            ask=ask,
            tell=tell,
            notes=(*finding.unread, *_notes(triage, message, outcome)),
            first=self._image_warning(school, message),
        )

    def _joined(self, school_id: str, message: str, earlier: Sequence[str]) -> str:
        """*message* with the earlier question that it leans on, "" where it stands alone."""
        if not earlier or not following.leans(message):
            return ""
        for said in reversed(earlier):
            # SAFETY 10: decided anew each time, for what is urgent or a report is never drawn upon.
            if not following.leans(said) and self._is_plain(school_id, said):
                return following.joined(message, said)
        return ""

    def _is_plain(self, school_id: str, said: str) -> bool:
        likeness = self.retrieval.find(school_id, said).likeness
        return decide(said, likeness).route is Route.QUESTION

    def _image_warning(self, school: School, message: str) -> tuple[Step, ...]:
        """SAFETY 1 and 3: whoever so much as asks about such a picture is first told what not to do."""
        if not SEXUAL_IMAGE.found_in(plain(message)):
            return ()
        words = self.guidance.line("images", school.jurisdiction).words
        return (Step(words, (verdicts.contact(school, "dsl"),)),)

    def urgent_at_once(self, school_id: str, message: str) -> Answer | None:
        """The urgent reply where the rules alone call for it, without index or model; else None."""
        triage = decide(message, {})
        if triage.route is not Route.URGENT:
            return None
        return self._urgent(self._school(school_id), message, triage, Finding(Outcome.NONE, ()))

    def _without_policy(self, school: School, message: str, triage: Triage, cause: str) -> Answer:
        """Whom to ring or to tell, when there is nothing to quote."""
        if triage.route is Route.URGENT:
            return self._urgent(school, message, triage, Finding(Outcome.NONE, ()))
        return Answer(
            school=school.id,
            school_name=school.name,
            question=message,
            triage=triage,
            outcome=Outcome.NONE,
            verdict="",
            citations=(),
            tell=verdicts.to_tell(school, triage.form, message, None),
            notes=(cause,),
        )

    def _urgent(self, school: School, message: str, triage: Triage, finding: Finding) -> Answer:
        """SAFETY 6: danger comes first; the clauses go along, without a verdict."""
        cautions = urgent.cautions(school, self.guidance, self.today())
        return Answer(
            school=school.id,
            school_name=school.name,
            question=message,
            triage=triage,
            outcome=Outcome.NEAREST if finding.citations else Outcome.NONE,
            verdict="",
            citations=finding.citations,
            urgent=urgent.reply(school, self.guidance),
            notes=cautions,
        )

    def _school(self, school_id: str) -> School:
        if school_id not in self.schools:
            raise UnknownSchool(f"there is no school {school_id!r}; known: {', '.join(sorted(self.schools))}")
        return self.schools[school_id]


def _notes(triage: Triage, message: str, outcome: Outcome) -> tuple[str, ...]:
    """The fixed lines that a message calls for below its answer (SAFETY 16 and 31)."""
    slip = triage.form is Form.FRIEND_REQUEST and verdicts.is_own_slip(message)
    danger = outcome is Outcome.NONE
    return (*((WELL_TOLD,) if slip else ()), *((IN_DANGER,) if danger else ()))


def _people(
    school: School, triage: Triage, message: str, citation: Citation | None
) -> tuple[tuple[Contact, ...], tuple[Contact, ...]]:
    """Whom to ask and whom to tell; SAFETY 14: about an adult, nobody is asked before the head is told."""
    if triage.form is None and verdicts.asks_about_an_adult(message):
        return verdicts.if_about_an_adult(school, message), ()
    tell = verdicts.to_tell(school, triage.form, message, citation)
    return () if triage.form is Form.ADULT_CONCERN else verdicts.to_ask(school, citation), tell
