"""What a file is by its bytes, and what may not hide in it."""

import pytest

from bot.domain.evidence import FileKind
from bot.media.endings import check_ending
from bot.media.refusals import Reason, Refused
from bot.media.sniffing import sniff
from tests.unit.media_samples import all_kinds, archive, chunk, film, gif, jpeg, letter, pdf, png, webp

SAMPLES = all_kinds()
HARMLESS = b"nothing of note, but nobody knows what"


def reason(look, *arguments):
    with pytest.raises(Refused) as caught:
        look(*arguments)
    return caught.value.reason


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_follows_the_end_of_a_sound_file(name):
    content = SAMPLES[name]

    assert check_ending(sniff(content), content) == 0


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (archive(), Reason.ARCHIVE),
        (archive("word/document.xml"), Reason.OFFICE),
        (b"Rar!\x1a\x07\x00rest", Reason.ARCHIVE),
        (b"7z\xbc\xaf\x27\x1crest", Reason.ARCHIVE),
        (b"\x1f\x8b\x08rest", Reason.ARCHIVE),
        (b"name".ljust(257, b"\0") + b"ustar\0", Reason.ARCHIVE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", Reason.OFFICE),
        (b"{\\rtf1 hello}", Reason.OFFICE),
        (b"MZ\x90\0\3", Reason.PROGRAM),
        (b"\x7fELF\2\1\1\0", Reason.PROGRAM),
        (b"#!/bin/sh\necho\n", Reason.PROGRAM),
        (b"<html><body>hello", Reason.WEB_PAGE),
        (b"\xef\xbb\xbf\n<!-- a -->\n<!DOCTYPE html>", Reason.WEB_PAGE),
        ("<script>".encode("utf-16"), Reason.WEB_PAGE),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">', Reason.DRAWING),
        (b"<svg/onload=alert(1)>", Reason.DRAWING),
        (b"BM\0\0\0\0", Reason.OTHER_PICTURE),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", Reason.OTHER_PICTURE),
        (b"\x1aE\xdf\xa3\0\0", Reason.OTHER_FILM),
        (b"RIFF\0\0\0\0AVI LIST", Reason.OTHER_FILM),
        (b"RIFF\0\0\0\0WAVEfmt ", Reason.SOUND),
        (b"\0\0\0\x18ftypM4A \0\0\0\0", Reason.SOUND),
        (b"\0\1\2\3\4", Reason.UNKNOWN),
        (b"a text\0with a null", Reason.UNKNOWN),
    ],
)
def test_what_is_not_kept_is_known_by_its_bytes(content, expected):
    assert reason(sniff, content) == expected


@pytest.mark.parametrize("text", [b"MZ is a country code", b"BM, ring me", b"ID3 is due", b"PK said: hello"])
def test_a_text_may_begin_like_something_else(text):
    assert sniff(text) == FileKind.TXT


def test_a_letter_that_holds_a_page_is_a_letter_and_a_text_with_a_colon_is_not():
    assert sniff(letter(page="<html><script>alert(1)</script>")) == FileKind.EML
    assert sniff(b"From: her\n\nhello") == FileKind.TXT


@pytest.mark.parametrize(
    "hidden", [archive(), b"<html><script>alert(1)</script>", b"MZ\x90\0" + HARMLESS, b"%PDF-1.7"]
)
@pytest.mark.parametrize("content", [png(), jpeg(), gif(), webp()], ids=["png", "jpeg", "gif", "webp"])
def test_a_picture_with_something_else_behind_it_is_refused(content, hidden):
    assert reason(check_ending, sniff(content), content + hidden) == Reason.TWO_IN_ONE


@pytest.mark.parametrize("name", [name for name in SAMPLES if name[0] in "abcdefgh"])
def test_an_archive_behind_any_file_is_refused(name):
    content = SAMPLES[name]

    assert reason(check_ending, sniff(content), content + archive()) == Reason.TWO_IN_ONE


def test_an_archive_or_a_page_inside_a_picture_is_refused():
    end = png()[-12:]
    with_archive = png()[:-12] + chunk(b"zzZz", archive()) + end
    with_page = png()[:-12] + chunk(b"zzZz", b"<ScRiPt>alert(1)") + end

    assert reason(check_ending, FileKind.PNG, with_archive) == Reason.TWO_IN_ONE
    assert reason(check_ending, FileKind.PNG, with_page) == Reason.TWO_IN_ONE


@pytest.mark.parametrize("name", [name for name in SAMPLES if name[0] in "abcef"])
def test_bytes_behind_the_end_are_refused_whatever_they_are(name):
    content = SAMPLES[name]

    assert reason(check_ending, sniff(content), content + HARMLESS) == Reason.TRAILING


@pytest.mark.parametrize("behind", [jpeg(), film(), HARMLESS + b"SEFT"], ids=["picture", "film", "maker"])
def test_what_a_camera_writes_behind_its_picture_is_kept(behind):
    follows = check_ending(FileKind.JPEG, jpeg() + bytes(5) + behind)

    assert abs(follows - len(behind)) <= 3  # zeros at its start count as filling
    assert reason(check_ending, FileKind.PNG, png() + behind) == Reason.TRAILING


def test_zeros_behind_a_picture_are_filling():
    assert check_ending(FileKind.JPEG, jpeg() + bytes(4096)) == 0


@pytest.mark.parametrize("name", [name for name in SAMPLES if name[0] in "abcdefgh"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
def test_a_file_that_was_cut_short_is_refused_as_damaged(name, share):
    content = SAMPLES[name]
    cut = content[: max(16, int(len(content) * share))]

    assert reason(check_ending, sniff(content), cut) == Reason.BROKEN


def test_a_document_may_end_with_an_empty_line():
    assert check_ending(FileKind.PDF, pdf() + b"\r\n\r\n") == 0
