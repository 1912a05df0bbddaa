"""
A pytest plugin that keeps each page the tests draw: `pytest -p tests.drawing`, in the folder `KEPT_IN`.

Pages that look alike are kept once: what counts is the template and which elements stand within which.
"""

import hashlib
import os
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Template

KEPT_IN = "STAFFROOM_DRAWN"
_TELLING = ("class", "role", "type", "hidden", "disabled", "data-drop", "data-keep", "aria-invalid")
_VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Shape(HTMLParser):
    """Which elements stand within which, whatever their words and however often."""

    def __init__(self):
        super().__init__()
        self.found, self._open = set(), []

    def handle_starttag(self, tag, attrs):
        telling = tuple((name, value) for name, value in attrs if name in _TELLING)
        self.found.add((*self._open[-1:], tag, telling))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass


def shape(page):
    """A name for what *page* is made of."""
    parser = Shape()
    parser.feed(page)
    return hashlib.sha256(repr(sorted(map(repr, parser.found))).encode()).hexdigest()[:16]


def pytest_configure(config):
    folder = os.environ.get(KEPT_IN)
    if not folder:
        return
    real = Template.render

    def render(self, *args, **kwargs):
        drawn = real(self, *args, **kwargs)
        if self.name and drawn.lstrip().startswith("<!doctype"):
            name = f"{self.name.removesuffix('.html')}.{shape(drawn)}.html"
            kept = Path(folder, name)
            if not kept.exists():
                kept.write_text(drawn, "utf-8")
        return drawn

    Template.render = render
