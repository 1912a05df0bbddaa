"""The DSL's desk in a browser: cases filed into it, and somebody who has opened one."""

from dataclasses import replace

from bot.casework.room import Member
from bot.domain.evidence import Derivative, FileKind, Sighting
from bot.exporting import Exporting
from bot.packs.making import SignedPacks
from bot.web.app import web_app
from bot.web.site import PAGES
from tests.casework_builders import PNG
from tests.filing_desk import FakeDecoder
from tests.web_kit import WebDesk

WORKING = "working on the case"


class Pictures(FakeDecoder):
    """Finds a picture in every file, but a text where its name says so."""

    def look(self, upload):
        self.looked.append(upload.name)
        if upload.name.endswith(".txt"):
            text = b"Come to the park. <b>Tell nobody.</b>"
            return Sighting(FileKind.TXT, {}, (Derivative("1", "text/plain", text),))
        return Sighting(FileKind.PNG, {"pixels": "420 x 760"}, (Derivative("1", "image/png", PNG),))


class CaseDesk(WebDesk):
    """`WebDesk` whose files have something to look at, and which makes real packs."""

    def __init__(self, tmp_path, **changes):
        super().__init__(tmp_path, **changes)
        object.__setattr__(self.intake.receiving, "decoder", Pictures())
        packs = SignedPacks(self.store.roots.signing, sample=True, wider_faces=())
        exporting = Exporting(self.schools, self.store, self.vault, packs, self._open)
        self.web = replace(self.web, exporting=exporting)
        self.app = web_app(self.web, PAGES)

    def _open(self, school, person, case, reason):
        return self.web.casework.open_case(Member(school, person), case, reason)

    def opened(self, case, person="amy"):
        """Somebody's browser at the page of *case*, with the reason given."""
        browser = self.browser(person)
        browser.get(f"/cases/{case}")
        browser.post(f"/cases/{case}", {"reason": WORKING})
        browser.get(f"/cases/{case}")
        return browser

    def do(self, browser, case, move, **fields):
        """Send the form of *move* as the page has it now."""
        fields.setdefault("seen", self.head(case).version)
        return browser.post(f"/cases/{case}/{move}", fields)

    def view(self, case, person="amy"):
        """The case as casework has it."""
        return self.web.casework.open_case(Member("fernhill", person), case, WORKING)

    def audit(self, case=""):
        """The rows of the audit log about *case*, as (kind, actor, detail)."""
        with self.store.reading() as unit:
            rows = tuple(unit.audit_rows("fernhill"))
        return [(row.kind.value, row.actor, row.detail) for row in rows if row.case == case]
