"""Cases with everything in them, made through the forms of the pages; and states that nobody wishes for."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta

from tests.browser_kit import DSL, GOVERNOR, HEAD, JO, a_screenshot, unfold

LONG = "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz-2026-11-21-screen.recording.final"
UNANSWERED = "Who may see the CCTV recordings of the playground?"
FOLLOWED = "Can I follow a parent?"
FILL = """([action, fields]) => {
    const path = each => (each.getAttribute('action') || '').split(/[?#]/)[0];
    const form = [...document.forms].find(each => path(each).endsWith(action));
    for (const [name, value] of Object.entries(fields)) {
        const field = form.elements.namedItem(name);
        if (field.type === 'checkbox') field.checked = true; else field.value = value;
    }
    form.noValidate = true;
    form.requestSubmit();
}"""


def day(passed):
    """The day *passed* days from now, as a field takes it."""
    return (date.today() + timedelta(days=passed)).isoformat()


def moves(item, other):
    """Each move that a case allows, with what is filled in, in an order in which all can be done."""
    return (
        ("acknowledge", {}),
        ("note", {"text": f"Spoke with the form tutor about {LONG}."}),
        ("reply", {"text": "Thank you, I have it."}),
        ("ask", {"text": "Which account was it?"}),
        ("decide", {"text": "No further contact", "reason": "It was one request."}),
        ("action", {"text": "Ring home", "owner": "cop-dsl", "due": day(1)}),
        ("finish", {"text": "They were in."}),
        ("action", {"text": f"Write to {LONG}", "owner": "cop-dsl", "due": day(-3)}),
        ("refer", {"agency": "lado", "to_whom": "duty officer", "reference": LONG, "text": "By telephone."}),
        ("parent", {"with_whom": "mother", "how": "by telephone", "text": "Told her."}),
        ("correct", {"corrects": "1", "text": "It was on Tuesday."}),
        ("assign", {"person": "cop-dsl"}),
        ("share", {"person": "cop-deputy", "how": "opens", "reason": "covers for me"}),
        ("person", {"name": "Pat Reed", "handle": LONG, "role": "witness", "category": "pupil"}),
        ("exclude", {"person": "cop-chair", "reason": "a relative"}),
        ("lift", {"person": "cop-chair", "reason": "no relative after all"}),
        ("link", {"other": other, "reason": "the same account"}),
        ("hold", {"reason": "the police asked"}),
        ("lock", {}),
        ("advice", {"adviser": "the police", "advice": "keep"}),
    )


def do(visitor, case, move, fields):
    """Send the form of *move* as it stands on the page of *case*."""
    with visitor.page.expect_navigation():
        visitor.page.evaluate(FILL, [f"/cases/{case}/{move}", fields])
    return visitor.page


def rich_pages(visit, look, notes):
    """Go to the pages of cases in which everything has happened, and of people with few rights or many."""
    jo, ruth = visit(), visit()
    jo.become(JO)
    case, other, twice = (_reported(jo, who) for who in ("Sam Pell", f"Sam {LONG}", "Sam Pell"))
    ruth.become(DSL)
    _done(ruth, case, other, look)
    _merged(ruth, case, twice, look)
    _closed(ruth, other, look)
    _not_saved(ruth, case, look, notes)
    _once_more(jo, look)
    _asked_in_vain(visit(), look, ruth)
    _lists(ruth, case, look)
    _for_few(visit, look)
    _over(ruth, other, look, notes)


def _reported(jo, who):
    return jo.report(("screen.png", a_screenshot()), (f"{LONG}.png", a_screenshot()), who=who)


def _done(ruth, case, other, look):
    ruth.open_case(case)
    for move, fields in moves("", other):
        page = do(ruth, case, move, fields)
        assert page.locator(".fault, .alert[role=alert]").all_inner_texts() == [], move
    look("/cases/{case} with everything", page)
    do(ruth, case, "decide", {"text": "", "reason": LONG})
    look("/cases/{case} refused", page)
    do(ruth, case, "note", {"text": " "})
    look("/cases/{case} refused note", page)
    for path in ("person/1", "subject-access", "export"):
        page.goto(f"/cases/{case}/{path}")
        look(f"/cases/{{case}}/{path} with everything", page)


def _merged(ruth, case, twice, look):
    ruth.open_case(twice)
    do(ruth, twice, "merge", {"other": case, "reason": "it was reported twice"})
    look("/cases/{case} merged", ruth.page)


def _closed(ruth, case, look):
    ruth.open_case(case)
    unfold(ruth.page, "Close the case")
    form = ruth.fill_closing()
    form.locator("[name=until]").fill(day(1))
    form.locator("[name=type]").select_option("contact-settled")
    ruth.press("Close it")
    look("/cases/{case} closed", ruth.page)


def _not_saved(ruth, case, look, notes):
    ruth.open_case(case)
    (store,) = notes.folder.rglob("staffroom.db")
    with closing(sqlite3.connect(store)) as other:
        other.execute("begin immediate")
        do(ruth, case, "note", {"text": f"Rang home about {LONG}."})
        look("/cases/{case} not saved", ruth.page)
        other.rollback()
    ruth.press("Send it again")
    ruth.page.locator(".timeline").wait_for()


def _once_more(jo, look):
    jo.begin()
    jo.fill_request(LONG)
    jo.context.clear_cookies()
    jo.answer_gate("No")
    look("/report/{draft} once more", jo.page)


def _asked_in_vain(jo, look, ruth):
    jo.become(JO)
    for _ in range(5):
        jo.page.goto("/")
        jo.ask(UNANSWERED)
        jo.page.goto("/")
        jo.ask(FOLLOWED)
        jo.press("No, it did not help")
    ruth.page.goto("/insights")
    look("/insights with topics", ruth.page)
    assert ruth.page.locator("#figure-unanswered, #figure-not-helpful").count() == 2
    assert ruth.page.locator("section[aria-labelledby=figure-not-helpful] td").count()
    assert ruth.page.locator("section[aria-labelledby=figure-unanswered] td").count()


def _lists(ruth, case, look):
    page = ruth.page
    for query in ("page=2", "whose=mine", "order=waiting&page=2", "status=closed"):
        page.goto(f"/cases?{query}")
        look(f"/cases of {query}", page)
    assert page.goto("/cases?page=2").ok
    assert page.get_by_role("navigation", name="Pages of the list").is_visible()
    page.locator("#name").fill("Sam Pell")
    ruth.press("Find")
    look("/cases found", page)


def _for_few(visit, look):
    for who, paths in ((GOVERNOR, ("/insights", "/cases", "/audit/openings")), (HEAD, ("/audit?page=2",))):
        person = visit()
        page = person.become(who)
        for path in paths:
            page.goto(path)
            look(f"{path} of {who}", page)
    assert page.get_by_text("Page 2 of").is_visible()


def _over(ruth, case, look, notes):
    notes.pass_by(3)
    page = ruth.become(DSL)
    page.goto("/cases/deletion")
    look("/cases/deletion with a case", page)
    assert page.get_by_text(case).is_visible()
    ruth.open_case(case)
    do(ruth, case, "delete", {"reason": "its time is over", "confirm": "yes"})
    look("/cases/{case} deleted", page)
