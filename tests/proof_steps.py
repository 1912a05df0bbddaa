"""Counts the steps of this process that the world outside can see, and kills it at one of them."""

import os
import re
import resource
import signal
import sqlite3
from dataclasses import dataclass, field

# Statements that change nothing outside their own connection.
_QUIET = ("select", "pragma", "savepoint", "release")
CALLS = ("open", "write", "fsync", "link", "unlink", "replace", "rename", "mkdir", "rmdir", "chmod")
"""The calls of `os` that change a file or a folder; each is a step, and so is each statement of SQLite."""


@dataclass
class Steps:
    """What was done so far, by name; just before the step *kill_at* (from 1) the process is killed."""

    kill_at: int = 0
    names: list = field(default_factory=list)

    def step(self, name):
        self.names.append(name)
        if len(self.names) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self):
        """From here on every step counts; never undone, so for a process of its own."""
        for name in CALLS:
            setattr(os, name, self._counted(name, getattr(os, name)))
        connect, factory = sqlite3.connect, self._connection()
        sqlite3.connect = lambda *args, **named: connect(*args, **{**named, "factory": factory})

    def _counted(self, name, call):
        def counted(*args, **named):
            # What only reads is no step.
            if name != "open" or (args[1:] and args[1] & os.O_CREAT):
                self.step(f"os.{name}")
            return call(*args, **named)

        return counted

    def _connection(self):
        step = self.step

        class Connection(sqlite3.Connection):
            def execute(self, sql, *values):
                if not sql.lstrip().casefold().startswith(_QUIET):
                    step(f"sql {_short(sql)}")
                return super().execute(sql, *values)

            def commit(self):
                step("sql commit")
                super().commit()

            def close(self):
                step("sql close")
                super().close()

        return Connection


def no_file_longer_than(size):
    """Have the kernel kill this process in the middle of a write past *size* bytes of a file."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _short(sql):
    """The verb and the table of a statement."""
    words = re.findall(r"[a-z_]+", sql.casefold())
    named = next((word for last, word in zip(words, words[1:], strict=False) if last in _BEFORE), "")
    return " ".join(each for each in (words[0], named) if each)


_BEFORE = ("into", "update", "from", "pragma", "begin", "table")
