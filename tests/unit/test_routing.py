"""Who hears of a case: every shape of school, every person concerned, every form."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations, product

import pytest

from bot.domain.cases import Access, Party, PartyRole
from bot.domain.facts import Facts
from bot.domain.routing import (
    COVERS,
    ON_SHARING,
    RECEIVES,
    TOLD_NEXT,
    Hearer,
    cover,
    decide,
    heard_by,
    next_to_tell,
    without,
)
from bot.domain.triage import Form
from tests.fakes import PLAIN_SCHOOL, a_school

TUESDAY = datetime(2026, 11, 3, 10, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 7, 10, tzinfo=UTC)
HALF_TERM = datetime(2026, 10, 28, 10, tzinfo=UTC)
TERMS = {"terms": [["2026-09-02", "2026-10-23"], ["2026-11-02", "2026-12-18"]]}
PEOPLE = [
    {"id": each, "name": f"{each.title()} {each[::-1].title()}", "email": f"{each}@example.org"}
    for each in ("amy", "ben", "cat", "dan", "eve", "fay", "gus")
]
TRUST = {
    "dsl": ["amy"],
    "deputy_dsl": ["ben"],
    "head": ["cat"],
    "chair": ["dan"],
    "trust_lead": ["eve"],
    "leadership": ["fay"],
}
CHILD = Facts(Form.CONCERN, pupil_involved=True)
ADULT = Facts(Form.ADULT_CONCERN, about_adult=True)
ABUSE = Facts(Form.TROLLING, abuse_of_staff=True)
SLIP = Facts(
    Form.FRIEND_REQUEST,
    pupil_involved=True,
    own_slip=True,
    parties=(Party("Gus Sug", PartyRole.REPORTER, person="gus"),),
)


def a_shape(people, routing=None, cover=None, hours=None, **contacts):
    return a_school(
        person=PEOPLE,
        people=people,
        routing=routing,
        cover=cover,
        hours=hours,
        contacts={**PLAIN_SCHOOL["contacts"], **contacts},
    )


def every_form(to, clause="", copy=()):
    route = {"to": list(to), "copy": list(copy), "clause": clause}
    return {form.value: route for form in Form}


SHAPES = {
    "plain": a_shape({role: TRUST[role] for role in ("dsl", "deputy_dsl", "head", "chair")}),
    "a trust with a lead": a_shape(TRUST, every_form(["dsl"], "4.1"), trust_lead="01632 960309"),
    "the head is the DSL": a_shape(
        {"dsl": ["cat"], "deputy_dsl": ["ben"], "head": ["cat"], "chair": ["dan"]}
    ),
    "one person is head, DSL and deputy": a_shape(
        {"dsl": ["cat"], "deputy_dsl": ["cat"], "head": ["cat"], "chair": ["dan"]}
    ),
    "no deputy, and the chair is the governor": a_shape(
        {"dsl": ["amy"], "head": ["cat"], "chair": ["dan"], "safeguarding_governor": ["dan"]}
    ),
    "the policy names others": a_shape(
        {**TRUST, "leadership": ["fay", "ben"]}, every_form(["leadership"], "10.1", ["dsl", "chair"])
    ),
    "others are named, by no clause": a_shape(TRUST, every_form(["leadership", "dsl"], copy=["leadership"])),
    "two DSLs and two heads": a_shape(
        {"dsl": ["amy", "ben"], "head": ["cat", "fay"], "chair": ["dan"]}, every_form(["head"], "9.5")
    ),
    "the chair is a DSL and the deputy is the head": a_shape(
        {
            "dsl": ["amy", "dan"],
            "deputy_dsl": ["cat"],
            "head": ["cat"],
            "chair": ["dan"],
            "trust_lead": ["dan"],
        }
    ),
    "leadership covers": a_shape(TRUST, cover={"weekend": "leadership", "holidays": "chair"}),
}


@dataclass(frozen=True)
class Setting:
    """One line of the enumeration, and what any right answer must respect."""

    school: object
    facts: Facts
    concerned: frozenset
    absent: frozenset

    def free(self, *roles):
        held = {person for role in roles for person in self.school.roles.get(role, ())}
        return held - self.concerned - self.slipped

    @property
    def slipped(self):
        return {party.person for party in self.facts.parties if self.facts.own_slip}

    @property
    def adult(self):
        return self.facts.about_adult or self.facts.form is Form.ADULT_CONCERN


def all_facts(school):
    flags = ("", "about_adult", "abuse_of_staff", "radicalisation")
    for form, pupil, flag in product(Form, (True, False), flags):
        yield Facts(form, pupil_involved=pupil, **({flag: True} if flag else {}))
    for pupil, reporter in product((True, False), role_holders(school)):
        party = Party("", PartyRole.REPORTER, person=reporter)
        yield Facts(Form.FRIEND_REQUEST, pupil_involved=pupil, own_slip=True, parties=(party,))


def role_holders(school):
    return sorted({person for held in school.roles.values() for person in held})


def settings(school):
    people = role_holders(school)
    subsets = [frozenset(each) for size in range(4) for each in combinations(people, size)]
    away = [frozenset(), *(frozenset({person}) for person in people), frozenset(people)]
    for facts, concerned, absent in product(all_facts(school), subsets, away):
        yield Setting(school, facts, concerned, absent)


def faults(at, decision):
    """What is wrong with *decision*, by the rules and not by how it was reached."""
    access, out = decision.access, at.concerned | at.slipped
    every = [*access.full, *access.chain, *decision.standing_in]
    if {*every, *access.copies} & out or not out <= set(access.excluded):
        yield "SAFETY 15: somebody concerned would hear of it, or is not kept out"
    if len(every) != len(set(every)) or set(access.full) & set(access.copies):
        yield "one person twice"
    if decision.nobody_left != (not access.full) or (not access.full and access.copies):
        yield "what is said of nobody being left is wrong"
    yield from silence(at, access)
    yield from adult_faults(at, access) if at.adult else other_faults(at, access)


def silence(at, access):
    full, told = set(access.full), {*access.full, *access.chain}
    ladder = at.free("head", "chair", "trust_lead", *(() if at.adult else ("dsl", "deputy_dsl")))
    if not ladder <= told:
        yield "SAFETY 18: somebody safe is never told"
    if ladder and not full:
        yield "SAFETY 18: nobody is told at once"
    if ladder - at.absent and not full - at.absent:
        yield "SAFETY 9: somebody present could have been told at once"
    if not told - at.absent and not access.outside:
        yield "SAFETY 31: nobody is there and no number is shown"


def adult_faults(at, access):
    told = {*access.full, *access.chain}
    heads = set(at.school.roles["head"])
    if told - at.free("head", "chair", "trust_lead") or access.copies:
        yield "SAFETY 14: somebody outside the chain would hear of an adult"
    if not heads & {*at.concerned, *at.slipped, *at.absent} and set(access.full) != heads:
        yield "SAFETY 14: it does not go to the head alone"
    if heads & {*at.concerned, *at.slipped} and at.free("chair") - heads and access.full[0] in heads:
        yield "SAFETY 14: about a head, and not to the chair"
    if "lado" not in access.outside:
        yield "SAFETY 14: no number of the LADO"


def other_faults(at, access):
    full, leads = set(access.full), at.free("dsl", "deputy_dsl")
    if (at.facts.pupil_involved or at.facts.radicalisation) and leads:
        if not leads & full:
            yield "SAFETY 13: neither DSL nor deputy hears of a child"
        if leads - at.absent and not leads & full - at.absent:
            yield "SAFETY 9: the DSL is away and no deputy there is told"
    route = at.school.routing.get(at.facts.form)
    if route and not at.free(*route.to) <= full:
        yield "SAFETY 13: somebody whom the policy adds is left out"
    if (at.facts.abuse_of_staff or at.facts.own_slip) and not at.free("head") <= full:
        yield "SAFETY 13, 16, 32: the head does not hear of it"
    if at.facts.radicalisation and "prevent" not in access.outside:
        yield "SAFETY 17: no Prevent contact"


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_safety_12_to_18_hold_for_every_role_person_form_and_absence(shape):
    school = SHAPES[shape]
    on = SATURDAY if school.cover else TUESDAY

    wrong = {
        (fault, setting.facts, setting.concerned, setting.absent)
        for setting in settings(school)
        for fault in faults(setting, decide(school, setting.facts, setting.concerned, on, setting.absent))
    }

    assert sorted(wrong, key=str)[:3] == []


def full(school, facts, *concerned, on=TUESDAY, absent=()):
    return decide(school, facts, concerned, on, absent).access.full


def test_safety_13_a_concern_about_a_child_goes_to_the_dsl_and_along_the_ladder():
    decision = decide(SHAPES["a trust with a lead"], CHILD, (), TUESDAY)

    assert decision.access == Access(full=("amy",), chain=("ben", "cat", "dan", "eve"))
    assert (decision.clause, decision.policy_decides, decision.nobody_left) == ("4.1", True, False)


def test_safety_13_the_policy_adds_people_and_the_dsl_comes_first():
    assert full(SHAPES["the policy names others"], CHILD) == ("amy", "fay", "ben")


def test_safety_13_a_deputy_has_it_in_full_where_the_dsl_is_concerned():
    assert full(SHAPES["plain"], CHILD, "amy") == ("ben",)


def test_safety_13_where_dsl_and_deputy_are_concerned_the_head_has_it():
    assert full(SHAPES["plain"], CHILD, "amy", "ben") == ("cat",)


def test_safety_13_abuse_of_staff_goes_to_whom_the_policy_names_and_to_the_employer():
    assert full(SHAPES["the policy names others"], ABUSE) == ("fay", "ben", "cat")


def test_safety_13_abuse_of_staff_without_a_clause_reaches_the_head_in_full():
    assert full(SHAPES["plain"], ABUSE) == ("amy", "cat")


def test_safety_13_abuse_of_staff_by_a_pupil_reaches_the_dsl_whatever_the_policy_says():
    assert "amy" in full(SHAPES["the policy names others"], replace(ABUSE, pupil_involved=True))


def test_safety_13_a_concerned_head_hears_nothing_of_abuse_of_staff():
    assert full(SHAPES["plain"], ABUSE, "cat") == ("amy",)


def test_safety_13_the_receipt_says_when_no_clause_decides():
    decision = decide(SHAPES["plain"], CHILD, (), TUESDAY)

    assert decision.words == ("No clause of the school's policy says who hears of this.",)
    assert (decision.clause, decision.policy_decides) == ("", False)


def test_safety_14_a_concern_about_an_adult_goes_to_the_head_alone_whatever_the_setting():
    school = a_shape(TRUST, every_form(["dsl", "head", "chair"], "15.3", ["leadership"]))

    access = decide(school, ADULT, (), TUESDAY).access

    assert access == Access(full=("cat",), chain=("dan", "eve"), outside=("lado",))


def test_safety_14_a_clause_that_sends_it_to_the_dsl_is_not_said_to_decide():
    decision = decide(SHAPES["a trust with a lead"], ADULT, (), TUESDAY)

    assert (decision.clause, decision.policy_decides) == ("", False)


def test_safety_14_about_the_head_it_goes_to_the_chair():
    access = decide(SHAPES["the head is the DSL"], ADULT, ["cat"], TUESDAY).access

    assert access == Access(full=("dan",), excluded=("cat",), outside=("lado",))


def test_safety_14_about_one_of_two_heads_the_chair_has_it_before_the_other_head():
    access = decide(SHAPES["two DSLs and two heads"], ADULT, ["cat"], TUESDAY).access

    assert (access.full, access.chain) == (("dan",), ("fay",))


def test_safety_14_where_nobody_safe_is_left_the_lado_s_number_is_shown_and_the_dsl_not_told():
    decision = decide(SHAPES["plain"], ADULT, ["cat", "dan"], TUESDAY)

    assert decision.access.full == decision.access.chain == ()
    assert decision.access.outside == ("lado", "social_care", "social_care_out_of_hours")
    assert decision.nobody_left
    assert any(words.startswith("Nobody in school is left") for words in decision.words)


def test_safety_14_the_number_of_a_concerned_trust_lead_is_not_shown():
    school = SHAPES["a trust with a lead"]

    assert "trust_lead" not in decide(school, ADULT, ["cat", "dan", "eve"], TUESDAY).access.outside


def test_the_trust_s_number_is_shown_where_nobody_in_school_is_left():
    people = {"dsl": ["amy"], "head": ["cat"], "chair": ["dan"]}
    school = a_shape(people, trust_lead="01632 960309")

    assert "trust_lead" in decide(school, ADULT, ["cat", "dan"], TUESDAY).access.outside


def test_a_school_without_any_number_still_says_whom_to_ring():
    school = a_school(contacts={})

    decision = decide(school, CHILD, ["amy", "ben", "cat", "dan"], TUESDAY)

    assert decision.nobody_left
    assert decision.access.outside == ("social_care", "lado")


def test_safety_15_whoever_the_report_alleges_something_of_is_kept_out_unasked():
    facts = replace(CHILD, parties=(Party("Amy", PartyRole.ALLEGED, person="amy"),))

    assert full(SHAPES["plain"], facts) == ("ben",)


def test_a_target_or_witness_is_not_kept_out_unless_ticked():
    facts = replace(CHILD, parties=(Party("Amy", PartyRole.TARGET, person="amy"),))

    assert full(SHAPES["plain"], facts) == ("amy",)


def test_safety_15_a_person_is_kept_out_under_any_handle():
    assert full(SHAPES["plain"], CHILD, "AMY@example.org") == ("ben",)


def test_safety_15_somebody_without_a_role_is_kept_out_by_the_handle_they_have():
    assert decide(SHAPES["plain"], CHILD, ["U0STRANGER"], TUESDAY).access.excluded == ("U0STRANGER",)


def test_safety_16_a_slip_goes_where_the_policy_says_and_to_the_head_and_not_to_the_reporter():
    decision = decide(SHAPES["a trust with a lead"], SLIP, (), TUESDAY)

    assert decision.access.full == ("amy", "cat")
    assert decision.access.excluded == ("gus",)
    assert any("right thing" in words for words in decision.words)


def test_safety_16_of_the_head_s_own_slip_the_chair_hears():
    facts = replace(SLIP, parties=(Party("", PartyRole.REPORTER, person="cat"),))

    assert full(SHAPES["plain"], facts) == ("amy", "dan")


def test_a_dsl_who_files_a_concern_may_hold_it():
    facts = replace(CHILD, parties=(Party("", PartyRole.REPORTER, person="amy"),))

    assert full(SHAPES["plain"], facts) == ("amy",)


def test_safety_17_radicalisation_goes_to_the_dsl_with_the_prevent_contact():
    school = a_shape(TRUST, every_form(["leadership"], "7.1"), prevent="01632 960308")
    facts = Facts(Form.CONCERN, radicalisation=True)

    access = decide(school, facts, (), TUESDAY).access

    assert (access.full, access.outside) == (("amy", "fay"), ("prevent",))


def test_safety_18_the_chain_starts_after_the_first_recipients_and_comes_round_to_the_others():
    access = decide(a_shape(TRUST, every_form(["head"], "9.5")), ABUSE, (), TUESDAY).access

    assert access.chain == ("dan", "eve", "amy", "ben")


def test_safety_18_the_next_to_tell_skips_the_told_and_the_excluded():
    access = Access(full=("amy",), chain=("ben", "cat", "dan"), excluded=("cat",))

    assert next_to_tell(access, {"ben"}) == "dan"
    assert next_to_tell(access, {"ben", "dan"}) == ""


def test_safety_9_an_absent_dsl_keeps_it_and_a_deputy_is_told_at_once():
    decision = decide(SHAPES["plain"], CHILD, (), TUESDAY, ["amy"])

    assert (decision.access.full, decision.access.chain) == (("amy", "ben"), ("cat", "dan"))
    assert any("away" in words for words in decision.words)


def test_safety_9_where_dsl_and_deputy_are_away_the_head_is_told_at_once():
    assert full(SHAPES["plain"], CHILD, absent=["amy", "ben"]) == ("amy", "cat")


def test_safety_9_where_everybody_is_away_the_numbers_are_shown():
    access = decide(SHAPES["plain"], CHILD, (), TUESDAY, ["amy", "ben", "cat", "dan"]).access

    assert access.full == ("amy",)
    assert "social_care" in access.outside


@pytest.mark.parametrize(
    ("on", "told"),
    [(TUESDAY, ("amy",)), (SATURDAY, ("amy", "fay")), (HALF_TERM, ("amy", "dan"))],
)
def test_safety_18_who_covers_is_told_as_well_while_school_is_shut(on, told):
    school = a_shape(TRUST, cover={"weekend": "leadership", "holidays": "chair"}, hours=TERMS)

    assert full(school, CHILD, on=on) == told


def test_safety_14_who_covers_hears_of_an_adult_only_where_the_chain_reaches_them():
    school = a_shape(TRUST, cover={"weekend": "leadership", "holidays": "chair"}, hours=TERMS)

    assert full(school, ADULT, on=SATURDAY) == ("cat",)
    assert full(school, ADULT, on=HALF_TERM) == ("cat", "dan")


def test_safety_15_who_covers_is_kept_out_where_concerned():
    school = SHAPES["leadership covers"]

    assert full(school, CHILD, "fay", on=SATURDAY) == ("amy",)
    assert cover(school, False, ["fay"], SATURDAY) == ()


def test_a_weekend_in_the_holidays_is_the_weekend_cover_s_where_nobody_covers_holidays():
    school = a_shape(TRUST, cover={"weekend": "leadership"}, hours=TERMS)

    assert cover(school, False, (), datetime(2026, 10, 31, 10, tzinfo=UTC)) == ("fay",)


@pytest.mark.parametrize("facts", [CHILD, ADULT, ABUSE, SLIP])
@pytest.mark.parametrize("shape", SHAPES)
def test_safety_15_urgency_changes_nobody_who_hears_of_it(shape, facts):
    urgent = replace(facts, urgent=True)

    for concerned in ((), ("amy",), ("amy", "ben", "cat")):
        calm = decide(SHAPES[shape], facts, concerned, TUESDAY).access
        assert decide(SHAPES[shape], urgent, concerned, TUESDAY).access == calm


def test_safety_12_everyone_who_will_hear_of_it_is_listed_by_name_and_role():
    school = a_shape(
        {**TRUST, "chair": ["dan"], "safeguarding_governor": ["dan"], "office": ["gus"]},
        {"concern": {"to": ["dsl"], "copy": ["office"], "clause": "4.1"}},
        {"weekend": "leadership"},
    )

    hearers = heard_by(school, decide(school, CHILD, ["eve"], TUESDAY))

    assert [(each.person, each.how) for each in hearers] == [
        ("amy", RECEIVES),
        ("ben", TOLD_NEXT),
        ("cat", TOLD_NEXT),
        ("dan", TOLD_NEXT),
        ("fay", COVERS),
        ("gus", ON_SHARING),
    ]
    assert hearers[3] == Hearer("dan", "Dan Nad", "chair of governors and safeguarding governor", TOLD_NEXT)


def test_safety_12_who_covers_today_is_listed_as_covering():
    school = SHAPES["leadership covers"]

    hows = {each.person: each.how for each in heard_by(school, decide(school, CHILD, (), SATURDAY))}

    assert (hows["amy"], hows["fay"]) == (RECEIVES, COVERS)


def test_safety_12_a_person_known_by_an_address_alone_is_listed_by_it():
    school = a_school(people={"dsl": ["a@example.org"], "head": ["cat"], "chair": ["dan"]})

    assert heard_by(school, decide(school, CHILD, (), TUESDAY))[0].name == "a@example.org"


def test_safety_12_a_tick_removes_that_person_and_shows_the_new_recipients():
    school = SHAPES["plain"]
    first = decide(school, CHILD, (), TUESDAY)

    ticked = without(school, without(school, first, ["amy"]), ["ben"])

    assert [each.person for each in heard_by(school, ticked)] == ["cat", "dan"]
    assert ticked.access.excluded == ("amy", "ben")


def test_a_decision_shown_in_a_log_holds_nothing_that_the_reporter_wrote():
    facts = replace(CHILD, texts=("canary words",))

    assert "canary" not in repr(decide(SHAPES["plain"], facts, (), TUESDAY))
