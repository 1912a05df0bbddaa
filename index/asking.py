"""What the shape of a question tells before its meaning is looked at. Pure."""

import re

_OPENING = (
    r"^(?:(?:hi|hello|hey|please|pls|ok|so|and|right)[ ,]+)*"
    r"(?:(?:can|could|will|would) (?:you|u) (?:please |pls )?|help me (?:to )?"
    r"|i (?:need|want) you to |i need (?:a|an|some) )?"
)
_WORK = (
    r"(?:write|draft|make (?:me|us|a|an)|create|design|translate|summari[sz]e|generate|give me|show me"
    r"|find me|recommend|suggest|tell me (?:a|how)|book|order|print|send me|schedule|set up|reset|unlock"
    r"|install|update|proof ?read|rewrite|calculate|convert|plan"
)
_HOW = (
    r"|how (?:do|can) (?:i|we|you) (?:make|reset|add|turn|set|change|get|fix|connect|log|use|create|upload"
    r"|find|download|unlock|block|mute|schedule|edit|install|share|move|print|book))\b"
)
_FOR_WORK = re.compile(_OPENING + _WORK + _HOW, re.I)


def asks_for_work(question: str) -> bool:
    """Whether *question* wants something done or explained ("write a caption"), which no policy rules on."""
    return bool(_FOR_WORK.search(question))
