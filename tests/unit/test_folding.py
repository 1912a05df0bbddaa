"""Events of a case, and what they come to."""

from datetime import date, timedelta

from bot.domain.cases import Access, EventKind, Party, PartyRole, Status
from bot.domain.folding import access_of, fold, head_of, parties
from bot.domain.reports import Gate
from bot.domain.views import Advice, Agency
from tests.cases_builders import START, a_head
from tests.casework_builders import ITEM, events_of


def a_view(*said, locked=frozenset()):
    return fold(a_head(), Access(full=("amy",)), events_of(*said), locked)


def test_a_filed_case_shows_its_reporter_people_and_what_is_missing():
    view = a_view()

    assert view.reporter.name == "Rob Rook"
    assert view.parties == (Party("Pat", PartyRole.ALLEGED, "@pat", "pupil"),)
    assert view.missing == ("the address", "a screenshot")
    assert view.gate is Gate.NO


def test_what_the_reporter_adds_stands_beside_what_they_said_first():
    view = a_view((EventKind.ADDED, {"answers": {"when": "yesterday"}, "missing": ["the address"]}))

    assert view.answers == {"what": "a request", "when": "yesterday"}
    assert view.missing == ("the address",)


def test_what_cannot_be_had_is_missing_no_longer():
    view = a_view((EventKind.ADDED, {"cannot_get": "the address"}))

    assert (view.missing, view.cannot_get) == (("a screenshot",), ("the address",))


def test_a_grave_answer_at_the_gate_is_not_undone_by_a_later_one():
    view = a_view((EventKind.ADDED, {"gate": "not-sure"}), (EventKind.ADDED, {"gate": "no"}))

    assert view.gate is Gate.NOT_SURE
    assert view.sexual_abuse


def test_category_and_role_belong_to_each_person_and_the_last_ones_count():
    again = {"name": "pat", "role": "witness", "category": "former pupil"}

    found = parties(events_of((EventKind.PERSON_RECORDED, again)))

    assert found == (Party("pat", PartyRole.WITNESS, "", "former pupil"),)


def test_of_one_form_somebody_can_be_the_reporter_and_the_target():
    both = [{"name": "Rob", "role": "reporter"}, {"name": "Rob", "role": "target"}]

    found = parties(events_of((EventKind.ADDED, {"parties": both})))

    assert [party.role.value for party in found] == ["alleged", "reporter", "target"]


def test_evidence_shows_as_it_was_received():
    (item,) = a_view((EventKind.EVIDENCE_STORED, ITEM)).evidence

    assert (item.id, item.sha256, item.received_at) == ("e-1", "ab", START + timedelta(minutes=2))
    assert not item.locked


def test_a_lock_shows_whether_an_event_or_only_the_list_of_locks_says_so():
    by_event = a_view((EventKind.EVIDENCE_STORED, ITEM), (EventKind.EVIDENCE_LOCKED, {"item": "e-1"}))
    by_list = a_view((EventKind.EVIDENCE_STORED, ITEM), locked=frozenset({"e-1"}))

    assert [by_event.evidence[0].locked, by_list.evidence[0].locked] == [True, True]


def test_a_correction_is_a_new_event_and_what_it_corrects_stays():
    entries = a_view(
        (EventKind.NOTED, {"text": "Tuesday"}), (EventKind.CORRECTED, {"corrects": 2, "text": "Monday"})
    ).chronology

    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert entries[1].body == {"text": "Tuesday"}
    assert [each.body["text"] for each in entries[1].corrections] == ["Monday"]


def test_an_action_is_open_until_it_is_done():
    started = (EventKind.ACTION_SET, {"text": "Ring", "owner": "Eve", "due": "2026-11-25"})
    done = (EventKind.ACTION_DONE, {"action": 2, "text": "Rang"})

    (before,), (action,) = a_view(started).actions, a_view(started, done).actions

    assert (before.due, before.done_at) == (date(2026, 11, 25), None)
    assert (action.done_at, action.result) == (START + timedelta(minutes=3), "Rang")


def test_decisions_referrals_and_talks_with_parents_are_kept_apart():
    made_at = {"made_at": START.isoformat()}
    view = a_view(
        (EventKind.DECIDED, {"text": "Speak to class", "reason": "It spreads"}),
        (EventKind.REFERRED, {"agency": "lado", "to_whom": "Jo", "reference": "7", "text": ""} | made_at),
        (EventKind.PARENT_CONTACT, {"with_whom": "mother", "how": "rang", "text": "told"} | made_at),
    )

    assert [each.reason for each in view.decisions] == ["It spreads"]
    assert [(each.agency, each.reference) for each in view.referrals] == [(Agency.LADO, "7")]
    assert [(each.with_whom, each.made_at) for each in view.parent_contacts] == [("mother", START)]


def test_a_question_to_the_reporter_carries_its_answer():
    asked = (EventKind.ASKED, {"text": "Which app?", "of": "CASE-1"})

    (ask,) = a_view(asked, (EventKind.ADDED, {"asked": 2, "text": "Snapchat"})).asks

    assert (ask.text, ask.answer) == ("Which app?", "Snapchat")


def test_advice_about_a_locked_file_says_who_gave_it_and_when():
    body = {"item": "e-1", "adviser": "the police", "advice": "hand over", "given_at": START.isoformat()}

    (advice,) = a_view((EventKind.LOCK_ADVICE, body)).lock_advice

    assert (advice.adviser, advice.advice, advice.given_at) == ("the police", Advice.HAND_OVER, START)


def test_a_reopened_case_has_no_closing_and_no_retention():
    closing = (EventKind.CLOSED, {"type": "t", "until": "2030-01-01", "sexual_abuse": True})

    closed, reopened = a_view(closing), a_view(closing, (EventKind.REOPENED, {"reason": "more"}))

    assert (closed.kept.until, closed.sexual_abuse) == (date(2030, 1, 1), True)
    assert (reopened.closing, reopened.kept) == ({}, None)


def test_a_legal_hold_lasts_until_it_is_lifted():
    held = (EventKind.HELD, {"reason": "a court case"})

    assert a_view(held).held == "a court case"
    assert a_view(held, (EventKind.RELEASED, {"reason": "over"})).held == ""


def test_head_and_access_follow_from_the_events_alone():
    said = events_of((EventKind.OPENED, {}), (EventKind.SHARED, {"person": "ben", "opens": True}))

    assert head_of(a_head(), said).status is Status.OPENED
    assert access_of(Access(full=("amy",)), said).full == ("amy", "ben")
