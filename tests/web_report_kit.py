"""Filling in a report at the pages as somebody in a browser does."""

import re
from html import unescape

from tests.web_kit import WebDesk

CONCERN = {
    "who": "Jo Marsh",
    "kind": "contact",
    "what": "Somebody keeps asking where she goes to school.",
    "where": "discord",
    "when": "2026-11-19",
}
REQUEST = {
    "who": "Jo Marsh",
    "sender": "pupil",
    "what": "request",
    "where": "instagram",
    "when": "2026-11-19",
}
FILE = ("files", "screen.png", b"a picture")


class Reporter:
    """One person's report at the pages; keeps the page that came back last."""

    def __init__(self, tmp_path, person="teacher", desk=None, **changes):
        self.desk = desk or WebDesk(tmp_path, **changes)
        self.browser = self.desk.browser(person)
        self.path, self.page = "", self.browser.get("/report")

    def begin(self, form="concern", words=""):
        """Begin a report; return the page with its questions."""
        self.path = self.browser.post("/report/begin", {"form": form, "words": words}).to
        return self.at(self.path)

    def at(self, path):
        self.page = self.browser.get(path)
        return self.page

    def next(self, gate="", do="next", path="", **answers):
        """Fill in *answers* where the page asks them, press a button, and follow where it leads."""
        fields = {f"a.{name}": value for name, value in answers.items()}
        fields |= {"asked": asked(self.page), "do": do} | ({"gate": gate} if gate else {})
        self.page = self.browser.follow(self.browser.post(path or self.path, fields))
        return self.page

    def send(self, *files, do="send", **ticks):
        """Send what stands on the page before sending; return the answer, and keep the page it leads to."""
        fields = {"ticks": "yes", "do": do, "shown": shown(self.page), **ticks}
        answer = self.browser.send_files(f"{self.path}/send", fields, files)
        self.page = self.browser.follow(answer)
        return answer

    def filed(self, *files, form="concern", gate="no", answers=None, **ticks):
        """File a whole report; return the number of the case."""
        self.begin(form)
        self.next(gate=gate, **(answers or (CONCERN if form == "concern" else REQUEST)))
        self.send(*files, **ticks)
        return self.case

    @property
    def case(self):
        """The number on the receipt."""
        return re.search(r'class="mono number">([^<]+)<', self.page.text)[1]

    @property
    def said(self):
        """The words of the page, as a reader has them."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.page.text)).split())

    def cases(self):
        """Every case that waits for somebody."""
        return {each.case for each in self.desk.waiting()}


def asked(page):
    """The questions that stand on *page* and are not hidden."""
    whole = re.sub(
        r"<fieldset class=\"question\"[^>]* hidden disabled>.*?</fieldset>", "", page.text, flags=re.S
    )
    return re.findall(r'name="asked" value="([^"]*)"', whole)


def shown(page):
    found = re.search(r'name="shown" value="([^"]*)"', page.text)
    return found[1] if found else ""


def takes_files(page):
    """Whether *page* has any control that takes a file, shown or hidden."""
    return 'type="file"' in page.text or "data-drop" in page.text


def told(page):
    """The names of who will hear of it."""
    part = re.search(r'<section class="card" aria-labelledby="who">(.*?)</section>', page.text, re.S)
    return re.findall(r"<li><strong>([^<]+)</strong>", part[1]) if part else []
