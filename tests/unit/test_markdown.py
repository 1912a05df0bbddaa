"""Markdown to blocks."""

from index.documents import Block, Kind
from index.formats.markdown import blocks_of, read


def shown(text):
    return [(block.kind, block.label, block.text) for block in blocks_of(text)]


def test_both_kinds_of_heading_keep_their_rank():
    assert [(block.text, block.level) for block in blocks_of("Phones\n======\n\n### Watches\n")] == [
        ("Phones", 1), ("Watches", 3),
    ]  # fmt: skip


def test_front_matter_and_comments_are_left_out():
    assert shown("---\ntitle: Phones\n---\n<!-- a note -->\nThey are off.\n") == [
        (Kind.PARAGRAPH, "", "They are off.")
    ]


def test_marks_of_emphasis_links_and_escapes_leave_only_the_words():
    text = "1\\. *All* **staff** use [Tideway](https://example.org) and `mail`\\\nonly.\n"

    assert shown(text) == [(Kind.PARAGRAPH, "", "1. All staff use Tideway and mail only.")]


def test_numbered_lines_without_space_between_them_are_paragraphs_of_their_own():
    assert shown("1.1 Phones are off.\n1.2 Watches are\nsilent.\n") == [
        (Kind.PARAGRAPH, "", "1.1 Phones are off."),
        (Kind.PARAGRAPH, "", "1.2 Watches are silent."),
    ]


def test_a_wrapped_line_may_begin_with_a_number():
    assert [text for _, _, text in shown("See section\n7.3 of the guide, or wait\n10 days.\n")] == [
        "See section 7.3 of the guide, or wait 10 days."
    ]


def test_lists_keep_their_numbers_and_depth():
    blocks = blocks_of("3. Ring:\n   - the office\n   - the head\n4. Write.\n")

    assert [(block.label, block.level, block.text) for block in blocks] == [
        ("3.", 1, "Ring:"), ("•", 2, "the office"), ("•", 2, "the head"), ("4.", 1, "Write."),
    ]  # fmt: skip


def test_a_second_paragraph_of_an_item_belongs_to_it():
    assert shown("- Ring.\n\n  Then write.\n") == [(Kind.ITEM, "•", "Ring. Then write.")]


def test_a_paragraph_in_bold_is_a_heading_and_a_bold_number_is_none():
    assert [kind for kind, _, _ in shown("**Phones**\n\n**6.7** They are off.\n")] == [
        Kind.HEADING,
        Kind.PARAGRAPH,
    ]


def test_table_rows_are_joined_by_bars_and_the_header_is_marked():
    blocks = blocks_of("| What | How |\n|---|---|\n| Phone | **off** |\n")

    assert [(block.text, block.header, block.table) for block in blocks] == [
        ("What | How", True, 1), ("Phone | off", False, 1),
    ]  # fmt: skip


def test_footnotes_come_last_and_their_marks_are_left_out():
    assert shown("Staff train.[^1] Each year.\n\n[^1]: On paper,\n    in May.\n") == [
        (Kind.PARAGRAPH, "", "Staff train. Each year."),
        (Kind.FOOTNOTE, "", "On paper, in May."),
    ]


def test_html_inside_leaves_its_words():
    blocks = blocks_of("<div>They are <b>off</b>.</div>\n\n<table><tr><td>a</td><td>b</td></tr></table>\n")

    assert [(block.text, block.table) for block in blocks] == [("They are off.", 0), ("a | b", 1)]


def test_a_file_is_read(tmp_path):
    path = tmp_path / "policy.md"
    path.write_text("# Phones\n", "utf-8")

    assert read(path) == [Block(Kind.HEADING, "Phones", level=1)]
