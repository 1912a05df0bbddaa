"""The page that somebody came for before they were asked to sign in: of ours, or the first one."""

import re
from urllib.parse import quote, unquote

from starlette.requests import Request

CAME_FOR = "staffroom-came-for"
"""The cookie in which a browser carries it through signing in."""
FIRST = "/"
LONGEST = 300
# A second slash at the beginning, or a backslash, would lead a browser to another site.
_OURS = re.compile(r"/(?:[a-z0-9][a-z0-9._~/-]*)?(?:\?[a-z0-9._~=&%+-]*)?", re.ASCII | re.IGNORECASE)


def written(request: Request) -> str:
    """The address of *request* as a cookie keeps it; "" for what nobody came for, such as a picture on it."""
    if request.headers.get("sec-fetch-dest", "document") != "document":
        return ""
    query = request.url.query
    return quote(ours(f"{request.url.path}?{query}" if query else request.url.path), safe="")


def read(cookie: str) -> str:
    """The address that *cookie* keeps; the first page for anything that is no address of ours."""
    return ours(unquote(cookie))


def ours(address: str) -> str:
    """*address* where it is a path of this site, else the first page: nobody is sent elsewhere by it."""
    return address if len(address) <= LONGEST and _OURS.fullmatch(address) else FIRST
