"""An urgent message of somebody whose school is unclear: held as it came, and raised once they chose."""

import logging
from dataclasses import asdict

from slack_sdk import WebClient

from bot.domain.membership import Sighting
from bot.errors import Gone, StoreBusy, StoreFailed
from bot.slack.parts import Parts
from bot.slack.payloads import Payload
from bot.slack.reading import Asked
from bot.slack.replying import Heard, Replying

_log = logging.getLogger(__name__)


def held(parts: Parts, payload: Payload) -> str:
    """The id under which the urgent message in *payload* is held; "" where it is none, or cannot be."""
    asked = payload.asked
    if asked is None or not payload.urgent:
        return ""
    try:
        return parts.unplaced.keep(asked.user, asked.id, asdict(asked))
    except (StoreBusy, StoreFailed) as error:
        _log.warning("unplaced.not_kept error=%s", type(error).__name__)
        return ""


def raised(parts: Parts, client: WebClient, sighting: Sighting, school: str, identity: str) -> Heard | None:
    """
    What was held under *identity*, raised at *school*, with one store write; None where nothing waits.

    Raises:
        Stranger: that school is not possible for them.
        StoreBusy, StoreFailed: it is not raised, and waits still.
    """
    try:
        said = parts.unplaced.get(identity, sighting.user)
    except Gone:
        return None
    known = parts.recognising.possible(sighting, school)
    heard = Replying(parts).of(known, Asked(**said), client)
    if heard.error and not heard.raised:
        raise heard.error
    return heard


def settle(parts: Parts, sighting: Sighting, school: str, identity: str) -> bool:
    """Remember the school, and forget the words that it has by now; whether the school is remembered."""
    try:
        parts.recognising.choose(sighting, school)
        parts.unplaced.placed(identity, sighting.user, school)
    except (StoreBusy, StoreFailed) as error:
        _log.warning("unplaced.not_settled id=%s error=%s", identity, type(error).__name__)
        return False
    return True
