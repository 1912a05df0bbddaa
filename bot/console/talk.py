"""The terminal in a conversation: what is said, what is typed, and the two ways of leaving a question."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from bot.domain.form_values import clean

BACK = "<"


class Stopped(Exception):
    """The reporter left, by Ctrl-C or at the end of input."""


class Back(Exception):
    """The reporter wants the question before."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The terminal: what is said, and what is typed."""

    console: Console
    max_mb: int

    def say(self, words: str, style: str = "") -> None:
        self.console.print(Text(words, style=style))

    def raw(self, prompt: str = "> ") -> str:
        """One line as it was typed; raises `Back` and `Stopped`."""
        try:
            line = input(prompt)
        except (EOFError, KeyboardInterrupt):
            self.console.print()
            raise Stopped from None
        if line.strip() == BACK:
            raise Back
        return line

    def line(self, prompt: str = "> ") -> str:
        """One line without what no screen should be sent."""
        return clean(self.raw(prompt), lines=False)

    def lines(self) -> str:
        """Several lines, up to an empty one."""
        found: list[str] = []
        while line := self.raw("> " if not found else "  ").strip():
            found.append(line)
        return "\n".join(found)

    def one_of(self, labels: Mapping[str, str], prompt: str = "> ") -> str:
        """The key of the label whose number or whose own words are typed; there is no default."""
        keys = list(labels)
        for number, label in enumerate(labels.values(), start=1):
            self.say(f"  {number}  {label}")
        while True:
            said = self.line(prompt).casefold()
            for number, key in enumerate(keys, start=1):
                if said in (str(number), key.casefold(), labels[key].casefold()):
                    return key
            self.say(f"Please type a number from 1 to {len(keys)}.", "yellow")
