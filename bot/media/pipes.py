"""Talking to a process that may be hostile: bounded in time and in what it may answer."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from bot.media.refusals import Reason, Refused

_PIECE = 1 << 18


@contextmanager
def started(command: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """
    Run *command* with an empty environment, outside any folder of ours; it is gone when the block ends.

    Its errors go nowhere, because a decoder's complaint can quote what it read.
    """
    # The command is our own interpreter and our own words; nothing of an upload is in it.
    child = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
        bufsize=0,
    )
    try:
        yield child
    finally:
        # Its whole group, so that nothing that it started outlives it.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for an answer, and how many bytes of one to take."""

    seconds: float
    most: int


def ask(child: "subprocess.Popen[bytes]", question: bytes, patience: Patience) -> bytes:
    """
    Send *question*, return the whole answer once *child* has ended well.

    Raises:
        Refused: it ended badly, took too long, or answered more than it may.
    """
    deadline = time.monotonic() + patience.seconds
    answer = bytearray()
    with selectors.DefaultSelector() as waiting:
        _watch(waiting, child.stdin, selectors.EVENT_WRITE)
        _watch(waiting, child.stdout, selectors.EVENT_READ)
        rest = memoryview(question)
        while waiting.get_map():
            for key, _ in _ready(waiting, deadline):
                if key.fileobj is child.stdin:
                    rest = _sent(waiting, child.stdin, rest)
                elif not _taken(key.fd, answer):
                    waiting.unregister(key.fileobj)
            if len(answer) > patience.most:
                raise Refused(Reason.UNREADABLE)
    _ended_well(child, deadline)
    return bytes(answer)


def _watch(waiting: selectors.BaseSelector, pipe: IO[bytes] | None, event: int) -> None:
    if pipe is None:
        raise Refused(Reason.UNREADABLE)
    os.set_blocking(pipe.fileno(), False)
    waiting.register(pipe, event)


def _ready(waiting: selectors.BaseSelector, deadline: float) -> list[tuple[selectors.SelectorKey, int]]:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Refused(Reason.TOO_SLOW)
    return waiting.select(left)


def _sent(waiting: selectors.BaseSelector, pipe: IO[bytes], rest: memoryview) -> memoryview:
    """Send as much as goes; a child that reads no further may still answer."""
    try:
        rest = rest[os.write(pipe.fileno(), rest[:_PIECE]) :]
    except BrokenPipeError:
        rest = rest[len(rest) :]
    if not rest:
        waiting.unregister(pipe)
        pipe.close()
    return rest


def _taken(descriptor: int, answer: bytearray) -> bool:
    piece = os.read(descriptor, _PIECE)
    answer += piece
    return bool(piece)


def _ended_well(child: "subprocess.Popen[bytes]", deadline: float) -> None:
    try:
        status = child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise Refused(Reason.TOO_SLOW) from None
    if status == -signal.SIGXCPU:
        raise Refused(Reason.TOO_SLOW)
    if status != 0:
        raise Refused(Reason.UNREADABLE)
