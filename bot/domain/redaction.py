"""Names out of words: a person who need not be known becomes their role. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from bot.domain.packs import PackContent, PackPerson, PackStaff

# Names that are words too: in small letters they are left alone, and a person has to look.
WORDS_TOO = re.compile(
    "will|mark|may|rose|grace|hope|faith|joy|dawn|summer|april|june|august|art|bill|rob|jack|frank|pat|sky"
    "|star|drew|grant|chase|hunter|sue|ray|miles|pearl|ruby|amber|ivy|lily|daisy|violet|holly|heather"
    "|hazel|olive|iris|jade|robin|martin|dean|duke|earl|king|young|white|black|brown|green|gray|grey|long"
    "|short|rich|sharp|wise|price|page|park|lane|wood|woods|stone|hill|field|brook|bush|banks|bell|ball"
    "|cook|baker|carter|butler|parish|marsh|moore|fox|wolf|bird|swan|drake|cross|church|day|summers|winter"
    "|can|the|ring|call|post|child|little|rice|best|love|case|harm|speed|rush|hand|head|house"
)
_PROSE = ("summary", "rows", "evidence", "actions", "decisions", "routing", "exports", "made_by")
# What a machine reads stays as it is, whatever somebody is called.
_FIXED = frozenset(("sha256", "id", "kind", "number", "at", "received_at", "size", "locked", "pictures"))


@dataclass(frozen=True, slots=True)
class Removal:
    """One thing taken out: *where* it stood, the *words*, what is *shown* instead and how often."""

    where: str
    words: str
    shown: str
    times: int = 1


def labels(people: Iterable[PackPerson]) -> dict[str, str]:
    """Key of each person → what they are called without their name: "[witness 2, parent]"."""
    counts: Counter[str] = Counter()
    found = {}
    for person in people:
        counts[person.role] += 1
        what = f", {person.category}" if person.category else ""
        found[person.key] = f"[{person.role} {counts[person.role]}{what}]"
    return found


def by_role(
    content: PackContent, named: frozenset[str], *, staff_named: bool
) -> tuple[PackContent, tuple[Removal, ...]]:
    """
    Return *content* with everybody but *named* (keys of `people`) called by their role, and what was removed.

    Only names and handles that the case records are found; a nickname or a hint in prose stays, so a person
    reads the result. Quotes of policies and pictures are not touched.
    """
    names = _Names.of(content, named, staff_named=staff_named)
    removed: list[Removal] = []
    changed: dict[str, Any] = {part: names.out_of(getattr(content, part), part, removed) for part in _PROSE}
    labelled = labels(content.people)
    people = tuple(
        each if each.key in named else _nameless(each, labelled[each.key], removed) for each in content.people
    )
    staff = (
        content.staff
        if staff_named
        else tuple(replace(each, name="", also_known_as=()) for each in content.staff)
    )
    return replace(content, people=people, staff=staff, **changed), tuple(removed)


def _nameless(person: PackPerson, label: str, removed: list[Removal]) -> PackPerson:
    removed += [
        Removal(f"people {person.key}", words, label)
        for words in (person.name, person.handle, *person.also_known_as)
        if words
    ]
    return replace(person, name=label, handle="", also_known_as=())


@dataclass(frozen=True, slots=True)
class _Names:
    """Every known name in small letters → what is shown instead; a name that stays stands for itself."""

    shown: Mapping[str, str]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, content: PackContent, named: frozenset[str], *, staff_named: bool) -> "_Names":
        labelled = labels(content.people)
        hidden: dict[str, str] = {}
        kept: set[str] = set()
        for person in content.people:
            names = set(_of_person(person))
            if person.key in named:
                kept |= names
            else:
                hidden |= dict.fromkeys(names - hidden.keys(), labelled[person.key])
        for staff in content.staff:
            if staff_named:
                kept |= set(_of_staff(staff))
            else:
                hidden |= dict.fromkeys(set(_of_staff(staff)) - hidden.keys(), f"[{staff.role}]")
        # A surname that a person who stays named shares is theirs too.
        shown = hidden | {name: "" for name in kept}
        return cls(shown, _any_of(shown))

    def out_of(self, value: Any, where: str, removed: list[Removal]) -> Any:
        """*value* with every hidden name replaced, however deep it lies; what was found joins *removed*."""
        if isinstance(value, str):
            return self._words(value, where, removed)
        if isinstance(value, tuple):
            return tuple(
                self.out_of(each, f"{where} {_mark(each, at)}", removed) for at, each in enumerate(value, 1)
            )
        if isinstance(value, Mapping):
            return {key: self.out_of(each, f"{where}, {key}", removed) for key, each in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **dict(self._fields(value, where, removed)))
        return value

    def _fields(self, value: Any, where: str, removed: list[Removal]) -> Iterator[tuple[str, Any]]:
        for each in fields(value):
            if each.name not in _FIXED:
                yield each.name, self.out_of(getattr(value, each.name), f"{where}, {each.name}", removed)

    def _words(self, words: str, where: str, removed: list[Removal]) -> str:
        words = unicodedata.normalize("NFC", words)
        found: Counter[tuple[str, str]] = Counter()

        def instead(match: re.Match[str]) -> str:
            name = match.group()
            shown = self.shown[_plain(name)]
            if not shown or WORDS_TOO.fullmatch(name):
                return name
            found[name, shown] += 1
            return shown

        changed = self.pattern.sub(instead, words)
        removed += [Removal(where, name, shown, times) for (name, shown), times in found.items()]
        return changed


def _of_person(person: PackPerson) -> Iterator[str]:
    for name in (person.name, *person.also_known_as):
        yield from _variants(name)
    if person.handle:
        yield _plain(person.handle)
        yield _plain(person.handle.lstrip("@"))


def _of_staff(staff: PackStaff) -> Iterator[str]:
    for name in (staff.name, *staff.also_known_as):
        yield from _variants(name)


def _variants(name: str) -> Iterator[str]:
    """The whole name and each part of it that is long enough to mean somebody."""
    if plain := _plain(name):
        yield plain
    for part in re.split(r"[\s,]+", plain):
        if len(part.strip(".")) > 2 and part.strip(".") not in ("mrs", "miss", "the", "not", "known"):
            yield part


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    """Any of *names*, longest first, as a word of its own; "_" parts words, as it does in file names."""
    longest = sorted((name for name in names if name), key=lambda name: (-len(name), name))
    either = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in longest)
    return re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])" if either else r"(?!)", re.IGNORECASE)


def _mark(each: Any, at: int) -> str:
    return str(getattr(each, "number", None) or getattr(each, "id", None) or at)
