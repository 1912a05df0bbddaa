"""The guard before the pages: who may knock, what every answer carries, and what a fault shows."""

import logging
import re
from html import unescape

import pytest
from starlette.responses import Response

from bot.domain.evidence import MOST_FILES
from bot.errors import Gone
from bot.web.app import NO_METHOD, NO_PAGE
from bot.web.guard import HEADERS, TOO_OFTEN
from bot.web.limits import Limit, Limits, network
from bot.web.pages import May, Page, go
from bot.web.reading import FIELDS_BYTES
from bot.web.site import PAGES
from tests.fakes import a_school
from tests.web_kit import HOST, WebDesk

SECRET = "what somebody typed"  # noqa: S105 - no password


def breaks(here):
    raise ValueError(SECRET)


def saves(here):
    return go(f"/saved/{here.said('text')}")


def turns_away(here):
    raise Gone(SECRET)


OWN = (
    Page("/gone", May.STAFF, post=turns_away),
    Page("/breaks", May.STAFF, get=breaks),
    Page("/save", May.STAFF, get=lambda here: Response("form"), post=saves),
    Page("/only-post", May.STAFF, post=saves),
)


@pytest.fixture
def desk(tmp_path):
    return WebDesk(tmp_path, pages=(*PAGES, *OWN))


def headers_of(answer):
    return {name: answer.headers.get(name) for name in HEADERS}


@pytest.mark.parametrize(
    "host", ["", "evil.example.org", "127.0.0.1", "127.0.0.1:80", "localhost:8000", f"{HOST}.evil.org"]
)
def test_a_request_under_another_name_is_refused(desk, host):
    answer = desk.browser().get("/sign-in", host=host)

    assert (answer.status, answer.text) == (403, "Refused.")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.org",
        "null",
        "",
        f"https://{HOST}",
        "http://127.0.0.1:9000",
        f"http://{HOST}.evil.org",
    ],
)
def test_a_form_of_another_site_is_refused_even_with_the_right_token(desk, origin):
    amy = desk.browser("amy")
    amy.get("/")

    assert amy.post("/save", {"text": "x"}, origin=origin).status == 403
    assert amy.post("/save", {"text": "x"}, origin=f"http://{HOST}").status == 303


@pytest.mark.parametrize(("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 303)])
def test_a_post_that_the_browser_says_comes_from_elsewhere_is_refused(desk, site, status):
    amy = desk.browser("amy")
    amy.get("/")

    assert amy.post("/save", {"text": "x"}, sec_fetch_site=site).status == status


def test_a_link_from_another_site_may_lead_here(desk):
    assert desk.browser("amy").get("/", sec_fetch_site="cross-site").status == 200


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_a_form_without_the_token_of_the_session_does_nothing(desk, token):
    amy = desk.browser("amy")
    amy.get("/")
    amy.csrf = token

    assert amy.post("/save", {"text": "x"}).status == 403


def test_a_form_with_the_token_of_another_session_does_nothing(desk):
    amy, ben = desk.browser("amy"), desk.browser("ben")
    for each in (amy, ben):
        each.get("/")
    amy.csrf = ben.csrf

    assert amy.post("/save", {"text": "x"}).status == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/sign-in", 200),
        ("/nothing-there", 404),
        ("/only-post", 405),
        ("/breaks", 500),
        ("/static/staffroom.css", 200),
        ("/static/nothing.css", 404),
        ("/static/../app.py", 404),
        ("/static/%2e%2e/app.py", 404),
    ],
)
def test_every_answer_carries_the_safe_headers(desk, path, status):
    answer = desk.browser("amy").get(path)
    style = {"cache-control": "no-cache"} if path.startswith("/static/") else {}

    assert answer.status == status
    assert headers_of(answer) == {**HEADERS, **style}


def test_a_refusal_a_redirect_and_a_post_carry_them_too(desk):
    amy = desk.browser("amy")
    amy.get("/")
    answers = [amy.get("/", host="evil"), desk.browser().get("/"), amy.post("/save"), amy.post("/save", {})]

    assert [headers_of(each) for each in answers] == [HEADERS] * 4


def test_the_policy_of_the_pages_allows_nothing_unsafe_and_nothing_from_elsewhere():
    policy = HEADERS["content-security-policy"]

    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert not any(each in policy for each in ("http", "*", "data:", "blob:"))
    assert HEADERS["cache-control"] == "no-store"


def test_over_https_the_browser_is_told_to_stay_there_and_only_then(tmp_path):
    plain, secure = WebDesk(tmp_path / "one"), WebDesk(tmp_path / "two", secure=True)

    assert "strict-transport-security" not in plain.browser().get("/sign-in").headers
    assert "max-age=" in secure.browser().get("/sign-in").headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("secure", "name", "rest"),
    [
        (False, "staffroom", "; HttpOnly; Max-Age=43200; Path=/; SameSite=lax"),
        (True, "__Host-staffroom", "; HttpOnly; Max-Age=43200; Path=/; SameSite=lax; Secure"),
    ],
)
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(tmp_path, secure, name, rest):
    desk = WebDesk(tmp_path, secure=secure)
    answer = desk.browser().post("/sign-in", {"school": "fernhill", "person": "amy"})

    (cookie,) = answer.cookies
    key, _, value = cookie.partition("=")
    token, _, attributes = value.partition("; ")
    assert (key, f"; {attributes}") == (name, rest)
    assert len(token) >= 43


def test_a_cookie_without_its_prefix_is_nobody_over_https(tmp_path):
    browser = WebDesk(tmp_path, secure=True).browser("amy")
    browser.cookies = {"staffroom": browser.cookies["__Host-staffroom"]}

    assert browser.get("/").to == "/sign-in"


def test_signing_in_gives_a_new_session_and_ends_the_one_before(desk):
    browser = desk.browser("teacher")
    before = dict(browser.cookies)
    browser.get("/sign-in")

    browser.post("/sign-in", {"school": "fernhill", "person": "amy"})
    old = desk.browser()
    old.cookies = before

    assert browser.cookies != before
    assert old.get("/").to == "/sign-in"


def test_a_session_that_somebody_else_chose_is_never_taken_over(desk):
    browser = desk.browser()
    browser.cookies = {"staffroom": "chosen-by-somebody-else"}

    browser.post("/sign-in", {"school": "fernhill", "person": "amy"})

    assert browser.cookies["staffroom"] != "chosen-by-somebody-else"


def test_signing_out_ends_the_session_and_clears_what_the_browser_kept(desk):
    amy = desk.browser("amy")
    amy.get("/")
    before = dict(amy.cookies)

    answer = amy.post("/sign-out")
    stolen = desk.browser()
    stolen.cookies = before

    assert (answer.to, answer.headers["clear-site-data"]) == ("/sign-in", '"cache"')
    assert amy.cookies == {}
    assert stolen.get("/").to == "/sign-in"


def test_an_unknown_path_is_a_page_of_ours_with_whom_to_ring(desk):
    answer = desk.browser("amy").get("/nothing/there")

    assert answer.status == 404
    assert NO_PAGE in answer.text
    assert "01632 960305" in answer.text


def test_safety_29_a_fault_shows_a_page_of_ours_and_leaves_only_its_type_in_the_log(desk, caplog):
    caplog.set_level(logging.DEBUG)

    answer = desk.browser("amy").get("/breaks")

    assert answer.status == 500
    assert "Something went wrong on our side" in answer.text
    assert "01632 960305" in answer.text
    assert "web.broke error=ValueError" in caplog.text
    assert SECRET not in caplog.text + answer.text


def test_a_store_that_cannot_be_read_is_said_and_not_a_fault(desk, monkeypatch):
    amy = desk.browser("amy")
    desk.store.path.write_bytes(b"damaged" * 1000)

    answer = amy.get("/")

    assert answer.status in (500, 503)
    assert "999" in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"])
def test_only_get_head_and_post_are_answered(desk, method):
    answer = desk.browser("amy").send(method, "/save")

    assert answer.status == 405
    assert NO_METHOD in answer.text
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_a_head_request_is_a_get_that_does_nothing(desk):
    amy = desk.browser("amy")

    assert amy.head("/save").status == 200
    assert amy.head("/only-post").status == 405


def test_more_typing_than_a_form_takes_is_refused_while_it_streams_in(desk):
    amy = desk.browser("amy")
    amy.get("/")

    answer = amy.post("/save", {"text": "x" * FIELDS_BYTES})

    assert answer.status == 413
    assert "nothing was stored" in answer.text


def test_safety_2_a_file_sent_to_a_page_that_takes_none_is_refused_unread(desk):
    amy = desk.browser("amy")
    amy.get("/")

    assert amy.send_files("/save", {}, [("file", "a.png", b"x" * 2_000_000)]).status == 413


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json", "multipart/form-data"])
def test_what_is_no_form_is_refused(desk, content_type):
    amy = desk.browser("amy")
    amy.get("/")

    assert amy.send("POST", "/save", b"{}", content_type=content_type).status == 400


class TestSignedOutMeanwhile:
    """A form that was open for too long: nothing is lost, and nothing is done without a press."""

    @pytest.fixture
    def late(self, desk):
        browser = desk.browser("amy")
        browser.get("/")
        desk.clock.pass_by(minutes=31)
        return browser

    def test_what_was_typed_is_still_there_and_nothing_was_done(self, late):
        answer = late.post("/save", {"text": "half an hour's <work>"})

        assert answer.status == 401
        assert "You were signed out" in answer.text
        assert 'name="text" value="half an hour&#39;s &lt;work&gt;"' in answer.text

    def test_after_signing_in_it_is_shown_once_more_and_sent_with_a_press(self, late, desk):
        typed = {"text": "work", "earlier": ["a", "b"]}
        late.post("/save", typed)
        late.post("/sign-in", {"school": "fernhill", "person": "amy"})

        again = late.post("/save", typed, origin=f"http://{HOST}")
        done = late.post("/save", typed, origin=f"http://{HOST}")

        assert (again.status, done.status) == (403, 303)
        assert again.text.count('name="earlier"') == 2
        assert "Send it as Amy Ash" in again.text

    def test_a_post_of_unknown_origin_is_never_offered_once_more(self, late):
        late.post("/sign-in", {"school": "fernhill", "person": "amy"})
        late.csrf = "old"

        assert 'name="text"' not in late.post("/save", {"text": "work"}).text

    def test_files_are_refused_unread(self, late):
        answer = late.send_files("/save", {"text": "x"}, [("file", "a.png", b"x" * 2_000_000)])

        assert answer.status == 401
        assert 'name="text"' not in answer.text


class TestLimits:
    def test_a_limit_is_for_each_key_and_a_minute_and_waiting_always_helps(self):
        now = [0.0]
        limit = Limit(2, now=lambda: now[0])

        assert [limit.lets("a"), limit.lets("a"), limit.lets("a"), limit.lets("b")] == [
            True,
            True,
            False,
            True,
        ]
        now[0] = 60.0
        assert limit.lets("a")

    def test_it_remembers_no_more_keys_than_it_may(self):
        limit = Limit(1, keys=100)

        for number in range(1000):
            limit.lets(str(number))

        assert len(limit._times) == 100

    def test_one_home_is_one_client_however_many_addresses_it_has(self):
        assert network("2001:db8::1") == network("2001:db8::ffff") != network("2001:db8:0:1::1")
        assert network("192.0.2.1") != network("192.0.2.2")
        assert network("unix socket") == "unix socket"

    def test_signing_in_and_sending_are_limited_by_address_and_reading_is_not(self, tmp_path):
        limits = Limits(sign_in=Limit(3), posts=Limit(5))
        desk = WebDesk(tmp_path, pages=(*PAGES, *OWN), limits=limits)
        amy = desk.browser("amy")

        tried = [desk.browser().get("/sign-in").status for _ in range(3)]
        sent = [desk.browser().post("/save").status for _ in range(6)]

        assert tried == [200, 200, 429]
        # One of the five was how amy signed in.
        assert sent == [401] * 4 + [429] * 2
        assert amy.get("/").status == 200

    def test_no_stranger_shuts_out_whoever_is_signed_in_at_the_same_address(self, tmp_path):
        desk = WebDesk(tmp_path, pages=(*PAGES, *OWN), limits=Limits(posts=Limit(1)))
        amy = desk.browser("amy")
        amy.get("/")
        assert desk.browser().post("/save").status == 429

        assert amy.post("/save", {"text": "x"}).status == 303

    def test_one_session_is_limited_by_itself_and_told_to_wait(self, tmp_path):
        desk = WebDesk(tmp_path, pages=(*PAGES, *OWN), limits=Limits(own_posts=Limit(2)))
        amy, ben = desk.browser("amy"), desk.browser("ben")
        for each in (amy, ben):
            each.get("/")

        amy_said = [amy.post("/save", {"text": "x"}) for _ in range(3)]

        assert [each.status for each in amy_said] == [303, 303, 429]
        assert TOO_OFTEN in amy_said[-1].text
        assert amy_said[-1].headers["retry-after"] == "60"
        assert ben.post("/save", {"text": "x"}).status == 303

    def test_looking_is_limited_by_session_far_above_what_a_case_full_of_pictures_asks_for(self, tmp_path):
        desk = WebDesk(tmp_path, limits=Limits(own_looks=Limit(40)))
        amy, ben = desk.browser("amy"), desk.browser("ben")

        looked = [amy.get("/cases").status for _ in range(41)]
        with desk.store.reading() as unit:
            rows = len(list(unit.audit_rows("fernhill")))

        assert looked == [200] * 40 + [429]
        assert amy.get("/cases").status == 429
        assert ben.get("/cases").status == 200
        with desk.store.reading() as unit:
            assert len(list(unit.audit_rows("fernhill"))) <= rows + 2
        assert Limits().own_looks.most >= 10 * MOST_FILES


# SAFETY 31: nobody is turned away with only a reason

TYPED = "A girl in my form has\nbruises & is scared"
OURS = {"999", "01632960301", "01632960303", "01632960305"}


def in_main(page):
    """The numbers to ring on a page, without those that stand around every one."""
    main = page[page.index("<main") : page.index("</main>")]
    return set(re.findall(r'href="tel:(\d+)"', main))


def limited(tmp_path, **limits):
    return WebDesk(tmp_path, pages=(*PAGES, *OWN), limits=Limits(**limits))


def of_an_address(tmp_path):
    browser = limited(tmp_path, posts=Limit(0)).browser()
    return browser.post("/save", {"text": TYPED}), 429


def of_a_session(tmp_path):
    browser = limited(tmp_path, own_posts=Limit(1)).browser("amy")
    browser.get("/")
    browser.post("/save", {"text": TYPED})
    return browser.post("/save", {"text": TYPED}), 429


def of_an_error(tmp_path):
    browser = limited(tmp_path).browser("amy")
    browser.get("/")
    return browser.post("/gone", {"text": TYPED}), 410


def of_nobody(tmp_path):
    return limited(tmp_path).browser().post("/save", {"text": TYPED}), 401


def of_an_earlier_session(tmp_path):
    browser = limited(tmp_path).browser("amy")
    browser.csrf = "another"
    return browser.post("/save", {"text": TYPED}, origin=f"http://{HOST}"), 403


@pytest.mark.parametrize("way", [of_an_address, of_a_session, of_an_error, of_nobody, of_an_earlier_session])
def test_safety_31_whoever_is_turned_away_has_the_numbers_and_what_they_typed(tmp_path, way):
    answer, status = way(tmp_path)

    assert answer.status == status
    assert in_main(answer.text) >= OURS
    assert f'<p class="said">{TYPED}</p>' in unescape(answer.text)


@pytest.mark.parametrize("way", [of_an_address, of_a_session, of_nobody, of_an_earlier_session])
def test_what_was_turned_away_is_sent_again_from_the_page_that_says_so(tmp_path, way):
    page = unescape(way(tmp_path)[0].text)

    assert 'action="/save"' in page
    assert f'<input type="hidden" name="text" value="{TYPED}">' in page


@pytest.mark.parametrize("path", ["/nothing-there", "/upload/none"])
def test_safety_31_a_page_that_is_not_there_has_the_numbers_of_every_school_for_whoever_is_nobody(
    tmp_path, path
):
    schools = {each: a_school(each, name=f"{each.title()} School") for each in ("fernhill", "oakhill")}
    page = WebDesk(tmp_path, schools=schools).browser().get(path).text

    assert in_main(page) >= OURS
    assert "Whom to ring at Fernhill School" in page
    assert "Whom to ring at Oakhill School" in page


def test_safety_31_too_many_knocks_at_the_sign_in_have_the_numbers(tmp_path):
    answer = limited(tmp_path, sign_in=Limit(0)).browser().get("/sign-in")

    assert answer.status == 429
    assert in_main(answer.text) >= OURS


def test_a_film_sent_too_often_is_not_read_and_what_breaks_off_is_no_fault(tmp_path):
    browser = limited(tmp_path, posts=Limit(0)).browser()
    film = [("files", "film.mp4", b"x")]

    broken = browser.send("POST", "/save", b"\xff", content_type="application/x-www-form-urlencoded")

    assert browser.send_files("/save", {"text": TYPED}, film).status == 429
    assert broken.status == 429
