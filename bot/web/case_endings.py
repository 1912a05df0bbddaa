"""The moves that join cases, end them and decide what is kept, and those beside one file or action."""

from bot.domain import retention
from bot.domain.cases import EventKind
from bot.domain.closing import ADULT_OUTCOMES, Closing, Retention
from bot.domain.views import Advice, LockAdvice
from bot.errors import FormError
from bot.web import case_fields
from bot.web.case_fields import At, Doing, Field, Kind, Option
from bot.web.case_forms import Group, Move, long_text, why

_OTHER_CASE = "The number of the other case"


def _outcomes(_at: At) -> tuple[Option, ...]:
    return tuple((each, each.capitalize()) for each in ADULT_OUTCOMES)


_RETENTION = (
    Field(
        "type",
        "Type of record",
        Kind.ONE,
        "The times are defaults to decide from: your school decides.",
        case_fields.record_types,
    ),
    Field("until", "Last day it is kept", Kind.DAY, "Leave it empty for the type's own time.", needed=False),
    Field(
        "sexual_abuse",
        "Is sexual abuse of a child alleged?",
        Kind.EITHER,
        "If so, it never comes up for deletion by itself.",
        case_fields.yes_or_no,
    ),
)
_CLOSING = (
    long_text("What happened", "summary"),
    long_text("How it was followed up", "followed_up"),
    long_text("What was done", "action"),
    Field("outcome", "How it ended", Kind.ONE, options=_outcomes, adult=True),
    long_text("How it ended", "outcome", adult=False),
    long_text("The reasons for that", "reasons"),
    Field("filed_where", "Where the school's file of record holds it", needed=False),
    Field("not_filed_because", "Or why it is in no file of record", needed=False),
    *_RETENTION,
)


def _retention(at: Doing) -> Retention:
    return Retention(at.text("type"), at.either("sexual_abuse"), at.day("until"))


def _close(at: Doing) -> object:
    texts = {each.name: at.text(each.name) for each in _CLOSING if each not in _RETENTION}
    return at.work.close(at.who, at.case, Closing(**texts, retention=_retention(at)), at.seen)


def _delete(at: Doing) -> object:
    if at.text("confirm") != "yes":
        raise FormError({"confirm": "Tick it to confirm that the case is deleted for good."})
    return at.work.confirm_deletion(at.who, at.case, at.text("reason"))


def _advice(at: Doing) -> object:
    advice, when = at.one("advice", Advice), at.moment("given_at")
    said = LockAdvice(at.text("id"), at.text("adviser"), advice, when)
    return at.work.record_lock_advice(at.who, at.case, said)


def _other(at: Doing) -> str:
    return at.text("other").strip().upper()


OTHERS = (
    Move(
        "link",
        "Link another case",
        EventKind.LINKED,
        "Link it",
        "The cases are linked.",
        lambda at: at.work.link(at.who, at.case, _other(at), at.text("reason")),
        (Field("other", _OTHER_CASE, longest=40), why()),
        Group.OTHERS,
    ),
    Move(
        "merge",
        "Carry it on in another case",
        EventKind.MERGED,
        "Merge it",
        "It is carried on in the other case.",
        lambda at: at.work.merge(at.who, at.case, _other(at), at.text("reason"), at.seen),
        (Field("other", _OTHER_CASE, longest=40), why()),
        Group.OTHERS,
        "For what was reported twice. What stands here stays; work goes on there.",
    ),
)
END = (
    Move(
        "close",
        "Close the case",
        EventKind.CLOSED,
        "Close it",
        "The case is closed.",
        _close,
        _CLOSING,
        Group.END,
    ),
    Move(
        "reopen",
        "Open it again",
        EventKind.REOPENED,
        "Open it again",
        "The case is open again.",
        lambda at: at.work.reopen(at.who, at.case, at.text("reason")),
        (why(),),
        Group.END,
    ),
    Move(
        "retention",
        "Decide how long it is kept",
        EventKind.CATEGORISED,
        "Record it",
        "How long it is kept is recorded.",
        lambda at: at.work.set_retention(at.who, at.case, _retention(at), at.seen),
        _RETENTION,
        Group.END,
    ),
    Move(
        "hold",
        "Set a legal hold",
        EventKind.HELD,
        "Set it",
        "A legal hold is set: nothing is deleted.",
        lambda at: at.work.hold(at.who, at.case, at.text("reason")),
        (why(),),
        Group.END,
        "It stops any deletion.",
        when=lambda at: not at.view.held,
    ),
    Move(
        "release",
        "Lift the legal hold",
        EventKind.RELEASED,
        "Lift it",
        "The legal hold is lifted.",
        lambda at: at.work.release(at.who, at.case, at.text("reason")),
        (why(),),
        Group.END,
        when=lambda at: bool(at.view.held),
    ),
    Move(
        "delete",
        "Delete it under a certificate",
        EventKind.DELETED,
        "Delete it for good",
        "It is deleted.",
        _delete,
        (why(), Field("confirm", "Everything in this case is deleted for good", Kind.TICK)),
        Group.END,
        "Its time is over. What is left is a certificate: that it was there, and the hashes.",
        danger=True,
        when=lambda at: retention.is_over(at.view, at.today),
    ),
)
BESIDE = (
    Move(
        "finish",
        "Done",
        EventKind.ACTION_DONE,
        "It is done",
        "The action is done.",
        lambda at: at.work.finish_action(at.who, at.case, at.number("id"), at.text("text")),
        (Field("text", "What came of it", longest=1000),),
        Group.BESIDE,
    ),
    Move(
        "lock",
        "This may be an indecent image",
        EventKind.EVIDENCE_LOCKED,
        "This may be an indecent image: lock it",
        "The file is locked. Nobody opens, copies, sends, saves or deletes it. Record who advises what.",
        lambda at: at.work.lock(at.who, at.case, at.text("id")),
        group=Group.BESIDE,
        danger=True,
    ),
    Move(
        "advice",
        "Record what was advised about it",
        EventKind.LOCK_ADVICE,
        "Record it",
        "The advice is recorded.",
        _advice,
        (
            Field("adviser", "Who advised it"),
            Field("advice", "What they advised", Kind.ONE, options=case_fields.each_of(Advice)),
            Field("given_at", "When", Kind.MOMENT, "Leave it empty for now.", needed=False),
        ),
        Group.BESIDE,
    ),
)
MOVES = (*OTHERS, *END, *BESIDE)
