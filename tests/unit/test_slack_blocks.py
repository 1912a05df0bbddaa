"""The blocks that are sent to Slack: foreign words are never markup, and everything keeps Slack's lengths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answers import Contact
from bot.slack import blocks
from bot.slack.blocks import line, mention, quote, rich, telephone, words
from tests.slack_kit import checked, read, tapped

SIGNS = st.text("*_~`:<>&|@!#🙂 \nab1“”", min_size=1, max_size=30)
"""Words made of whatever Slack's markup knows."""
MARKUP = [
    *("*loud*", "_low_", "~gone~", "`code`", "one * alone", ":smile:", "a :+1: b", "> said", "a\n  > said"),
    *(":pupil's-word:", "snake_case"),
]


def drawn(*made):
    """*made*, once Slack would take it."""
    checked({"blocks": list(made)})
    return list(made)


def shown(*made):
    return "\n".join(read(drawn(*made)))


def markup(block):
    """The markup of a section."""
    assert (block["type"], block["text"]["type"]) == ("section", "mrkdwn")
    return block["text"]["text"]


# Lines


def test_a_line_is_markup_in_which_a_number_rings_and_a_person_is_called():
    made = rich(line(words("Ring ", bold=True), mention("U0AMY")), line(telephone("01632 960301")))

    assert markup(made) == "*Ring* <@U0AMY>\n<tel:01632960301|01632 960301>"
    assert made["text"]["verbatim"] is True, "Slack would make links of words"
    assert (read(drawn(made)), tapped(made)) == (["Ring <@U0AMY>", "01632 960301"], ["tel:01632960301"])


@pytest.mark.parametrize(
    "said", ["<!channel>", "<@U0AMY> & co", "&lt;!here&gt;", "<http://bad.example|good>", "a > b"]
)
def test_what_slack_reads_as_a_call_a_link_or_an_entity_is_escaped(said):
    made = rich(line(words(said)))

    assert markup(made) == blocks.escaped(said)
    assert shown(made) == said


@pytest.mark.parametrize("bold", [True, False])
@pytest.mark.parametrize("said", MARKUP)
def test_words_with_signs_of_markup_are_rich_text_in_which_nothing_is_markup(said, bold):
    made = rich(line(words("He wrote: ")), line(words(said, bold=bold)))

    assert made["type"] == "rich_text"
    assert "mrkdwn" not in str(made)
    assert shown(made) == f"He wrote: \n{said}"


def test_in_rich_text_a_number_is_words():
    made = rich(line(words("*him* ", bold=True), telephone("999")))

    assert (shown(made), tapped(made)) == ("*him* 999", [])
    assert "tel:" not in str(made)


@pytest.mark.parametrize("parts", [(":smi", "le:"), ("a\n", "> said"), ("  ", "> said")])
def test_parts_that_only_together_are_markup_are_rich_text(parts):
    made = rich(line(*map(words, parts)))

    assert made["type"] == "rich_text"
    assert shown(made) == "".join(parts)


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        (["x" * 3000], "section"),
        (["x" * 3000, "x"], "rich_text"),
        (["&" * 600], "section"),
        (["&" * 601], "rich_text"),
    ],
)
def test_more_than_a_section_takes_is_rich_text_and_signs_count_as_they_are_escaped(parts, kind):
    made = rich(line(*map(words, parts)))

    assert made["type"] == kind
    assert shown(made) == "".join(parts)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (words("Ring", bold=True), "*Ring*"),
        (words("  Ring us \t", bold=True), "  *Ring us* \t"),
        (words("soon", italic=True), "_soon_"),
        (words(" now ", bold=True, italic=True), " *_now_* "),
        (words("A & B", bold=True), "*A &amp; B*"),
        (words("  ", bold=True), "  "),
        (words("a\nb", bold=True), "a\nb"),
    ],
)
def test_the_sign_of_bold_touches_the_words(part, expected):
    made = rich(line(part))

    assert markup(made) == expected
    assert shown(made) == part["text"]


@given(st.lists(st.lists(st.tuples(SIGNS, st.booleans()), min_size=1, max_size=4), min_size=1, max_size=3))
def test_whatever_is_said_is_shown_as_it_is(lines):
    made = rich(
        *(line(*(part for said, bold in each for part in (words(said, bold), words(" ")))) for each in lines)
    )

    assert shown(made) == "\n".join("".join(f"{said} " for said, _ in each) for each in lines)


@pytest.mark.parametrize(
    "said", ["<!channel>", "<U0AMY", "R&D", "*a* b*", "a*b*", "* a*", "~a~", "`a`", ":smile:", "&gt; said"]
)
def test_markup_that_is_not_drawn_on_purpose_fails_in_every_test_that_reads_it(said):
    with pytest.raises(AssertionError):
        read({"type": "mrkdwn", "text": said})


# Quotations


@pytest.mark.parametrize("said", ["<!channel> *not* :smile: & `up`", "“Said” ", "> a\n_b_", "word " * 2000])
def test_a_quotation_is_plain_text_byte_for_byte_between_quotation_marks(said):
    made = drawn(*quote(said))

    assert {block["text"]["type"] for block in made} == {"plain_text"}
    assert "".join(block["text"]["text"] for block in made) == f"“{said}”"


@given(st.text(max_size=60), st.integers(1, 20))
def test_pieces_together_are_the_text(text, most):
    found = blocks.pieces(text, most)

    assert "".join(found) == text
    assert all(0 < len(each) <= most for each in found)


def test_pieces_are_parted_at_spaces():
    assert blocks.pieces("one two three", 8) == ["one two ", "three"]


# Whom to ring


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("999 or 101", ["tel:999", "tel:101"]),
        ("01632 960301", ["tel:01632960301"]),
        ("+44 (1632) 960301", ["tel:+441632960301"]),
        ("number not given", []),
        ("", []),
    ],
)
def test_each_number_of_a_contact_can_be_tapped_and_words_cannot(said, numbers):
    made = rich(*blocks.contacts([Contact("head", "Cat Cole", said)]))

    assert tapped(drawn(made)) == numbers
    assert shown(made) == f"{'☎' if numbers else '•'} head, Cat Cole{f'  {said}' if said else ''}"


def test_a_contact_whose_name_has_signs_of_markup_is_named_with_the_number():
    made = rich(*blocks.contacts([Contact("head", "C_t C_le", "999")]))

    assert shown(made) == "☎ head, C_t C_le  999"


# Lengths

LONG = "word & <word> " * 700


@pytest.mark.parametrize(
    "made",
    [
        blocks.header(LONG),
        blocks.section(LONG),
        blocks.section("", blocks.button("a", LONG, "v", "danger")),
        blocks.context(LONG, "small"),
        blocks.actions(
            blocks.button("a", LONG), blocks.link_button("b", LONG, "https://a.example"), block="row"
        ),
        blocks.field("f", LONG, {"type": "plain_text_input", "action_id": blocks.VALUE_ID}, hint=LONG),
        blocks.field(
            "o",
            "Which?",
            {"type": "checkboxes", "action_id": "c", "options": [blocks.option("v", LONG, LONG)]},
        ),
        blocks.divider(),
    ],
    ids=lambda each: each["type"],
)
def test_whatever_is_too_long_is_cut_with_a_sign_that_there_is_more(made):
    assert LONG not in shown(made)
    assert (shown(made).count("…") > 0) == (LONG[:40] in shown(made))


def test_a_paragraph_of_any_length_is_cut_nowhere():
    assert "".join(read(drawn(*blocks.paragraphs(LONG)))) == LONG


@pytest.mark.parametrize(("metadata", "submit"), [("", ""), ("fernhill CASE-1", "Send " * 9)])
def test_a_modal_keeps_slacks_limits(metadata, submit):
    view = blocks.modal("c", "A title that is too long", [blocks.divider()] * 150, metadata, submit)

    checked({"view": view})
    assert view["title"]["text"] == "A title that is too long"
    assert len(view["blocks"]) == 100
    assert view.get("private_metadata", "") == metadata
    assert view["clear_on_close"] is not bool(submit)
    assert len(view.get("submit", {"text": ""})["text"]) == (24 if submit else 0)


def test_a_title_of_more_than_24_characters_is_cut():
    assert blocks.modal("c", "x" * 25, [])["title"]["text"] == f"{'x' * 23}…"
