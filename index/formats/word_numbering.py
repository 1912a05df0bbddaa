"""What a Word paragraph inherits: its styles, and the number or bullet that Word prints before it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from index.formats.word_package import Element, attribute, find, is_on, local, setting, whole

BULLET = "•"
LEVELS = 9
_LISTED = frozenset({"lowerLetter", "upperLetter", "lowerRoman", "upperRoman"})
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def letters(number: int) -> str:
    """Return *number* as Word counts in letters: a to z, then aa, bb, and so on."""
    repeats, place = divmod(number - 1, 26)
    return chr(ord("a") + place) * (repeats + 1)


def roman(number: int) -> str:
    """Return *number* in small Roman numerals."""
    parts = []
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        parts.append(sign * count)
    return "".join(parts)


def ordinal(number: int) -> str:
    """Return *number* as 1st, 2nd, 3rd."""
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def number_text(style: str, number: int) -> str:
    """Return *number* in Word's number format *style*; a format not known here is printed in decimals."""
    if style == "none":
        return ""
    if style == "decimalZero":
        return f"{number:02d}"
    if style == "ordinal":
        return ordinal(number)
    # Word itself counts no further than this in letters and numerals.
    if style not in _LISTED or not 0 < number <= 780:
        return str(number)
    text = letters(number) if style.endswith("Letter") else roman(number)
    return text.upper() if style.startswith("upper") else text


@dataclass(frozen=True, slots=True)
class Style:
    """One style, as far as reading needs it."""

    id: str
    name: str
    """In small letters; Word keeps the names of its own styles in English in every language."""
    based_on: str | None
    element: Element


class Styles:
    """The styles of one document."""

    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str | None, Style] = {}
        self._default: str | None = None
        for element in root if root is not None else ():
            identity = attribute(element, "styleId")
            if local(element) != "style" or identity is None:
                continue
            name = (setting(element, "name") or identity).lower()
            self._styles[identity] = Style(identity, name, setting(element, "basedOn"), element)
            default = attribute(element, "default") in {"1", "true", "on"}
            if default and attribute(element, "type") == "paragraph":
                self._default = identity

    def chain(self, identity: str | None) -> tuple[Style, ...]:
        """Return the style and those it is based on, nearest first; nothing for an unknown one."""
        chain: list[Style] = []
        while identity in self._styles and self._styles[identity] not in chain:
            chain.append(self._styles[identity])
            identity = chain[-1].based_on
        return tuple(chain)

    def of_paragraph(self, properties: Element | None) -> tuple[Style, ...]:
        """Return the chain of a paragraph's style, or of the document's default one."""
        return self.chain(setting(properties, "pStyle")) or self.chain(self._default)

    def shows(self, look: Element | None, name: str, chain: tuple[Style, ...]) -> bool:
        """Tell whether a run of that *look*, in a paragraph of that style, is bold, hidden or the like."""
        own = find(look, name)
        if own is not None:
            return is_on(own)
        # A paragraph's and a run's style that both switch a property on cancel each other out.
        return _switched_on(self.chain(setting(look, "rStyle")), name) != _switched_on(chain, name)


def heading_rank(properties: Element | None, chain: tuple[Style, ...]) -> int | None:
    """Return the rank of the heading that a paragraph's properties or style make of it, None if none."""
    own = whole(setting(properties, "outlineLvl"))
    if own is not None and own < LEVELS:
        return own + 1
    for style in chain:
        named = re.fullmatch(r"heading ([1-9])|title", style.name)
        if named:
            return int(named[1] or 1)
        outline = whole(setting(style.element, "pPr", "outlineLvl"))
        if outline is not None:
            # The tenth outline level is Word's body text.
            return outline + 1 if outline < LEVELS else None
    return None


def _switched_on(chain: tuple[Style, ...], name: str) -> bool:
    found = (find(style.element, "rPr", name) for style in chain)
    return is_on(next((switch for switch in found if switch is not None), None))


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered."""

    style: str
    text: str
    start: int
    restart: int | None
    legal: bool
    paragraph_style: str | None
    indent: int


@dataclass(frozen=True, slots=True)
class Numbered:
    """A list as one `w:num` uses it: lists of the same *family* share their numbers."""

    id: str
    family: str
    levels: dict[int, Level]
    starts: dict[int, int]

    def start(self, level: int) -> int:
        """Return the number with which *level* begins."""
        return self.starts.get(level, self.levels[level].start if level in self.levels else 1)

    def restarts(self, level: int, after: int) -> bool:
        """Tell whether *level* begins again once *after*, a level above it, has been used."""
        limit = self.levels[level].restart if level in self.levels else None
        return after < level if limit is None else after < limit


@dataclass(frozen=True, slots=True)
class Number:
    """What Word prints before a paragraph, and where in its list the paragraph stands."""

    label: str
    listed: bool
    """It is a bullet, a letter or a Roman numeral: the mark of a list's item."""
    family: str
    level: int
    indent: int

    def holds(self, other: "Number") -> bool:
        """Tell whether *other* is nested in this item: by its level, in another list by its indent."""
        if self.family == other.family:
            return self.level < other.level
        # An eighth of an inch: less is a slip of the ruler, not a nesting.
        return self.indent + 180 <= other.indent


class Numbering:
    """The list definitions of one document."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._families = _by_id(root, "abstractNum", "abstractNumId")
        self._nums = _by_id(root, "num", "numId")
        # Word writes list 0 to switch an inherited number off, so no list may have that name.
        self._lists = {identity: self._numbered(identity) for identity in self._nums if identity != "0"}

    def of_paragraph(
        self, properties: Element | None, chain: tuple[Style, ...]
    ) -> tuple[Numbered, int] | None:
        """Return the list and level of a paragraph, its own or its style's; None when it has no number."""
        sources = [find(properties, "numPr"), *(find(style.element, "pPr", "numPr") for style in chain)]
        found = self._lists.get(_first(setting(source, "numId") for source in sources) or "0")
        if found is None:
            return None
        level = whole(setting(sources[0], "ilvl"))
        if level is None:
            level = _linked_level(found, chain)
        if level is None:
            level = whole(_first(setting(source, "ilvl") for source in sources)) or 0
        return (found, level) if level in found.levels else None

    def _numbered(self, identity: str) -> Numbered:
        num = self._nums[identity]
        family = setting(num, "abstractNumId") or ""
        starts = {
            whole(attribute(override, "ilvl")) or 0: start
            for override in _children(num, "lvlOverride")
            if (start := whole(setting(override, "startOverride"))) is not None
        }
        return Numbered(identity, family, self._levels(identity, frozenset()), starts)

    def _levels(self, identity: str, seen: frozenset[str]) -> dict[int, Level]:
        num = self._nums.get(identity)
        if num is None or identity in seen:
            return {}
        family = self._families.get(setting(num, "abstractNumId") or "")
        link = setting(family, "numStyleLink")
        if link is not None:
            levels = self._linked_levels(link, seen | {identity})
        else:
            levels = dict(_level(element) for element in _children(family, "lvl"))
        for override in _children(num, "lvlOverride"):
            levels.update(_level(element) for element in _children(override, "lvl"))
        return levels

    def _linked_levels(self, link: str, seen: frozenset[str]) -> dict[int, Level]:
        for style in self._styles.chain(link):
            identity = setting(style.element, "pPr", "numPr", "numId")
            if identity is not None:
                return self._levels(identity, seen)
        holder = next((f for f in self._families.values() if setting(f, "styleLink") == link), None)
        return dict(_level(element) for element in _children(holder, "lvl"))


@dataclass(frozen=True, slots=True)
class Counter:
    """How far the lists of one story have counted: the body, a text box and the notes count apart."""

    _reached: dict[tuple[str, int], int] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    def step(self, numbered: Numbered, level: int) -> Number:
        """Count one more paragraph and return what Word prints before it."""
        place = (numbered.family, level)
        # An override of the start counts where this list is first met, and not again.
        if level in numbered.starts and (numbered.id, level) not in self._begun:
            self._begun.add((numbered.id, level))
            self._reached.pop(place, None)
        reached = self._reached.get(place)
        self._reached[place] = numbered.start(level) if reached is None else reached + 1
        for deeper in range(level + 1, LEVELS):
            if numbered.restarts(deeper, level):
                self._reached.pop((numbered.family, deeper), None)
        label = self._label(numbered, level)
        listed = label == BULLET or (numbered.levels[level].style in _LISTED and label != "")
        return Number(label, listed, numbered.family, level, numbered.levels[level].indent)

    def _label(self, numbered: Numbered, level: int) -> str:
        own = numbered.levels[level]
        if own.style == "bullet":
            return BULLET if own.text.strip() else ""

        def fill(match: re.Match[str]) -> str:
            return self._part(numbered, level, int(match[1]) - 1)

        label = " ".join(re.sub(r"%([1-9])", fill, own.text).split())
        return BULLET if label and not any(map(str.isalnum, label)) else label

    def _part(self, numbered: Numbered, level: int, part: int) -> str:
        # A level that was skipped over is printed as if it had begun.
        number = self._reached.get((numbered.family, part), numbered.start(part))
        style = numbered.levels[part].style if part in numbered.levels else "decimal"
        # Legal numbering turns the levels above into decimals and leaves the paragraph's own as it is.
        legal = numbered.levels[level].legal and part != level
        return number_text("decimal" if legal else style, number)


def _level(element: Element) -> tuple[int, Level]:
    style = setting(element, "numFmt") or setting(element, "AlternateContent", "Fallback", "numFmt")
    start = whole(setting(element, "start"))
    return whole(attribute(element, "ilvl")) or 0, Level(
        style=style or "decimal",
        text=setting(element, "lvlText") or "",
        start=1 if start is None else start,
        restart=whole(setting(element, "lvlRestart")),
        legal=is_on(find(element, "isLgl")),
        paragraph_style=setting(element, "pStyle"),
        indent=indent(find(element, "pPr")) or 0,
    )


def indent(properties: Element | None) -> int | None:
    """Return how far a paragraph's properties move it in, in twentieths of a point."""
    found = find(properties, "ind")
    if found is None:
        return None
    return whole(attribute(found, "left") or attribute(found, "start"))


def _linked_level(numbered: Numbered, chain: tuple[Style, ...]) -> int | None:
    by_style = {level.paragraph_style: place for place, level in numbered.levels.items()}
    return next((by_style[style.id] for style in chain if style.id in by_style), None)


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value is not None), None)


def _children(element: Element | None, name: str) -> list[Element]:
    return [] if element is None else [child for child in element if local(child) == name]


def _by_id(root: Element | None, name: str, identity: str) -> dict[str, Element]:
    return {attribute(element, identity) or "": element for element in _children(root, name)}
