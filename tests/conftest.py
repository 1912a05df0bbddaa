"""Fixtures that several rooms share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def sample_room(tmp_path_factory):
    """The sample schools, indexed with the real model; seconds to make, so for slow tests only."""
    from bot import app  # noqa: PLC0415
    from bot.config import Settings  # noqa: PLC0415

    data = tmp_path_factory.mktemp("data")
    room = app.build(Settings.from_env({"STAFFROOM_DATA": str(data)}, ROOT))
    room.index.refresh()
    return room
