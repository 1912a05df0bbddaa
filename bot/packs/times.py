"""Times and sizes as people read them."""

from datetime import datetime
from zoneinfo import ZoneInfo


def shown(at: datetime) -> str:
    """*at* on a clock in the United Kingdom, with its zone: "20 November 2026, 22:41:07 GMT"."""
    local = at.astimezone(ZoneInfo("Europe/London"))
    return f"{local.day} {local:%B %Y, %H:%M:%S %Z}"


def day(at: datetime) -> str:
    """The day of *at* in the United Kingdom: "2026-11-20"."""
    return at.astimezone(ZoneInfo("Europe/London")).date().isoformat()


def size(count: int) -> str:
    """*count* bytes in full, as a hash tool would show it: "1,234,567 bytes"."""
    return f"{count:,} bytes"
