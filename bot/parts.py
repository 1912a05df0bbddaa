"""The use cases, side by side: what every channel with signed-in people is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.answering import Answering
from bot.attaching import Attaching
from bot.casework.casework import Casework
from bot.domain.coach import Platforms
from bot.domain.form_types import FormDefinition
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.drafting import Drafting
from bot.intake import Intake
from bot.linking import Linking
from bot.ports import Clock
from bot.raising import Raising
from bot.recognising import Recognising
from bot.unplaced import Unplaced
from bot.wondering import Wondering


@dataclass(frozen=True, kw_only=True)
class UseCases:
    """Everything that a channel may do."""

    schools: Mapping[str, School]
    forms: Mapping[Form, FormDefinition]
    platforms: Platforms
    answering: Answering
    recognising: Recognising
    drafting: Drafting
    intake: Intake
    attaching: Attaching
    raising: Raising
    wondering: Wondering
    casework: Casework
    clock: Clock
    ready: Callable[[], bool]
    """Whether the policies are loaded, so that an answer takes no longer than it should."""
    poke: Callable[[], None]
    """Wakes the worker that sends notices; called after something was stored."""
    url: str = ""
    """Where people sign in to the desk, "" where there is none."""
    links_to: str = ""
    """Where upload links lead, "" where no page is served that could take files from outside a chat."""
    max_mb: int = 50
    """The largest file that is kept, in megabytes."""

    @property
    def unplaced(self) -> Unplaced:
        """Urgent messages of people whose school is unclear."""
        return Unplaced(self.recognising.store)

    @property
    def linking(self) -> Linking:
        """One-use links for files that a chat does not take."""
        return Linking(self.schools, self.recognising.store, self.attaching, self.clock)
