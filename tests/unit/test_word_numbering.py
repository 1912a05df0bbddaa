"""The numbers Word would print, worked out from list definitions of our own making."""

import pytest
from docx.oxml.parser import parse_xml
from hypothesis import given
from hypothesis import strategies as st

from index.formats.word_numbering import Counter, Numbering, Styles, letters, number_text, roman

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


def lvl(place, text, style="decimal", start=1, extra=""):
    return (
        f'<w:lvl w:ilvl="{place}"><w:start w:val="{start}"/><w:numFmt w:val="{style}"/>{extra}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def family(identity, *levels):
    return f'<w:abstractNum w:abstractNumId="{identity}">{"".join(levels)}</w:abstractNum>'


def num(identity, of, overrides=""):
    return f'<w:num w:numId="{identity}"><w:abstractNumId w:val="{of}"/>{overrides}</w:num>'


def start_at(level, number):
    return f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{number}"/></w:lvlOverride>'


def lists(*definitions, styles=""):
    known = Styles(parse_xml(f"<w:styles {W}>{styles}</w:styles>"))
    return Numbering(parse_xml(f"<w:numbering {W}>{''.join(definitions)}</w:numbering>"), known), known


def properties(identity=None, level=None, style=None):
    inner = "" if level is None else f'<w:ilvl w:val="{level}"/>'
    inner += "" if identity is None else f'<w:numId w:val="{identity}"/>'
    named = "" if style is None else f'<w:pStyle w:val="{style}"/>'
    return parse_xml(f"<w:pPr {W}>{named}<w:numPr>{inner}</w:numPr></w:pPr>")


def labels(definitions, *paragraphs):
    """Return what Word prints before each paragraph, given as (list, level) or as its properties."""
    numbering, styles = definitions
    counter = Counter()
    printed = []
    for paragraph in paragraphs:
        own = properties(*paragraph) if isinstance(paragraph, tuple) else paragraph
        place = numbering.of_paragraph(own, styles.of_paragraph(own))
        printed.append(counter.step(*place).label if place else None)
    return printed


OUTLINE = family(1, lvl(0, "%1."), lvl(1, "%1.%2"), lvl(2, "(%3)", "lowerLetter"))


@given(st.integers(1, 3999))
def test_a_roman_numeral_read_back_is_the_number(number):
    numeral = roman(number)

    values = [VALUES[sign] for sign in numeral]
    read = sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))
    assert read == number


@given(st.integers(1, 780))
def test_counting_in_letters_repeats_one_letter(number):
    text = letters(number)

    assert set(text) == {"abcdefghijklmnopqrstuvwxyz"[(number - 1) % 26]}
    assert len(text) == (number + 25) // 26


@pytest.mark.parametrize(
    ("style", "number", "printed"),
    [
        ("decimal", 12, "12"),
        ("decimalZero", 7, "07"),
        ("decimalZero", 12, "12"),
        ("lowerLetter", 26, "z"),
        ("lowerLetter", 27, "aa"),
        ("lowerLetter", 28, "bb"),
        ("upperLetter", 3, "C"),
        ("lowerRoman", 4, "iv"),
        ("upperRoman", 49, "XLIX"),
        ("ordinal", 1, "1st"),
        ("ordinal", 12, "12th"),
        ("ordinal", 22, "22nd"),
        ("ordinal", 113, "113th"),
        ("none", 5, ""),
        ("lowerLetter", 0, "0"),
        ("upperRoman", 2_000_000_000, "2000000000"),
        ("aFormatOfAnotherWord", 6, "6"),
    ],
)
def test_each_number_format_prints_as_in_word(style, number, printed):
    assert number_text(style, number) == printed


def test_levels_count_inside_each_other_and_restart_below():
    definitions = lists(OUTLINE, num(1, 1))

    printed = labels(definitions, (1, 0), (1, 1), (1, 1), (1, 2), (1, 2), (1, 0), (1, 1), (1, 2))

    assert printed == ["1.", "1.1", "1.2", "(a)", "(b)", "2.", "2.1", "(a)"]


def test_a_level_that_is_skipped_over_is_printed_as_begun_but_not_counted():
    definitions = lists(family(1, lvl(0, "%1"), lvl(1, "%1.%2"), lvl(2, "%1.%2.%3")), num(1, 1))

    printed = labels(definitions, (1, 1), (1, 0), (1, 2), (1, 1), (1, 2))

    assert printed == ["1.1", "1", "1.1.1", "1.1", "1.1.1"]


def test_a_list_starts_at_its_start_again_after_each_restart():
    definitions = lists(family(1, lvl(0, "%1.", start=6), lvl(1, "%1.%2", start=7)), num(1, 1))

    assert labels(definitions, (1, 0), (1, 1), (1, 0), (1, 1)) == ["6.", "6.7", "7.", "7.7"]


def test_a_level_may_never_restart_or_only_after_a_named_level():
    never = lvl(1, "%2", extra='<w:lvlRestart w:val="0"/>')
    after_the_first = lvl(2, "%3)", extra='<w:lvlRestart w:val="1"/>')
    definitions = lists(family(1, lvl(0, "%1."), never, after_the_first), num(1, 1))

    printed = labels(definitions, (1, 0), (1, 1), (1, 2), (1, 1), (1, 2), (1, 0), (1, 1), (1, 2))

    assert printed == ["1.", "1", "1)", "2", "2)", "2.", "3", "1)"]


def test_two_lists_of_one_family_count_on_from_each_other():
    definitions = lists(OUTLINE, num(1, 1), num(2, 1))

    assert labels(definitions, (1, 0), (2, 0), (1, 0)) == ["1.", "2.", "3."]


def test_two_families_count_apart():
    definitions = lists(OUTLINE, family(2, lvl(0, "%1)")), num(1, 1), num(2, 2))

    assert labels(definitions, (1, 0), (2, 0), (1, 0), (2, 0)) == ["1.", "1)", "2.", "2)"]


def test_an_override_of_the_start_counts_where_its_list_is_first_met():
    definitions = lists(OUTLINE, num(1, 1), num(2, 1, start_at(0, 5)))

    assert labels(definitions, (1, 0), (1, 0), (2, 0), (2, 0), (1, 0)) == ["1.", "2.", "5.", "6.", "7."]


def test_an_override_of_the_start_is_where_the_level_restarts_too():
    definitions = lists(OUTLINE, num(1, 1, start_at(1, 3)))

    assert labels(definitions, (1, 0), (1, 1), (1, 1), (1, 0), (1, 1)) == ["1.", "1.3", "1.4", "2.", "2.3"]


def test_an_override_may_replace_a_level():
    replaced = f'<w:lvlOverride w:ilvl="0">{lvl(0, "A%1")}</w:lvlOverride>'
    definitions = lists(OUTLINE, num(1, 1), num(2, 1, replaced))

    assert labels(definitions, (1, 0), (2, 0), (2, 1)) == ["1.", "A2", "2.1"]


def test_list_zero_and_a_missing_list_or_level_print_nothing():
    definitions = lists(OUTLINE, num(0, 1), num(1, 1))

    assert labels(definitions, (0, 0), (9, 0), (1, 7), (1, 0)) == [None, None, None, "1."]


def test_legal_numbering_turns_the_levels_above_into_decimals():
    legal = lvl(1, "%1.%2", "decimalZero", extra="<w:isLgl/>")
    plain = lvl(2, "%1.%3")
    definitions = lists(family(1, lvl(0, "Part %1", "upperRoman"), legal, plain), num(1, 1))

    assert labels(definitions, (1, 0), (1, 1), (1, 2)) == ["Part I", "1.01", "I.1"]


def test_a_level_nobody_defined_is_printed_as_a_decimal_one():
    definitions = lists(family(1, lvl(1, "%1.%2")), num(1, 1))

    assert labels(definitions, (1, 1), (1, 1)) == ["1.1", "1.2"]


def test_any_bullet_is_printed_as_one_sign_and_an_empty_one_not_at_all():
    definitions = lists(
        family(
            1, lvl(0, "\uf0b7", "bullet"), lvl(1, "o", "bullet"), lvl(2, "", "bullet"), lvl(3, "–", "none")
        ),
        num(1, 1),
    )

    assert labels(definitions, (1, 0), (1, 1), (1, 2), (1, 3)) == ["•", "•", "", "•"]


def test_only_bullets_letters_and_numerals_mark_a_list_item():
    definitions, _ = lists(
        family(
            1,
            lvl(0, "%1", "decimal"),
            lvl(1, "%2", "upperLetter"),
            lvl(2, "%3", "lowerRoman"),
            lvl(3, "-", "bullet"),
            lvl(4, "A%5", "decimal"),
            lvl(5, "%6", "ordinal"),
        ),
        num(1, 1),
    )
    counter = Counter()

    listed = [counter.step(*definitions.of_paragraph(properties(1, at), ())).listed for at in range(6)]

    assert listed == [False, True, True, True, False, False]


STYLED = """
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Clause"><w:name w:val="Clause"/>
  <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Sub"><w:name w:val="Sub"/><w:basedOn w:val="Clause"/></w:style>
<w:style w:type="paragraph" w:styleId="Deep"><w:name w:val="Deep"/><w:basedOn w:val="Clause"/>
  <w:pPr><w:numPr><w:ilvl w:val="2"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Plain"><w:name w:val="Plain"/><w:basedOn w:val="Clause"/>
  <w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr></w:style>
"""


def test_a_style_hands_its_number_down_and_its_linked_level_decides_the_depth():
    linked = family(
        1, lvl(0, "%1."), lvl(1, "%1.%2", extra='<w:pStyle w:val="Sub"/>'), lvl(2, "(%3)", "lowerLetter")
    )
    definitions = lists(linked, num(1, 1), styles=STYLED)
    styled = [properties(style=name) for name in ("Clause", "Sub", "Deep", "Plain", "Normal", "Sub")]

    assert labels(definitions, *styled) == ["1.", "1.1", "(a)", None, None, "1.2"]


def test_a_paragraph_without_a_style_has_the_number_of_the_default_one():
    styles = STYLED.replace(' w:default="1"', "").replace(
        'w:styleId="Sub"', 'w:styleId="Sub" w:default="true"'
    )
    definitions = lists(OUTLINE, num(1, 1), styles=styles)

    assert labels(definitions, parse_xml(f"<w:pPr {W}/>"), None) == ["1.", "2."]


def test_a_paragraph_may_switch_its_styles_number_off_or_move_it_down():
    definitions = lists(OUTLINE, num(1, 1), styles=STYLED)

    off, moved = properties(0, None, "Clause"), properties(None, 1, "Clause")

    assert labels(definitions, properties(style="Clause"), off, moved) == ["1.", None, "1.1"]


def test_a_list_style_lends_its_levels_to_the_lists_that_name_it():
    style = (
        '<w:style w:type="numbering" w:styleId="House"><w:name w:val="House"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    holder = family(1, '<w:styleLink w:val="House"/>', lvl(0, "Rule %1"))
    definitions = lists(
        holder, family(2, '<w:numStyleLink w:val="House"/>'), num(1, 1), num(2, 2), styles=style
    )

    assert labels(definitions, (2, 0), (2, 0)) == ["Rule 1", "Rule 2"]


def test_a_list_style_without_a_style_is_found_by_its_link():
    holder = family(1, '<w:styleLink w:val="House"/>', lvl(0, "Rule %1"))
    definitions = lists(holder, family(2, '<w:numStyleLink w:val="House"/>'), num(2, 2))

    assert labels(definitions, (2, 0)) == ["Rule 1"]


def test_list_styles_and_styles_that_go_round_in_circles_print_nothing():
    styles = (
        '<w:style w:type="paragraph" w:styleId="A"><w:name w:val="A"/><w:basedOn w:val="B"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="B"><w:name w:val="B"/><w:basedOn w:val="A"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    definitions = lists(family(1, '<w:numStyleLink w:val="B"/>'), num(1, 1), styles=styles)

    assert labels(definitions, properties(style="A")) == [None]


def test_a_number_format_word_wraps_in_alternatives_falls_back():
    wrapped = (
        '<w:lvl w:ilvl="0"><mc:AlternateContent'
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="001, 002"/></mc:Choice>'
        '<mc:Fallback><w:numFmt w:val="decimalZero"/></mc:Fallback></mc:AlternateContent>'
        '<w:lvlText w:val="%1"/></w:lvl>'
    )
    definitions = lists(family(1, wrapped), num(1, 1))

    assert labels(definitions, (1, 0)) == ["01"]
