"""What a filled form says that decides who hears of it, read once for every channel. Pure."""

from dataclasses import dataclass

from bot.domain.cases import Party
from bot.domain.triage import Form


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that routing needs; *texts* are what the reporter wrote, to look for role holders in."""

    form: Form
    urgent: bool = False
    pupil_involved: bool = False
    """A pupil is target or alleged, or it is a concern about a child (SAFETY 13)."""
    about_adult: bool = False
    """About an adult who works or helps here (SAFETY 14)."""
    abuse_of_staff: bool = False
    own_slip: bool = False
    """About the reporter's own doing (SAFETY 16)."""
    radicalisation: bool = False
    parties: tuple[Party, ...] = ()
    texts: tuple[str, ...] = ()
