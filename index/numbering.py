"""Whether a number or letter at the start of a line carries on the document's numbers. Pure."""

from collections.abc import Sequence as Labels
from dataclasses import dataclass, field
from enum import StrEnum

from index.labels import Label, Style

Value = tuple[int, ...]
# How far ahead a number is looked for that bears out a first one.
_FAR = 40
# Documents that lost a clause skip a number or two; nobody skips more and means it.
_SKIP = 3


class After(StrEnum):
    """What stands before a label: it decides whether a new list may begin."""

    TEXT = "text"
    LEAD = "lead"
    HEADING = "heading"


class Place(StrEnum):
    """Where a label stands: not a label at all, a clause of the document, or an item of a list."""

    NONE = ""
    CLAUSE = "clause"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Key:
    """A label as a place in a family of labels: "6.7" is (6, 7), "A3" is (1, 3) in the family of capitals."""

    family: str
    value: Value


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known about the words around a label."""

    after: After = After.TEXT
    boundary: bool = True
    """The words before it were finished."""
    headed: bool = False
    """An unnumbered heading has come since the last numbered clause."""
    ahead: Labels[Key] = ()
    """The labels that follow, the next one first."""


def keys_of(label: Label) -> list[Key]:
    """What *label* may mean, most likely first; none when it is no number or letter."""
    if label.style is Style.NUMBER:
        if len(label.series) == 1:
            return [Key("A", (_place_of(label.series), *label.value))]
        # "1)" inside clause "1." is a list of its own.
        listed = label.close == ")" and len(label.value) == 1 and not label.series
        return [Key(")" if listed else label.series, label.value)]
    if label.style is not Style.LETTER:
        return []
    family = "A" if label.series else "a"
    readings = [Key(family, label.value)] if label.value[0] else []
    return [*readings, Key("i", (label.roman,))] if label.roman else readings


def _place_of(letter: str) -> int:
    return ord(letter.lower()) - ord("a") + 1


@dataclass(slots=True)
class Sequence:
    """
    The numbers and letters met so far, innermost list last: decides whether a line begins with a label.

    A wrapped line may begin with a number of its own ("7.3 of this policy"); one that carries on is a label.
    """

    open: list[tuple[Key, Place]] = field(default_factory=list)

    def place(self, label: Label, setting: Setting) -> Place:
        """Where *label* stands, remembered when it is one."""
        keys = keys_of(label)
        if not (_is_plausible(label, setting) or (label.close and self._is_next_item(keys[0]))):
            return Place.NONE
        if label.style is Style.LETTER and not setting.boundary and setting.after is After.TEXT:
            return next(filter(None, (self._carry_on(key, setting) for key in keys)), Place.NONE)
        for key in keys:
            place = self._carry_on(key, setting)
            if place:
                return place
        if setting.after is After.HEADING and all(part <= 1 for part in label.value):
            self.restart()
        begin = self._begin_letters if label.style is Style.LETTER else self._begin
        return next(filter(None, (begin(key, setting) for key in reversed(keys))), Place.NONE)

    def restart(self) -> None:
        """Forget all numbers: an appendix or a new series begins."""
        self.open.clear()

    def close_lists(self) -> None:
        """Forget the lists that are open inside a clause: a heading or a new clause has ended them."""
        self.open = [known for known in self.open if known[1] is Place.CLAUSE]

    def pause_lists(self) -> None:
        """Forget the numbered lists inside a clause; a lettered one may go on after words of the clause."""
        self.open = [
            known for known in self.open if known[1] is Place.CLAUSE or known[0].family in ("a", "i")
        ]

    def _carry_on(self, key: Key, setting: Setting) -> Place:
        depths = [at for at, (known, _) in enumerate(self.open) if self._continues(known, key, setting)]
        if not depths:
            return Place.NONE
        # "7" may end a list that has reached 6, or be the section after 6: its own "7.1" tells.
        sections = [at for at in depths if self.open[at][1] is Place.CLAUSE and _has_child(key, setting)]
        exact = [at for at in depths if follows(key.value, self.open[at][0].value, 1)]
        at = (sections or exact or depths)[-1]
        place = self.open[at][1]
        self.open[at:] = [(key, place)]
        return place

    def _is_next_item(self, key: Key) -> bool:
        lists = [known for known, place in self.open if place is Place.ITEM and known.family == key.family]
        return any(follows(key.value, known.value, 1) for known in lists)

    def _continues(self, known: Key, key: Key, setting: Setting) -> bool:
        if known.family != key.family:
            return False
        if follows(key.value, known.value, _SKIP if setting.boundary else 1):
            return True
        borne_out = len(key.value) > 1 or _is_borne_out(key, setting)
        return key.value == known.value and setting.boundary and borne_out and setting.after is After.TEXT

    def _begin(self, key: Key, setting: Setting) -> Place:
        value = key.value[1:] if key.family == "A" and len(key.value) > 1 else key.value
        lettered = key.family == "A" and any(known == Key("A", key.value[:1]) for known, _ in self.open)
        fresh = all(part <= 1 for part in value)
        borne_out = setting.boundary and _is_borne_out(key, setting)
        inside = setting.after is After.TEXT and bool(self.open) and not lettered
        if (inside or not fresh) and not (borne_out and (fresh or setting.after is not After.LEAD)):
            return Place.NONE
        listed = setting.after is After.LEAD or (inside and not setting.headed)
        place = Place.ITEM if listed and len(value) == 1 and key.family in ("", ")") else Place.CLAUSE
        if place is Place.CLAUSE and inside:
            self.restart()
        self.open.append((key, place))
        return place

    def _begin_letters(self, key: Key, setting: Setting) -> Place:
        if key.value != (1,):
            return Place.NONE
        headed = setting.after is After.HEADING and not any(place is Place.CLAUSE for _, place in self.open)
        parts = key.family == "A" and (headed or _has_child(key, setting))
        self.open.append((key, Place.CLAUSE if parts else Place.ITEM))
        return self.open[-1][1]


def _is_borne_out(key: Key, setting: Setting) -> bool:
    """Whether the next label of the same depth or below comes right after *key*."""
    for other in setting.ahead[:_FAR]:
        if other.family == key.family and other.value != key.value:
            return follows(other.value, key.value, _SKIP)
    return False


def _has_child(key: Key, setting: Setting) -> bool:
    following = setting.ahead[0] if setting.ahead else None
    return following is not None and following.family == key.family and _is_child(following.value, key.value)


def _is_child(value: Value, parent: Value) -> bool:
    return len(value) > len(parent) and value[: len(parent)] == parent


def _is_plausible(label: Label, setting: Setting) -> bool:
    """A lone whole number is more often a quantity ("7 days") than a label."""
    if label.style is Style.LETTER:
        return True
    lower = label.rest[:1].islower()
    if len(label.value) == 1 and not label.series:
        return (setting.boundary or bool(label.close)) and not (
            lower and not (label.close and setting.boundary)
        )
    return setting.boundary or not lower


def follows(value: Value, last: Value, reach: int) -> bool:
    """Whether *value* comes after *last*: its first child, or a later sibling of it or of a part above it."""
    if _is_child(value, last):
        return value[len(last)] <= max(reach, 1) and all(part <= 1 for part in value[len(last) + 1 :])
    for place, (new, old) in enumerate(zip(value, last, strict=False)):
        if new != old:
            return 0 < new - old <= reach and all(part <= 1 for part in value[place + 1 :])
    return False
