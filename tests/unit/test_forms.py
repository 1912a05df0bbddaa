"""The four forms: their data, what they accept, and what an answer means for who hears of it."""

from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import forms
from bot.domain.cases import Party, PartyRole
from bot.domain.forms import Asks, Kind
from bot.domain.reports import Gate, Reporter
from bot.errors import ConfigurationError, FormError
from tests.unit.form_builders import FORMS, TODAY, a_form, answers, data, the_platforms

DEFINITIONS = {name: a_form(name) for name in FORMS}
ADULT = "adult who works or helps here"
REPORTER = Reporter("U1", "Ada Reed", "ada")


def checked(name="concern", **changes):
    return forms.check(DEFINITIONS[name], answers(name, **changes), TODAY)


def faults(name="concern", **changes):
    with pytest.raises(FormError) as caught:
        checked(name, **changes)
    return caught.value.fields


def facts(name="concern", **changes):
    return forms.facts(DEFINITIONS[name], checked(name, **changes))


def parties(name, **changes):
    return [(each.name, each.role.value, each.category) for each in facts(name, **changes).parties]


def the_error(change):
    form = deepcopy(data("forms/concern.toml"))
    change(form)
    with pytest.raises(ConfigurationError) as caught:
        forms.parse(form, "forms/concern.toml", the_platforms().lists())
    return str(caught.value)


# The data


@pytest.mark.parametrize("name", FORMS)
def test_the_short_part_is_one_screen_of_at_most_six_questions_two_of_which_must_be_answered(name):
    form = DEFINITIONS[name]

    required = [field.id for field in form.fields if field.required]

    assert len(form.short) <= 6
    assert required == ["who", "what"]
    assert {"who", "what", "where", "when"} <= {field.id for field in form.short}


@pytest.mark.parametrize("name", FORMS)
def test_safety_1_in_every_form_the_gate_and_safety_12_the_people_stand_before_sending(name):
    asks = [step.asks for step in DEFINITIONS[name].steps]

    assert asks[:4] == [Asks.FIELDS, Asks.GATE, Asks.PEOPLE, Asks.SEND]
    assert all(step.later for step in DEFINITIONS[name].steps[4:])


@pytest.mark.parametrize("name", FORMS)
def test_what_can_wait_is_never_required_and_stands_as_not_known(name):
    later = [field for field in DEFINITIONS[name].fields if field.later]

    assert later
    assert {(field.required, field.default) for field in later} == {(False, "not known")}


@pytest.mark.parametrize("name", FORMS)
def test_every_choice_of_one_lets_the_reporter_say_that_nobody_knows(name):
    single = [field for field in DEFINITIONS[name].fields if field.kind is Kind.CHOICE]

    assert all({"not known", "not-sure"} & {each.value for each in field.choices} for field in single)


@pytest.mark.parametrize("name", FORMS)
def test_the_example_is_a_valid_answers_file_with_every_short_field(name):
    example = forms.example(DEFINITIONS[name])

    assert set(example) == {field.id for field in DEFINITIONS[name].short} | {"gate"}
    assert example["gate"] == "no"
    assert set(forms.check(DEFINITIONS[name], example, TODAY)) == set(example) - {"gate"}


def test_safety_14_the_form_about_an_adult_does_not_ask_how_serious_it_is():
    form = DEFINITIONS["adult-concern"]

    asked = " ".join(f"{field.label} {field.id}" for field in form.fields).casefold()

    assert "however small" in form.title
    assert not any(word in asked for word in ("serious", "severity", "grade", "level"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda form: form.update(titel="A"), 'no key "titel"; did you mean "title"?'),
        (lambda form: form.update(form="concerns"), '"form" has "concerns"; did you mean "concern"?'),
        (lambda form: form.update(means=["urgnt"]), 'did you mean "urgent"?'),
        (lambda form: form.update(step="x"), '"step" must be a list of tables'),
        (lambda form: form["step"].pop(1), "the steps must be"),
        (lambda form: form["step"][0].update(title=3), '"title" must be text'),
        (lambda form: form["step"][0]["field"][0].update(kind="txt"), 'field \'who\': "kind" has "txt"'),
        (lambda form: form["step"][0]["field"][0].pop("names"), '"names" belongs to'),
        (lambda form: form["step"][0]["field"][0].pop("label"), "field 'who': \"label\" is missing"),
        (lambda form: form["step"][0]["field"][0].update(required="yes"), '"required" must be true or false'),
        (lambda form: form["step"][0]["field"][0].update(id="gate"), '"id" is taken'),
        (lambda form: form["step"][0]["field"][0].pop("example"), '"example" is missing'),
        (lambda form: form["step"][0]["field"][2].update(clause_words="See it."), "{clause}"),
        (lambda form: form["step"][0]["field"][1].pop("choices"), '"choices" belong to'),
        (lambda form: form["step"][0]["field"][3].update(choices_from="apps"), '"choices_from" has "apps"'),
        (
            lambda form: form["step"][4]["field"][0].update(shown_if={"field": "kind", "is": ["harms"]}),
            'did you mean "harm"?',
        ),
        (
            lambda form: form["step"][4]["field"][0].update(shown_if={"field": "kinds", "is": ["harm"]}),
            'did you mean "kind"?',
        ),
    ],
)
def test_a_bad_form_file_is_an_error_with_file_place_and_key(change, message):
    error = the_error(change)

    assert error.startswith("forms/concern.toml, ")
    assert message in error


def test_a_prompt_names_the_clause_only_where_the_school_gives_one():
    what = next(field for field in DEFINITIONS["trolling"].fields if field.id == "what")

    assert forms.prompt(what, "9.2").endswith("Your school's policy: see clause 9.2.")
    assert forms.prompt(what, "") == what.help


def test_a_clause_with_braces_is_shown_as_it_is():
    what = next(field for field in DEFINITIONS["trolling"].fields if field.id == "what")

    assert forms.prompt(what, "{0}").endswith("see clause {0}.")


# Checking


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("2026-11-20", "2026-11-20"),
        ("20/11/2026", "2026-11-20"),
        ("1/2/2026", "2026-02-01"),
        ("20.11.26", "2026-11-20"),
        ("20 November 2026", "2026-11-20"),
        ("3rd of Sep 2026", "2026-09-03"),
        (" Yesterday ", "2026-11-20"),
        ("today", "2026-11-21"),
        ("not known", "not known"),
        ("Don't know", "not known"),
    ],
)
def test_a_date_is_read_as_people_write_it(said, kept):
    assert checked(when=said)["when"] == kept


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("31/02/2026", '"31/02/2026" is not a date.'),
        ("2026-13-01", '"2026-13-01" is not a date.'),
        ("last Tuesday", '"last Tuesday" is not a date.'),
        ("22/11/2026", '"22/11/2026" is in the future.'),
        ("20/11/1026", '"20/11/1026" is too long ago'),
        ("٢٠/١١/٢٠٢٦", "is not a date."),
    ],
)
def test_a_date_that_cannot_be_is_said_in_words(said, words):
    assert words in faults(when=said)["when"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [("22:41", "22:41"), ("10.41 pm", "22:41"), ("12am", "00:00"), ("12 PM", "12:00"), ("9:05", "09:05")],
)
def test_a_time_is_read_as_people_write_it(said, kept):
    assert checked(time=said)["time"] == kept


@pytest.mark.parametrize("said", ["9", "25:00", "13pm", "0am", "10:61", "after lunch"])
def test_a_time_that_cannot_be_is_said_in_words(said):
    assert "is not a time" in faults(time=said)["time"]


def test_text_is_trimmed_and_keeps_its_lines_but_no_control_characters():
    kept = checked(what=" one\r\ntwo\x00\x1b\u202e three\ud800 ")

    assert kept["what"] == "one\ntwo three"


def test_a_name_stands_on_one_line():
    assert checked(who="Jo\n  Marsh\x00")["who"] == "Jo Marsh"


def test_the_longest_text_that_is_stored_has_20_000_characters():
    assert len(checked(what="a" * 20_000)["what"]) == 20_000
    assert "20,001 characters; at most 20,000" in faults(what="a" * 20_001)["what"]


def test_a_choice_is_taken_by_value_or_label_and_a_wrong_one_gets_the_nearest():
    assert checked(kind="harm")["kind"] == "harm"
    assert checked(kind="a hacked account")["kind"] == "hacked"
    assert 'did you mean "harm"?' in faults(kind="harms")["kind"]


def test_several_choices_come_back_once_each_in_the_order_of_the_form():
    assert checked("trolling", target=["school", "me", "me"])["target"] == ("me", "school")
    assert checked("trolling", target="pupil")["target"] == ("pupil",)
    assert checked("trolling", target=["not known"])["target"] == "not known"


def test_an_unknown_field_gets_the_nearest_right_one_and_is_not_named_in_the_log():
    with pytest.raises(FormError) as caught:
        checked(wen="today")

    assert '"wen" is no question here; did you mean "when"?' in caught.value.user_message
    assert "wen" not in str(caught.value)


def test_a_question_that_must_be_answered_says_that_not_known_will_do():
    assert faults(who=" ") == {"who": 'Which child?: please answer this; "not known" will do.'}
    assert checked(who="Not known")["who"] == "not known"


def test_every_fault_is_said_at_once():
    assert set(faults(who=None, when="soon", kind="x")) == {"who", "when", "kind"}


def test_an_answer_to_a_hidden_field_is_left_out_and_is_no_fault():
    assert "pupil" not in checked("trolling", target=["me"], pupil={"not": "text"})
    assert "year_group" not in checked("friend-request", sender="parent", year_group="9")


def test_a_year_group_may_be_a_number():
    assert checked("friend-request", sender="pupil", year_group=9)["year_group"] == "9"


@pytest.mark.parametrize("said", [True, 1.5, 10**5000, {"a": 1}, b"x"], ids=lambda said: type(said).__name__)
def test_what_is_no_text_is_refused_in_words(said):
    assert faults(what=said)["what"] == "What happened?: the answer must be text."


def test_safety_1_once_stopped_nothing_must_be_answered_and_nothing_written_is_lost():
    bare = forms.check(DEFINITIONS["concern"], {"gate": "not-sure"}, TODAY)
    written = forms.check(DEFINITIONS["concern"], {"what": "Told me in class."}, TODAY, Gate.YES)

    assert bare == {}
    assert written == {"what": "Told me in class."}


def test_the_gate_is_read_from_an_answers_file_and_nothing_else_passes_for_an_answer():
    assert forms.gate_of({"gate": "not-sure"}) is Gate.NOT_SURE
    assert forms.gate_of({}) is Gate.UNASKED
    for said in ("unasked", "No", "", False, ["no"]):
        with pytest.raises(FormError, match="gate"):
            forms.gate_of({"gate": said})
        assert "gate" in faults(gate=said)


def test_the_people_concerned_are_read_from_an_answers_file():
    assert forms.people_of({"concerned": [" amy ", "ben", "amy"]}, "concerned") == ("amy", "ben")
    assert "concerned" in faults(concerned="amy")


def test_an_addition_holds_only_what_is_new_and_requires_nothing():
    form = DEFINITIONS["trolling"]
    before = checked("trolling")

    added = forms.check_addition(
        form, before, {"target": ["pupil"], "pupil": "Jo Marsh", "threats": "no"}, TODAY
    )

    assert added == {"target": ("pupil",), "pupil": "Jo Marsh"}


def test_an_addition_to_a_question_that_is_shown_by_an_earlier_answer_is_kept():
    before = checked("trolling", target=["colleague"])

    assert forms.check_addition(DEFINITIONS["trolling"], before, {"colleague": "Al Fir"}, TODAY) == {
        "colleague": "Al Fir"
    }


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.sampled_from(["not known", "pupil", "yes", "me", "31/02/2026", "yesterday", "1.1.0001", "99:99"]),
    st.lists(st.one_of(st.text(max_size=8), st.integers(), st.none()), max_size=3),
    st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
    st.binary(max_size=4),
)
KEYS = st.sampled_from(
    sorted(
        {field.id for form in DEFINITIONS.values() for field in form.fields} | {"gate", "concerned", "wen"}
    )
)


def outcome(form, said):
    """What is kept of *said*, and the words of what is wrong with it."""
    try:
        return forms.check(form, said, TODAY), {}
    except FormError as error:
        return {}, error.fields


@pytest.mark.slow
@settings(max_examples=400, derandomize=True, deadline=None)
@given(name=st.sampled_from(FORMS), said=st.dictionaries(KEYS, JUNK, max_size=12), filled=st.booleans())
def test_any_answers_pass_or_are_refused_in_words_and_what_passes_passes_again(name, said, filled):
    form = DEFINITIONS[name]
    own = {field.id for field in form.fields} | {"gate"}
    known = {key: value for key, value in said.items() if key in own}

    kept, wrong = outcome(form, {**answers(name), **known} if filled else said)

    assert all(words.strip() for words in wrong.values())
    assert forms.check(form, kept, TODAY, Gate.YES) == kept
    assert forms.facts(form, kept, reporter=REPORTER).form is form.form


# What it means


@pytest.mark.parametrize("sender", ["pupil", "former-pupil", "not-sure", None])
def test_safety_13_a_request_is_a_pupil_s_until_an_answer_says_that_it_is_not(sender):
    assert facts("friend-request", sender=sender).pupil_involved


def test_a_request_from_a_parent_involves_no_pupil():
    assert not facts("friend-request", sender="parent").pupil_involved


@pytest.mark.parametrize("changes", [{"what": "accepted-by-mistake"}, {"response": "accepted"}])
def test_safety_16_accepting_a_request_is_a_report_about_oneself(changes):
    assert facts("friend-request", **changes).own_slip
    assert not facts("friend-request").own_slip


def test_safety_13_a_concern_always_involves_a_pupil():
    assert facts("concern", kind="data").pupil_involved


@pytest.mark.parametrize(("kind", "urgent"), [("harm", True), ("radicalisation", True), ("hacked", False)])
def test_safety_17_harm_and_radicalisation_are_urgent(kind, urgent):
    found = facts("concern", kind=kind)

    assert found.urgent == urgent
    assert found.radicalisation == (kind == "radicalisation")


def test_threats_make_abuse_urgent():
    assert facts("trolling", threats="yes").urgent
    assert not facts("trolling", threats="not known").urgent


@pytest.mark.parametrize(
    ("target", "doer", "pupil", "staff"),
    [
        (["me"], None, True, True),
        (["me"], "pupil", True, True),
        (["me"], "parent", False, True),
        (["school"], "other-adult", False, True),
        (["pupil"], "parent", True, False),
        (["me", "pupil"], "parent", True, True),
        (None, None, True, True),
    ],
)
def test_safety_13_and_32_who_is_hurt_and_who_does_it_decide_who_hears_of_abuse(target, doer, pupil, staff):
    found = facts("trolling", target=target, doer=doer)

    assert (found.pupil_involved, found.abuse_of_staff) == (pupil, staff)


def test_safety_14_abuse_by_somebody_who_works_here_is_about_an_adult_here():
    assert facts("trolling", doer="works-here").about_adult
    assert facts("adult-concern").about_adult
    assert not facts("concern").about_adult


@pytest.mark.parametrize(
    ("child", "pupil", "urgent"), [("no", 0, 0), ("not-sure", 0, 0), ("yes", 1, 0), ("unsafe-now", 1, 1)]
)
def test_a_child_affected_by_an_adult_is_known_to_routing(child, pupil, urgent):
    found = facts("adult-concern", child=child)

    assert (found.pupil_involved, found.urgent) == (bool(pupil), bool(urgent))


def test_safety_26_role_and_category_belong_to_each_person():
    found = parties(
        "trolling",
        who="Kim Dale (@kim.d)",
        doer="parent",
        target=["colleague", "pupil"],
        colleague="Al Fir and Bo Elm",
        pupil="Jo Marsh",
    )

    assert found == [
        ("Kim Dale", "alleged", "parent"),
        ("Al Fir", "target", ADULT),
        ("Bo Elm", "target", ADULT),
        ("Jo Marsh", "target", "pupil"),
    ]


def test_safety_26_somebody_without_a_name_is_a_person_in_the_case_all_the_same():
    assert parties("trolling", doer="pupil", target=["pupil"]) == [
        ("", "alleged", "pupil"),
        ("", "target", "pupil"),
    ]


def test_the_reporter_is_a_party_and_a_target_too_where_it_is_aimed_at_them():
    found = forms.facts(DEFINITIONS["trolling"], checked("trolling", target=["me"]), reporter=REPORTER)

    assert found.parties == (
        Party("Ada Reed", PartyRole.REPORTER, "U1", ADULT, "ada"),
        Party("Ada Reed", PartyRole.TARGET, "U1", ADULT, "ada"),
    )


def test_a_handle_is_kept_apart_from_the_name():
    one = facts("friend-request", who="Jo Marsh (@jo_09)").parties[0]
    two = facts("friend-request", who="Jo Marsh", handle="jo_09").parties[0]

    assert (one.name, one.handle) == ("Jo Marsh", "@jo_09")
    assert (two.name, two.handle) == ("Jo Marsh", "jo_09")


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Jo Marsh", ["Jo Marsh"]),
        ("Marsh, Jo", ["Marsh, Jo"]),
        ("Jo Marsh, Al Fir and Bo Elm", ["Jo Marsh", "Al Fir", "Bo Elm"]),
        ("Jo & Al; Bo", ["Jo", "Al", "Bo"]),
        ("Andy Sand", ["Andy Sand"]),
    ],
)
def test_several_names_in_one_answer_are_several_people(said, names):
    assert [each.name for each in facts("concern", who=said).parties] == names


def test_every_word_the_reporter_wrote_is_looked_through_for_names():
    found = facts("trolling", who="Kim", what="Ask Ben Birch", target=["pupil"], pupil="Jo", link="page/amy")

    assert found.texts == ("Kim", "Ask Ben Birch", "Jo", "page/amy")
