"""The topic bank: what staff ask and how policies rule on it, a text file a topic."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "topics"
_PARTS = ("asked", "ruled", "near")


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that policies rule on."""

    name: str
    asked: tuple[str, ...]
    """Staff's phrasings of a question on it."""
    ruled: tuple[str, ...]
    """Clauses on it, in different drafting styles and with different rules."""
    near: tuple[str, ...]
    """Messages close to it in words, which those clauses do not settle."""
    stances: tuple[str, ...] = ()
    """How each of *ruled* rules."""


def topics(folder: Path = FOLDER) -> tuple[Topic, ...]:
    """Every topic in *folder*, by name."""
    return tuple(_topic(file) for file in sorted(folder.glob("*.txt")))


def title(name: str, folder: Path = FOLDER) -> str:
    """What the topic *name* is called: the first line of its file."""
    with (folder / f"{name}.txt").open(encoding="utf-8") as file:
        return file.readline().lstrip("# ").strip()


def _topic(file: Path) -> Topic:
    parts: dict[str, list[str]] = {part: [] for part in _PARTS}
    current = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            current = line[3:].strip()
        elif line.strip() and not line.startswith("#"):
            parts[current].append(line.strip())
    # A clause wording stands behind its stance: "prohibited | Staff must not …".
    rulings = [line.partition("|") for line in parts["ruled"]]
    ruled = tuple(text.strip() for _, _, text in rulings)
    stances = tuple(stance.strip() for stance, _, _ in rulings)
    return Topic(file.stem, tuple(parts["asked"]), ruled, tuple(parts["near"]), stances)
