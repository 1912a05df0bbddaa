"""Fixtures that several rooms share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
# Every commit of the store waits for the disk; in memory the same tests take a third of the time.
if os.access("/dev/shm", os.W_OK):  # noqa: S108 - pytest makes a folder of its own in it
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/dev/shm")  # noqa: S108
# How long an example takes says how busy the machine is; no test of ours asserts a time.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def sample_room(tmp_path_factory):
    """The sample schools, indexed with the real model; seconds to make, so for slow tests only."""
    from bot import app  # noqa: PLC0415
    from bot.config import Settings  # noqa: PLC0415

    data = tmp_path_factory.mktemp("data")
    room = app.build(Settings.from_env({"STAFFROOM_DATA": str(data)}, ROOT))
    room.index.refresh()
    return room
