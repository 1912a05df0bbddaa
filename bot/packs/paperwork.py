"""The papers that a school needs before it uses Staffroom, filled in as far as Staffroom knows."""

import io
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import docx

from bot.domain.retention import Schedule
from bot.domain.schools import School, role_name
from bot.errors import ConfigurationError

DECIDE = "DECIDE:"
"""What a person must still decide begins so, in every paper."""

_NOT_LAW = (
    "Every line of this paper is a draft that a person must read, mend and sign; it is no legal advice."
)


@dataclass(frozen=True, slots=True)
class Setup:
    """How Staffroom is set up for one school: what the papers are filled from."""

    school: School
    schedule: Schedule
    data_folder: str
    real: bool
    max_mb: int
    channels: tuple[str, ...] = ()
    """How staff reach it, such as "Slack", and what takes notices out, such as "e-mail"."""
    evidence_in_chat: bool = False
    """Whether files can come through the chat, whose maker then has a copy."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, one paragraph each."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """One document, before it has a format; *file* is its name without an ending."""

    file: str
    title: str
    intro: str
    sections: tuple[Section, ...]

    @property
    def to_decide(self) -> tuple[str, ...]:
        """Everything in it that a person must still decide."""
        return tuple(line for section in self.sections for line in section.lines if DECIDE in line)


def papers(setup: Setup) -> tuple[Paper, ...]:
    """The impact assessment, appropriate policy document, record of processing and staff notice."""
    text = resources.files("bot.packs").joinpath("paperwork.toml").read_text("utf-8")
    facts = _facts(setup)
    return tuple(_paper(each, setup, facts) for each in tomllib.loads(text)["document"])


def write(papers: Iterable[Paper], folder: Path) -> tuple[Path, ...]:
    """
    Write each paper as DOCX and as Markdown into *folder*, and return what was written.

    Raises:
        ConfigurationError: one of the files is there already, perhaps with decisions in it, or the folder
            cannot be written.
    """
    files = {
        folder / f"{paper.file}{ending}": made(paper)
        for paper in papers
        for ending, made in ((".docx", as_docx), (".md", _as_markdown_bytes))
    }
    if there := [path.name for path in files if path.exists()]:
        raise ConfigurationError(
            f"{', '.join(there)}: there already; name an empty folder, or move them away"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            path.write_bytes(content)
    except OSError as error:
        raise ConfigurationError(f"{folder}: cannot be written ({error.strerror})") from None
    return tuple(files)


def as_markdown(paper: Paper) -> str:
    """*paper* as Markdown, with what is to be decided in bold."""
    lines = [f"# {paper.title}", "", paper.intro, "", _NOT_LAW, ""]
    for section in paper.sections:
        lines += [f"## {section.heading}", "", *(f"- {_marked(line)}" for line in section.lines), ""]
    return "\n".join(lines)


def as_docx(paper: Paper) -> bytes:
    """*paper* as a Word document, with what is to be decided in bold."""
    document = docx.Document()
    document.core_properties.title = paper.title
    document.core_properties.author = "Staffroom"
    document.add_heading(paper.title, level=1)
    document.add_paragraph(paper.intro)
    document.add_paragraph(_NOT_LAW)
    for section in paper.sections:
        document.add_heading(section.heading, level=2)
        for line in section.lines:
            _add_line(document, line)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _as_markdown_bytes(paper: Paper) -> bytes:
    return as_markdown(paper).encode()


def _marked(line: str) -> str:
    before, mark, rest = line.partition(DECIDE)
    return f"{before}**{mark}**{rest} ______" if mark else line


def _add_line(document: Any, line: str) -> None:
    before, mark, rest = line.partition(DECIDE)
    paragraph = document.add_paragraph(before, style="List Bullet")
    if mark:
        paragraph.add_run(mark).bold = True
        paragraph.add_run(f"{rest} ______")


def _paper(data: Mapping[str, Any], setup: Setup, facts: Mapping[str, Callable[[], Iterator[str]]]) -> Paper:
    def filled(words: str) -> str:
        # Not str.format: a school's name may have braces of its own.
        return words.replace("{school}", setup.school.name)

    sections = (
        Section(
            each["heading"],
            (
                *(line for fact in each.get("facts", ()) for line in facts[fact]()),
                *(filled(line) for line in each["lines"]),
            ),
        )
        for each in data["section"]
    )
    return Paper(data["file"], filled(data["title"]), filled(data["intro"]), tuple(sections))


def _facts(setup: Setup) -> Mapping[str, Callable[[], Iterator[str]]]:
    return {
        "storage": lambda: _storage(setup),
        "access": _access,
        "roles": lambda: _roles(setup.school),
        "retention": lambda: _retention(setup.schedule),
    }


def _storage(setup: Setup) -> Iterator[str]:
    yield f"Everything is kept in one folder on the school's own machine: {setup.data_folder}."
    yield (
        "Case text and evidence are encrypted there (AES-256-GCM), with a key for each case, wrapped by "
        "a master key; names can be found only through keyed hashes."
    )
    yield f"Files: up to {setup.max_mb} MB each, kept as received, with their SHA-256."
    if not setup.real:
        yield "This is sample mode: the master key lies beside the data, and packs may leave unencrypted."
    yield f"Channels in use: {', '.join(setup.channels) or 'this machine alone'}."
    if setup.evidence_in_chat:
        yield f"{DECIDE} whether it is accepted that files sent in the chat are kept by its maker too."
    yield f"{DECIDE} where backups go, who keeps the master key, and where its copy is."


def _access() -> Iterator[str]:
    yield (
        "A case is opened only by the people whom routing names and those they share it with; never by "
        "the person concerned, whatever roles they hold. Each opening, search and export is logged."
    )
    yield "Packs for outside readers are signed, and encrypted to the person who takes them out."


def _roles(school: School) -> Iterator[str]:
    for role, holders in school.roles.items():
        names = ", ".join(person.name or person.id for person in map(school.person, holders))
        yield f"{role_name(role)[0].upper()}{role_name(role)[1:]}: {names}."


def _retention(schedule: Schedule) -> Iterator[str]:
    for each in schedule.types:
        years = f"{each.years} years" if each.years != 1 else "1 year"
        period = f"{years} from {each.day}" if each.years else f"until {each.day}"
        checked = "" if each.checked_by else " Not yet checked by a person at this school."
        yield f"{each.words}: {period}. Source of this default: {each.source}.{checked}"
    yield "Nothing is deleted by itself: a person confirms each deletion, and a legal hold stops it."
