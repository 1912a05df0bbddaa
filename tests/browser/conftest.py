"""The pages as they are served, a browser, and visitors who must see no fault in the end."""

import pytest

from tests.browser_kit import Visitor, chromium, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """`staffroom` itself, as one types it; its address. Nothing it logs may be a fault."""
    with serving(tmp_path_factory.mktemp("browser")) as (address, log):
        yield address
    said = log.read_text("utf-8")
    assert "Traceback" not in said
    assert "web.broke" not in said


# Its event loop would be in the way of other modules' own: one browser for each module, not for the session.
@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def visitor(browser, served):
    """Somebody new at the pages; in the end no page had an error or asked anybody but the server."""
    come = []

    def comes(**options):
        come.append(Visitor(browser, served, **options))
        return come[-1]

    yield comes
    for each in come:
        each.close()
    assert [fault for each in come for fault in each.faults] == []
