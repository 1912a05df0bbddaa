"""The fixed words around a quote, and whom they name."""

import pytest

from bot.domain.answers import Contact, Outcome, Stance
from bot.domain.triage import Form
from bot.domain.verdicts import (
    NEAREST,
    NOT_COVERED,
    about_an_adult,
    asks_about_an_adult,
    concerns_pupil_contact,
    contact,
    if_about_an_adult,
    outcome_for,
    to_ask,
    to_tell,
    verdict,
)
from tests.fakes import a_citation, a_school

DSL = Contact("designated safeguarding lead (DSL)", "Amy Ash", "01632 960301")
HEAD = Contact("head", "Cat Cole", "01632 960303")
CHAIR = Contact("chair of governors", "Dan Dale", "01632 960304")
HEAD_IS_DSL = {"dsl": ["cat"], "head": ["cat"], "chair": ["dan"]}


def the_verdict(text, stance=Stance.PROHIBITED, **changes):
    return verdict(Outcome.ANSWER, a_citation(text, stance=stance, **changes))


def roles(contacts):
    return [each.role for each in contacts]


def names(contacts):
    return [each.name for each in contacts]


@pytest.mark.parametrize(
    ("stance", "text", "line"),
    [
        (Stance.PROHIBITED, "Staff must not follow pupils.", "Must not (6.2)"),
        (Stance.PROHIBITED, "Staff should not follow pupils.", "Should not (6.2)"),
        (Stance.PROHIBITED, "Following pupils is not permitted.", "Must not (6.2)"),
        (
            Stance.CONDITIONAL,
            "Staff may, with leave, follow parents.",
            "Only on a condition, which the clause states (6.2)",
        ),
        (Stance.CAUTION, "Staff are advised to be careful with parents.", "Advises care (6.2)"),
        (Stance.ALLOWED, "Staff may follow parents.", "Allows (6.2)"),
        (Stance.REQUIRED, "Staff must tell the head.", "Must (6.2)"),
        (Stance.REQUIRED, "Staff should tell the head.", "Should (6.2)"),
        (Stance.REQUIRED, "Tell the head the same day.", "Must (6.2)"),
        (Stance.INFO, "Trolling means abuse online.", "Gives information (6.2)"),
    ],
)
def test_the_verdict_line_says_what_the_clause_says(stance, text, line):
    assert the_verdict(text, stance) == line


@pytest.mark.parametrize(
    ("stance", "text", "opening"),
    [
        (Stance.PROHIBITED, "Staff should never post about pupils.", "Should not"),
        (Stance.PROHIBITED, "Staff should not edit pages; the source will be recorded.", "Should not"),
        (Stance.PROHIBITED, "Staff should not join a chat, as no good comes of it.", "Should not"),
        (Stance.PROHIBITED, "Staff must not reply. They should tell the head.", "Must not"),
        (Stance.PROHIBITED, "A pupil adds me. What should I do? Do not reply.", "Must not"),
        (Stance.PROHIBITED, "We don’t post pictures of lessons.", "Must not"),
        (Stance.REQUIRED, "Staff should tell the head, who will decide.", "Should"),
        (Stance.REQUIRED, "Staff should keep passwords safe; it may not be wise to lend them.", "Should"),
        (Stance.REQUIRED, "Staff must tell the head and should keep a copy.", "Must"),
        (Stance.REQUIRED, "What should I do with it? It has to be handed in.", "Must"),
    ],
)
def test_the_verdict_is_no_stronger_and_no_weaker_than_the_verb_that_rules(stance, text, opening):
    assert the_verdict(text, stance) == f"{opening} (6.2)"


def test_the_lead_in_of_a_list_decides_how_strong_its_items_are():
    line = the_verdict("accept friend requests", lead="Staff should not:", clause="6.7", item="2")

    assert line == "Should not (6.7, item 2)"


def test_an_exception_is_quoted_in_the_verdict():
    text = "Staff must not follow a pupil unless the pupil is a family member."
    line = the_verdict(text, exceptions=("unless the pupil is a family member",))

    assert line == "Must not, “unless the pupil is a family member” (6.2)"


def test_a_condition_that_forbids_is_told_as_a_ban_and_not_as_leave():
    text = "Staff must not contact families online where the contact is about a pupil."
    condition = "where the contact is about a pupil"
    line = the_verdict(text, Stance.CONDITIONAL, exceptions=(condition,))

    assert line == f"Must not, “{condition}” (6.2)"


def test_a_condition_that_allows_is_told_as_a_condition():
    text = "Staff may follow a parent with the agreement of the head."
    line = the_verdict(text, Stance.CONDITIONAL, exceptions=("with the agreement of the head",))

    assert line == "Only on a condition, “with the agreement of the head” (6.2)"


@pytest.mark.parametrize("stance", Stance)
@pytest.mark.parametrize("text", ["Staff must not do it.", "Staff should do it.", "It may be done."])
def test_safety_19_a_verdict_never_tells_the_person_what_they_may_do(stance, text):
    line = the_verdict(text, stance).casefold()

    assert "you" not in line.split()
    assert not any(word in line for word in ("no action", "fine", "don't worry", "low risk", "credible"))


def test_without_a_clause_the_verdict_says_that_the_policy_has_none():
    assert verdict(Outcome.NONE, None) == NOT_COVERED == "The policy has no clause on this."


def test_a_clause_far_from_the_question_gets_no_verdict_either():
    assert verdict(Outcome.NONE, a_citation()) == NOT_COVERED


def test_the_nearest_clauses_come_without_a_verdict():
    line = verdict(Outcome.NEAREST, a_citation())

    assert line == NEAREST
    assert "without a verdict" in line


@pytest.mark.parametrize(
    "question",
    [
        "can I follow a pupil",
        "a y9 has added me",
        "am I allowed to text my tutees",
        "can we whatsapp the sixth form",
        "can I play minecraft with one of my boys",
        "my mate's daughter wants to be friends, she is in year 8",
    ],
)
def test_contact_with_a_pupil_is_seen_in_the_question(question):
    assert concerns_pupil_contact(question, None)


def test_contact_with_a_pupil_is_seen_in_the_clause_that_answers():
    clause = a_citation("Staff must not give a pupil their number or accept a request from one.")

    assert concerns_pupil_contact("someone wants to add me", clause)


@pytest.mark.parametrize(
    "question",
    [
        "can I play music in class",
        "can I use ChatGPT to write a pupil's report",
        "is it acceptable to photograph children on the trip",
        "can I photocopy a textbook for my class",
        "who orders glue sticks",
    ],
)
def test_what_only_sounds_like_contact_is_not_called_contact_with_a_pupil(question):
    assert not concerns_pupil_contact(question, None)


def test_a_clause_about_messages_does_not_make_music_in_class_contact_with_a_pupil():
    clause = a_citation("May I play music in class? Yes, if messages are switched off.")

    assert not concerns_pupil_contact("can I play music in class", clause)


def test_a_question_about_a_parent_is_not_made_one_about_a_pupil_by_its_clause():
    clause = a_citation("Staff must not accept a request from a parent while they teach the child.")

    assert not concerns_pupil_contact("can I follow a parent?", clause)
    assert to_tell(a_school(), None, "can I follow a parent?", clause) == ()


def test_a_parent_s_child_is_a_pupil_all_the_same():
    assert concerns_pupil_contact("a mum wants me to message her child", None)


def test_whom_to_ask_is_named_as_the_clause_names_them_with_person_and_number():
    clause = a_citation("Ask the Headteacher first.", ask=("the Headteacher",))

    assert to_ask(a_school(), clause) == (Contact("the Headteacher", "Cat Cole", "01632 960303"),)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("the Designated Safeguarding Lead", "Amy Ash"),
        ("the DSL", "Amy Ash"),
        ("the safeguarding officer", "Amy Ash"),
        ("the deputy designated safeguarding lead", "Ben Birch"),
        ("the Principal", "Cat Cole"),
        ("the Head of School", "Cat Cole"),
        ("the head of the academy", "Cat Cole"),
        ("the chair of governors", "Dan Dale"),
    ],
)
def test_a_title_in_a_clause_is_the_person_who_holds_the_role(words, name):
    asked = to_ask(a_school(), a_citation(ask=(words,)))

    assert [(each.role, each.name) for each in asked] == [(words, name)]


@pytest.mark.parametrize(
    "words",
    [
        "the deputy head",
        "your assistant headteacher",
        "the vice principal",
        "the head of department",
        "their head of year",
        "the head office",
        "the line manager",
        "the network manager",
    ],
)
def test_a_title_that_the_school_has_no_person_for_is_named_without_a_number(words):
    assert to_ask(a_school(), a_citation(ask=(words,))) == (Contact(words),)


def test_a_role_of_the_school_s_own_is_found_by_its_words():
    people = {"dsl": ["amy"], "head": ["cat"], "chair": ["dan"], "ict_manager": ["ben"]}
    school = a_school(people=people, contacts={"ict_manager": "01632 960308"})

    asked = to_ask(school, a_citation(ask=("the ICT manager",)))

    assert asked == (Contact("the ICT manager", "Ben Birch", "01632 960308"),)


def test_the_trust_s_own_lead_is_not_taken_for_the_school_s():
    people = {"dsl": ["amy"], "head": ["cat"], "chair": ["dan"], "trust_lead": ["ben"]}

    asked = to_ask(a_school(people=people), a_citation(ask=("the Trust safeguarding lead",)))

    assert names(asked) == ["Ben Birch"]


def test_whoever_a_clause_names_twice_is_asked_once():
    clause = a_citation(ask=("the head", "the headteacher", "the DSL", "The head"))

    assert names(to_ask(a_school(), clause)) == ["Cat Cole", "Amy Ash"]


def test_a_clause_that_names_nobody_leaves_the_dsl_to_ask():
    assert to_ask(a_school(), a_citation()) == (DSL,)


def test_without_a_clause_the_dsl_and_the_head_can_be_asked():
    assert to_ask(a_school(), None) == (DSL, HEAD)


def test_a_head_who_is_the_dsl_is_one_contact():
    asked = to_ask(a_school(people=HEAD_IS_DSL), None)

    assert names(asked) == ["Cat Cole"]


def test_two_holders_of_a_role_are_both_named_and_namesakes_once():
    people = [
        {"id": "amy", "name": "Amy Ash"},
        {"id": "ann", "name": "Ann Ash"},
        {"id": "amy2", "name": "Amy Ash"},
        {"id": "cat", "name": "Cat Cole"},
    ]
    held = {"dsl": ["amy", "ann", "amy2"], "head": ["cat"], "chair": ["cat"]}

    assert contact(a_school(person=people, people=held), "dsl").name == "Amy Ash or Ann Ash"


def test_a_missing_number_is_said_to_be_missing():
    school = a_school(contacts={})

    assert {each.telephone for each in about_an_adult(school)} == {"number not given"}
    assert {each.telephone for each in to_ask(school, None)} == {"number not given"}


def test_contact_with_a_pupil_adds_whom_to_tell_with_the_dsl_first():
    assert to_tell(a_school(), None, "can I follow a pupil", None) == (DSL,)


def test_safety_13_a_school_s_route_adds_people_and_never_removes_the_dsl():
    school = a_school(routing={"friend-request": {"to": ["head"], "clause": "4.2"}})

    assert to_tell(school, Form.FRIEND_REQUEST, "a y9 added me", None) == (DSL, HEAD)


def test_a_question_that_touches_no_pupil_names_nobody_to_tell():
    assert to_tell(a_school(), None, "can I sell raffle tickets on Facebook", None) == ()


@pytest.mark.parametrize("form", [Form.FRIEND_REQUEST, Form.CONCERN, Form.TROLLING])
def test_safety_13_every_form_but_the_adult_one_tells_the_dsl(form):
    assert DSL in to_tell(a_school(), form, "something happened", None)


def test_safety_13_trolling_without_a_clause_reaches_the_head_too():
    assert HEAD in to_tell(a_school(), Form.TROLLING, "parents slating me", None)


def test_safety_32_the_head_hears_of_trolling_though_a_clause_names_somebody_else():
    school = a_school(routing={"trolling": {"to": ["deputy_dsl"], "clause": "10.1"}})

    assert names(to_tell(school, Form.TROLLING, "parents slating me", None)) == [
        "Amy Ash",
        "Ben Birch",
        "Cat Cole",
    ]


def test_one_person_in_two_roles_is_told_once():
    school = a_school(people=HEAD_IS_DSL)

    assert names(to_tell(school, Form.TROLLING, "parents slating me", None)) == ["Cat Cole"]


def test_safety_14_an_adult_concern_goes_to_the_head_then_chair_then_lado_and_never_to_the_dsl():
    told = to_tell(a_school(), Form.ADULT_CONCERN, "a colleague is messaging a pupil", None)

    assert told[0] == HEAD
    assert roles(told[1:]) == [
        "about the head: chair of governors",
        "where neither is safe: local authority designated officer (LADO)",
    ]
    assert [each.telephone for each in told[1:]] == ["01632 960304", "01632 960307"]
    assert DSL.name not in names(told)


def test_safety_14_no_route_of_a_school_copies_an_adult_concern_to_others():
    school = a_school(routing={"adult-concern": {"to": ["head", "dsl"], "copy": ["dsl"]}})

    assert DSL.name not in names(to_tell(school, Form.ADULT_CONCERN, "a worry", None))


@pytest.mark.parametrize(
    "question",
    [
        "what do I do if a colleague is messaging a pupil",
        "who do I tell about a niggle about the head",
        "how do I report a member of staff",
    ],
)
def test_safety_14_a_question_about_an_adult_is_known_as_one(question):
    assert asks_about_an_adult(question)


@pytest.mark.parametrize(
    "question", ["can a member of staff follow a parent", "can I follow a parent", "what if a pupil adds me"]
)
def test_a_plain_question_about_a_rule_is_no_worry_about_an_adult(question):
    assert not asks_about_an_adult(question)


def test_safety_14_a_question_about_an_adult_is_told_that_it_is_not_for_the_dsl():
    first, second, third = if_about_an_adult(a_school())

    assert first.role == "about an adult who works or helps here: not the DSL but the head"
    assert (first.name, second.name, third.telephone) == ("Cat Cole", "Dan Dale", "01632 960307")


def test_where_the_head_is_the_dsl_nobody_is_told_not_to_tell_the_dsl():
    first = if_about_an_adult(a_school(people=HEAD_IS_DSL))[0]

    assert first.role == "about an adult who works or helps here: head"


STAFF_GROUPS = "Groups for staff are allowed between adults. Nothing about a pupil may be written there."


@pytest.mark.parametrize(
    "question",
    [
        "can I have a whatsapp group with y11 for the trip",
        "is it ok to message my tutor group",
        "may I follow a student",
    ],
)
def test_a_permission_between_adults_is_no_verdict_on_contact_with_a_pupil(question):
    clause = a_citation(STAFF_GROUPS, stance=Stance.ALLOWED, section="7. Colleagues")

    assert outcome_for(question, Outcome.ANSWER, clause) is Outcome.NEAREST


@pytest.mark.parametrize(
    "parts",
    [
        {"text": "Staff may message pupils through the homework app."},
        {"text": "The school's e-mail may be used.", "section": "4. Contact with pupils"},
        {"text": "through the homework app", "lead": "Staff may write to pupils:"},
        {"text": "A leaver is no pupil after two years. You may accept them then."},
    ],
)
def test_a_permission_that_speaks_of_pupils_stands(parts):
    parts = {"section": "7. Other matters", **parts}
    clause = a_citation(parts.pop("text"), stance=Stance.ALLOWED, **parts)

    assert outcome_for("can I message a pupil", Outcome.ANSWER, clause) is Outcome.ANSWER


@pytest.mark.parametrize("stance", [each for each in Stance if each is not Stance.ALLOWED])
def test_what_forbids_or_asks_something_stands_whomever_it_names(stance):
    clause = a_citation("Groups need the head's leave.", stance=stance, section="7. Groups")

    assert outcome_for("a whatsapp group with y11?", Outcome.ANSWER, clause) is Outcome.ANSWER


def test_a_permission_stands_where_no_pupil_is_asked_about():
    clause = a_citation(STAFF_GROUPS, stance=Stance.ALLOWED, section="7. Colleagues")

    assert outcome_for("can our department have a whatsapp group", Outcome.ANSWER, clause) is Outcome.ANSWER


@pytest.mark.parametrize("found", [Outcome.NEAREST, Outcome.NONE])
def test_what_is_no_answer_stays_none(found):
    clause = a_citation(STAFF_GROUPS, stance=Stance.ALLOWED)

    assert outcome_for("may I follow a student", found, clause) is found
    assert outcome_for("may I follow a student", found, None) is found
