"""A poster with the address of the page, for staff without chat: to print and to hang up."""

import io

import segno
from starlette.responses import Response

from bot.web.pages import Here, May, Page, show

SAMPLE = "in sample mode everybody at this computer, as whom they like; a phone does not get here"
ACCOUNT = "everybody with an account of this school, supply staff, trainees, coaches and volunteers too"
INVITED = "whoever was sent an invitation, with their e-mail address and a code"
"""Who gets in (SAFETY 31: guests of the school too)."""


def poster(here: Here) -> Response:
    """The poster."""
    return show(here, "poster.html", address=address(here), who=who(here))


def code(here: Here) -> Response:
    """Its QR code, black on white in dark rooms too, as a picture of its own."""
    drawn = io.BytesIO()
    segno.make(address(here), micro=False, error="m").save(drawn, kind="svg", scale=8, border=4, light="#fff")
    return Response(drawn.getvalue(), media_type="image/svg+xml")


def who(here: Here) -> str:
    """Who gets in at the address, as this Staffroom is set up."""
    if here.parts.sample:
        return SAMPLE
    account = here.parts.signing is not None and here.parts.signing.openid is not None
    return f"{ACCOUNT}; {INVITED}" if account else INVITED


def address(here: Here) -> str:
    """Where a phone is led: what is set for the desk, else the address of this very request."""
    scheme = "https" if here.parts.secure else "http"
    base = here.parts.url or f"{scheme}://{here.request.headers['host']}"
    return f"{base.rstrip('/')}/report"


PAGES = (
    Page("/poster", May.STAFF, get=poster),
    Page("/poster/code.svg", May.STAFF, get=code),
)
