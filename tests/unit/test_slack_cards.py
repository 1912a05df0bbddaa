"""The card in Slack: every word of the answer, within Slack's limits, for every clause of every school."""

import json
import tomllib
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest

from bot.domain import answer_words, guidance
from bot.domain.answers import Answer, Contact, Link, Outcome, Stance, Step
from bot.domain.triage import Form, Route, Triage
from bot.slack import cards, ids
from index.cutting import clauses_of
from tests.fakes import a_citation, a_school
from tests.slack_desk import PERSONS
from tests.slack_kit import checked, read, tapped

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "trust"
SCHOOLS = [
    *(pytest.param(each, id=each.name) for each in sorted((ROOT / "policies").iterdir()) if each.is_dir()),
    *(
        pytest.param(REAL / each, id=each)
        for each in ("att", "mercian", "st-james-emmanuel", "tasmat", "tornedale-infant")
    ),
]
DSL = Contact("designated safeguarding lead (DSL)", "Amy Ash", "01632 960301")
HEAD = Contact("head", "Cat Cole", "01632 960303")
FERNHILL = a_school(person=PERSONS)
QUESTION = "Can I accept a friend request from a pupil?"
SLACKS_MOST = 12_000
"""Characters of a whole message (slackapi/bolt-js issues 2509 and 2867)."""


def an_answer(*citations, route=Route.QUESTION, form=None, outcome=Outcome.ANSWER, **changes):
    values = {"verdict": "Must not (6.2)", "citations": citations or (a_citation(),), **changes}
    asked = values.pop("question", QUESTION)
    return Answer("fernhill", "Fernhill School", asked, Triage(route, form), outcome, **values)


def drawn(answer, share=False):
    blocks = cards.answer_blocks(answer, FERNHILL, share)
    checked({"blocks": blocks})
    return blocks


def words(answer, share=False):
    return "\n".join(read(drawn(answer, share)))


def buttons(blocks):
    """Action id → value of every button."""
    found = [each for block in blocks if block["type"] == "actions" for each in block["elements"]]
    found += [block["accessory"] for block in blocks if "accessory" in block]
    return {each["action_id"]: each.get("value", "") for each in found}


def quoted(blocks):
    """What stands between quotation marks, in sections of plain text one after the other."""
    runs = groupby(blocks, lambda each: each["type"] == "section" and each["text"]["type"] == "plain_text")
    said = ["".join(each["text"]["text"] for each in run) for plain, run in runs if plain]
    quotes = [each for each in said if each.startswith("“")]
    assert all(each.endswith("”") for each in quotes), "a quotation has no end"
    return "".join(each[1:-1] for each in quotes)


@cache
def clauses(folder):
    declared = tomllib.loads((folder / "school.toml").read_text(encoding="utf-8"))
    return [
        a_citation(
            clause.text,
            clause=clause.number,
            item=clause.item,
            section=clause.section,
            lead=clause.lead,
            page=clause.page,
            policy=policy["title"],
            dated="in force from 1 May 2017; review overdue since 1 September 2018",
            overdue=True,
        )
        for policy in declared["policy"]
        for clause in clauses_of(folder / policy["file"])
    ]


@pytest.fixture(params=SCHOOLS)
def school(request):
    if not request.param.is_dir():
        pytest.skip("the real schools' documents are not on this machine")
    return request.param


@pytest.mark.slow
def test_every_clause_of_every_school_is_quoted_byte_for_byte_within_slack_s_limits(school):
    for citation in clauses(school):
        blocks = drawn(an_answer(citation))

        assert quoted(blocks) == citation.quote


def test_the_longest_cards_of_every_school_stay_far_below_the_most_of_a_message(school):
    longest = sorted(clauses(school), key=lambda each: -len(each.quote))[:5]
    links = tuple(Link("section 7", each.clause, each.item, each.text) for each in longest[:4])
    most = a_citation(longest[0].quote, links=links, exceptions=(longest[0].text,) * 3)
    asked = {"question": "why " * 150, "ask": (DSL, HEAD), "tell": (DSL, HEAD), "notes": ("A note. " * 20,)}

    for answer in (
        an_answer(most, *longest[1:], **asked),
        an_answer(*longest, outcome=Outcome.NEAREST, **asked),
        an_answer(*longest, outcome=Outcome.NONE, headings=tuple(each.section for each in longest), **asked),
    ):
        assert len(json.dumps(drawn(answer, share=True))) < SLACKS_MOST
        checked({"view": cards.more_view(answer)})


def test_a_card_shows_school_verdict_clause_section_policy_and_date():
    text = words(an_answer())

    assert text.startswith(
        "Fernhill School\nMust not (6.2)\n6.2 · 6 Contact with pupils\n“Staff must not accept"
    )
    assert "Online Conduct · in force from 1 May 2025" in text


@pytest.mark.parametrize("overdue", [True, False])
def test_an_overdue_review_stands_in_bold_and_not_in_the_small_print(overdue):
    blocks = drawn(an_answer(a_citation(dated="review overdue since 1 May 2020", overdue=overdue)))
    (line,) = [block for block in blocks if "review overdue" in json.dumps(block)]

    assert line["type"] == ("section" if overdue else "context")
    assert (f"*{read(line)[0]}*" in str(line)) == overdue


@pytest.mark.parametrize("sign", ["<!channel> & <@U0AMY>", "*not* _marked_ `up`", ":smile:", "<http://x|y>"])
def test_no_sign_in_a_clause_or_a_heading_is_markup(sign):
    blocks = drawn(an_answer(a_citation(sign, section=sign, policy=sign), verdict=sign, notes=(sign,)))

    assert quoted(blocks) == sign
    shown = read(blocks)
    assert [each for each in shown if sign in each] == [
        sign,
        f"6.2 · {sign}",
        f"“{sign}”",
        f"{sign} · in force from 1 May 2025",
        f"Note: {sign}",
    ]


def test_a_clause_beyond_all_measure_is_cut_and_says_so():
    blocks = drawn(an_answer(a_citation("word " * 4000)))

    assert quoted(blocks) == ("word " * 4000)[: cards.QUOTED]
    assert cards.GOES_ON in read(blocks)


def test_nearest_clauses_are_three_at_most_and_fewer_where_they_are_very_long():
    short = [a_citation(f"Rule {at}.", clause=f"1.{at}") for at in range(1, 6)]
    long = [a_citation("word " * 800, clause=f"1.{at}") for at in range(1, 6)]

    assert quoted(drawn(an_answer(*short, outcome=Outcome.NEAREST))) == "Rule 1.Rule 2.Rule 3."
    assert quoted(drawn(an_answer(*long, outcome=Outcome.NEAREST))) == "word " * 800


def test_not_covered_shows_headings_and_no_quote():
    blocks = drawn(an_answer(outcome=Outcome.NONE, headings=("6 Contact", "7 Photos")))

    assert read(blocks)[2:5] == [answer_words.NEAREST_HEADINGS, "• 6 Contact", "• 7 Photos"]
    assert quoted(blocks) == ""


def test_further_exceptions_stand_below_the_quote():
    assert "Also: “except on trips”" in words(an_answer(a_citation(exceptions=("a", "except on trips"))))


def test_safety_1_what_not_to_do_with_a_picture_comes_before_the_verdict():
    answer = an_answer(first=(Step("Do not open it.", (DSL,)),))

    text = words(answer)

    assert text.index("Do not open it.") < text.index("01632 960301") < text.index("Must not (6.2)")


def test_whom_to_ask_is_named_and_mentioned_and_whom_to_tell_can_be_rung():
    blocks = drawn(an_answer(ask=(HEAD,), tell=(DSL,)))
    asked, told = [block for block in blocks if "☎" in "".join(read(block))]

    assert "<@U0CAT>" in read(asked)[1]
    assert (tapped(told), "01632 960301" in read(told)[1]) == (["tel:01632960301"], True)
    assert read(told)[0] == answer_words.PUPIL_CONTACT


def test_nobody_is_named_twice():
    assert words(an_answer(ask=(DSL, HEAD), tell=(DSL,))).count("Amy Ash") == 1


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        (HEAD, ("U0CAT",)),
        (Contact("the headteacher", "Cat Cole"), ("U0CAT",)),
        (Contact("designated safeguarding lead (DSL)", "Amy Ash or Ben Birch"), ("U0AMY",)),
        (Contact("head", "Somebody Else"), ()),
        (Contact("your line manager"), ()),
        (Contact("children's social care", "", "01632 960305"), ()),
    ],
)
def test_a_contact_is_mentioned_only_where_the_school_knows_their_slack_id(contact, expected):
    assert cards.mentioned(FERNHILL, contact) == expected


def test_a_person_of_whom_only_the_slack_id_is_known_is_mentioned():
    school = a_school(person=PERSONS[1:], people={"dsl": ["U0NEW"], "head": ["cat"], "chair": ["dan"]})

    assert cards.mentioned(school, Contact("designated safeguarding lead (DSL)")) == ("U0NEW",)


def test_a_number_that_is_missing_is_said_and_is_no_link():
    blocks = drawn(an_answer(tell=(Contact("head", "Cat Cole", "number not given"),)))

    assert tapped(blocks) == []
    assert "• head, Cat Cole  number not given" in read(blocks)


@pytest.mark.parametrize("form", Form)
def test_a_report_says_what_it_sounds_like_whom_to_tell_and_leads_to_its_form(form):
    answer = an_answer(route=Route.REPORT, form=form, tell=(HEAD,))
    blocks = drawn(answer)

    assert answer_words.sounds_like(form) in read(blocks)
    assert "Tell" in read(blocks)
    begun, _, words = ids.form_of(buttons(blocks)[ids.OPEN_FORM])
    assert (begun, words) == (form, "")


def test_a_card_has_the_buttons_helpful_not_helpful_and_report_this():
    found = buttons(drawn(an_answer(question="May I wear jeans?")))

    assert list(found) == [cards.HELPFUL, cards.UNHELPFUL, cards.WHICH_FORM]
    assert cards.card_of(found[cards.HELPFUL]) == ("fernhill", "", "6.2")
    assert cards.card_of(found[cards.UNHELPFUL]) == ("fernhill", "May I wear jeans?", "6.2")
    assert found[cards.WHICH_FORM] == "fernhill\nMay I wear jeans?"


def test_safety_14_a_question_about_an_adult_who_works_here_leads_to_the_form_for_that():
    answer = an_answer(question="what if a TA is trolling pupils online, who do I tell")

    assert ids.form_of(buttons(drawn(answer))[ids.OPEN_FORM])[0] == Form.ADULT_CONCERN


def test_more_is_offered_where_there_is_more_and_shows_it():
    first = a_citation(links=(Link("section 7", "7.1", "2", "Keep it private."),))
    answer = an_answer(first, a_citation("Tell the head.", clause="8.1"))

    assert cards.card_of(buttons(drawn(answer))[cards.MORE]) == ("fernhill", QUESTION, "")
    shown = read(cards.more_view(answer)["blocks"])
    assert shown[1:] == [
        *("section 7 → 7.1, item 2", "“Keep it private.”"),
        *("See also", "8.1", "“Tell the head.”"),
    ]
    assert cards.MORE not in buttons(drawn(an_answer()))


def test_a_question_too_long_for_a_button_shows_more_on_the_card():
    answer = an_answer(a_citation(), a_citation("Tell the head.", clause="8.1"), question="why " * 1000)
    blocks = drawn(answer, share=True)

    assert "See also" in read(blocks)
    assert not {cards.MORE, cards.SHARE} & set(buttons(blocks))


@pytest.mark.parametrize(("outcome", "offered"), [("answer", False), ("nearest", True), ("none", True)])
def test_safety_29_an_unanswered_plain_question_may_go_to_the_policy_owner(outcome, offered):
    assert (cards.SEND in buttons(drawn(an_answer(outcome=Outcome(outcome))))) == offered


def test_safety_29_a_report_is_never_offered_to_the_policy_owner_and_never_rides_along_with_feedback():
    answer = an_answer(route=Route.REPORT, form=Form.CONCERN, outcome=Outcome.NEAREST)
    found = buttons(drawn(answer, share=True))

    assert cards.SEND not in found
    assert cards.card_of(found[cards.UNHELPFUL]) == ("fernhill", "", "6.2")


@pytest.mark.parametrize("form", [None, *Form])
def test_safety_29_no_button_of_a_report_holds_a_word_of_it_but_names_what_is_sealed(form):
    told = "Zebedee hit her with the register"
    first = a_citation(links=(Link("section 7", "7.1", "2", "Keep it private."),))
    answer = an_answer(first, route=Route.REPORT, form=form, question=told)

    blocks = cards.answer_blocks(answer, FERNHILL, share=True, words="draft:slack-abc")

    assert "Zebedee" not in json.dumps(buttons(blocks))
    assert [each for each in buttons(blocks).values() if each.endswith("draft:slack-abc")] != []
    assert "section 7 → 7.1, item 2" in read(blocks)


@pytest.mark.parametrize("route", [Route.QUESTION, Route.REPORT])
def test_safety_12_of_somebody_else_s_message_the_card_leads_to_its_menu_and_to_no_form(route):
    answer = an_answer(route=route, form=Form.CONCERN if route is Route.REPORT else None)

    blocks = cards.answer_blocks(answer, FERNHILL, words=None)

    checked({"blocks": blocks})
    assert cards.FROM_ITS_MENU in read(blocks)
    assert not {ids.OPEN_FORM, cards.WHICH_FORM} & set(buttons(blocks))


def test_safety_10_only_a_plain_question_can_be_shared():
    report = an_answer(route=Route.REPORT, form=Form.CONCERN)

    assert cards.SHARE in buttons(drawn(an_answer(), share=True))
    assert cards.SHARE not in buttons(drawn(an_answer()))
    assert cards.SHARE not in buttons(drawn(report, share=True))


def test_every_form_has_a_button_of_its_own_in_a_block_of_its_own():
    blocks = cards.form_blocks("words " * 500)
    checked({"blocks": blocks})

    values = [block["accessory"]["value"].partition("\n")[0] for block in blocks]
    assert sorted(values) == sorted(Form)


@pytest.mark.parametrize("stance", Stance)
def test_every_stance_can_be_drawn(stance):
    assert "Must not (6.2)" in words(an_answer(a_citation(stance=stance)))


def test_an_answer_without_any_policy_names_whom_to_tell():
    answer = an_answer(route=Route.REPORT, form=Form.CONCERN, outcome=Outcome.NONE, verdict="", tell=(DSL,))

    assert "01632 960301" in words(answer)


@pytest.mark.parametrize("value", ["a\nb\nc\nd", "", "only"])
def test_the_value_of_a_button_is_read_back_whatever_is_in_it(value):
    school, question, clause = cards.card_of(value)

    assert cards.card_of(cards.card_value(school, question, clause)) == (school, question, clause)


def test_the_guidance_line_on_pictures_fits_the_card():
    data = tomllib.loads((ROOT / "bot" / "guidance.toml").read_text("utf-8"))
    line = guidance.parse(data).line("images", "england")

    assert line.words in words(an_answer(first=(Step(line.words, (DSL,)),)))
