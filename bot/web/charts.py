"""Charts as SVG that is nothing but shapes and words: no script, no style sheet, nothing from elsewhere."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

WIDTH = 360
_ROW = 34
_EDGES = 16
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_DROPPED = ("defs", "desc", "title")


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of a chart, as the style sheet of the pages has them."""

    words: str
    bar: str
    line: str


LIGHT = Ink("#1c2326", "#0d5c63", "#d9d5cb")
DARK = Ink("#edf0f0", "#6cc5cc", "#37424a")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar and what stands before it; without a *count* there are the words alone."""

    words: str
    count: int | None
    said: str = ""
    """What stands behind the bar instead of the number, such as "3 hours"."""


def height(bars: Sequence[Bar]) -> int:
    """How high the picture of *bars* is, which is `WIDTH` wide."""
    return _EDGES + _ROW * len(bars)


def drawn(title: str, bars: Sequence[Bar], ink: Ink) -> str:
    """*bars*, of which there is one at least, the first on top, each with its number."""
    pygal = _library()
    # Room behind the longest bar for its number, or for what is said instead.
    room = 2 if any(bar.said for bar in bars) else 1.25
    sizes = {f"{each}_font_size": 14 for each in ("label", "major_label", "value")}
    chart = pygal.HorizontalBar(
        width=WIDTH,
        height=height(bars),
        style=pygal.style.Style(font_family=_FONT, **sizes),
        range=(0, room * max([bar.count or 0 for bar in bars] + [1])),
        margin=_EDGES // 2,
        show_legend=False,
        show_x_labels=False,
        print_values=True,
        print_values_position="top",
        no_prefix=True,
        disable_xml_declaration=True,
        js=(),
    )
    chart.x_labels = [bar.words for bar in reversed(bars)]
    chart.add("", [_value(bar) for bar in reversed(bars)])
    chart.add_xml_filter(lambda root: _plain(root, title, ink))
    return str(chart.render(is_unicode=True))


def _value(bar: Bar) -> Any:
    if not bar.said or bar.count is None:
        return bar.count
    return {"value": bar.count, "formatter": lambda _value: bar.said}


def _library() -> Any:
    # Loading takes a fifth of a second, for which nobody waits who looks at no chart.
    import pygal  # noqa: PLC0415

    # It leaves a finder for maps behind, in a way that Python has given up: every later import warned of it.
    for finder in [each for each in sys.meta_path if isinstance(each, pygal.PluginImportFixer)]:
        with suppress(ValueError):
            sys.meta_path.remove(finder)
    return pygal


def _plain(root: Any, title: str, ink: Ink) -> Any:
    """
    Take out of *root* whatever the rules of our pages forbid, and colour what is left by plain attributes.

    The library brings a script, a style sheet and styles of its own, all of which those rules stop.
    """
    for parent in list(root.iter()):
        for child in list(parent):
            if _goes(child):
                parent.remove(child)
    for node in root.iter():
        _coloured(node, ink)
    named = root.makeelement("title", {})
    named.text = title
    root.insert(0, named)
    return root


def _goes(node: Any) -> bool:
    # A comment has no name, but the function that makes comments.
    if not isinstance(node.tag, str) or node.tag.rpartition("}")[2] in _DROPPED:
        return True
    kind = node.get("class", "")
    return "tooltip-overlay" in kind or "background" in kind or kind.startswith("axis x")


def _coloured(node: Any, ink: Ink) -> None:
    kind = node.get("class", "")
    for name in ("class", "id", "style"):
        node.attrib.pop(name, None)
    if node.tag.endswith("text"):
        anchor = "start" if kind == "value" else "end"
        said = {"fill": ink.words, "font-family": _FONT, "font-size": "14", "text-anchor": anchor}
        node.attrib.update(said | ({"font-weight": "600"} if kind == "value" else {}))
    elif node.tag.endswith("rect"):
        node.set("fill", ink.bar)
    elif node.tag.endswith("path"):
        node.attrib.update({"stroke": ink.line, "fill": "none"})
