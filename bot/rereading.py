"""Who holds which role, while Staffroom runs: a `school.toml` that changes is read again."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot import school_folders
from bot.domain.schools import School
from bot.errors import ConfigurationError, StoreBusy, StoreFailed
from bot.school_folders import SCHOOL_FILE, SchoolFolder, SchoolFolders

LOOK_S = 30.0
KEPT = "until it is mended, what stood there before still counts"


@dataclass
class Rereading:
    """
    Puts what a school's file says now in the place of what it said before, for everything that looks.

    So rights end when a role ends, with no new start. Documents and new schools wait for the next start.
    """

    found: SchoolFolders
    refused: Callable[[School], Iterable[str]]
    """Why Staffroom would not start on a school as it is now, line by line."""
    note_people: Callable[[str], object]
    """Tells of a change of people and routing (SAFETY 21)."""
    say: Callable[[str], None]
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._seen = {school: _stamp(folder) for school, folder in self.found.folders.items()}

    def look(self) -> None:
        """Read what has changed since the last look; what cannot be used is said, and changes nothing."""
        for school, folder in self.found.folders.items():
            stamp = _stamp(folder)
            if stamp == self._seen[school]:
                continue
            self._seen[school] = stamp
            try:
                self._read(school, folder)
            except ConfigurationError as error:
                self.say(f"Problem: {error}; {KEPT}")
            except (StoreBusy, StoreFailed):
                # Who is who counts already; that it changed is told at the next look.
                self._seen[school] = (0, 0)

    def _read(self, school: str, folder: SchoolFolder) -> None:
        now = school_folders.read(folder.path).school
        if refusals := tuple(self.refused(now)):
            raise ConfigurationError("\n".join(refusals))
        self.found.schools[school] = now
        self.note_people(school)
        self.say(f"{school}/{SCHOOL_FILE} was read again.")


@contextmanager
def rereading(work: Rereading) -> Iterator[None]:
    """Look again and again for as long as the block lasts."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(LOOK_S):
            work.look()

    thread = threading.Thread(target=run, name="schools")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _stamp(folder: SchoolFolder) -> tuple[int, int]:
    try:
        found = (folder.path / SCHOOL_FILE).stat()
    except OSError:
        return -1, -1
    return found.st_mtime_ns, found.st_size
