"""Moving a case on: who has it, what is noted, done, decided and said to the reporter."""

from dataclasses import dataclass
from datetime import date

from bot.casework import words
from bot.casework.room import Entered, Member, Room, needed
from bot.domain.cases import Event, EventKind
from bot.domain.notices import NoticeKind
from bot.domain.views import ParentContact, Referral
from bot.errors import FormError, IllegalMove, NotAllowed

IN_PERSON = (
    "Nothing can be sent to this reporter from here: they told of their own slip, are kept out, or do not "
    "know of this case. Speak to them in person, if that is safe."
)
LONGEST_LINE = 280
"""How many characters a reply has at most."""
ONE_LINE = f"One line, at most {LONGEST_LINE} characters."


@dataclass(frozen=True)
class Moving(Room):
    """
    What holders do with a case.

    Each raises `UnknownCase` when it is not theirs, `IllegalMove` when it does not stand where that can be
    done, `FormError` for what was left blank, and, where it takes the version that was *seen*, `StaleCase`
    when somebody else did something since or there is no such version, and `IllegalMove` for somebody who
    has not opened the case (SAFETY 18).
    """

    def acknowledge(self, who: Member, case: str, seen: int) -> Event:
        """Take note of *case* from inside it: *seen* is the version of the view that was opened."""
        with self._entered(who, case, "acknowledge") as room:
            return room.happen(EventKind.ACKNOWLEDGED, {}, seen)

    def assign(self, who: Member, case: str, person: str, seen: int) -> Event:
        """Give *case* to *person*, who must be able to open it; else `NotAllowed`: share it first."""
        with self._entered(who, case, "assign") as room:
            if person not in room.access.full:
                raise NotAllowed(f"{case}: assign", "Only somebody who can open this case can take it.")
            event = room.happen(EventKind.ASSIGNED, {"person": person}, seen)
            if person != who.person:
                room.notify(NoticeKind.SHARED, person, event)
            return event

    def note(self, who: Member, case: str, text: str) -> Event:
        """Add a note; two people's notes are both kept."""
        body = needed(text=text)
        with self._entered(who, case, "note") as room:
            return room.happen(EventKind.NOTED, body)

    def decide(self, who: Member, case: str, text: str, reason: str, seen: int) -> Event:
        """Record a decision with its *reason*; Staffroom suggests none (SAFETY 19)."""
        body = needed(text=text, reason=reason)
        with self._entered(who, case, "decide") as room:
            return room.happen(EventKind.DECIDED, body, seen)

    def refer(self, who: Member, case: str, referral: Referral) -> Event:
        """Record a referral that was made: when, to whom, and under which reference, if there is one."""
        body = needed(to_whom=referral.to_whom) | {
            "agency": referral.agency.value,
            "made_at": referral.made_at.isoformat(),
            "reference": referral.reference.strip(),
            "text": referral.text.strip(),
        }
        with self._entered(who, case, "refer") as room:
            return room.happen(EventKind.REFERRED, body)

    def record_parent_contact(self, who: Member, case: str, contact: ParentContact) -> Event:
        """Record a contact with a parent or carer."""
        body = needed(with_whom=contact.with_whom, how=contact.how, text=contact.text)
        body |= {"made_at": contact.made_at.isoformat()}
        with self._entered(who, case, "parent contact") as room:
            return room.happen(EventKind.PARENT_CONTACT, body)

    def set_action(self, who: Member, case: str, text: str, owner: str, due: date) -> Event:
        """Record what *owner* is to do by *due*; its `seq` is the id of the action."""
        body = needed(text=text, owner=owner) | {"due": due.isoformat()}
        with self._entered(who, case, "set action") as room:
            if owner in room.access.excluded:
                raise NotAllowed(f"{case}: action", "An action cannot go to somebody who is kept out.")
            return room.happen(EventKind.ACTION_SET, body)

    def finish_action(self, who: Member, case: str, action: int, text: str) -> Event:
        """Record that the *action* is done, and with what result; `IllegalMove` when it was already."""
        body = needed(text=text) | {"action": action}
        with self._entered(who, case, "finish action") as room:
            _needs_open_action(room, action)
            return room.happen(EventKind.ACTION_DONE, body)

    def ask_reporter(self, who: Member, case: str, text: str, of: str = "") -> Event:
        """Ask the reporter for more; *of* is a case merged into this one, to ask its reporter."""
        body = needed(text=text)
        with self._entered(who, case, "ask the reporter") as room:
            return say(room, EventKind.ASKED, {**body, "of": of or case})

    def reply(self, who: Member, case: str, text: str, of: str = "") -> Event:
        """Say one line to the reporter; more than a line is a `FormError`."""
        body = one_line(text=text)
        with self._entered(who, case, "reply") as room:
            return say(room, EventKind.REPLIED, {**body, "of": of or case})

    def correct(self, who: Member, case: str, corrects: int, text: str) -> Event:
        """Put right what the event with the number *corrects* says; that event stays (SAFETY 21)."""
        body = needed(text=text) | {"corrects": corrects}
        with self._entered(who, case, "correct") as room:
            if not 1 <= corrects <= room.head.version:
                raise IllegalMove(f"{case}: correct", "There is no such line in this case.")
            return room.happen(EventKind.CORRECTED, body)


def one_line(**said: str) -> dict[str, str]:
    """As `needed`, for what is said to a reporter; raises `FormError` also for more than a short line."""
    stripped = needed(**said)
    long = {name: ONE_LINE for name, text in stripped.items() if "\n" in text or len(text) > LONGEST_LINE}
    if long:
        raise FormError(long)
    return stripped


def say(room: Entered, kind: EventKind, body: dict[str, str]) -> Event:
    """
    Say something to the reporter of the case in *body*, who is told that there is something to read.

    Raises:
        IllegalMove: the case does not stand where that can be done, or was not merged into this one.
        NotAllowed: that reporter is told nothing from here (SAFETY 16).
    """
    of = body["of"]
    if of not in (room.case, *room.view().merged_from):
        raise IllegalMove(f"{room.case}: of", "That case was not merged into this one.")
    told = Entered(room.unit, room.vault, room.school, room.actor, of)
    reporter = told.view().reporter
    theirs = [head.case for head in room.unit.reported_by(room.school.id, reporter.handle)]
    kept_out = reporter.person and reporter.person in room.access.excluded
    if of not in theirs or told.head.own_slip or kept_out:
        raise NotAllowed(f"{room.case}: reporter", IN_PERSON)
    event = room.happen(kind, body)
    notice = NoticeKind.REPORTER_ASKED if kind is EventKind.ASKED else NoticeKind.REPLY
    # The reporter knows the case under the number on their own receipt.
    told.notify(notice, f"reporter:{reporter.handle}", event)
    return event


def _needs_open_action(room: Entered, action: int) -> None:
    found = next((each for each in room.view().actions if each.id == action), None)
    if found is None:
        raise IllegalMove(f"{room.case}: action", "There is no such action in this case.")
    if found.done_at:
        by, at = words.by(room.school, found.done_by), words.at(found.done_at)
        raise IllegalMove(f"{room.case}: action", f"This action is done already (by {by}, {at}).")
