"""Whole stories are slow: `.ci/run` runs them, the README's test command leaves them out."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


# Before pytest takes out what is slow.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
