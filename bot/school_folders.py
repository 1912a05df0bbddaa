"""The policies folder on disk: one folder a school, its `school.toml` and the documents that file lists."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.schools import PolicyDocument, School, nearest, parse
from bot.errors import ConfigurationError

SCHOOL_FILE = "school.toml"
_SYSTEM_FILES = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Document:
    """A listed policy and its file, which lies inside the school's folder and is there."""

    policy: PolicyDocument
    path: Path


@dataclass(frozen=True, slots=True)
class SchoolFolder:
    """One school as found: the documents that can be indexed, and a line for each thing that cannot."""

    school: School
    path: Path
    documents: tuple[Document, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchoolFolders:
    """Every school that could be read, by id in alphabetical order."""

    path: Path
    folders: Mapping[str, SchoolFolder]
    problems: tuple[str, ...]
    """A line for each folder that is no school that can be read."""
    schools: dict[str, School] = field(init=False)
    """School by id; one object for everybody who looks, so that what is read again counts everywhere."""

    def __post_init__(self) -> None:
        found = {school_id: folder.school for school_id, folder in self.folders.items()}
        object.__setattr__(self, "schools", found)

    @property
    def all_problems(self) -> tuple[str, ...]:
        """Every line, those of the single schools too."""
        return (*self.problems, *(line for folder in self.folders.values() for line in folder.problems))


def load(folder: Path) -> SchoolFolders:
    """
    Read every school in *folder*; one that cannot be read becomes a line in `problems`.

    Raises:
        ConfigurationError: no school could be read; it names every reason, one a line.
    """
    folders: dict[str, SchoolFolder] = {}
    problems: list[str] = []
    for path in _sub_folders(folder):
        try:
            folders[path.name] = read(path)
        except ConfigurationError as error:
            problems.append(str(error))
    if not folders:
        raise ConfigurationError("\n".join(problems) or _no_school(folder))
    return SchoolFolders(folder, folders, tuple(problems))


def _sub_folders(folder: Path) -> list[Path]:
    try:
        return sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    except OSError as error:
        cause = "there is no such folder" if isinstance(error, FileNotFoundError) else _reason(error)
        mend = "name the folder of schools with --policies or STAFFROOM_POLICIES"
        raise ConfigurationError(f"{folder}: {cause}; {mend}") from None


def _no_school(folder: Path) -> str:
    if (folder / SCHOOL_FILE).is_file():
        return (
            f"{folder}: this is one school's folder; name the folder it lies in ({folder.resolve().parent})"
        )
    return f"{folder}: no school in it; give each school a folder with a {SCHOOL_FILE} and its documents"


def read(path: Path) -> SchoolFolder:
    """
    Read the school in *path*.

    Raises:
        ConfigurationError: its `school.toml` is missing or wrong; it names file, key and mend.
    """
    if not path.name.isprintable():
        raise ConfigurationError(f"{path.parent}: the folder {path.name!a} needs a name that can be printed")
    values = _toml(path / SCHOOL_FILE)
    try:
        school = parse(path.name, values)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path.parent}/{error}") from None
    names = sorted(_files(path))
    documents, problems = _listed(school, path, names)
    problems.extend(_unlisted(school, path, names))
    return SchoolFolder(school, path, tuple(documents), tuple(problems))


def _toml(file: Path) -> dict[str, object]:
    try:
        # A byte order mark is what Windows' Notepad puts in front.
        text = file.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise ConfigurationError(_without_school_file(file)) from None
    except OSError as error:
        raise ConfigurationError(f"{file}: {_reason(error)}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        mend = "save the file as UTF-8"
        raise ConfigurationError(f"{file}: line {line} has a letter that is not UTF-8; {mend}") from None
    except tomllib.TOMLDecodeError as error:
        last = f"at line {len(text.splitlines())}, the end of the file"
        cause = str(error).replace("at end of document", last)
        raise ConfigurationError(f"{file}: is not well-formed TOML: {cause}") from None


def _without_school_file(file: Path) -> str:
    near = nearest(file.name, _files(file.parent))
    hint = f'is "{near}" meant for it?' if near else "add one, or move the folder out of here"
    return f"{file.parent}: has no {SCHOOL_FILE}; {hint}"


def _files(path: Path) -> Iterator[str]:
    """Every file a person could take for a policy, relative to *path*; hidden and system files are not."""
    for folder, below, names in os.walk(path):
        below[:] = [each for each in below if not each.startswith(".")]
        for name in names:
            if not name.startswith((".", "~$")) and name.lower() not in _SYSTEM_FILES:
                yield Path(folder, name).relative_to(path).as_posix()


def _listed(school: School, path: Path, names: list[str]) -> tuple[list[Document], list[str]]:
    documents: list[Document] = []
    problems: list[str] = []
    for policy in school.policies:
        try:
            documents.append(Document(policy, _inside(path, policy.file, names)))
        except ConfigurationError as error:
            problems.append(f"{path / SCHOOL_FILE}: [[policy]] {error}")
    return documents, problems


def _inside(path: Path, file: str, names: list[str]) -> Path:
    """Return where *file* is, if it is a file inside *path*, wherever a link may lead."""
    wanted = path / file
    try:
        real = wanted.resolve()
        if not real.is_relative_to(path.resolve()):
            raise ConfigurationError(
                f'file "{file}" lies outside the school\'s folder; copy it into the folder'
            )
        found = real.is_file()
    except (OSError, RuntimeError, ValueError):
        # A link to itself, a name too long, a null character: nothing that can be a document.
        found = False
    if not found:
        near = nearest(file, names)
        hint = f'did you mean "{near}"?' if near else "add the file, or take the [[policy]] out"
        raise ConfigurationError(f'file "{file}" is not there; {hint}')
    return wanted


def _unlisted(school: School, path: Path, names: list[str]) -> Iterator[str]:
    listed = {Path(policy.file).as_posix(): policy for policy in school.policies}
    stems = {Path(file).stem.casefold(): file for file in listed}
    for name in names:
        if name in listed or name == SCHOOL_FILE:
            continue
        twin = stems.get(Path(name).stem.casefold())
        hint = f'"{twin}" is the one it lists' if twin else "add a [[policy]] for it, or move it away"
        shown = name if name.isprintable() else ascii(name)
        yield f"{path}: {shown} is not listed in {SCHOOL_FILE}, so it is not indexed; {hint}"


def _reason(error: OSError) -> str:
    return f"cannot be read ({error.strerror or type(error).__name__})"
