"""How uploads are read at the pages: nothing before the gate, nothing beyond a limit, and never too many."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain import gate
from bot.web import reading
from bot.web.app import web_app
from bot.web.site import PAGES
from tests.web_kit import Browser
from tests.web_report_kit import CONCERN, Reporter, takes_files

MB = 1_000_000
LARGE = ("files", "screen.png", b"x" * (5 * MB))
SMALL = ("files", "screen.png", b"x" * (MB // 2))
TEACHER = "jo.mint@fernhill.example.org"


class Counting:
    """The app, and how much of a body it has read since *read* was set back."""

    def __init__(self, app):
        self.app, self.read = app, 0

    async def __call__(self, scope, receive, send):
        async def counted():
            message = await receive()
            self.read += len(message.get("body", b""))
            return message

        self.read = 0
        await self.app(scope, counted, send)


@pytest.fixture
def jo(tmp_path):
    """Jo, at a school whose files have at most a megabyte, and two together."""
    jo = Reporter(tmp_path)
    jo.desk.web = replace(jo.desk.web, max_mb=1)
    jo.browser.app = Counting(web_app(jo.desk.web, PAGES))
    return jo


def answered_no(jo, case):
    jo.at(f"/mine/{case}/evidence")
    return jo.browser.post(f"/mine/{case}/evidence", {"gate": "no"}).to


@pytest.mark.parametrize("answer", ["", "yes", "not-sure"])
def test_safety_2_of_a_file_sent_with_a_report_whose_gate_has_no_plain_no_nothing_is_read(jo, answer):
    jo.begin()
    jo.next(gate=answer, **CONCERN)
    if answer:
        jo.next()
    sent = jo.send(LARGE)

    assert sent.status == 422
    assert (gate.STAYS_STOPPED if answer else gate.UNASKED_FILE) in jo.said
    assert jo.desk.web.room.held == 0
    # What came with the fields that stand before it, and no more.
    assert read_by(jo, f"{jo.path}/send", LARGE) < MB // 2


@pytest.mark.parametrize("path", ["/report/web-none/send", "/mine/{case}/evidence/web-none"])
def test_safety_2_of_a_file_to_an_address_where_nobody_answered_the_gate_nothing_at_all_is_read(jo, path):
    path = path.format(case=jo.filed())

    assert read_by(jo, path, LARGE) == 0
    assert jo.answer.status == 410
    assert "This form is not here any more" in jo.answer.text


def test_safety_2_of_a_file_with_somebody_elses_draft_or_to_their_case_nothing_is_read(jo):
    case = jo.filed()
    evidence, sending = answered_no(jo, case), f"{jo.path}/send"
    jo.browser = Browser(jo.browser.app, dict(jo.desk.browser("ben").cookies))
    jo.at("/")

    assert [read_by(jo, each, LARGE) for each in (sending, evidence)] == [0, 0]
    assert [jo.browser.send_files(each, {}, [LARGE]).status for each in (sending, evidence)] == [410, 404]


def test_safety_2_of_more_evidence_for_a_report_that_was_stopped_meanwhile_nothing_is_read(jo):
    case = jo.filed()
    path = answered_no(jo, case)
    jo.at(f"/mine/{case}/evidence")
    jo.browser.post(f"/mine/{case}/evidence", {"gate": "yes"})
    jo.at(f"/mine/{case}/evidence")

    assert read_by(jo, path, LARGE) == 0
    assert "STOP" in jo.answer.text


def test_after_a_plain_no_a_file_is_read(jo):
    case = jo.filed(SMALL)
    path = answered_no(jo, case)
    jo.at(path)

    assert read_by(jo, path, ("files", "two.png", b"y" * (MB // 2))) > MB // 2
    assert jo.desk.kinds(case).count("evidence stored") == 2


def test_files_that_are_too_much_together_are_refused_with_how_to_go_on_and_fewer_go(jo):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    several = [("files", f"{at}.png", bytes([at]) * (9 * MB // 10)) for at in range(3)]
    sent = jo.send(*several)

    assert sent.status == 413
    assert "larger than 2 MB" in jo.said
    assert "the others after that, with “More evidence”" in jo.said
    assert "01632 960301" in jo.said
    assert "999" in jo.said
    assert (jo.cases(), jo.desk.decoder.looked) == (set(), [])
    assert takes_files(sent)
    assert jo.send(*several[:2]).status == 303


def test_what_is_neither_field_nor_file_counts_as_well_so_that_no_sending_goes_on_for_ever(jo):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    edge = "----staffroom-test"
    whole = f'--{edge}\r\ncontent-disposition: form-data; name="x"\r\n\r\n\r\n--{edge}--\r\n'.encode()
    kind = f"multipart/form-data; boundary={edge}"
    answer = jo.browser.send("POST", f"{jo.path}/send", whole + b"\n" * (5 * MB), content_type=kind)

    assert answer.status == 413
    assert jo.browser.app.read < 4 * MB


def test_safety_31_while_too_many_files_are_on_their_way_one_waits_a_moment_and_the_report_goes_without(jo):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    parts = jo.desk.web
    with parts.room.share(parts.room_for) as others:
        others.lets(parts.room_for - MB // 4)
        busy = jo.send(SMALL)
        said, form = jo.said, jo.page
        assert (jo.cases(), jo.desk.decoder.looked) == (set(), [])

        without = jo.send()
    again = jo.send(SMALL, shown=shown_on(form))

    assert (busy.status, busy.headers["retry-after"]) == (503, "60")
    assert "Wait a minute, then send yours again" in said
    assert "what you typed is still here" in said
    assert "01632 960301" in said
    assert takes_files(form)
    assert [without.status, again.status] == [303, 303]
    assert len(jo.cases()) == 1


def test_safety_12_whoever_it_is_about_is_not_among_the_numbers_beside_a_refusal(jo):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    jo.send(do="show", concerned="amy")
    jo.send(LARGE, concerned="amy")

    assert "Not sent." in jo.said
    assert "01632 960301" not in jo.said
    assert "In an emergency: 999" in jo.said


@pytest.mark.parametrize("content", [b"x" * (MB // 2), b"x" * (5 * MB)], ids=["stored", "too large"])
def test_what_is_stored_or_refused_takes_up_no_room_afterwards(jo, content):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    jo.send(("files", "screen.png", content))

    assert jo.desk.web.room.held == 0


@pytest.mark.parametrize("limit", ["SILENT_S", "WHOLE_S"])
def test_whoever_falls_silent_or_takes_for_ever_over_an_upload_gives_its_room_back(jo, monkeypatch, limit):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    monkeypatch.setattr(reading, limit, 0.05)
    seen = []
    statuses = asyncio.run(asyncio.wait_for(falls_silent(jo, f"{jo.path}/send", seen), 20))

    assert statuses == [400]
    # It had room, and has none any more.
    assert seen[0] > MB // 4
    assert jo.desk.web.room.held == 0
    assert jo.cases() == set()


async def falls_silent(jo, path, seen):
    """Send half a file, then nothing at all; return the statuses that came back."""
    edge, statuses = "----staffroom-test", []
    head = f'--{edge}\r\ncontent-disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    messages = [{"type": "http.request", "body": head.encode() + b"x" * (MB // 2), "more_body": True}]
    cookie = "; ".join(f"{name}={value}" for name, value in jo.browser.cookies.items())
    kind = f"multipart/form-data; boundary={edge}"
    said = {"host": "127.0.0.1:8000", "content-type": kind, "cookie": cookie}
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in said.items()],
        "client": ("127.0.0.1", 1),
    }

    async def receive():
        if messages:
            return messages.pop()
        seen.append(jo.desk.web.room.held)
        return await asyncio.Future()

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await jo.browser.app(scope, receive, send)
    return statuses


def read_by(jo, path, *files):
    """How much of a sending of *files* to *path* was read."""
    jo.answer = jo.browser.send_files(path, {"do": "send", "ticks": "yes"}, files)
    return jo.browser.app.read


def shown_on(page):
    return page.text.partition('name="shown" value="')[2].partition('"')[0]
