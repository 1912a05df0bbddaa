"""The use case of asking: a message in, the answer every channel draws out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.domain import urgent, verdicts
from bot.domain.answers import Answer, Finding, Outcome
from bot.domain.guidance import Guidance
from bot.domain.schools import School
from bot.domain.triage import Form, Route, Triage, decide
from bot.errors import UnknownSchool
from bot.ports import Retrieval


@dataclass(frozen=True)
class Answering:
    """Answers from the policies of the asker's school alone."""

    schools: Mapping[str, School]
    retrieval: Retrieval
    guidance: Guidance
    today: Callable[[], date] = date.today
    problems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A line for each document of a school that could not be read."""

    def ask(self, school_id: str, message: str) -> Answer:
        """
        What the school's policy says about *message*; for an urgent one, whom to ring comes first.

        Raises:
            UnknownSchool: no school of that id is configured.
            StaleIndex: the index cannot be read.
        """
        school = self._school(school_id)
        finding = self.retrieval.find(school_id, message)
        triage = decide(message, finding.likeness)
        if triage.route is Route.URGENT:
            return self._urgent(school, message, triage, finding)
        first = finding.citations[0] if finding.citations else None
        decisive = first if finding.outcome is Outcome.ANSWER else None
        return Answer(
            school=school_id,
            school_name=school.name,
            question=message,
            triage=triage,
            outcome=finding.outcome,
            verdict=verdicts.verdict(finding.outcome, first),
            citations=finding.citations,
            headings=finding.headings,
            # SAFETY 14: a worry about an adult is not to be asked of anybody else first.
            ask=() if triage.form is Form.ADULT_CONCERN else verdicts.to_ask(school, decisive),
            tell=verdicts.to_tell(school, triage.form, message, decisive),
            notes=self.problems.get(school_id, ()),
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
