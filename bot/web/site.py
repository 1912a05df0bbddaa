"""All pages, in the order of the menu."""

from bot.web import (
    asking,
    audit,
    case_doing,
    case_files,
    case_page,
    case_people,
    case_subject,
    cases,
    insights,
    mine,
    more_evidence,
    policies,
    poster,
    receipts,
    reporting,
    signin,
    upload_link,
)
from bot.web.pages import Page

CASES: tuple[Page, ...] = (
    *cases.PAGES,
    *case_page.PAGES,
    *case_people.PAGES,
    *case_doing.PAGES,
    *case_files.PAGES,
    *case_subject.PAGES,
)
REPORTS: tuple[Page, ...] = (
    *reporting.PAGES,
    *receipts.PAGES,
    *more_evidence.PAGES,
    *mine.PAGES,
    *poster.PAGES,
    *upload_link.PAGES,
)

LOOKING: tuple[Page, ...] = (*policies.PAGES, *insights.PAGES, *audit.PAGES)

PAGES: tuple[Page, ...] = (*signin.PAGES, *asking.PAGES, *REPORTS, *CASES, *LOOKING)
