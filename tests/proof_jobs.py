"""What the processes of the proof do; each job begins in a fresh copy of a prepared parent."""

import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path

from bot.errors import BotError
from tests.proof_desk import (
    LEASE,
    FileNotifier,
    Shifted,
    a_submission,
    deliver_all,
    filed,
    hold_the_store,
    open_desk,
    some_files,
    swept,
)
from tests.proof_steps import Steps, no_file_longer_than


def prepare(say, folder, with_case=False):
    """Make a store in *folder*, perhaps with a report whose notices wait."""
    with open_desk(Path(folder)) as desk:
        if with_case:
            filed(desk, a_submission(), some_files())
        say(cases=desk.cases())


def file(say, folder, *, kill_at=0, longest=0, changes=None, files=2):
    """File a report with its evidence; "ack" is said once there is a receipt, and not before."""
    with watched(say, kill_at, longest), open_desk(Path(folder)) as desk:
        receipt = filed(desk, a_submission(changes=changes), some_files(files))
        say(ack=receipt.case, evidence=[each.sha256 for each in receipt.evidence])


def deliver(say, folder, kill_at=0, longest=0):
    """One round of delivery, to a file; a send is a step before and after its notice is there."""
    with watched(say, kill_at, longest) as steps:
        told = FileNotifier(Path(folder) / "sent.jsonl", lambda notice: steps.step("send"))
        with open_desk(Path(folder), notifiers=(told,)) as desk:
            ran = desk.delivery.run_once()
    say(sent=ran.sent, put_off=ran.put_off)


def settle(say, folder, changes=None, files=2):
    """What follows a kill: the channel sends again, a new worker delivers; then say how things stand."""
    with open_desk(Path(folder), clock=Shifted(LEASE)) as desk:
        receipt = filed(desk, a_submission(changes=changes), some_files(files))
        deliver_all(desk)
        swept(desk)
        say(
            ack=receipt.case,
            evidence=[each.sha256 for each in receipt.evidence],
            events=desk.kinds(receipt.case),
            cases=desk.cases(),
            waiting=desk.waiting(),
            faults=desk.faults(),
            unnamed=desk.unnamed(),
            sent=desk.sent,
        )


def hold(say, folder, seconds):
    """Keep the store of *folder* locked, as another process may."""
    hold_the_store(Path(folder) / "data" / "staffroom.db", seconds, lambda: say(held=True))


def try_to_file(say, folder, longest=0, as_user=0, after_s=0.0):
    """File once, without patience; what comes of it is said: a receipt, or the error and its words."""
    time.sleep(after_s)
    with open_desk(Path(folder)) as desk:
        if longest:
            no_file_longer_than(longest)
            # Without its signal the write fails, as on a full disk.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        if as_user:
            os.setgid(as_user)
            os.setuid(as_user)
        try:
            receipt = desk.intake.file(a_submission(), some_files())
        except BotError as error:
            say(error=type(error).__name__, log=str(error), words=error.user_message)
        else:
            say(ack=receipt.case)


@contextmanager
def watched(say, kill_at, longest):
    """Kill at the step *kill_at*, or in a write past *longest*; with neither, say which steps there were."""
    steps = Steps(kill_at)
    steps.watch()
    if longest:
        no_file_longer_than(longest)
    yield steps
    if not (kill_at or longest):
        say(steps=steps.names)
