"""A school whose files come by one-use links, a report of Jo's at it, and somebody who presses for a link."""

from bot.domain.cases import EventKind
from tests.casework_builders import audit
from tests.slack_desk import SLACK
from tests.slack_kit import JO
from tests.slack_reports import CONCERN, Reporting, button_in, one, text
from tests.web_kit import Browser, WebDesk

ADDRESS = "http://127.0.0.1:8000"
HANDLE = "jo.mint@fernhill.example.org"
CANARY = "Heliotrope-canary"
WORRY = {**CONCERN, "what": text(CANARY)}


class Linked:
    """A report of Jo's in Slack, at a school that takes files in the browser, and links to it."""

    def __init__(self, tmp_path, evidence="web", links_to=None, report=(WORRY, "/concern"), **changes):
        slack = {**SLACK, "evidence": evidence}
        host = next(iter(changes.get("hosts", ())), "127.0.0.1:8000")
        self.address = f"http://{host}" if links_to is None else links_to
        self.desk = WebDesk(tmp_path, slack=slack, links_to=self.address, **changes)
        self.jo = Reporting(self.desk)
        self.jo.sent(*report, gate=one("no"))
        with self.desk.store.reading() as unit:
            self.case = unit.reported_by("fernhill", HANDLE)[0].case

    @property
    def app(self):
        return self.desk.app

    def pressed(self, user=JO):
        """The view that "More evidence" opens."""
        self.jo.bench.press("report.more", f"fernhill {self.case}", user)
        return self.jo.opened()

    def link(self):
        """The path of a new link."""
        button = button_in(self.pressed(), "Add files")
        assert button["url"].startswith(f"{self.address}/upload/")
        return button["url"].removeprefix(self.address)

    def answered(self, said="no"):
        """A link whose question was answered, the browser in which it was, and the page that came then."""
        path, browser = self.link(), self.browser()
        browser.get(path)
        return path, browser, browser.follow(browser.post(path, {"gate": said}))

    def browser(self):
        return Browser(self.desk.app, clock=self.desk.clock)

    def files(self):
        return [each.body["sha256"] for each in self.stored()]

    def stored(self):
        return [each for each in self.desk.events(self.case) if each.kind is EventKind.EVIDENCE_STORED]

    def audit(self):
        """What the audit log says of links to the case."""
        return [
            (kind, detail)
            for kind, _, case, detail in audit(self.desk)
            if case == self.case and "link" in detail
        ]
