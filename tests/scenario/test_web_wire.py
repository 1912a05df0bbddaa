"""The pages over a real socket: what a browser is told when it sends too much, or too little."""

from http.client import HTTPConnection

import pytest

from bot.web.guard import HEADERS
from tests.web_wire import serving

MB = b"x" * 1_000_000


@pytest.fixture
def wire(tmp_path):
    """Somebody signed in, as a connection and the headers of a form of theirs."""
    with serving(tmp_path) as (desk, port):
        form = {"content-type": "application/x-www-form-urlencoded", "origin": f"http://127.0.0.1:{port}"}
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("POST", "/sign-in", "school=fernhill&person=amy", form)
        answer = connection.getresponse()
        answer.read()
        cookie = answer.headers["set-cookie"].partition(";")[0]
        yield desk, connection, {**form, "cookie": cookie}
        connection.close()


def test_whoever_sends_far_too_much_hears_why_and_is_not_cut_off(wire):
    _, connection, headers = wire

    connection.request("POST", "/", (MB for _ in range(30)), headers, encode_chunked=True)
    answer = connection.getresponse()

    assert answer.status == 413
    assert b"Send fewer or smaller files; nothing was stored." in answer.read()
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_an_upload_that_breaks_off_stores_nothing_and_the_next_request_is_answered(wire):
    desk, connection, headers = wire

    connection.putrequest("POST", "/")
    for name, value in {**headers, "content-length": "1000"}.items():
        connection.putheader(name, value)
    connection.endheaders(b"question=half")
    connection.close()
    connection.request("GET", "/", headers=headers)

    assert connection.getresponse().status == 200
    assert desk.waiting() == []
