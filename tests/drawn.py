"""`staffroom` as one types it, but it notes what it draws, its lists are short, and days can pass."""

import os
import runpy
from datetime import timedelta
from pathlib import Path

from bot import app, overseeing
from bot.web import cases, pages

KEY = "DRAWN_BY_TESTS"
"""Names the folder where the notes lie."""
AT_ONCE, ROWS_AT_ONCE = 3, 20


class Notes:
    """What was drawn, and how many days have passed, in a folder that the tests and `staffroom` share."""

    def __init__(self, folder):
        self.folder, self.drawn, self.days = folder, folder / "drawn", folder / "days"

    def last(self):
        """The templates of the page that was drawn last, its own first."""
        return self.drawn.read_text("utf-8").splitlines()[-1].split()

    def pass_by(self, days):
        """Let *days* pass."""
        self.days.write_text(str(self.passed() + days), "utf-8")

    def passed(self):
        """How many days have passed so far."""
        return int(self.days.read_text("utf-8")) if self.days.exists() else 0

    def begin(self):
        """Note from now on each template, and move the clock."""
        inner, plain = pages._TEMPLATES.get_template, app.now

        def get_template(name, parent=None, **own):
            with self.drawn.open("a", encoding="utf-8") as notes:
                notes.write(f" {name}" if parent else f"\n{name}")
            return inner(name, parent, **own)

        def now():
            return plain() + timedelta(days=self.passed())

        pages._TEMPLATES.get_template = get_template
        app.now = now


if __name__ == "__main__":
    Notes(Path(os.environ[KEY])).begin()
    cases.AT_ONCE, overseeing.AT_ONCE = AT_ONCE, ROWS_AT_ONCE
    runpy.run_module("bot", run_name="__main__")
