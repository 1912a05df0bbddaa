"""Practice policies: whole invented documents with the questions that each clause settles."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from index.clauses import Clause

FOLDER = Path(__file__).parent / "practice"
_SILENT = "no clause"
_CLAUSE = re.compile(r"(?P<item>- )?(?P<stance>[a-z]+) \| (?P<text>.+)")


@dataclass(frozen=True, slots=True)
class PracticeClause:
    """A clause with its lead-in, how it rules, and what staff ask that it settles."""

    text: str
    stance: str
    section: str = ""
    lead: str = ""
    asked: list[str] = field(default_factory=list)

    @property
    def full(self) -> str:
        """The words with their lead-in, as an index holds them."""
        return f"{self.lead} {self.text}".strip()


@dataclass(frozen=True, slots=True)
class PracticePolicy:
    """One invented document."""

    name: str
    clauses: tuple[PracticeClause, ...]
    silent: tuple[str, ...]
    """Messages close to it that no clause of it settles."""

    def as_cut(self) -> Iterator[Clause]:
        """Its clauses as an index holds them; a list's items are counted from its lead-in on."""
        number, item, lead = 0, 0, ""
        for clause in self.clauses:
            item = item + 1 if clause.lead and clause.lead == lead else int(bool(clause.lead))
            number += item < 2
            lead = clause.lead
            place = str(item) if item else ""
            yield Clause(str(number), place, clause.section, clause.lead, clause.text)

    def with_cut(self) -> Iterator[tuple[PracticeClause, Clause]]:
        """Each clause beside itself as an index holds it."""
        yield from zip(self.clauses, self.as_cut(), strict=True)

    def questions(self) -> list[tuple[str, int]]:
        """What staff ask, each with the place of the clause that settles it."""
        return [(asked, at) for at, clause in enumerate(self.clauses) for asked in clause.asked]


def policies(folder: Path = FOLDER) -> tuple[PracticePolicy, ...]:
    """Every practice policy in *folder*, by name."""
    return tuple(_policy(file) for file in sorted(folder.glob("*.txt")))


def _policy(file: Path) -> PracticePolicy:
    """
    Read *file*: "## " opens a section, "lead | " a list, "- " its item; "? " is asked of the clause above.

    Raises:
        ValueError: a line is none of these; it is named.
    """
    clauses: list[PracticeClause] = []
    silent: list[str] = []
    section = lead = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        kind, _, rest = line.strip().partition(" ")
        if kind in ("", "#"):
            continue
        if kind == "##":
            section, lead = rest, ""
        elif kind == "?":
            (silent if section == _SILENT else clauses[-1].asked).append(rest)
        elif kind == "lead":
            lead = rest.removeprefix("| ")
        elif found := _CLAUSE.fullmatch(line.strip()):
            lead = lead if found["item"] else ""
            clauses.append(PracticeClause(found["text"], found["stance"], section, lead))
        else:
            raise ValueError(f"{file.name}:{number}: is neither heading, clause nor question")
    return PracticePolicy(file.stem, tuple(clauses), tuple(silent))
