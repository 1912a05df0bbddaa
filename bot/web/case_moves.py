"""Everything that can be done with a case, as data: each move with its form, and how it is done."""

from bot.domain.cases import EventKind, Party, PartyRole
from bot.domain.views import Agency, ParentContact, Referral
from bot.errors import FormError
from bot.web import case_endings, case_fields
from bot.web.case_fields import At, Doing, Field, Kind, Option
from bot.web.case_forms import Group, Move, long_text, whom, why

CATEGORIES = ("pupil", "former pupil", "parent", "adult who works or helps here", "other", "not known")

_MADE_AT = Field("made_at", "When", Kind.MOMENT, "Leave it empty for now.", needed=False)
_OF = Field("of", "To the reporter of", Kind.ONE, options=case_fields.reporters, needed=False)


def _categories(_at: At) -> tuple[Option, ...]:
    return tuple((each, each.capitalize()) for each in CATEGORIES)


def _opens(_at: At) -> tuple[Option, ...]:
    return ("opens", "They may open the case and act"), ("told", "They are told that it exists, no more")


def _refer(at: Doing) -> object:
    agency, when = at.one("agency", Agency), at.moment("made_at")
    said = Referral(agency, when, at.text("to_whom"), at.text("reference"), at.text("text"))
    return at.work.refer(at.who, at.case, said)


def _parent(at: Doing) -> object:
    when = at.moment("made_at")
    said = ParentContact(at.text("with_whom"), when, at.text("how"), at.text("text"))
    return at.work.record_parent_contact(at.who, at.case, said)


def _person(at: Doing) -> object:
    role = at.one("role", PartyRole)
    party = Party(at.text("name"), role, at.text("handle"), at.text("category"), at.text("person"))
    return at.work.record_person(at.who, at.case, party)


def _share(at: Doing) -> object:
    how = at.text("how")
    if how not in ("opens", "told"):
        raise FormError({"how": "Say which of the two."})
    give = at.work.share if how == "opens" else at.work.tell
    return give(at.who, at.case, at.text("person"), at.text("reason"))


def _action(at: Doing) -> object:
    due = at.needed_day("due")
    return at.work.set_action(at.who, at.case, at.text("text"), at.text("owner"), due)


FIRST = (
    Move(
        "acknowledge",
        "Acknowledge",
        EventKind.ACKNOWLEDGED,
        "I have this case in hand",
        "Noted: you have this case in hand.",
        lambda at: at.work.acknowledge(at.who, at.case, at.seen),
        group=Group.FIRST,
    ),
    Move(
        "note",
        "Add a note",
        EventKind.NOTED,
        "Keep the note",
        "Noted.",
        lambda at: at.work.note(at.who, at.case, at.text("text")),
        (long_text("Note", hint="What was said and done; fact apart from opinion."),),
        Group.FIRST,
    ),
    Move(
        "reply",
        "Reply to the reporter",
        EventKind.REPLIED,
        "Send the reply",
        "Your reply is stored; the reporter is told that there is one.",
        lambda at: at.work.reply(at.who, at.case, at.text("text"), at.text("of")),
        (Field("text", "Reply", hint="One line. They read it under their own reports.", longest=280), _OF),
        Group.FIRST,
    ),
    Move(
        "ask",
        "Ask the reporter for more",
        EventKind.ASKED,
        "Send the question",
        "Your question is stored; the reporter is told that there is one.",
        lambda at: at.work.ask_reporter(at.who, at.case, at.text("text"), at.text("of")),
        (long_text("Question", hint="Only what they have or can see already. Nobody investigates."), _OF),
        Group.FIRST,
    ),
)
RECORD = (
    Move(
        "decide",
        "Record a decision",
        EventKind.DECIDED,
        "Record it",
        "The decision is recorded.",
        lambda at: at.work.decide(at.who, at.case, at.text("text"), at.text("reason"), at.seen),
        (
            long_text("What was decided"),
            why("Because"),
        ),
    ),
    Move(
        "action",
        "Set an action",
        EventKind.ACTION_SET,
        "Set it",
        "The action is set.",
        _action,
        (
            Field("text", "What is to be done", longest=1000),
            Field("owner", "Who does it", Kind.ONE, options=case_fields.not_out),
            Field("due", "By when", Kind.DAY),
        ),
    ),
    Move(
        "refer",
        "Record a referral",
        EventKind.REFERRED,
        "Record it",
        "The referral is recorded.",
        _refer,
        (
            Field("agency", "To", Kind.ONE, options=case_fields.each_of(Agency, LADO="LADO")),
            Field("to_whom", "Who there took it"),
            Field("reference", "Their reference", needed=False),
            _MADE_AT,
            Field("text", "What was said", Kind.TEXT, needed=False),
        ),
        hint="Staffroom sends nothing: make the referral yourself, then record it here.",
    ),
    Move(
        "parent",
        "Record a contact with a parent",
        EventKind.PARENT_CONTACT,
        "Record it",
        "The contact is recorded.",
        _parent,
        (
            Field("with_whom", "With whom"),
            Field("how", "How", hint="Such as by telephone."),
            _MADE_AT,
            long_text("What was said"),
        ),
    ),
    Move(
        "correct",
        "Correct a line",
        EventKind.CORRECTED,
        "Record the correction",
        "The correction is recorded; the line itself stays.",
        lambda at: at.work.correct(at.who, at.case, at.number("corrects"), at.text("text")),
        (Field("corrects", "Which line", Kind.ONE, options=case_fields.lines), long_text("What is right")),
        hint="Nothing is changed in what stands there: the correction is put beside it.",
    ),
)
PEOPLE = (
    Move(
        "assign",
        "Assign the case",
        EventKind.ASSIGNED,
        "Assign it",
        "The case is assigned.",
        lambda at: at.work.assign(at.who, at.case, at.text("person"), at.seen),
        (whom("To", case_fields.holders),),
        Group.PEOPLE,
    ),
    Move(
        "share",
        "Share with a colleague",
        EventKind.SHARED,
        "Share it",
        "It is shared; they are told.",
        _share,
        (
            whom("With", case_fields.colleagues),
            Field("how", "How much", Kind.EITHER, options=_opens),
            why(),
        ),
        Group.PEOPLE,
    ),
    Move(
        "person",
        "Record a person",
        EventKind.PERSON_RECORDED,
        "Record them",
        "The person is recorded.",
        _person,
        (
            Field("name", "Name", longest=200),
            Field("handle", "What they are called online", needed=False, longest=200),
            Field("role", "In this case they are", Kind.ONE, options=case_fields.each_of(PartyRole)),
            Field("category", "They are", Kind.ONE, options=_categories, needed=False),
            Field(
                "person",
                "If it is one of these, say who",
                Kind.ONE,
                options=case_fields.everybody,
                needed=False,
            ),
        ),
        Group.PEOPLE,
        "One of the school's people who is recorded as alleged can no longer open this case.",
    ),
    Move(
        "exclude",
        "Keep somebody out",
        EventKind.EXCLUDED,
        "Keep them out",
        "They can no longer open this case. Nobody tells them.",
        lambda at: at.work.exclude(at.who, at.case, at.text("person"), at.text("reason")),
        (whom("Whom", case_fields.not_out), why()),
        Group.PEOPLE,
        "At once, and whatever roles they hold. Nobody tells them.",
        danger=True,
    ),
    Move(
        "lift",
        "Let somebody in again",
        EventKind.LIFT_ASKED,
        "Ask for it",
        "It is recorded. Two people who are not kept out have to ask for it.",
        lambda at: at.work.lift_exclusion(at.who, at.case, at.text("person"), at.text("reason")),
        (whom("Whom", case_fields.kept_out), why()),
        Group.PEOPLE,
        "Two people who are not kept out have to ask, each with a reason.",
        when=lambda at: bool(at.view.access.excluded),
    ),
)
MOVES: tuple[Move, ...] = (*FIRST, *RECORD, *PEOPLE, *case_endings.MOVES)
SAID = {move.name: move.done for move in MOVES}
"""The code in the address after something was done → what the page says; never any words of a case."""
