"""Saving what somebody filled in inside a case: all of it or nothing, and the same only once."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from bot.casework.moving import one_line, say
from bot.casework.room import Entered, Member, Room, needed
from bot.domain.cases import Event, EventKind
from bot.errors import FormError, IllegalMove, NotAllowed, StaleCase
from bot.ports import StoredRequest

ACKNOWLEDGE, REPLY, NOTE = "acknowledge", "reply", "note"
"""What can be filled in, in the order in which it is done; and the keys of what `save` refuses."""
NOTHING = "Nothing is filled in, so nothing was saved."


@dataclass(frozen=True, slots=True)
class Saved:
    """What somebody filled in inside a case and saves with one press; a blank text is left out."""

    request_id: str
    """The same for every press on one screen: the id that the channel gives the screen."""
    seen: int
    """The version of the view that was opened."""
    acknowledge: bool
    reply: str = field(default="", repr=False)
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class Saving(Room):
    """What holders save with one press."""

    def save(self, who: Member, case: str, saved: Saved) -> tuple[Event, ...]:
        """
        Acknowledge, reply and note as *saved* says, in one unit of work: all of it or nothing (SAFETY 20).

        Return what happened now. What is stored already under the same id and version is left out, so that
        another press stores only what was changed; an acknowledgement of theirs that stands is left out too.

        Raises:
            UnknownCase, CaseDeleted: as for every look at a case.
            FormError: why something cannot be done, by its name above, as `Moving` says it; or that nothing
                is filled in.
            StoreBusy, StoreFailed: nothing was stored.
        """
        asked, events, name = _asked(saved), [], ""
        try:
            with self._entered(who, case, "save") as room:
                for name in _new(room, saved, asked):
                    events.append(_done(room, name, asked[name], saved.seen))
        except (StaleCase, IllegalMove, NotAllowed) as error:
            raise FormError({name: error.user_message}) from error
        return tuple(events)


def _asked(saved: Saved) -> dict[str, str]:
    """What is filled in, in the order in which it is done, each with its text."""
    asked = {ACKNOWLEDGE: ""} if saved.acknowledge else {}
    asked |= one_line(reply=saved.reply) if saved.reply.strip() else {}
    asked |= needed(note=saved.note) if saved.note.strip() else {}
    if not asked:
        raise FormError(dict.fromkeys((ACKNOWLEDGE, REPLY, NOTE), NOTHING))
    return asked


def _new(room: Entered, saved: Saved, asked: Mapping[str, str]) -> Iterator[str]:
    """The name of each of *asked* that is still to be done; if it is, the same is not done again."""
    named = f"saving:{room.case}:{room.actor}:{saved.request_id}"
    stored = {each.digest for each in room.unit.requests(room.school.id, named)}
    for name, text in asked.items():
        digest = sha256(json.dumps([saved.seen, name, text]).encode()).hexdigest()
        if digest in stored or (name == ACKNOWLEDGE and _stands(room)):
            continue
        room.unit.remember(room.school.id, named, StoredRequest(digest, room.case))
        yield name


def _stands(room: Entered) -> bool:
    """Whether the actor has acknowledged the case already, and nobody reopened it since."""
    kinds = (EventKind.ACKNOWLEDGED, EventKind.REOPENED)
    last = [event for event in room.unit.events(room.case) if event.kind in kinds][-1:]
    theirs = [(event.kind, event.actor) for event in last] == [(EventKind.ACKNOWLEDGED, room.actor)]
    return theirs and room.head.acknowledged_at is not None


def _done(room: Entered, name: str, text: str, seen: int) -> Event:
    if name == ACKNOWLEDGE:
        return room.happen(EventKind.ACKNOWLEDGED, {}, seen)
    if name == REPLY:
        return say(room, EventKind.REPLIED, {"text": text, "of": room.case})
    return room.happen(EventKind.NOTED, {"text": text})
