"""The process that looks at one file: it limits itself, reads the file, answers, and ends."""

import os
import resource
import sys

from bot.media import wire
from bot.media.examining import examine
from bot.media.limits import MEGABYTE, Limits
from bot.media.refusals import Refused


def main() -> None:
    """
    Read the limits and the file from standard input, write the answer to standard output.

    An error of a decoder ends the process with a status of its own; the parent reads that as a refusal.
    """
    pipe = _own_pipe()
    limits = Limits.from_json(sys.stdin.buffer.readline())
    _limit(limits)
    content = sys.stdin.buffer.read()
    try:
        answer = wire.write(examine(content, limits, _close))
    except Refused as refused:
        answer = wire.write(refused.reason)
    with os.fdopen(pipe, "wb") as answers:
        answers.write(answer)
    # Nothing is left to tidy up, and decoders have been known to fall over while they do.
    os._exit(0)


def _own_pipe() -> int:
    """The pipe to the parent; what a library prints goes nowhere instead of between the answer's bytes."""
    pipe = os.dup(1)
    os.dup2(2, 1)
    return pipe


def _limit(limits: Limits) -> None:
    """Take no more memory and time than *limits*, write no file, leave no copy of the memory on disk."""
    memory = limits.memory_mb * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # The first limit ends it with a signal that says why, the second in any case.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _close() -> None:
    """From here on no file can be opened and no connection made, whatever the content makes a decoder do."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
