"""Names of files that would deceive, and everyday ones that would not."""

import pytest

from bot.domain.evidence import FileKind
from bot.media.names import check_name, check_name_fits
from bot.media.refusals import Reason, Refused


@pytest.mark.parametrize(
    "name",
    [
        "IMG_0042.HEIC",
        "Screenshot 2026-11-20 at 22.41.07.png",
        "WhatsApp chat with Mum 👩\u200d👧.txt",
        "instagram.com_p_1.js.png",
        "photo",
        "",
        "über uns.pdf",
    ],
)
def test_an_everyday_name_passes(name):
    assert check_name(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "evil.pdf.exe",
        "evil.exe.pdf",
        "a.EXE",
        "a.scr. .",
        "page.html",
        "a.svg",
        "a.zip",
        "a.png.zip.png",
        "run.ps1",
    ],
)
def test_a_name_that_ends_like_a_program_an_archive_or_a_page_is_refused(name):
    with pytest.raises(Refused) as caught:
        check_name(name)

    assert caught.value.reason == Reason.NAME_PROGRAM


@pytest.mark.parametrize(
    "name", ["a\0.png", "a\u202egnp.exe", "a\n.png", "a\u2066.pdf", "\ufeffa.png", "a\x1b.png"]
)
def test_a_name_with_hidden_characters_is_refused(name):
    with pytest.raises(Refused) as caught:
        check_name(name)

    assert caught.value.reason == Reason.NAME_HIDDEN


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jpg", FileKind.WEBP),
        ("a.HEIC", FileKind.JPEG),
        ("a.mp4", FileKind.MOV),
        ("chat.log", FileKind.TXT),
        ("a.txt", FileKind.EML),
        ("a.tmp", FileKind.PDF),
        ("a", FileKind.GIF),
    ],
)
def test_a_name_of_the_same_family_passes(name, kind):
    assert check_name_fits(name, kind) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.pdf", FileKind.PNG),
        ("a.jpg", FileKind.PDF),
        ("a.png", FileKind.TXT),
        ("a.docx", FileKind.TXT),
        ("a.mp3", FileKind.MP4),
        ("a.txt", FileKind.MP4),
    ],
)
def test_a_name_that_says_another_family_is_refused(name, kind):
    with pytest.raises(Refused) as caught:
        check_name_fits(name, kind)

    assert caught.value.reason == Reason.NAME_DIFFERS
