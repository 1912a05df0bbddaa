"""HTML to blocks."""

import pytest

from index.documents import Block, Kind
from index.formats.html import blocks_of, read


def shown(page):
    return [(block.kind, block.label, block.text) for block in blocks_of(page)]


@pytest.mark.parametrize(
    "furniture",
    [
        "<nav><a href='/'>Home</a></nav>",
        "<div class='cookie-banner'><p>We use cookies.</p></div>",
        "<div role='dialog'><p>We use cookies.</p></div>",
        "<footer><p>Telephone 01632 960 100</p></footer>",
        "<script>var a = 1;</script><style>p {}</style>",
        "<p hidden>Draft</p><p style='display: none'>Draft</p>",
        "<!-- a comment -->",
        "<ul class='breadcrumb'><li>Home</li></ul>",
    ],
)
def test_what_is_not_the_policy_is_left_out(furniture):
    assert shown(f"<body>{furniture}<p>Phones are off.</p></body>") == [
        (Kind.PARAGRAPH, "", "Phones are off.")
    ]


def test_where_the_page_names_its_main_part_only_that_is_read():
    page = "<body><p>Welcome</p><main><p>Phones are off.</p></main><p>Find us</p></body>"

    assert [text for _, _, text in shown(page)] == ["Phones are off."]


def test_words_run_on_through_inline_marks():
    assert (
        shown("<p>Phones&nbsp;are <em>o</em>ff,<span> </span>\n  always.</p>")[0][2]
        == "Phones are off, always."
    )


def test_headings_keep_their_rank_and_bold_paragraphs_are_headings():
    blocks = blocks_of("<h2>Phones</h2><p><strong>Watches</strong></p><p><b>Never</b> film.</p>")

    assert [(block.kind, block.level) for block in blocks] == [
        (Kind.HEADING, 2), (Kind.HEADING, 0), (Kind.PARAGRAPH, 0),
    ]  # fmt: skip


def test_ordered_lists_print_their_numbers():
    page = (
        "<ol start='5'><li>Ring.</li><li value='7'>Write.</li></ol><ol type='a'><li>One</li><li>Two</li></ol>"
    )

    assert [label for _, label, _ in shown(page)] == ["5.", "7.", "a.", "b."]


@pytest.mark.parametrize(
    "page",
    [
        "<ul><li>Ring:<ul><li>the office</li></ul></li><li>Write.</li></ul>",
        "<ul><li>Ring:</li><ul><li>the office</li></ul><li>Write.</li></ul>",
    ],
)
def test_lists_nest(page):
    assert [(block.level, block.text) for block in blocks_of(page)] == [
        (1, "Ring:"),
        (2, "the office"),
        (1, "Write."),
    ]


def test_the_paragraphs_of_an_item_are_one():
    assert shown("<ul><li><p>Ring.</p><p>Then write.</p></li></ul>") == [
        (Kind.ITEM, "•", "Ring. Then write.")
    ]


def test_breaks_part_bullets_and_numbers_but_no_sentence():
    page = "<p>4.1 Phones are off.<br>4.2 Do not:<br>• film<br>• photograph<br>anyone</p>"

    assert [text for _, _, text in shown(page)] == [
        "4.1 Phones are off.", "4.2 Do not:", "• film", "• photograph anyone",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "page",
    [
        "<table><thead><tr><td>What</td><td>How</td></tr></thead><tr><td>Phone</td><td>off</td></tr></table>",
        "<table><tr><th>What</th><th>How</th></tr><tr><th>Phone</th><td>off</td></tr></table>",
    ],
)
def test_table_rows_are_joined_by_bars_and_the_header_is_marked(page):
    assert [(block.text, block.header) for block in blocks_of(page)] == [
        ("What | How", True),
        ("Phone | off", False),
    ]


def test_a_table_of_one_column_is_only_a_frame():
    assert shown("<table><tr><td><h2>Phones</h2><p>They are off.</p></td></tr></table>") == [
        (Kind.HEADING, "", "Phones"), (Kind.PARAGRAPH, "", "They are off."),
    ]  # fmt: skip


def test_a_term_stands_with_its_explanation():
    page = "<dl><dt>Tool</dt><dd>any program</dd><dt>Who asks?</dt><dd>You do.</dd></dl>"

    assert [(label, text) for _, label, text in shown(page)] == [
        ("", "Tool any program"), ("Q:", "Who asks?"), ("A:", "You do."),
    ]  # fmt: skip


def test_a_summary_is_a_question_or_a_heading():
    page = "".join(
        f"<details><summary>{title}</summary><p>No.</p></details>" for title in ("May I?", "Phones")
    )

    assert [(kind, label) for kind, label, _ in shown(page)] == [
        (Kind.PARAGRAPH, "Q:"), (Kind.PARAGRAPH, ""), (Kind.HEADING, ""), (Kind.PARAGRAPH, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        (
            "<sup><a href='#fn1'>1</a></sup>",
            "<ol class='footnotes'><li id='fn1'>In May. ↩</li></ol>",
        ),
        ("<a href='#_ftn1'>[1]</a>", "<div id='ftn1'><p><a href='#_ftnref1'>[1]</a> In May.</p></div>"),
    ],
)
def test_footnotes_come_last_and_their_marks_are_left_out(mark, note):
    assert shown(f"<body>{note}<p>Staff train{mark} here.</p></body>") == [
        (Kind.PARAGRAPH, "", "Staff train here."),
        (Kind.FOOTNOTE, "", "In May."),
    ]


def test_the_lists_of_a_page_saved_from_word_keep_their_bullets_and_levels():
    page = (
        "<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><![if !supportLists]>"
        "<span>·<span>&nbsp;</span></span><![endif]>ring the office<o:p></o:p></p>"
    )

    assert blocks_of(page) == [Block(Kind.PARAGRAPH, "· ring the office", level=2)]


def test_a_file_is_read(tmp_path):
    path = tmp_path / "policy.html"
    path.write_text("<h1>Phones</h1>", "utf-8")

    assert read(path) == [Block(Kind.HEADING, "Phones", level=1)]
