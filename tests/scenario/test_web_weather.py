"""Bad weather at the pages, over a real socket: slow, half and huge uploads, a full disk, a killed server."""

import re
import socket
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.errors import StoreFailed
from bot.store import database
from tests.web_report_kit import CONCERN, asked, shown
from tests.web_wire import Child, Wire, form, serving, signed_in

pytestmark = pytest.mark.slow
MB = 1_000_000


class Page:
    """What came back, as `web_report_kit` reads pages."""

    def __init__(self, answer):
        self.status, self.text, self.to = answer.status, answer.text, answer.headers["location"] or ""


class Sender:
    """Jo, who has filled in a report about a child and stands before sending it."""

    def __init__(self, wire):
        self.wire = wire
        csrf = csrf_of(wire.get("/report").text)
        begun = wire.post("/report/begin", urlencode({"csrf": csrf, "form": "concern"}))
        self.path = begun.headers["location"]

    def answer(self, gate="no", do="next", **changes):
        page = Page(self.wire.get(self.path))
        pairs = [("csrf", csrf_of(page.text)), ("do", do), ("gate", gate)]
        pairs += [("asked", each) for each in asked(page)]
        pairs += [(f"a.{name}", value) for name, value in {**CONCERN, **changes}.items()]
        return Page(self.wire.post(self.path, urlencode(pairs)))

    @property
    def fields(self):
        """What is posted beside the files."""
        page = Page(self.wire.get(f"{self.path}/send"))
        return {"csrf": csrf_of(page.text), "ticks": "yes", "shown": shown(page), "do": "send"}

    def send(self, name="screen.png", content=b"a picture"):
        kind = "multipart/form-data; boundary=----staffroom-wire"
        return Page(self.wire.post(f"{self.path}/send", form(self.fields, name, content), kind))


def csrf_of(text):
    return re.search(r'name="csrf" value="([^"]*)"', text)[1]


@pytest.fixture
def served(tmp_path):
    with serving(tmp_path) as (desk, port):
        yield desk, port


@pytest.fixture
def jo(served):
    desk, port = served
    sender = Sender(Wire(port, signed_in(desk)))
    sender.answer()
    return sender


def cases(desk):
    return {each.case for each in desk.waiting()}


def files_in(desk):
    return [each for each in (desk.store.path.parents[1] / "vault").rglob("*") if each.is_file()]


def status_of(connection):
    return int(read_all(connection).split(" ", 2)[1])


def test_an_upload_that_comes_a_few_bytes_at_a_time_is_stored_while_others_are_answered(served, jo):
    desk, _ = served
    body = form(jo.fields, "screen.png", b"a picture" * 20)
    connection = jo.wire.begin_upload(f"{jo.path}/send", body)

    for at in range(0, len(body) - 3, 3):
        connection.sendall(body[at : at + 3])
        if at % 150 == 0:
            assert jo.wire.get("/mine").status == 200
    assert cases(desk) == set()
    connection.sendall(body[-(len(body) - at - 3) :])

    assert status_of(connection) == 303
    assert len(cases(desk)) == 1


def test_a_connection_that_is_held_open_in_mid_upload_is_in_nobodys_way(served, jo):
    desk, port = served
    body = form(jo.fields, "screen.png", b"a picture")
    held = [jo.wire.begin_upload(f"{jo.path}/send", body) for _ in range(60)]
    for each in held:
        each.sendall(body[:200])

    # More of them than there are threads for pages.
    assert jo.send().status == 303
    assert len(cases(desk)) == 1
    for each in held:
        each.close()


def test_half_an_upload_stores_nothing_and_the_form_is_still_there(served, jo):
    desk, _ = served
    body = form(jo.fields, "screen.png", b"x" * MB)
    connection = jo.wire.begin_upload(f"{jo.path}/send", body)
    connection.sendall(body[: MB // 2])
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()

    assert CONCERN["what"] in unescape(jo.wire.get(jo.path).text)
    assert cases(desk) == set()
    assert files_in(desk) == []

    assert jo.send().status == 303
    assert len(cases(desk)) == 1


def test_a_form_that_is_not_whole_says_that_nothing_was_stored(served, jo):
    desk, _ = served
    body = form(jo.fields, "screen.png", b"a picture", closed=False)
    kind = "multipart/form-data; boundary=----staffroom-wire"
    answer = jo.wire.post(f"{jo.path}/send", body, kind)

    assert answer.status == 400
    assert "did not arrive whole" in answer.text
    assert cases(desk) == set()


def test_200_megabytes_are_refused_in_the_stream_with_the_limit_a_mend_and_the_form_as_it_was(served, jo):
    desk, _ = served
    head, _, tail = form(jo.fields, "film.mp4", b"CUT").partition(b"CUT")
    size = 200 * MB
    before = peak()
    connection = jo.wire.begin_upload(f"{jo.path}/send", b"", len(head) + size + len(tail))
    connection.sendall(head)
    for _ in range(200):
        connection.sendall(b"x" * MB)
    connection.sendall(tail)
    page = read_all(connection)

    assert page.startswith("HTTP/1.1 413")
    assert "larger than 50 MB" in page
    assert "Choose a smaller copy" in page
    assert 'name="shown"' in page
    assert "Amy Ash" in page
    # 50 MB, the copies that are made while it grows, and no more.
    assert peak() - before < 150 * MB
    assert (cases(desk), files_in(desk)) == (set(), [])

    assert jo.send().status == 303
    assert len(cases(desk)) == 1


def peak():
    """The most memory of this process, whose thread the server is, since the last call; in bytes."""
    status = Path("/proc/self/status").read_text("utf-8")
    found = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024
    Path("/proc/self/clear_refs").write_text("5", "utf-8")
    return found


def read_all(connection):
    """An answer to its end."""
    content = connection.recv(65536)
    length = int(re.search(rb"content-length: (\d+)", content)[1])
    while len(content.partition(b"\r\n\r\n")[2]) < length:
        content += connection.recv(65536)
    connection.close()
    return content.decode()


def test_safety_20_a_full_disk_says_not_saved_stores_nothing_half_and_loses_no_form(served, jo, monkeypatch):
    desk, _ = served
    # Longer than any room that is left in the store's last pages.
    essay = "A long account. " * 1_200
    jo.answer(what=essay)
    with monkeypatch.context() as patched:
        patched.setattr(database, "_SETTINGS", (*database._SETTINGS, "pragma max_page_count = 1"))
        page = jo.send()

    assert page.status == 503
    assert "NOT SAVED" in page.text
    assert 'type="file"' in page.text
    assert (cases(desk), files_in(desk)) == (set(), [])
    assert essay.strip() in unescape(jo.wire.get(jo.path).text)

    assert jo.send().status == 303
    assert len(cases(desk)) == 1


def test_safety_31_with_a_full_disk_pages_with_numbers_are_still_shown(served, jo, monkeypatch):
    desk, _ = served
    monkeypatch.setattr(type(desk.store), "writing", _fails)
    # After this a session is renewed.
    desk.clock.pass_by(minutes=2)
    page = jo.wire.get("/report")

    assert page.status == 200
    assert "01632 960301" in page.text


def _fails(_store):
    raise StoreFailed("the disk is full")


def test_a_server_that_is_killed_in_mid_form_has_the_draft_and_the_session_when_it_is_back(tmp_path):
    child = Child(tmp_path)
    try:
        child.start()
        jo = Sender(Wire(child.port))
        jo.answer(do="keep")

        child.kill()
        child.start()

        page = jo.wire.get(jo.path)
        assert page.status == 200
        assert CONCERN["what"] in unescape(page.text)
        jo.answer()
        assert jo.send().status == jo.send().status == 303
        assert jo.wire.get("/mine").text.count('<section class="card mine') == 1
    finally:
        child.kill()
