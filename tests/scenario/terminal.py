"""The command line in a folder of its own, typed at from a test."""

import json
import sys
from dataclasses import dataclass

import pytest

from bot.config import KEYS
from bot.console import cli
from tests.fakes import use_toy_model


@dataclass
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def words(self):
        return " ".join(self.out.translate(dict.fromkeys(map(ord, "│┃"), " ")).split())


class CommandLine:
    """Runs `staffroom` in a folder of its own that holds `policies`."""

    def __init__(self, folder, monkeypatch, capsys):
        self.folder = folder
        self.policies = folder / "policies"
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def __call__(self, *arguments, typed=()):
        waiting = iter(typed)

        def answer(prompt=""):
            try:
                return next(waiting)
            except StopIteration:
                raise EOFError from None

        self.monkeypatch.setattr("builtins.input", answer)
        self.monkeypatch.setattr(sys, "argv", ["staffroom", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return Done(left.value.code or 0, *self.capsys.readouterr())

    def batch(self, *rows, **options):
        file = self.folder / "batch.jsonl"
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        file.write_text("\n".join(lines), "utf-8")
        chosen = [part for key, value in options.items() for part in (f"--{key}", value)]
        return self("ask", "--batch", file, "--json", *chosen)


def a_terminal(folder, monkeypatch, capsys):
    """A `CommandLine` in *folder*, with nothing set in the environment and the toy encoder wired in."""
    for key in (*KEYS, "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(folder)
    use_toy_model(monkeypatch)
    return CommandLine(folder, monkeypatch, capsys)
