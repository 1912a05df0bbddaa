"""Everything that can be done with a case, in one place for the channels."""

from dataclasses import dataclass

from bot.casework.ending import Ending
from bot.casework.evidence import Evidence
from bot.casework.joining import Joining
from bot.casework.looking import Looking
from bot.casework.moving import Moving
from bot.casework.people import People
from bot.casework.relating import Relating
from bot.casework.reporting import Reporting
from bot.casework.saving import Saving


@dataclass(frozen=True)
class Casework(Looking, Moving, Saving, People, Joining, Relating, Evidence, Ending, Reporting):
    """What holders and reporters do; every call checks who asks, and leaves a row in the audit log."""
