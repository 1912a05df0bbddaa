"""Documents to an index: only what changed is cut and encoded, and the new one replaces the old whole."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from operator import itemgetter
from pathlib import Path
from typing import TypeAlias

import numpy as np
from filelock import FileLock, Timeout

from index.clauses import Clause
from index.cutting import MOST_CLAUSES
from index.embeddings import Embeddings, Vector
from index.encoder import Encoder, Matrix
from index.errors import DamagedIndex, IndexBusy, UnreadableDocument
from index.late import Words
from index.passages import passages
from index.readings import Reader, readings
from index.shelf import Document, Entry, Record, Shelf, Stored, entries_of, sweep, write
from index.vectors import Vectors

WAIT_SECONDS = 600
NOT_CUTTING = {
    "adapter",
    "asking",
    "build",
    "calibrate",
    "certainty",
    "embeddings",
    "encoder",
    "evaluate",
    "examples",
    "interaction",
    "leaning",
    "late",
    "learning",
    "learning_interaction",
    "learnt",
    "lexical",
    "minilm",
    "modality",
    "modality_rules",
    "readings",
    "references",
    "practice",
    "search",
    "shelf",
    "stances",
    "topic_map",
    "topics",
    "train",
    "vectors",
}
"""The modules whose change leaves every clause as it is; a new module counts as cutting until it is here."""
CUTTING_LIBRARIES = ("pdfplumber", "pdfminer.six", "python-docx", "beautifulsoup4", "markdown-it-py")

Progress: TypeAlias = Callable[[str, int, int], None]
"""Hears the stage ("reading" documents or "encoding" clauses), how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document that a school lists."""

    school: str
    title: str
    file: str
    """The file's name as shown to people."""
    path: Path
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a build works with; a change of `encoder_name` or `recipe` makes everything stale."""

    cut: Callable[[Path], list[Clause]]
    recipe: str
    """What names the cutting code, as `cutting_recipe` does."""
    encoder: Callable[[], Encoder]
    """Called only if something has to be encoded."""
    encoder_name: str
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Example messages by label, kept as vectors beside the clauses."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A document whose newest version is not in the index."""

    school: str
    file: str
    message: str
    """One line: the file, what is wrong, what to do."""
    serving_old: bool
    """Its last good version still answers."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did; `encoded` and `reused` count different texts: clauses, their sentences, examples."""

    path: Path
    clauses: int
    encoded: int
    reused: int
    problems: tuple[Problem, ...]
    changed: bool
    damaged: bool = False
    """The index that was there could not be used, so everything was read again."""


def cutting_recipe() -> str:
    """Return the hash of the code that cuts documents, and of the versions of what it reads them with."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for file in sorted(here.rglob("*.py")):
        if file.stem not in NOT_CUTTING:
            digest.update(file.read_bytes())
    for library in CUTTING_LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()


def is_fresh(sources: Sequence[Source], path: Path, tools: Tools, keep: Collection[str] = ()) -> bool:
    """Say whether `build` would find nothing to do: as cheap as reading the files' bytes."""
    try:
        return _fits(Shelf.open(path), sources, tools, keep)
    except DamagedIndex:
        return False


def build(
    sources: Sequence[Source],
    path: Path,
    tools: Tools,
    keep: Collection[str] = (),
    progress: Progress | None = None,
) -> BuildReport:
    """
    Make the index at *path* hold *sources*, and what it holds already of the schools in *keep*.

    A school is in *sources* or in *keep*, not in both; one in neither leaves the index.
    A document that cannot be read keeps its last good clauses and is named in the report.
    The clauses' vectors are kept beside it in "embeddings.db", which every index in that folder shares.

    Raises:
        IndexBusy: another process has been building it for ten minutes.
        WrongModel: something had to be encoded, and the encoder is not what *tools* says.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(f"{path}.lock", timeout=WAIT_SECONDS):
            sweep(path)
            old, damaged = _opened(path)
            if old and _fits(old, sources, tools, keep):
                return _report(path, old.records, 0, changed=False)
            report = _built(_Build(path, tools, old, keep, progress or _silent), sources)
            return replace(report, damaged=damaged)
    except Timeout:
        raise IndexBusy(
            f"{path}: another process has been building it for {WAIT_SECONDS} seconds; wait for it or stop it"
        ) from None


@dataclass(frozen=True, slots=True)
class _Build:
    """What one build knows throughout."""

    path: Path
    tools: Tools
    old: Shelf | None
    keep: Collection[str]
    progress: Progress

    def kept(self) -> list[Record]:
        """Return what the old index holds of the schools to keep."""
        return [record for record in self.old.records if record.school in self.keep] if self.old else []

    def last_good(self, source: Source) -> Record | None:
        """Return what the old index holds of *source*."""
        wanted = (source.school, source.file)
        records = self.old.records if self.old else ()
        return next((it for it in records if (it.school, it.document.file) == wanted), None)


def _built(work: _Build, sources: Sequence[Source]) -> BuildReport:
    records = work.kept()
    for done, source in enumerate(sources):
        work.progress("reading", done, len(sources))
        records.append(_record(work, source))
    work.progress("reading", len(sources), len(sources))
    texts = {school: _passages(found) for school, found in entries_of(records).items()}
    every = [text for group in (*texts.values(), *work.tools.examples.values()) for text in group]
    whole = {passages(entry.clause)[0] for found in entries_of(records).values() for entry in found}
    kept = Embeddings.open(work.path.parent / "embeddings.db")
    held, encoded = readings(
        Reader(work.tools.encoder, work.tools.encoder_name, kept), every, whole, work.progress
    )
    vectors = {
        school: Vectors.of(_matrix([held[text].vector for text in found])) for school, found in texts.items()
    }
    clauses = {
        school: [held[passages(entry.clause)[0]] for entry in found]
        for school, found in entries_of(records).items()
        if found
    }
    words = {school: Words.of([reading.words for reading in found]) for school, found in clauses.items()}
    stances = {school: _matrix([reading.stances for reading in found]) for school, found in clauses.items()}
    examples = {
        label: _matrix([held[text].vector for text in group])
        for label, group in work.tools.examples.items()
        if group
    }
    meta = {"encoder": work.tools.encoder_name, "examples": examples_hash(work.tools)}
    write(work.path, meta, records, Stored(vectors, words, stances, examples))
    return _report(work.path, records, encoded, changed=True)


def _passages(entries: Sequence[Entry]) -> list[str]:
    return [text for entry in entries for text in passages(entry.clause)]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def examples_hash(tools: Tools) -> str:
    """Return what changes when any example or label does."""
    whole = {label: list(group) for label, group in tools.examples.items()}
    return _hash(json.dumps(whole, sort_keys=True))


def _record(work: _Build, source: Source) -> Record:
    """Cut *source*, unless the old index holds its clauses already, or must stand in for it."""
    old, recipe = work.last_good(source), work.tools.recipe
    document = Document(source.title, source.file, dict(source.details))
    sha256 = _sha256(source.path)
    tried = _tried(source, sha256, recipe)
    if old and sha256 and (old.sha256, old.recipe) == (sha256, recipe):
        return Record(source.school, document, old.clauses, sha256, recipe, tried)
    try:
        clauses = _cut(source, work.tools.cut)
    except UnreadableDocument as error:
        problem = UnreadableDocument(source.file, error.cause, error.mend)
    except OSError as error:
        problem = _unopened(source, error)
        tried = _tried(source, "", recipe)  # so that the same bytes are tried again once they can be read
    else:
        return Record(source.school, document, clauses, sha256, recipe, tried)
    if old and old.clauses:
        return replace(old, document=replace(old.document, problem=str(problem)), tried=tried)
    return Record(source.school, replace(document, problem=str(problem)), tried=tried)


def _cut(source: Source, cut: Callable[[Path], list[Clause]]) -> tuple[Clause, ...]:
    clauses = tuple(cut(source.path))
    if not clauses:
        mend = "Check that it holds the policy's text, and save it again"
        raise UnreadableDocument(source.file, "no clause was found in it", mend)
    if len(clauses) > MOST_CLAUSES:
        cause = f"it has {len(clauses):,} clauses, and at most {MOST_CLAUSES:,} are read"
        raise UnreadableDocument(source.file, cause, "List the policy itself, not a whole collection")
    if any(_not_text(f"{clause.number}{clause.section}{clause.full}") for clause in clauses):
        mend = "Save it again from the program in which it was written"
        raise UnreadableDocument(source.file, "some of its characters are not text", mend)
    return clauses


def _not_text(words: str) -> bool:
    """Say whether *words* hold half a character, as broken PDF fonts give: no file can store that."""
    return any("\ud800" <= character <= "\udfff" for character in words)


def _unopened(source: Source, error: OSError) -> UnreadableDocument:
    cause = f"it cannot be opened ({error.strerror or type(error).__name__})"
    return UnreadableDocument(source.file, cause, "Check that it is there and that this account may read it")


def _matrix(rows: Sequence[Vector]) -> Matrix:
    return np.stack(rows) if rows else np.zeros((0, 1), np.float32)


def _opened(path: Path) -> tuple[Shelf | None, bool]:
    """Return the index at *path*, if there is a sound one, and whether there is a damaged one instead."""
    try:
        return Shelf.open(path), False
    except DamagedIndex:
        return None, path.exists()


def _fits(old: Shelf, sources: Sequence[Source], tools: Tools, keep: Collection[str]) -> bool:
    held = [(it.school, it.document.file, it.tried) for it in old.records if it.school not in keep]
    wanted = [
        (source.school, source.file, _tried(source, _sha256(source.path), tools.recipe)) for source in sources
    ]
    same = old.encoder_name == tools.encoder_name and old.examples_hash == examples_hash(tools)
    return same and sorted(held, key=itemgetter(0)) == sorted(wanted, key=itemgetter(0))


def _tried(source: Source, sha256: str, recipe: str) -> str:
    """Return the hash of all that decides what becomes of *source*."""
    whole = [source.title, source.file, sorted(source.details.items()), sha256, recipe]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def _sha256(path: Path) -> str:
    """Return the hash of the bytes of *path*, or "" where they cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _report(path: Path, records: Sequence[Record], encoded: int, changed: bool) -> BuildReport:
    clauses = [clause for record in records for clause in record.clauses]
    texts = {text for clause in clauses for text in passages(clause)}
    problems = tuple(
        Problem(record.school, record.document.file, record.document.problem, bool(record.clauses))
        for record in records
        if record.document.problem
    )
    return BuildReport(path, len(clauses), encoded, max(len(texts) - encoded, 0), problems, changed)


def _silent(stage: str, done: int, total: int) -> None:
    """Hear nothing."""
