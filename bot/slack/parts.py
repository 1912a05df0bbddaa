"""What the listeners are made of: the use cases, and the little that Slack alone needs."""

from dataclasses import dataclass

from bot.parts import UseCases
from bot.slack.who import Who


@dataclass(frozen=True, kw_only=True)
class Parts(UseCases):
    """Everything that a listener may use."""

    who: Who
