"""The stance of a clause: agreement with our own labelled clauses, and each promise on its own."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import modality
from index.modality import Modality, Stance, read

VERBS = Path(modality.__file__).with_name("policy_verbs.txt")
LABELLED = Path(__file__).with_name("labelled_clauses.jsonl")
WORDS = (
    *(
        "must not",
        "unless",
        "except",
        "without",
        "with",
        "the",
        "approval",
        "permission",
        "consent",
        "subject to",
    ),
    *(
        "of",
        "to",
        "report",
        "tell",
        "head",
        "DSL",
        "their line manager",
        "designated safeguarding lead",
        "staff",
    ),
    *("may", "only if", "provided", "because", "and", "or", "'s", "’", "(", ")", ".", "?", ",", "|", "\n"),
)


def labelled():
    return [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]


def confusion(pairs):
    """A table of wanted stances (rows) against read ones (columns)."""
    names = list(Stance)
    head = f"{'':12}" + "".join(f"{name:>12}" for name in names)
    rows = (f"{want:12}" + "".join(f"{pairs[want, got]:12}" for got in names) for want in names)
    return "\n".join(("", head, *rows))


def test_the_labelled_clauses_are_enough_to_judge_every_stance():
    counts = Counter(clause["stance"] for clause in labelled())

    assert set(counts) == set(Stance)
    assert min(counts.values()) >= 40


def test_the_stance_agrees_with_our_labels():
    clauses = labelled()

    pairs = Counter((c["stance"], read(c["text"], c["lead"], c["section"]).stance) for c in clauses)

    agreed = sum(count for (want, got), count in pairs.items() if want == got)
    assert agreed / len(clauses) >= 0.98, confusion(pairs)


def test_no_permission_is_read_into_a_labelled_prohibition_and_no_ban_into_a_permission():
    opposite = {Stance.PROHIBITED: Stance.ALLOWED, Stance.ALLOWED: Stance.PROHIBITED}

    turned = [
        clause["text"]
        for clause in labelled()
        if read(clause["text"], clause["lead"], clause["section"]).stance == opposite.get(clause["stance"])
    ]

    assert turned == []


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Staff must not message pupils unless they are family.", Stance.PROHIBITED),
        ("Staff must not message pupils unless the head has agreed.", Stance.CONDITIONAL),
        ("The crest must not be used without permission.", Stance.CONDITIONAL),
        ("Keys must not be lent to anyone other than authorised persons.", Stance.PROHIBITED),
        ("If you wish to film, you can only do so with the approval of the head.", Stance.CONDITIONAL),
    ],
)
def test_an_exception_leaves_a_ban_a_ban_but_leave_makes_it_conditional(text, stance):
    assert read(text).stance == stance


@pytest.mark.parametrize(
    "text",
    [
        "A lapse may lead to disciplinary action.",
        "Calls may be monitored.",
        "Colleagues may be vulnerable to abuse online.",
        "The school may withdraw a device.",
        "The academy/Trust can check any account.",
        "Lockers are ours, and no privacy should be expected in them.",
    ],
)
def test_what_may_happen_is_no_permission(text):
    assert read(text).stance == Stance.INFO


def test_a_later_ban_does_not_turn_a_duty_into_a_ban():
    text = "Staff must keep a record. They must not show it to pupils."

    assert read(text).stance == Stance.REQUIRED


def test_a_later_rule_decides_where_the_beginning_is_only_background():
    text = "Many families use this app. Staff must not use it with them."

    assert read(text).stance == Stance.PROHIBITED


@pytest.mark.parametrize(
    ("lead", "text", "stance"),
    [
        ("Staff should not:", "Accept friend requests", Stance.PROHIBITED),
        ("Staff must:", "never share a password", Stance.PROHIBITED),
        ("For families this would include:", "Not posting other children's pictures", Stance.PROHIBITED),
        ("For families this would include:", "Talking to us first", Stance.REQUIRED),
        ("Staff should carefully consider:", "Having contact with parents", Stance.CAUTION),
        ("This policy applies to:", "all governors", Stance.INFO),
        ("Staff may:", "use the staffroom computer", Stance.ALLOWED),
        ("Staff may, with the head's approval:", "run a club account", Stance.CONDITIONAL),
        ("Staff may:", "run a club account, with the head's approval", Stance.CONDITIONAL),
        ("The principal will:", "review accounts each term", Stance.INFO),
        ("The principal must:", "review accounts each term", Stance.REQUIRED),
        ("Staff will:", "review their accounts each term", Stance.REQUIRED),
        ("Staff must sign in. The office will:", "keep the list", Stance.INFO),
        ("IT support will:", "lead on filters and make sure that they work", Stance.INFO),
        ("Staff must:", "Pupils should never be named.", Stance.PROHIBITED),
        ("Phones are useful. When on duty, staff must not:", "answer calls", Stance.PROHIBITED),
    ],
)
def test_an_item_takes_its_lead_ins_stance_unless_it_has_its_own(lead, text, stance):
    assert read(text, lead).stance == stance


@pytest.mark.parametrize(
    ("section", "stance"),
    [
        ("Things you must never do", Stance.PROHIBITED),
        ("3. Don’t", Stance.PROHIBITED),
        ("Do", Stance.REQUIRED),
        ("You may", Stance.ALLOWED),
        ("Devices", Stance.INFO),
    ],
)
def test_the_heading_counts_where_text_and_lead_in_rule_nothing(section, stance):
    assert read("Sharing a picture of a colleague", section=section).stance == stance


def test_a_heading_does_not_outvote_the_clauses_own_rule():
    assert read("Staff may use email.", section="Things you must never do").stance == Stance.ALLOWED


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Can I add a pupil? No.", Stance.PROHIBITED),
        ("Can I add a pupil? No, unless the head has agreed to it.", Stance.CONDITIONAL),
        ("Can I add a parent? Yes, as long as you knew them before.", Stance.CONDITIONAL),
        ("Can I add a parent? Yes. Only if the head knows.", Stance.CONDITIONAL),
        ("Can I add a colleague? Yes.", Stance.ALLOWED),
        ("Can I add a colleague? Yes, but be careful.", Stance.CAUTION),
        ("Do I have to tell anyone? Yes.", Stance.REQUIRED),
        ("Do I have to tell anyone? No.", Stance.ALLOWED),
        ("Should I reply? No.", Stance.PROHIBITED),
        ("Can the school read my email? Yes.", Stance.INFO),
        ("What do I do with a gift? Report it to the head.", Stance.REQUIRED),
        ("Why do we ask? Nobody may be filmed in secret.", Stance.INFO),
    ],
)
def test_an_answer_is_read_as_the_answer_to_its_question(text, stance):
    assert read(text).stance == stance


def test_an_answer_is_read_even_where_its_question_is_the_heading():
    assert read("No. Use the school phone.", section="May I text a parent?").stance == Stance.PROHIBITED


@pytest.mark.parametrize(
    ("row", "stance"),
    [
        ("Parents on chat | Not allowed | Use the school phone", Stance.PROHIBITED),
        ("Phones at break | Yes, in the staffroom | Silent", Stance.ALLOWED),
        ("Filming | Yes | Only with the head's approval", Stance.CONDITIONAL),
        ("Filming | ✗ | Ask a parent to do it", Stance.PROHIBITED),
        ("Report a worry | Safeguarding lead | Today", Stance.INFO),
        ("Lost key | Must be reported | Office", Stance.REQUIRED),
    ],
)
def test_a_table_row_takes_its_verdict_from_the_cells_behind_its_topic(row, stance):
    assert read(row).stance == stance


def test_exceptions_and_people_come_from_lead_in_and_text():
    lead = "Unless the head has agreed, staff must not:"
    text = "film a lesson, except in an emergency; tell your line manager and the DSL at once"

    read_as = read(text, lead)

    assert read_as == Modality(
        Stance.CONDITIONAL,
        ("Unless the head has agreed", "except in an emergency"),
        ("the head", "your line manager", "the DSL"),
    )


@pytest.mark.parametrize("name", ["the Data Protection Act 2018", "Behaviour policy", "Medical notes"])
@pytest.mark.parametrize(
    "lead",
    [
        "Everyone must follow the law, including:",
        "This page must be read with:",
        "You should have regard to the policies relating to:",
        "Staff must guard private papers, which includes, but is not limited to:",
    ],
)
def test_an_item_that_only_names_something_rules_nothing(lead, name):
    assert read(name, lead).stance == Stance.INFO


@pytest.mark.parametrize(
    ("lead", "text", "stance"),
    [
        ("Staff should not:", "Accept requests", Stance.PROHIBITED),
        ("Staff must act on a worry, including:", "telling the DSL", Stance.REQUIRED),
        ("Staff must act on a worry, including:", "keep a copy", Stance.REQUIRED),
        ("Phones must not be used in:", "the changing rooms", Stance.PROHIBITED),
    ],
)
def test_an_item_with_a_verb_or_under_a_plain_ban_keeps_its_lead_ins_stance(lead, text, stance):
    assert read(text, lead).stance == stance


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        (
            "Staff must not befriend a parent if that friendship’s effect is unfair. Ask first.",
            "if that friendship’s effect is unfair",
        ),
        ("Do not join a group, if it mocks the school, or", "if it mocks the school"),
        ("You must not, if this breaks a confidence, discuss a family.", "if this breaks a confidence"),
        (
            "Never blog in so far as it concerns work, and you must tell the office.",
            "in so far as it concerns work",
        ),
        (
            "Posts must not go out to the extent that they name a child.",
            "to the extent that they name a child",
        ),
        (
            "Staff must not tutor where there is a conflict of interest.",
            "where there is a conflict of interest",
        ),
        ("Clubs | Staff must not join if they meet at night | Office", "if they meet at night"),
        ("May I join? You must not join it if it mocks us.", "if it mocks us"),
    ],
)
def test_the_condition_of_a_ban_is_quoted_as_printed(text, condition):
    assert read(text) == Modality(Stance.CONDITIONAL, (condition,), read(text).ask)


def test_an_item_under_a_ban_may_bring_its_own_condition():
    item = read("Teach privately if this clashes with school", "Staff should not:")

    assert (item.stance, item.exceptions) == (Stance.CONDITIONAL, ("if this clashes with school",))


@pytest.mark.parametrize(
    "text",
    [
        "If you receive a request, you must not accept it.",
        "If cyberbullying occurs, do not delete it.",
        "Do not delete it if cyberbullying occurs.",
        "Never answer, even if you are provoked.",
        "Do not send it if in doubt.",
        "Do not use a phone when driving.",
        "You must not leave while on duty.",
        "Staff must not ask pupils if they have an account.",
        "Do not reply but tell the head if it goes on.",
        "Never open a file if it may be indecent.",
        "You must not copy a picture or forward an image if it could show a child.",
        "Staff must not message pupils unless they are family or if there is a fire.",
    ],
)
def test_what_only_sets_the_scene_does_not_soften_a_ban(text):
    assert read(text).stance == Stance.PROHIBITED


def test_a_permissions_condition_is_not_taken_for_a_bans():
    allowed = read("Work may be shown if the pupil agrees. It must not be shown if it names a pupil.")

    assert (allowed.stance, allowed.exceptions) == (Stance.CONDITIONAL, ())


@pytest.mark.parametrize(
    "opening", ["With the exception of", "Apart from", "Other than", "Save for"], ids=lambda words: words
)
def test_advice_with_an_opening_exception_stays_advice_and_keeps_the_exception(opening):
    text = f"{opening} one network, staff are advised not to name the school."

    assert read(text) == Modality(Stance.CAUTION, (f"{opening} one network",), ())


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("The governors will read it yearly.", Stance.INFO),
        ("Our IT support is responsible for updates.", Stance.INFO),
        ("Parents and carers will read it.", Stance.INFO),
        ("The governors must read it yearly.", Stance.REQUIRED),
        ("Staff and governors will read it yearly.", Stance.REQUIRED),
        ("Staff at the school will read it.", Stance.REQUIRED),
        ("The head will lend a phone, and staff must not use their own.", Stance.PROHIBITED),
    ],
)
def test_what_an_office_will_do_is_no_rule_for_staff(text, stance):
    assert read(text).stance == stance


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Staff must ensure that they do not name a pupil.", Stance.PROHIBITED),
        ("Make sure you are never alone online with a child.", Stance.PROHIBITED),
        ("Adults must take care that no pupil is named.", Stance.PROHIBITED),
        ("Staff must ensure that they name no more than one adult.", Stance.REQUIRED),
        ("Staff must ensure that children are not left alone.", Stance.REQUIRED),
        ("The head must ensure that staff do not work alone.", Stance.REQUIRED),
        ("Take care not to trip.", Stance.CAUTION),
    ],
)
def test_ensuring_that_one_does_not_is_a_ban_on_doing_it(text, stance):
    assert read(text).stance == stance


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("A request from a pupil must be politely declined.", Stance.PROHIBITED),
        ("Contact from a pupil should be blocked.", Stance.PROHIBITED),
        ("Unsafe sites should be blocked.", Stance.REQUIRED),
        ("A request from a pupil must be reported.", Stance.REQUIRED),
        ("Rude posts must be removed.", Stance.REQUIRED),
        ("Gifts must be refused unless the head has agreed.", Stance.CONDITIONAL),
    ],
)
def test_what_must_be_refused_is_banned_and_what_must_be_removed_is_a_duty(text, stance):
    assert read(text).stance == stance


def verbs():
    """The verbs that order by themselves, and those that need a word like "the" behind them."""
    parts = VERBS.read_text(encoding="utf-8").split("\n## ")
    return [[line for line in part.splitlines() if line.isascii() and " " not in line] for part in parts]


def test_the_verbs_stand_once_each_and_in_alphabetical_order():
    firm, loose = verbs()

    assert [firm, loose] == [sorted(set(firm)), sorted(set(loose))]
    assert set(firm).isdisjoint(loose)
    assert min(len(firm), len(loose)) >= 50


def test_a_sentence_that_begins_with_any_listed_verb_orders():
    firm, loose = verbs()
    orders = [f"{verb.capitalize()} the slip." for verb in (*firm, *loose)]

    assert [order for order in orders if read(order).stance != Stance.REQUIRED] == ["Consider the slip."]


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Film nights are held in June.", Stance.INFO),
        ("Film the rehearsal for the governors.", Stance.REQUIRED),
        ("Phone calls come through the office.", Stance.INFO),
        ("Phone your line manager.", Stance.REQUIRED),
        ("Close friends often meet in the hall.", Stance.INFO),
        ("Close the blinds.", Stance.REQUIRED),
        ("Reports of the meeting are on the wall.", Stance.INFO),
        ("Report-writing week is in May.", Stance.INFO),
    ],
)
def test_a_noun_that_could_be_a_verb_orders_nothing(text, stance):
    assert read(text).stance == stance


@pytest.mark.parametrize(
    "text",
    [
        "At the end of the day, lock the store.",
        "Should a parcel arrive, sign the slip.",
        "The key is on the hook; return it by four.",
        "One thing more: shred the list.",
        "The list is long, so print it early.",
        "Then please tell the office.",
        "If no key can be found, ring the caretaker.",
    ],
)
def test_an_order_may_stand_behind_its_occasion_or_its_reason(text):
    assert read(text).stance == Stance.REQUIRED


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Each tutor signs the register by nine.", Stance.REQUIRED),
        ("Anyone who finds a purse hands it to the office.", Stance.REQUIRED),
        ("New staff complete the course in the first week.", Stance.REQUIRED),
        ("Visitors are to sign the book.", Stance.REQUIRED),
        ("Lost keys are reported to the caretaker.", Stance.REQUIRED),
        ("Every complaint goes straight to the clerk.", Stance.REQUIRED),
        ("Lanyards on at all times.", Stance.REQUIRED),
        ("We need you to hand in your keys.", Stance.REQUIRED),
        ("Many colleagues use a smart watch.", Stance.INFO),
        ("Staff use the hall for assemblies.", Stance.INFO),
        ("The caretaker locks the gate.", Stance.INFO),
        ("Slips are deleted after thirty days.", Stance.INFO),
        ("The role of the clerk is to check the minutes.", Stance.INFO),
        ("This Code shall come into force in May.", Stance.INFO),
    ],
)
def test_what_staff_do_as_a_rule_is_a_duty_and_how_things_are_is_none(text, stance):
    assert read(text).stance == stance


def test_a_custom_yields_to_a_rule_in_a_later_sentence():
    text = "Visitors sign the book. They must not go upstairs."

    assert read(text).stance == Stance.PROHIBITED


@pytest.mark.parametrize(
    "text",
    [
        "Nobody takes the minibus home.",
        "No private car is used for a pupil.",
        "Own cups are not used in the laboratory.",
        "Alcohol has no place on a school trip.",
        "Gifts of money are a no.",
        "Steer clear of parents' groups.",
        "The ban on cameras extends to drones.",
        "It is a criminal offence to carry a knife.",
        "We would not want you to lend your keys.",
        "Please leave the boiler alone.",
        "Cameras: not in the changing rooms.",
        "The form may not be altered.",
        "No one is to climb on the roof.",
        "Governors may not vote by proxy.",
    ],
)
def test_a_ban_needs_no_must(text):
    assert read(text).stance == Stance.PROHIBITED


@pytest.mark.parametrize(
    "text",
    [
        "Beware of strangers who know your name.",
        "Bear in mind that walls are thin.",
        "A word of caution: chats leak.",
        "Think first: would a parent mind?",
        "Please be mindful of your neighbours.",
        "Watch what you say in the corridor.",
        "Humour needs care.",
        "Treat such letters with caution.",
        "Lists can be out of date, so check them.",
        "Try to keep replies short.",
        "It is sensible to wait a day.",
        "Politics is best left at home.",
        "You are advised to keep a copy.",
        "It is recommended that you keep a copy.",
    ],
)
def test_a_warning_or_a_piece_of_advice_is_caution(text):
    assert read(text).stance == Stance.CAUTION


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("A second mug is fine.", Stance.ALLOWED),
        ("Help yourself to tea.", Stance.ALLOWED),
        ("There is nothing wrong with a wave.", Stance.ALLOWED),
        ("Occasional calls are accepted.", Stance.ALLOWED),
        ("No one is obliged to answer.", Stance.ALLOWED),
        ("Old chairs may be taken home.", Stance.ALLOWED),
        ("Ropes that need no knots can be used in the gym.", Stance.ALLOWED),
        ("An employee shall be entitled to a copy.", Stance.ALLOWED),
        ("Notes can be copied by anyone in a second.", Stance.INFO),
        ("Nobody is charged for tea.", Stance.INFO),
    ],
)
def test_a_permission_needs_no_may(text, stance):
    assert read(text).stance == stance


@pytest.mark.parametrize(
    "text",
    [
        "A second mug is fine so long as you wash it.",
        "Staff may film once every parent has replied.",
        "Chairs may be taken home when the caretaker has counted them.",
        "Chairs may be taken home where no class needs them.",
        "Guests are seen by appointment.",
        "Leave shall be at the discretion of the head.",
        "Files are opened only if a claim is made.",
        "Refunds are paid unless the trip has begun.",
        "The hall can host a party if the hirer pays.",
        "Only the head may speak to the press.",
        "Run it past the head first.",
        "Interviews by written consent only.",
        "The form may not be sent until the bursar has countersigned it.",
    ],
)
def test_what_a_condition_decides_is_conditional(text):
    assert read(text).stance == Stance.CONDITIONAL


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Is the site heated? No.", Stance.INFO),
        ("Does the rule reach trips? Yes.", Stance.INFO),
        ("Is it a problem if I am late? No.", Stance.ALLOWED),
        ("Would it be a breach to tell her? Yes.", Stance.PROHIBITED),
        ("Can I bring a guest? To lunch, yes; to lessons, no.", Stance.CONDITIONAL),
        ("Can I bring a guest? Yes, but book a place.", Stance.CONDITIONAL),
        ("Can I work at home? A little.", Stance.CONDITIONAL),
        ("Can I ring her? You may.", Stance.ALLOWED),
        ("Can I ring her? Not in lessons.", Stance.PROHIBITED),
        ("When do I tell the head? Immediately.", Stance.REQUIRED),
    ],
)
def test_a_short_answer_means_what_its_question_asks(text, stance):
    assert read(text).stance == stance


@pytest.mark.parametrize("lead", ["Before you leave:", "Remember to:", "If you find a leak:"])
def test_a_lead_in_that_only_names_the_occasion_leaves_an_order_an_order(lead):
    assert read("switch off the lamp", lead).stance == Stance.REQUIRED


def test_an_order_under_any_other_lead_in_is_not_taken_for_one():
    assert read("record the visits", "The clerk:").stance == Stance.INFO


def test_curly_quotes_and_line_breaks_change_nothing():
    assert read("Staff mustn’t\nfilm.").stance == read("Staff mustn't film.").stance == Stance.PROHIBITED


@pytest.mark.parametrize(
    "words",
    [
        "any member of staff, who, ",
        "no one else, when, only the head ",
        "leave a, the clerk will ",
        "may can if ",
    ],
)
def test_a_very_long_sentence_is_read_in_a_moment(words):
    begun = time.process_time()

    read(words * 300)

    assert time.process_time() - begun < 2


def test_nothing_at_all_is_information():
    assert read("") == Modality(Stance.INFO, (), ())


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.lists(st.sampled_from(WORDS), max_size=12))
def test_every_exception_and_every_person_is_a_piece_of_the_words(words, lead_words):
    text, lead = " ".join(words), " ".join(lead_words)

    found = read(text, lead)

    assert all(piece and (piece in text or piece in lead) for piece in (*found.exceptions, *found.ask))


@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=80))
def test_any_words_at_all_are_read_without_error(text, lead, section):
    assert isinstance(read(text, lead, section).stance, Stance)
