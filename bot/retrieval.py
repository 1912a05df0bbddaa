"""The `index` library behind the port `Retrieval`: one index for all schools, one search for each."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock, RLock

from bot.domain.answers import Citation, Finding, Link, Outcome, PolicyRead, Ruling, Stance
from bot.domain.schools import PolicyDocument, School
from bot.errors import StaleIndex, UnknownClause, UnknownSchool
from bot.likeness import Likeness, of_scope, of_triage
from index import errors, modality, references
from index.build import BuildReport, Problem, Progress, Source, Tools, build, examples_hash, is_fresh
from index.certainty import Certainty
from index.clauses import Clause
from index.encoder import Encoder, Reading
from index.interaction import Interaction
from index.search import Hit, SchoolSearch
from index.shelf import Entry, Shelf
from index.stances import StanceFit
from index.topic_map import TopicMap
from index.topics import title

MOST_LINKS = 4


def _telling(terms: Mapping[str, Clause], clauses: Sequence[Clause]) -> dict[str, Clause]:
    """The defined terms that are worth a link: not those that every other clause uses ("staff")."""
    texts = [clause.full.casefold() for clause in clauses]
    return {
        term: clause
        for term, clause in terms.items()
        if sum(term.casefold() in text for text in texts) <= max(3, len(texts) // 8)
    }


@dataclass(frozen=True, slots=True)
class Library:
    """What is indexed and where: the schools, their documents, the index file, the tools that build it."""

    schools: Mapping[str, School]
    sources: tuple[Source, ...]
    keep: frozenset[str]
    """Schools whose `school.toml` cannot be read at the moment; their last good clauses stay in the index."""
    path: Path
    tools: Tools
    topics: Callable[[], TopicMap | None] = lambda: None
    """The topic map that fits the model, loaded when the first question comes; another model has none."""
    interaction: Callable[[], Interaction | None] = lambda: None
    """What reads a question beside the nearest clauses; likewise."""


@dataclass(slots=True)
class PolicyIndex:
    """Implements `ports.Retrieval`; `refresh` first, and again whenever documents may have changed."""

    library: Library
    certainty: Certainty
    stances: StanceFit
    today: Callable[[], date] = date.today
    _lock: RLock = field(default_factory=RLock)
    _encoder: Encoder | None = None
    _encoding: Lock = field(default_factory=Lock, repr=False)
    """Held while a question is encoded: many at once take the processors from each other."""
    _shelf: Shelf | None = None
    _likeness: Likeness | None = None
    _searches: dict[str, SchoolSearch] = field(default_factory=dict)
    _topics: list[TopicMap | None] = field(default_factory=list)
    _interaction: list[Interaction | None] = field(default_factory=list)
    _terms: dict[tuple[str, str], dict[str, Clause]] = field(default_factory=dict)
    _readings: dict[tuple[str, str, Clause], tuple[modality.Modality, tuple[Link, ...]]] = field(
        default_factory=dict
    )
    _problems: tuple[Problem, ...] = ()
    _warm: bool = False

    def is_fresh(self) -> bool:
        """Whether `refresh` would find nothing to do."""
        return is_fresh(self.library.sources, self.library.path, self.library.tools, self.library.keep)

    def refresh(self, progress: Progress | None = None) -> BuildReport:
        """
        Bring the index up to date with the documents.

        Raises:
            StaleIndex: it can neither be built nor read.
        """
        library = self.library
        tools = Tools(
            library.tools.cut,
            library.tools.recipe,
            self.encoder,
            library.tools.encoder_name,
            library.tools.examples,
        )
        try:
            report = build(library.sources, library.path, tools, library.keep, progress)
        except (errors.IndexingError, sqlite3.Error, OSError) as error:
            raise StaleIndex(f"{library.path}: {error}") from error
        with self._lock:
            self._shelf = None
            self._searches.clear()
            self._terms.clear()
            self._readings.clear()
            self._problems = report.problems
            self._warm = False
        return report

    @property
    def is_warm(self) -> bool:
        """Whether the next question finds everything loaded, so that no chat waits for it."""
        return self._warm

    def warm(self) -> None:
        """
        Load what the first question at each school would load; nothing when it is loaded.

        Raises:
            StaleIndex: the index or the model cannot be read.
        """
        for school in self.library.schools:
            # A school none of whose documents could be read has nothing to load, and says so when asked.
            with suppress(UnknownSchool):
                self.find(school, "")
        self._warm = True

    def encoder(self) -> Encoder:
        """The model, loaded at the first call."""
        with self._lock:
            if self._encoder is None:
                self._encoder = self.library.tools.encoder()
            return self._encoder

    def find(self, school: str, question: str) -> Finding:
        """See `ports.Retrieval`."""
        search = self._search(school)
        unread = self._unread(school)
        if not search.entries:
            # "The policy has no clause on this" would be untrue: nobody has read it.
            raise UnknownSchool(" ".join((f"{school}: none of its documents could be read.", *unread)))
        # One encoding serves the ranking, the triage and the question whether the policy covers it at all.
        read = self._read(self._expanded(school, question))
        try:
            ranking = search.rank(question, read.vector, read.words)
        except errors.IndexingError as error:
            raise StaleIndex(str(error)) from error
        likeness = self._likeness.of(question, read.vector) if self._likeness else {}
        outcome = Outcome(self.certainty.outcome({**ranking.signs, **of_scope(likeness)}))
        return Finding(
            outcome=outcome,
            citations=tuple(self._citation(hit) for hit in ranking.hits),
            headings=ranking.headings,
            likeness=of_triage(likeness),
            unread=unread,
        )

    def ruling(self, school: str, clause: str) -> Ruling:
        """See `ports.Rulings`."""
        for entry in self._search(school).entries:
            if entry.clause.number.rstrip(".") == clause.rstrip(".") and not entry.clause.item:
                dated, _ = self._dated(entry)
                return Ruling(clause, entry.document.title, dated, entry.clause.full, entry.clause.sha256)
        raise UnknownClause(f"{school}: no document that is indexed has a clause {clause}")

    def documents(self, school: str) -> tuple[PolicyRead, ...]:
        """See `ports.Policies`."""
        known = self.library.schools.get(school)
        entries = self._search(school).entries
        counts = Counter(entry.document.file for entry in entries)
        problems = {each.file: each.message for each in self._problems if each.school == school}
        return tuple(
            PolicyRead(
                each.title, each.file, *self._date_of(each), counts[each.file], problems.get(each.file, "")
            )
            for each in (known.policies if known else ())
        )

    def clauses(self, school: str, policy: str) -> tuple[Citation, ...]:
        """See `ports.Policies`."""
        entries = self._search(school).entries
        return tuple(self._citation(Hit(entry, 0.0)) for entry in entries if entry.document.title == policy)

    def topic(self, question: str) -> str:
        """
        What *question* is about, in the words of the topic bank; "" where that is not clear.

        Raises:
            StaleIndex: the model cannot be read.
        """
        topic_map = self._topic_map()
        name = topic_map.name_of(self._read(question).vector) if topic_map else ""
        return title(name) if name else ""

    def _unread(self, school: str) -> tuple[str, ...]:
        """A line for each document of *school* whose newest version could not be read."""
        kept = {True: " Its last good version still answers.", False: ""}
        mine = (problem for problem in self._problems if problem.school == school)
        return tuple(f"{problem.message}{kept[problem.serving_old]}" for problem in mine)

    def _read(self, question: str) -> Reading:
        try:
            encoder = self.encoder()
            with self._encoding:
                return encoder.read([question])[0]
        except errors.WrongModel as error:
            raise StaleIndex(str(error)) from error

    def _expanded(self, school: str, question: str) -> str:
        """*question* with the school's own words explained: "Tideway (learning platform)"."""
        known = self.library.schools.get(school)
        for word, meaning in (known.words if known else {}).items():
            place = question.casefold().find(word.casefold())
            if place >= 0:
                end = place + len(word)
                question = f"{question[:end]} ({meaning}){question[end:]}"
        return question

    def _search(self, school: str) -> SchoolSearch:
        with self._lock:
            if school not in self._searches:
                try:
                    shelf = self._opened()
                    learnt = self._topic_map(), self._reading_closely()
                    self._searches[school] = SchoolSearch.of(shelf, school, *learnt)
                except errors.UnknownSchool:
                    raise UnknownSchool(f"{school}: none of its documents is indexed.") from None
                except errors.IndexingError as error:
                    raise StaleIndex(str(error)) from error
            return self._searches[school]

    def _topic_map(self) -> TopicMap | None:
        if not self._topics:
            self._topics.append(self.library.topics())
        return self._topics[0]

    def _reading_closely(self) -> Interaction | None:
        if not self._interaction:
            self._interaction.append(self.library.interaction())
        return self._interaction[0]

    def _opened(self) -> Shelf:
        if self._shelf is None:
            shelf = Shelf.open(self.library.path)
            if shelf.encoder_name != self.library.tools.encoder_name:
                raise errors.DamagedIndex(
                    f"{self.library.path}: was built with another model; build it again"
                )
            self._shelf = shelf
            # Examples that have changed since leave the decision to the rules alone.
            same = shelf.examples_hash == examples_hash(self.library.tools)
            examples = shelf.examples() if same else None
            phrases = self.library.tools.examples
            self._likeness = Likeness.fit(examples, phrases, self._topic_map()) if examples else None
        return self._shelf

    def _citation(self, hit: Hit) -> Citation:
        entry, clause = hit.entry, hit.entry.clause
        # What a clause says does not change with the question, and reading it costs a good part of an answer.
        # The clause itself is the key: after a refresh, another clause may stand at the same place.
        key = (entry.school, entry.document.file, clause)
        if key not in self._readings:
            read = self.stances.read(clause, entry.leaning)
            self._readings[key] = read, self._links(entry)
        read, links = self._readings[key]
        dated, overdue = self._dated(entry)
        return Citation(
            school=entry.school,
            policy=entry.document.title,
            clause=clause.number,
            item=clause.item,
            section=clause.section,
            page=clause.page,
            lead=clause.lead,
            text=clause.text,
            score=round(hit.score, 4),
            stance=Stance(read.stance.value),
            exceptions=read.exceptions,
            ask=read.ask,
            links=links,
            dated=dated,
            overdue=overdue,
        )

    def _dated(self, entry: Entry) -> tuple[str, bool]:
        school = self.library.schools.get(entry.school)
        listed: Sequence[PolicyDocument] = school.policies if school else ()
        document = next((each for each in listed if each.file == entry.document.file), None)
        return self._date_of(document) if document else ("date not given", False)

    def _date_of(self, document: PolicyDocument) -> tuple[str, bool]:
        """When *document* is from, and whether its review is overdue."""
        review = document.review(self.today())
        since = document.effective
        force = f"in force from {since.day} {since:%B %Y}" if since else ""
        words = "; ".join(dict.fromkeys(part for part in (force, review.words) if part))
        return words, review.overdue

    def _links(self, entry: Entry) -> tuple[Link, ...]:
        """The clauses that the words refer to, and the definitions of the terms they use."""
        same = [
            other.clause
            for other in self._search(entry.school).entries
            if other.document.file == entry.document.file
        ]
        key = (entry.school, entry.document.file)
        if key not in self._terms:
            self._terms[key] = _telling(references.definitions(same), same)
        clause = entry.clause
        found = [
            Link(reference.text, target.number, target.item, target.text)
            for reference in references.find(clause.full)
            for target in references.resolve(reference, same)
        ]
        defined = references.defined_terms_used(clause.full, self._terms[key])
        found += [Link("definition", each.number, each.item, each.text) for each in defined if each != clause]
        return tuple(link for link in found if (link.clause, link.item) != (clause.number, clause.item))[
            :MOST_LINKS
        ]
