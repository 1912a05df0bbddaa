"""Taking in evidence: kept, or named with the reason why not."""

import pytest

from bot.domain.evidence import MOST_FILES
from bot.domain.reports import Upload
from bot.errors import StoreFailed
from bot.receiving import TOO_MANY, hashes, unlike
from tests.filing_desk import PICTURE, FilingDesk


@pytest.fixture
def desk(tmp_path):
    return FilingDesk(tmp_path)


@pytest.fixture
def key(desk):
    return desk.store.new_key("CASE-1")


def test_a_kept_file_is_stored_byte_for_byte_beside_what_people_look_at(desk, key):
    taken = desk.intake.receiving.take(key, [PICTURE])

    body = taken.stored[0]
    assert b"".join(desk.vault.read(key, body["id"])) == PICTURE.content
    assert b"".join(desk.vault.read(key, body["derivatives"][0])) == b"small"
    assert (body["name"], body["size"], body["sha256"]) == ("screen.png", 9, hashes([PICTURE])[0])


def test_without_a_scanner_the_record_says_not_scanned(desk, key):
    assert desk.intake.receiving.take(key, [PICTURE]).stored[0]["scanned"] == "not scanned"


def test_a_refused_file_leaves_nothing_behind_and_the_next_one_is_kept(desk, key):
    taken = desk.intake.receiving.take(key, [Upload("a.zip", b"bad"), PICTURE])

    assert [(each.name, each.reason) for each in taken.refused] == [("a.zip", "This is no picture.")]
    assert len(desk.vault.items("CASE-1")) == 2


@pytest.mark.parametrize(("already", "kept"), [(0, MOST_FILES), (9, 1), (10, 0)])
def test_a_report_takes_ten_files_and_names_those_beyond_them(desk, key, already, kept):
    uploads = [Upload(f"{number}.png", b"%d" % number) for number in range(MOST_FILES + 1)]

    taken = desk.intake.receiving.take(key, uploads, already)

    assert len(taken.stored) == kept
    assert {each.reason for each in taken.refused} == {TOO_MANY}


def test_a_name_is_made_safe_to_show_before_it_is_kept(desk, key):
    taken = desk.intake.receiving.take(key, [Upload("../../\x1b[31mred.png", b"x")])

    assert taken.stored[0]["name"] == "[31mred.png"


def test_a_vault_that_fails_is_an_error_and_never_a_refusal(desk, key, monkeypatch):
    def fails(self, *arguments):
        raise StoreFailed("disk full")

    monkeypatch.setattr(type(desk.vault), "put", fails)

    with pytest.raises(StoreFailed):
        desk.intake.receiving.take(key, [PICTURE])


def test_each_new_content_counts_once_whatever_it_is_called():
    again = Upload("copy.png", PICTURE.content)

    assert unlike([PICTURE, again], []) == (PICTURE,)
    assert unlike([PICTURE, again], hashes([PICTURE])) == ()
