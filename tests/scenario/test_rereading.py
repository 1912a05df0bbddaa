"""A school.toml that changes while Staffroom runs: rights end when a role ends."""

import os

import pytest

from bot import app
from bot.config import Settings
from bot.errors import StoreBusy
from bot.rereading import KEPT
from bot.serving import schools_again
from tests.scenario.test_serving_pages import DSL, REAL, SCHOOL, SITE, Served, own_schools


class Running:
    """A school in real mode, its DSL at a browser, and what is said on the terminal."""

    def __init__(self, room, desk):
        self.room, self.desk, self.said, self.times = room, desk, [], 0
        self.work = schools_again(room, desk, self.said.append)
        self.ruth = Served(room, desk).browser(signed_in=True)

    @property
    def file(self):
        return self.room.settings.policies / SCHOOL / "school.toml"

    def write(self, text):
        """Save *text* as the school's file, as somebody with an editor does, and look again."""
        self.file.write_text(text, "utf-8")
        self.times += 1
        # A file system may not tell two writings in a row apart.
        stamp = self.file.stat().st_mtime_ns + self.times * 10**9
        os.utime(self.file, ns=(stamp, stamp))
        self.work.look()

    def cases(self):
        """What the list of cases answers the one who was the DSL."""
        return self.ruth.get("/cases", host=SITE).status


@pytest.fixture
def running(tmp_path):
    policies = own_schools(tmp_path)
    said = {"STAFFROOM_DATA": str(tmp_path / "data"), "STAFFROOM_POLICIES": str(policies), **REAL}
    room = app.build(Settings.from_env(said, tmp_path))
    with app.desk(room, serving=True) as desk:
        yield Running(room, desk)


def test_whoever_is_no_longer_listed_loses_their_desk_at_the_next_look_and_the_change_is_told(running):
    assert running.cases() == 200
    before = told(running)

    running.write(without(running, DSL))

    assert running.cases() in (303, 404)
    assert running.said == [f"{SCHOOL}/school.toml was read again."]
    assert told(running) > before


def test_a_file_that_cannot_be_used_changes_nothing_and_says_so_once_until_it_is_mended(running):
    good = running.file.read_text("utf-8")

    running.write(good.replace("[people]", "[peeple]"))
    running.work.look()

    assert running.cases() == 200
    assert [line.startswith("Problem: ") and line.endswith(KEPT) for line in running.said] == [True]

    running.write(good)
    assert running.said[1:] == [f"{SCHOOL}/school.toml was read again."]


def test_a_school_that_real_mode_would_refuse_is_not_taken(running):
    running.write(f"sample = true\n{running.file.read_text('utf-8').replace('sample = false', '')}")

    assert running.said[0].startswith("Problem: ")
    assert not running.room.folders.schools[SCHOOL].sample


def test_where_the_store_is_busy_rights_end_at_once_and_the_change_is_told_later(running):
    def busy(_):
        raise StoreBusy("locked")

    running.work.note_people = busy
    running.write(without(running, DSL))
    assert running.cases() != 200
    assert running.said == []

    running.work.note_people = running.desk.delivery.note_people
    running.work.look()
    assert running.said == [f"{SCHOOL}/school.toml was read again."]


def test_nothing_is_read_while_nothing_changes(running):
    running.work.look()

    assert running.said == []


def without(running, person):
    """The school's file in which the deputy is the lead, and *person* is nobody any more."""
    parts = running.file.read_text("utf-8").split("[[person]]")
    kept = [part for part in parts if f'id = "{person}"' not in part.split("\n\n")[0]]
    return "[[person]]".join(kept).replace(f'"{person}"', '"cop-deputy"')


def told(running):
    """How much the log of the school has."""
    with running.desk.store.reading() as unit:
        return len(list(unit.audit_rows(SCHOOL)))
