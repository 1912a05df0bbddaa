"""The list of locked files (SAFETY 4): it only grows, stays out of every backup, and fails closed."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from bot.errors import LocksDamaged
from bot.ports import Clock
from bot.store.disk import own_folder, replacing, storing
from bot.store.keyring import subkey
from bot.store.sealing import mark

_WAIT_S = 10
_KEYS = {"at", "case", "item", "derivatives", "mac"}


def utc_now() -> datetime:
    """Return the time now, aware and UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Lock:
    """One file that was locked, by ids; *at* is when, aware and UTC."""

    case: str
    item: str
    derivatives: tuple[str, ...]
    at: datetime

    @property
    def ids(self) -> frozenset[str]:
        """The file and everything made of it."""
        return frozenset((self.item, *self.derivatives))


@dataclass(frozen=True, slots=True)
class LockList:
    """
    The locks in the file *path*, one line each, chained with a key made of *audit*, the key of the audit log.

    The chain alone cannot tell that lines are missing at its end, or that the file is gone.
    So *witness*, a file that lies elsewhere, remembers how far it had come: fewer lines count as damage.
    Every change puts a whole new file in place: a power cut in mid-write cannot tear a line, which would
    lock every file there is.
    """

    path: Path
    audit: bytes = field(repr=False)
    witness: Path
    clock: Clock = utc_now

    def add(self, case: str, item: str, derivatives: Iterable[str] = ()) -> None:
        """
        Lock *item* and its *derivatives*; on disk and synced when this returns. Again changes nothing.

        Raises:
            LocksDamaged: the list cannot be added to; every file counts as locked meanwhile.
            StoreFailed: the list could not be written.
        """
        self.add_all([Lock(case, item, tuple(derivatives), self.clock())])

    def add_all(self, locks: Iterable[Lock]) -> int:
        """Add those of *locks* that are not there yet, with their own times; how many; raises as `add`."""
        with storing("locks"):
            own_folder(self.path.parent)
            # Two people may press at once, each in a process of their own.
            with FileLock(f"{self.path}.lock", timeout=_WAIT_S):
                return self._extend(locks)

    def all(self) -> tuple[Lock, ...]:
        """
        Return every lock in order.

        Raises:
            LocksDamaged: a line was changed, dropped or moved, or the list is shorter than it was.
        """
        return tuple(_read_lock(line) for line in self._lines())

    def locked(self, case: str) -> frozenset[str]:
        """Return the ids locked in *case*; raises `LocksDamaged` as `all`."""
        return frozenset(found for lock in self.all() if lock.case == case for found in lock.ids)

    def _extend(self, locks: Iterable[Lock]) -> int:
        lines = list(self._lines())
        before = len(lines)
        held = {(lock.case, found) for lock in map(_read_lock, lines) for found in lock.ids}
        for lock in locks:
            new = {(lock.case, found) for found in lock.ids}
            if not new <= held:
                held |= new
                lines.append(self._line(lock, lines[-1]["mac"] if lines else ""))
        # Also when nothing is new: the last attempt may have failed between the two files.
        self._write(lines)
        return len(lines) - before

    def _write(self, lines: list[dict[str, Any]]) -> None:
        with replacing(self.path) as write:
            write("".join(json.dumps(line) + "\n" for line in lines).encode())
        own_folder(self.witness.parent)
        with replacing(self.witness) as write:
            write(self._seen(lines).encode())

    def _lines(self) -> tuple[dict[str, Any], ...]:
        # The witness first: a lock added in between only makes the list longer than it says.
        witness = _text(self.witness)
        text = _text(self.path)
        lines: list[dict[str, Any]] = []
        *rows, rest = text.split("\n")
        for number, row in enumerate(rows, start=1):
            line = _parsed(row)
            if line is None or line != self._line(_read_lock(line), lines[-1]["mac"] if lines else ""):
                raise LocksDamaged(f"locks: line {number} differs")
            lines.append(line)
        if rest:
            raise LocksDamaged("locks: the last line is cut off")
        self._check(witness, lines)
        return tuple(lines)

    def _check(self, witness: str, lines: list[dict[str, Any]]) -> None:
        if not witness:
            return
        count = witness.partition(" ")[0]
        known = int(count) if count.isdecimal() and len(count) < 10 else -1
        if known < 0:
            raise LocksDamaged("locks: the witness differs")
        if known > len(lines):
            raise LocksDamaged(f"locks: {len(lines)} lines are left of {known}")
        if witness != self._seen(lines[:known]):
            raise LocksDamaged("locks: the witness differs")

    def _seen(self, lines: list[dict[str, Any]]) -> str:
        last = lines[-1]["mac"] if lines else ""
        return f"{len(lines)} {mark(self._key, 'witness', str(len(lines)), last)}\n"

    def _line(self, lock: Lock, before: str) -> dict[str, Any]:
        at = lock.at.isoformat()
        mac = mark(self._key, "lock", before, at, lock.case, lock.item, *lock.derivatives)
        return {
            "at": at,
            "case": lock.case,
            "item": lock.item,
            "derivatives": list(lock.derivatives),
            "mac": mac,
        }

    @property
    def _key(self) -> bytes:
        return subkey(self.audit, "locks")


def _text(path: Path) -> str:
    """Return what *path* holds, "" when it is not there; what cannot be read fails closed."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise LocksDamaged(f"locks: {type(error).__name__}") from None


def _parsed(row: str) -> dict[str, Any] | None:
    """Return the line that *row* is, or None when it is none."""
    try:
        line = json.loads(row)
    except ValueError:
        return None
    if not isinstance(line, dict) or line.keys() != _KEYS or json.dumps(line) != row:
        return None
    words = [line["at"], line["case"], line["item"], line["mac"]]
    if not isinstance(line["derivatives"], list) or not _is_moment(line["at"]):
        return None
    return line if all(isinstance(word, str) for word in (*words, *line["derivatives"])) else None


def _is_moment(text: object) -> bool:
    try:
        return isinstance(text, str) and datetime.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _read_lock(line: dict[str, Any]) -> Lock:
    at = datetime.fromisoformat(line["at"])
    return Lock(line["case"], line["item"], tuple(line["derivatives"]), at)
