"""Texts and e-mails, as plain words."""

import pytest

from bot.media.letters import look_at_letter, look_at_text
from bot.media.limits import Limits
from bot.media.refusals import Reason, Refused
from tests.unit.media_samples import letter


def shown(look, content):
    found, derivatives = look(content, Limits())
    return found, derivatives[0].content.decode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_is_read_in_the_alphabets_that_telephones_and_windows_write(encoding):
    _, text = shown(look_at_text, "Café, 22:41\r\nDon’t\r\n".encode(encoding))

    assert text == "Café, 22:41\nDon’t\n"


def test_marks_that_turn_the_direction_are_written_out_and_counted():
    found, text = shown(look_at_text, "safe \u202etxt.exe\u202c \u200e".encode())

    assert text == "safe [U+202E]txt.exe[U+202C] [U+200E]"
    assert found["marks that turn its direction"] == "3; written out as [U+…]"


@pytest.mark.parametrize(
    "content", [b"abc\x01\x02", b"\xff\xfea\x00\x00\x00", bytes(range(128, 256)) * 4, b"\xff\xfe\0\xd8"]
)
def test_what_is_no_text_is_refused(content):
    with pytest.raises(Refused) as caught:
        look_at_text(content, Limits())

    assert caught.value.reason == Reason.NOT_TEXT


def test_a_text_over_the_limit_is_refused():
    with pytest.raises(Refused) as caught:
        look_at_text(b"ab\n" * 400_000, Limits(text_mb=1))

    assert caught.value.reason == Reason.TEXT_LENGTH


def test_a_letter_shows_its_headers_and_then_its_words():
    found, text = shown(look_at_letter, letter())

    assert text.splitlines() == [
        "From: Jo Example <jo@example.org>",
        "To: office@example.org",
        "Subject: About Tuesday – again",
        "Date: Fri, 20 Nov 2026 22:41:07 +0000",
        "Message-ID: <one@example.org>",
        "",
        "Please ring me.",
        "Jo",
    ]
    assert found == {"sent": "Fri, 20 Nov 2026 22:41:07 +0000", "message id": "<one@example.org>"}


def test_a_page_in_a_letter_is_reduced_to_words_and_where_its_links_lead():
    page = "<style>p{}</style><p>Please <b>look</b></p><script>bad()</script><a href='http://x.example/'>here</a>"

    _, text = shown(look_at_letter, letter(page=page))

    assert text.endswith("As a page, it reads:\n\nPlease look\nhere  [http://x.example/]")
    assert "bad()" not in text


def test_a_page_that_says_the_same_is_not_shown_twice():
    _, text = shown(look_at_letter, letter(page="<p>Please ring me.</p><p>Jo</p>"))

    assert text.count("Please ring me.") == 1


def test_a_letter_with_too_many_parts_is_refused():
    parts = b"--x\n\na\n" * 600
    content = b"From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x\n\n" + parts + b"--x--\n"

    with pytest.raises(Refused) as caught:
        look_at_letter(content, Limits())

    assert caught.value.reason == Reason.UNREADABLE


def test_a_letter_inside_a_letter_is_an_attachment_and_stays_closed():
    content = b"From: a\nTo: b\nContent-Type: message/rfc822\n\nFrom: c\nSubject: inside\n\nsecret words\n"

    _, text = shown(look_at_letter, content)

    assert "Attached, not opened here: a part without a name (message/rfc822)" in text
    assert "secret words" not in text


def test_an_unknown_alphabet_in_a_letter_is_read_as_well_as_it_can_be():
    content = b"From: =?nonsense?b?AAAA?=\nTo: b\nContent-Type: text/plain; charset=nonsense\n\nhello\n"

    _, text = shown(look_at_letter, content)

    assert text.endswith("hello")
