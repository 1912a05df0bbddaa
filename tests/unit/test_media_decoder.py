"""Files looked at as in earnest: in a process of their own."""

import tempfile
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.evidence import FileKind
from bot.domain.reports import Upload
from bot.errors import EvidenceRefused
from bot.media.decoder import ChildDecoder
from bot.media.limits import Limits
from bot.media.refusals import Reason, refusal
from tests.unit.media_samples import (
    CANARY,
    all_kinds,
    apng,
    archive,
    drawing,
    film,
    gif,
    jpeg,
    letter,
    pdf,
    pdf_with_program,
    places_of_metadata,
    png,
    png_bomb,
    saved,
    sound,
)

pytestmark = pytest.mark.slow

SAMPLES = all_kinds()
LOCK = "made up"
ORDER = ("PNG", "JPEG", "WEBP", "HEIC", "GIF", "PDF", "MP4", "MOV", "TXT", "EML")
KINDS = {name: FileKind[kind] for name, kind in zip(SAMPLES, ORDER, strict=True)}


def refused(upload, decoder=None):
    with pytest.raises(EvidenceRefused) as caught:
        (decoder or ChildDecoder()).look(upload)
    return caught.value


def words(reason, limits=None):
    return refusal(reason, limits or Limits()).user_message


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_is_what_its_content_is_whatever_it_is_called(name):
    sighting = ChildDecoder().look(Upload("shown by jo", SAMPLES[name]))

    assert sighting.kind == KINDS[name]
    assert sighting.derivatives


@pytest.mark.parametrize("name", SAMPLES)
def test_no_metadata_of_the_original_survives_in_what_people_look_at(name):
    sighting = ChildDecoder().look(Upload(name, SAMPLES[name]))

    left = b"".join(copy.content for copy in sighting.derivatives)
    assert CANARY.encode() not in left
    assert places_of_metadata(left) == []


def test_the_samples_do_carry_the_metadata_that_must_not_survive():
    carrying = [name for name, content in SAMPLES.items() if CANARY.encode() in content]

    assert carrying == ["a.png", "b.jpg", "c.webp", "d.heic", "e.gif", "f.pdf", "g.mp4", "h.mov"]


@pytest.mark.parametrize("name", ["a.png", "b.jpg", "c.webp", "d.heic"])
def test_a_picture_keeps_its_time_place_and_device_beside_it(name):
    found = ChildDecoder().look(Upload(name, SAMPLES[name])).metadata

    assert found["taken"] == "2026-11-20 22:41:07"
    assert found["place"] == "51.50000, -0.12500"
    assert (found["device"], found["model"]) == ("Tideway", f"Phone {CANARY}")


def test_a_document_gives_one_picture_for_each_page_and_says_what_made_it():
    sighting = ChildDecoder().look(Upload("f.pdf", pdf(3)))

    assert [copy.name for copy in sighting.derivatives] == ["page-01.jpg", "page-02.jpg", "page-03.jpg"]
    assert sighting.metadata["pages"] == "3"
    assert sighting.metadata["producer"] == f"Printer {CANARY}"
    assert sighting.metadata["created"].startswith("2000-01-01 00:00:00")


def test_a_film_gives_stills_spread_over_it_and_says_when_it_was_taken():
    sighting = ChildDecoder().look(Upload("g.mp4", film()))

    assert len(sighting.derivatives) == 12
    assert sighting.metadata["taken"] == "2026-11-20T22:41:07Z"
    assert sighting.metadata["length"] == "2.0 seconds"
    assert sighting.metadata["codec"] == "h264"


def test_a_moving_picture_gives_at_most_eight_stills():
    sighting = ChildDecoder().look(Upload("e.gif", gif()))

    assert [copy.name for copy in sighting.derivatives] == [f"still-0{place}.png" for place in range(1, 9)]


def test_a_program_inside_a_document_is_named_and_not_run():
    found = ChildDecoder().look(Upload("f.pdf", pdf_with_program())).metadata

    assert found["programs inside"].startswith("yes; never run here")


def test_a_document_that_only_forbids_printing_is_kept_and_says_so():
    found = ChildDecoder().look(Upload("f.pdf", pdf(owner=LOCK))).metadata

    assert found["protection"] == "printing or copying is forbidden in it"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.png", b"", Reason.EMPTY),
        ("a.png", png_bomb(), Reason.PIXELS),
        ("a.png", apng(1001), Reason.FRAMES),
        ("e.gif", gif(1001), Reason.FRAMES),
        ("f.pdf", pdf(password=LOCK), Reason.PASSWORD),
        ("f.pdf", pdf(41), Reason.PAGES),
        ("g.mp4", sound(), Reason.SOUND),
        ("f.docx", archive("word/document.xml"), Reason.OFFICE),
        ("a.png", png() + archive(), Reason.TWO_IN_ONE),
        ("a.png", png()[:-20], Reason.BROKEN),
        ("a.png", png()[:200] + bytes(60) + png()[260:], Reason.UNREADABLE),
        ("f.pdf", b"%PDF-1.7\nnothing\n%%EOF\n", Reason.BROKEN),
        ("g.mp4", film()[:-50], Reason.BROKEN),
        ("a.pdf", png(), Reason.NAME_DIFFERS),
        ("evil.pdf.exe", pdf(), Reason.NAME_PROGRAM),
        ("a\x00.png", png(), Reason.NAME_HIDDEN),
    ],
    ids=lambda value: value if isinstance(value, Reason) else "",
)
def test_a_file_that_is_not_kept_is_refused_with_its_own_words(name, content, reason):
    assert refused(Upload(name, content)).user_message == words(reason)


def test_a_file_over_the_limit_is_refused_before_anybody_looks_at_it():
    decoder = ChildDecoder(Limits(file_mb=1), program="raise SystemExit(1)")

    error = refused(Upload("a.png", bytes(1024 * 1024 + 1)), decoder)

    assert error.user_message == words(Reason.TOO_BIG, Limits(file_mb=1))
    assert "1 MB" in error.user_message


def test_a_film_longer_than_the_limit_is_refused():
    decoder = ChildDecoder(Limits(minutes=0))

    assert refused(Upload("g.mp4", film()), decoder).user_message == words(
        Reason.FILM_LENGTH, Limits(minutes=0)
    )


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "raise SystemExit(3)",
        "raise RuntimeError('CANARY')",
        "import os; os.kill(os.getpid(), 9)",
        "pass",
        "print('garbage' * 1000)",
        "import os; os.write(1, b'\\0\\0\\0\\2{}')",
        "import sys; sys.stdin.buffer.read(); print('[]')",
    ],
)
def test_a_process_that_dies_or_answers_nonsense_is_a_refusal(program):
    error = refused(Upload("a.png", png()), ChildDecoder(program=program))

    assert error.user_message == words(Reason.UNREADABLE)


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(60)",
        "import os, time; os.close(0); os.close(1); time.sleep(60)",
        "import sys\nwhile True: sys.stdin.buffer.read(1)",
    ],
)
def test_a_process_that_hangs_is_stopped_and_is_a_refusal(program):
    decoder = ChildDecoder(Limits(wall_s=0.3), program=program)

    assert refused(Upload("a.png", png()), decoder).user_message == words(Reason.TOO_SLOW, decoder.limits)


def test_a_process_that_answers_without_end_is_stopped():
    program = "import os\nwhile True: os.write(1, bytes(65536))"
    decoder = ChildDecoder(Limits(answer_mb=1), program=program)

    assert refused(Upload("a.png", png()), decoder).user_message == words(Reason.UNREADABLE)


def test_a_process_that_computes_without_end_is_stopped_by_its_own_limit():
    program = (
        "import sys; from bot.media import child; from bot.media.limits import Limits\n"
        "child._limit(Limits.from_json(sys.stdin.buffer.readline())); sys.stdin.buffer.read()\n"
        "while True: pass"
    )

    decoder = ChildDecoder(Limits(cpu_s=1), program=program)

    assert refused(Upload("a.png", png()), decoder).user_message == words(Reason.TOO_SLOW)


def test_a_look_that_needs_more_memory_than_it_may_have_is_a_refusal():
    large = saved(drawing((4000, 4000)), "PNG")

    assert ChildDecoder(Limits(memory_mb=512)).look(Upload("a.png", large)).kind == FileKind.PNG
    error = refused(Upload("a.png", large), ChildDecoder(Limits(memory_mb=64)))
    assert error.user_message == words(Reason.UNREADABLE)


@pytest.mark.parametrize("harm", ["open('/etc/passwd')", "socket.socket()", "subprocess.run(['/bin/true'])"])
def test_once_decoding_begins_no_file_socket_or_program_can_be_opened(harm):
    program = (
        "import socket, subprocess; from bot.media import child; close = child._close\n"
        f"def decoding(): {{}}; {harm}\n"
        "child._close = decoding; child.main()"
    )
    open_one, closed_one = (ChildDecoder(program=program.format(first)) for first in ("pass", "close()"))

    assert open_one.look(Upload("a.png", png())).kind == FileKind.PNG
    assert refused(Upload("a.png", png()), closed_one).user_message == words(Reason.UNREADABLE)


def test_the_process_sees_no_environment_and_no_name(monkeypatch):
    monkeypatch.setenv("STAFFROOM_KEY", "secret")
    program = (
        "import os; assert set(os.environ) <= {'LC_ALL', 'LC_CTYPE'}, 1; assert not os.getcwd()[1:]\n"
        "assert 'jo' not in repr(sys.argv); from bot.media.child import main; main()"
    )

    assert ChildDecoder(program=program).look(Upload("jo", png())).kind == FileKind.PNG


def test_looking_leaves_no_temporary_file(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    ChildDecoder().look(Upload("f.pdf", pdf()))

    assert list(tmp_path.iterdir()) == []


def test_no_refusal_or_error_repeats_what_is_in_a_file_or_its_name():
    name, content = f"{CANARY}.pdf", f"%PDF-1.7 {CANARY} %%EOF".encode()

    error = refused(Upload(name, content))

    assert CANARY not in error.user_message + str(error) + repr(error.__context__) + repr(error.__cause__)


def test_every_refusal_says_what_to_send_instead():
    said = {reason: words(reason) for reason in Reason}

    assert [reason for reason, text in said.items() if "creenshot" not in text and "DSL" not in text] == []
    assert len(set(said.values())) == len(Reason)


@pytest.mark.slow
def test_the_largest_picture_that_may_come_fits_into_the_memory_there_is():
    content = saved(drawing((7745, 7745)).convert("RGBA"), "PNG", compress_level=1)

    assert ChildDecoder().look(Upload("a.png", content)).metadata["pixels"] == "7745 x 7745"


def mutated(draw):
    name = draw(st.sampled_from(sorted(SAMPLES)))
    content = bytearray(SAMPLES[name])
    for _ in range(draw(st.integers(1, 8))):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        content = content[: draw(st.integers(0, len(content)))]
    return Upload(name, bytes(content) + draw(st.binary(max_size=16)))


UPLOADS = st.composite(mutated)()


def looked_at_or_refused(upload):
    with suppress(EvidenceRefused):
        assert ChildDecoder(replace(Limits(), wall_s=20.0)).look(upload).derivatives


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(UPLOADS)
def test_a_mutated_file_is_looked_at_or_refused_and_never_an_error(upload):
    looked_at_or_refused(upload)


@pytest.mark.slow
@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(UPLOADS)
def test_hundreds_of_mutated_files_are_looked_at_or_refused(upload):
    looked_at_or_refused(upload)


def test_a_letter_with_attachments_names_them_and_opens_none():
    sighting = ChildDecoder().look(Upload("j.eml", letter(attached=("chat.zip",))))

    shown = sighting.derivatives[0].content.decode()
    assert "Attached, not opened here: chat.zip" in shown
    assert "PK" not in shown
    assert sighting.metadata["attached files"] == "chat.zip"


def test_a_picture_with_a_further_picture_behind_it_is_kept_and_says_so():
    sighting = ChildDecoder().look(Upload("b.jpg", jpeg() + jpeg()))

    assert sighting.metadata["behind its end"] == f"{len(jpeg())} bytes, kept with the original and not shown"
    assert len(sighting.derivatives) == 1
