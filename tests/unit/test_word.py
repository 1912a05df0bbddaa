"""Word files of our own making, read into blocks."""

import io
import zipfile

import docx
import pytest

from index.documents import Block, Kind
from index.errors import UnreadableDocument
from index.formats.word import read

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMES = (
    f'xmlns:w="{WORD}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)


def levels(*formats, indent):
    return "".join(
        f'<w:lvl w:ilvl="{place}"><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/>'
        f'<w:pPr><w:ind w:left="{indent * (place + 1)}"/></w:pPr></w:lvl>'
        for place, (style, text) in enumerate(formats)
    )


OUTLINE = levels(
    ("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"), ("lowerRoman", "%4."), indent=360
)
BULLETS = levels(*[("bullet", "\uf0b7")] * 3, indent=720)
LISTS = (
    f'<w:numbering {NAMES}><w:abstractNum w:abstractNumId="1">{OUTLINE}</w:abstractNum>'
    f'<w:abstractNum w:abstractNumId="2">{BULLETS}</w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num></w:numbering>'
)


def r(text, look=""):
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(inner="", style=None, at=None, more=""):
    """Return a paragraph; plain words become one run, *at* is its (list, level)."""
    runs = inner if inner.startswith("<") or not inner else r(inner)
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    numbered = f'<w:numPr><w:ilvl w:val="{at[1]}"/><w:numId w:val="{at[0]}"/></w:numPr>' if at else ""
    return f"<w:p><w:pPr>{named}{numbered}{more}</w:pPr>{runs}</w:p>"


def tc(inner, more=""):
    return f"<w:tc><w:tcPr>{more}</w:tcPr>{inner if inner.startswith('<') else p(inner)}</w:tc>"


def tr(*cells, more=""):
    return (
        f"<w:tr><w:trPr>{more}</w:trPr>{''.join(c if c.startswith('<w:tc') else tc(c) for c in cells)}</w:tr>"
    )


def tbl(*rows, more=""):
    return f"<w:tbl><w:tblPr>{more}</w:tblPr>{''.join(rows)}</w:tbl>"


def box(inner):
    content = f"<w:txbxContent>{inner}</w:txbxContent>"
    return f"<w:drawing><wps:wsp><wps:txbx>{content}</wps:txbx></wps:wsp></w:drawing>"


def unpacked(file):
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path, members):
    """Write *members* to *path*; one that is None is left out."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in members.items():
            if data is not None:
                archive.writestr(name, data)
    return path


def rewritten(path, members):
    return packed(path, unpacked(path) | members)


def with_notes(members, kind, inner):
    """Return *members* with a part for the notes, declared and linked as Word does it."""
    types, links = members["[Content_Types].xml"], members["word/_rels/document.xml.rels"]
    content = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}s+xml"
    declared = f'<Override PartName="/word/{kind}s.xml" ContentType="{content}"/></Types>'
    linked = f'<Relationship Id="{kind}" Type="{RELATED}/{kind}s" Target="{kind}s.xml"/></Relationships>'
    return members | {
        "[Content_Types].xml": types.replace(b"</Types>", declared.encode()),
        "word/_rels/document.xml.rels": links.replace(b"</Relationships>", linked.encode()),
        f"word/{kind}s.xml": f"<w:{kind}s {NAMES}>{inner}</w:{kind}s>",
    }


@pytest.fixture(scope="module")
def template():
    """Return the members of an empty Word file, once for all tests: making one is slow."""
    file = io.BytesIO()
    docx.Document().save(file)
    return unpacked(file) | {"word/numbering.xml": LISTS}


@pytest.fixture
def word(tmp_path, template):
    """Return a maker of Word files with the given body, further styles and notes."""

    def make(body, styles="", footnotes="", endnotes=""):
        members = template | {
            "word/document.xml": f"<w:document {NAMES}><w:body>{body}<w:sectPr/></w:body></w:document>",
            "word/styles.xml": template["word/styles.xml"].replace(
                b"</w:styles>", f"{styles}</w:styles>".encode()
            ),
        }
        for kind, inner in (("footnote", footnotes), ("endnote", endnotes)):
            members = with_notes(members, kind, inner) if inner else members
        return packed(tmp_path / "policy.docx", members)

    return make


@pytest.fixture
def blocks(word):
    return lambda *body, **parts: read(word("".join(body), **parts))


@pytest.fixture
def texts(blocks):
    return lambda *body, **parts: [block.text for block in blocks(*body, **parts)]


# What a run prints


def test_runs_are_joined_and_white_space_is_one_space(texts):
    assert texts(p(r("Staff ") + r("  must\u00a0not ") + r("share"))) == ["Staff must not share"]


def test_tabs_and_soft_line_breaks_are_spaces(texts):
    broken = "<w:r><w:t>one</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t><w:cr/><w:t>four</w:t></w:r>"

    assert texts(p(broken)) == ["one two three four"]


def test_hyphens_that_may_not_break_stay_and_soft_ones_go(texts):
    kept = "<w:r><w:t>e</w:t><w:noBreakHyphen/><w:t>mail co\u2011opted </w:t></w:r>"
    soft = "<w:r><w:t>in</w:t><w:softHyphen/><w:t>form\u00adal</w:t></w:r>"

    assert texts(p(kept + soft)) == ["e-mail co-opted informal"]


def test_links_insertions_and_content_controls_are_read(texts):
    wrapped = (
        f"<w:hyperlink>{r('link ')}</w:hyperlink><w:ins>{r('new ')}</w:ins><w:moveTo>{r('moved ')}</w:moveTo>"
        f"<w:sdt><w:sdtPr/><w:sdtContent>{r('chosen ')}</w:sdtContent></w:sdt>"
        f"<w:smartTag>{r('tagged ')}</w:smartTag><w:fldSimple w:instr='DATE'>{r('today')}</w:fldSimple>"
    )

    assert texts(p(wrapped)) == ["link new moved chosen tagged today"]


def test_a_content_control_may_hold_whole_paragraphs_rows_and_cells(texts):
    cell = f"<w:sdt><w:sdtContent>{tc('right')}</w:sdtContent></w:sdt>"
    row = f"<w:sdt><w:sdtContent><w:tr>{tc('left')}{cell}</w:tr></w:sdtContent></w:sdt>"
    body = f"<w:sdt><w:sdtContent>{p('inside')}{tbl(row)}</w:sdtContent></w:sdt>"

    assert texts(body) == ["inside", "left | right"]


def test_deleted_and_moved_away_words_are_not_read(texts):
    deleted = "<w:del><w:r><w:delText>old </w:delText></w:r></w:del>"
    moved = f"<w:moveFrom>{r('elsewhere ')}</w:moveFrom>"

    assert texts(p(deleted + moved + r("kept"))) == ["kept"]


def test_hidden_words_are_not_read_whether_by_run_or_by_style(texts):
    styles = (
        '<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/>'
        "<w:rPr><w:vanish/></w:rPr></w:style>"
        '<w:style w:type="paragraph" w:styleId="Aside"><w:name w:val="Aside"/>'
        "<w:rPr><w:vanish/></w:rPr></w:style>"
    )
    runs = r("seen", '<w:vanish w:val="0"/>') + r("a", "<w:vanish/>") + r("b", '<w:rStyle w:val="Secret"/>')

    assert texts(p(runs), p("hidden", "Aside"), styles=styles) == ["seen"]


def test_a_field_shows_its_result_and_not_its_instruction(texts):
    def mark(kind):
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    nested = mark("begin") + r("instruction") + mark("separate") + r("inner") + mark("end")
    field = mark("begin") + "<w:r><w:instrText> IF </w:instrText></w:r>" + nested + mark("separate")

    assert texts(p(r("See ") + field + r("page 4") + mark("end") + r("."))) == ["See page 4."]


def test_a_field_left_open_hides_no_more_than_its_paragraph(texts):
    assert texts(p('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + r("lost")), p("kept")) == ["kept"]


def test_ticks_of_symbol_fonts_become_ticks(texts):
    tick = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/><w:sym w:font="Wingdings" w:char="F0E0"/></w:r>'

    assert texts(p(tick + r("yes"))) == ["✓ yes"]


def test_a_paragraph_whose_end_was_deleted_runs_into_the_next(texts):
    gone, moved = "<w:rPr><w:del/></w:rPr>", "<w:rPr><w:moveFrom/></w:rPr>"
    body = p("Staff ", more=gone), p("must ", more=moved), p("not share."), p("Last", more=gone)

    assert texts(*body, tbl(tr("a", "b"))) == [
        "Staff must not share.",
        "Last",
        "a | b",
    ]


def test_a_drop_capital_is_part_of_its_word(texts):
    assert texts(p("S", more='<w:framePr w:dropCap="drop"/>'), p("taff")) == ["Staff"]


def test_a_text_box_is_read_once_after_its_paragraph(texts):
    twice = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{box(p("Boxed"))}</mc:Choice>'
        f"<mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>{p('Boxed')}</w:txbxContent>"
        "</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )

    assert texts(p(r("Be") + twice + r("fore")), p("After")) == ["Before", "Boxed", "After"]


def test_an_old_text_box_is_read_too(texts):
    old = f"<w:r><w:pict><v:textbox><w:txbxContent>{p('Boxed')}</w:txbxContent></v:textbox></w:pict></w:r>"

    assert texts(p(old)) == ["Boxed"]


def test_a_text_box_counts_its_own_numbers(blocks):
    boxed = f"<w:r>{box(p('In the box', at=(1, 0)))}</w:r>"

    labels = [block.label for block in blocks(p("One", at=(1, 0)), p(boxed), p("Two", at=(1, 0)))]

    assert labels == ["1.", "1.", "2."]


def test_headers_footers_and_empty_paragraphs_are_not_read(word):
    path = word(p("") + p(r("   ")) + p("Body"))
    document = docx.Document(path)
    document.sections[0].header.paragraphs[0].text = "Running head"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.save(path)

    assert read(path) == [Block(Kind.PARAGRAPH, "Body")]


# Contents lists


def test_contents_lists_are_dropped_by_style(texts):
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{title}"/></w:style>'
        for name, title in {"Inhalt1": "toc 1", "InhaltTitel": "TOC Heading"}.items()
    )

    assert texts(p("Contents", "InhaltTitel"), p("Scope 3", "Inhalt1"), p("Scope"), styles=styles) == [
        "Scope"
    ]


def test_contents_lists_are_dropped_by_their_content_control(texts):
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    control = f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{p('Scope 3')}</w:sdtContent></w:sdt>"

    assert texts(control, p("Scope")) == ["Scope"]


# Kinds, labels and levels


def test_heading_styles_and_the_title_are_headings_with_their_rank(blocks):
    styles = (
        '<w:style w:type="paragraph" w:styleId="House"><w:name w:val="House"/>'
        '<w:basedOn w:val="Heading2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Ranked"><w:name w:val="Ranked"/>'
        '<w:pPr><w:outlineLvl w:val="3"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Body"><w:name w:val="Body"/><w:basedOn w:val="Ranked"/>'
        '<w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>'
    )

    read_as = blocks(
        p("Online conduct", "Title"),
        p("Scope", "Heading1"),
        p("Who", "House"),
        p("Why", "Ranked"),
        p("When", more='<w:outlineLvl w:val="2"/>'),
        p("Where", "Body"),
        p("How", "Heading1", more='<w:outlineLvl w:val="9"/>'),
        styles=styles,
    )

    assert [(block.kind, block.level) for block in read_as] == [
        (Kind.HEADING, 1),
        (Kind.HEADING, 1),
        (Kind.HEADING, 2),
        (Kind.HEADING, 4),
        (Kind.HEADING, 3),
        (Kind.PARAGRAPH, 0),
        (Kind.HEADING, 1),
    ]


def test_a_heading_keeps_its_automatic_number(blocks):
    assert blocks(p("Scope", "Heading1", at=(1, 0))) == [Block(Kind.HEADING, "Scope", "1.", 1)]


@pytest.mark.parametrize("text", ["Staff tell the head.", "Staff tell the head;", " ".join(["word"] * 21)])
def test_a_sentence_in_a_heading_style_is_a_paragraph_with_its_label(blocks, text):
    assert blocks(p("Scope", "Heading1", at=(1, 0)), p(text, "Heading2", at=(1, 1)))[1] == Block(
        Kind.PARAGRAPH, text, "1.1", 2
    )


def test_a_short_bold_paragraph_is_a_heading_of_unknown_rank(blocks):
    bold = r("Phones ", "<w:b/>") + r(" ") + r("at school", '<w:rStyle w:val="Strong"/>')

    assert blocks(p(bold)) == [Block(Kind.HEADING, "Phones at school")]


@pytest.mark.parametrize(
    "paragraph",
    [
        p(r("Staff must not.", "<w:b/>")),
        p(r(" ".join(["word"] * 16), "<w:b/>")),
        p(r("Staff", "<w:b/>") + r(" must not")),
        p(r("Staff", '<w:b w:val="0"/>')),
        p(r("* * *", "<w:b/>")),
        p(r("Staff", '<w:rStyle w:val="Strong"/>'), "Loud"),
    ],
)
def test_other_bold_or_half_bold_paragraphs_stay_paragraphs(blocks, paragraph):
    loud = (
        '<w:style w:type="paragraph" w:styleId="Loud"><w:name w:val="Loud"/><w:rPr><w:b/></w:rPr></w:style>'
    )

    assert [block.kind for block in blocks(paragraph, styles=loud)] == [Kind.PARAGRAPH]


def test_a_bold_paragraph_with_an_automatic_number_stays_a_paragraph(blocks):
    assert blocks(p(r("Phones", "<w:b/>"), at=(1, 0))) == [Block(Kind.PARAGRAPH, "Phones", "1.", 1)]


def test_decimal_numbers_are_paragraphs_of_their_level(blocks):
    assert blocks(p("Phones", at=(1, 0)), p("Off in class", at=(1, 1))) == [
        Block(Kind.PARAGRAPH, "Phones", "1.", 1),
        Block(Kind.PARAGRAPH, "Off in class", "1.1", 2),
    ]


def test_letters_and_numerals_are_items_whose_depth_counts_from_their_list(blocks):
    body = p("Lead", at=(1, 1)), p("one", at=(1, 2)), p("two", at=(1, 3)), p("three", at=(1, 2))

    assert blocks(*body)[1:] == [
        Block(Kind.ITEM, "one", "(a)", 1),
        Block(Kind.ITEM, "two", "i.", 2),
        Block(Kind.ITEM, "three", "(b)", 1),
    ]


def test_bullets_nest_by_level_and_a_list_may_begin_deep(blocks):
    body = p("x", at=(2, 1)), p("y", at=(2, 2)), p("z", at=(2, 0)), p("Then"), p("w", at=(2, 2))
    after_a_heading = p("Scope", "Heading1"), p("v", at=(2, 2))
    after_a_table = tbl(tr("a", "b")), p("u", at=(2, 2))

    read_as = blocks(p("t", at=(2, 0)), *after_a_heading, p("t", at=(2, 0)), *after_a_table)
    assert [block.level for block in read_as] == [1, 1, 1, 1, 0, 1]
    assert [(block.label, block.level) for block in blocks(*body)] == [
        ("•", 1),
        ("•", 2),
        ("•", 1),
        ("", 0),
        ("•", 1),
    ]


def test_items_of_another_list_nest_by_their_indent(blocks):
    deeper, level = '<w:ind w:left="1800"/>', '<w:ind w:left="1180"/>'
    body = p("a", at=(1, 2)), p("b", at=(2, 0), more=deeper), p("c", at=(1, 2)), p("d", at=(2, 0), more=level)

    assert [block.level for block in blocks(*body)] == [1, 2, 1, 1]


def test_a_list_paragraph_without_a_number_does_not_end_the_list(blocks):
    body = p("a", at=(2, 0)), p("b", at=(2, 1)), p("more of b", "ListParagraph"), p("c", at=(2, 1))

    assert [(block.kind, block.level) for block in blocks(*body)] == [
        (Kind.ITEM, 1),
        (Kind.ITEM, 2),
        (Kind.PARAGRAPH, 0),
        (Kind.ITEM, 2),
    ]


def test_a_bullet_style_makes_items_even_without_a_list_behind_it(blocks):
    lost = (
        '<w:style w:type="paragraph" w:styleId="Dots2"><w:name w:val="List Bullet 2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Mine"/>'
        '<w:basedOn w:val="Dots2"/></w:style>'
    )

    assert blocks(p("one", "Mine"), p("off", "Mine", at=(0, 0)), styles=lost) == [
        Block(Kind.ITEM, "one", "", 2),
        Block(Kind.PARAGRAPH, "off"),
    ]


def test_a_lettered_sentence_in_a_heading_style_is_an_item(blocks):
    assert blocks(p("Tell the head.", "Heading3", at=(1, 2))) == [
        Block(Kind.ITEM, "Tell the head.", "(a)", 1)
    ]


def test_an_empty_numbered_paragraph_counts_but_a_deleted_or_hidden_one_does_not(blocks):
    gone = p("<w:del><w:r><w:delText>x</w:delText></w:r></w:del>", at=(1, 0), more="<w:rPr><w:del/></w:rPr>")
    hidden = p(r("x", "<w:vanish/>"), at=(1, 0), more="<w:rPr><w:vanish/></w:rPr>")
    body = p("a", at=(1, 0)), p("", at=(1, 0)), gone, p("c", at=(1, 0)), hidden, p("d", at=(1, 0))
    before_a_table = gone, tbl(tr("x", "y")), p("e", at=(1, 0))

    assert [block.label for block in blocks(*body, *before_a_table)] == ["1.", "3.", "4.", "", "5."]


def test_numbers_go_on_through_tables(blocks):
    table = tbl(tr(tc(p("b", at=(1, 0))), "x"))

    assert [(block.label, block.text) for block in blocks(p("a", at=(1, 0)), table, p("c", at=(1, 0)))] == [
        ("1.", "a"),
        ("", "2. b | x"),
        ("3.", "c"),
    ]


# Tables


def test_each_row_is_one_block_of_its_table(blocks):
    blank = tbl(tr("", ""))
    first = tbl(tr("Who", tc(p("Head") + p("Deputy"))), tr("", ""), tr("When", ""), tr("", "now"))

    assert blocks(blank, first, p("Between"), tbl(tr("a", "b", "", ""))) == [
        Block(Kind.ROW, "Who | Head Deputy", table=1),
        Block(Kind.ROW, "When", table=1),
        Block(Kind.ROW, " | now", table=1),
        Block(Kind.PARAGRAPH, "Between"),
        Block(Kind.ROW, "a | b", table=2),
    ]


def test_merged_cells_count_once(texts):
    start, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    table = tbl(
        tr(tc("Wide", '<w:gridSpan w:val="2"/>'), "c"),
        tr(tc("Tall", start), "b", "c"),
        tr(tc(p(""), on), "e", "f"),
        tr(tc("g", '<w:hMerge w:val="restart"/>'), tc("", "<w:hMerge/>"), "h"),
    )

    assert texts(table) == ["Wide | c", "Tall | b | c", "e | f", "g | h"]


def test_deleted_rows_and_cells_are_not_read(texts):
    table = tbl(tr("a", "b"), tr("c", "d", more="<w:del/>"), tr("e", tc("f", "<w:cellDel/>"), "g"))

    assert texts(table) == ["a | b", "e | g"]


def test_a_table_inside_a_cell_is_flattened_into_it(blocks):
    inner = tbl(tr("x", "y"), tr("z", "w"))

    assert blocks(tbl(tr(tc(p("Cell") + inner + p("")), "b")), tbl(tr("c", "d"))) == [
        Block(Kind.ROW, "Cell x y z w | b", table=1),
        Block(Kind.ROW, "c | d", table=2),
    ]


def test_a_text_box_inside_a_cell_is_part_of_it(texts):
    assert texts(tbl(tr(tc(p(f"<w:r><w:t>Cell</w:t>{box(p('boxed'))}</w:r>")), "b"))) == ["Cell boxed | b"]


def test_bullets_in_a_cell_are_left_out_and_letters_are_kept(texts):
    cell = tc(p("one", at=(2, 0)) + p("two", at=(1, 2)))

    assert texts(tbl(tr(cell, "b"))) == ["one (a) two | b"]


def test_a_row_with_nothing_but_a_number_is_dropped(texts):
    empty = tr(tc(p("", at=(1, 0))), "")

    assert texts(tbl(empty, tr(tc(p("", at=(1, 0))), "b"))) == ["2. | b"]


def test_a_marked_row_is_a_header(blocks):
    read_as = blocks(tbl(tr("Who", "When", more="<w:tblHeader/>"), tr("Head", "now")))

    assert [block.header for block in read_as] == [True, False]


def test_an_all_bold_first_row_is_a_header_and_a_later_one_is_not(blocks):
    bold = tr(tc(p(r("Who", "<w:b/>"))), tc(p(r("When", "<w:b/>"))))
    half = tr(tc(p(r("Who", "<w:b/>"))), "When")

    read_as = blocks(tbl(bold, tr("Head", "now"), bold), tbl(half, tr("a", "b")), tbl(bold))

    assert [block.header for block in read_as] == [True, False, False, False, False, False]


def test_a_table_style_may_embolden_the_first_row(blocks):
    style = (
        '<w:style w:type="table" w:styleId="Striped"><w:name w:val="Striped"/>'
        '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr></w:tblStylePr></w:style>'
    )
    rows = tr("Who", "When"), tr("Head", "now")
    looks = ['<w:tblLook w:val="04A0"/>', '<w:tblLook w:firstRow="1"/>', '<w:tblLook w:firstRow="0"/>']
    tables = [tbl(*rows, more=f'<w:tblStyle w:val="Striped"/>{look}') for look in looks]

    assert [block.header for block in blocks(*tables, styles=style)] == [
        True,
        False,
        True,
        False,
        False,
        False,
    ]


def test_a_table_of_one_column_is_only_a_frame(blocks):
    inner = tbl(tr("x", "y"))
    frame = tbl(tr(tc(p("Scope", "Heading1") + p("bullet", at=(2, 0)) + inner)), tr(tc(p("Last"))))

    assert blocks(frame) == [
        Block(Kind.HEADING, "Scope", level=1),
        Block(Kind.ITEM, "bullet", "•", 1),
        Block(Kind.ROW, "x | y", table=1),
        Block(Kind.PARAGRAPH, "Last"),
    ]


# Notes


def reference(kind, identity, more=""):
    return f'<w:r><w:{kind}Reference w:id="{identity}" {more}/></w:r>'


def note(kind, identity, text):
    return f'<w:{kind} w:id="{identity}">{p(f"<w:r><w:{kind}Ref/></w:r>" + r(" " + text))}</w:{kind}>'


def test_notes_stand_at_the_end_in_the_order_of_their_marks(blocks):
    footnotes = '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    footnotes += (
        note("footnote", 1, "Second.") + note("footnote", 2, "First.") + note("footnote", 3, "Unused.")
    )
    body = p(r("Tell") + reference("endnote", 1) + r(" the head") + reference("footnote", 2) + r("."))
    table = tbl(tr(tc(p(r("a") + reference("footnote", 1))), "b"))

    read_as = blocks(body, table, p("End"), footnotes=footnotes, endnotes=note("endnote", 1, "Last."))

    assert read_as == [
        Block(Kind.PARAGRAPH, "Tell the head."),
        Block(Kind.ROW, "a | b", table=1),
        Block(Kind.PARAGRAPH, "End"),
        Block(Kind.FOOTNOTE, "First."),
        Block(Kind.FOOTNOTE, "Second."),
        Block(Kind.FOOTNOTE, "Last."),
    ]


def test_the_note_of_a_deleted_mark_is_not_read(texts):
    body = p(r("Kept") + f"<w:del>{reference('footnote', 1)}</w:del>")

    assert texts(body, footnotes=note("footnote", 1, "Gone.")) == ["Kept"]


def test_a_typed_note_mark_leaves_no_text_behind(texts):
    marked = '<w:r><w:footnoteReference w:id="1" w:customMarkFollows="1"/><w:t>*</w:t></w:r>'
    typed = f'<w:footnote w:id="1">{p("* As amended.")}</w:footnote>'

    assert texts(p(r("Kept") + marked), footnotes=typed) == ["Kept", "As amended."]


# Files that cannot be read


def refusal(path):
    with pytest.raises(UnreadableDocument) as caught:
        read(path)
    assert caught.value.file == path.name
    assert not caught.value.cause.endswith(".")
    assert not caught.value.mend.endswith(".")
    return caught.value.cause


DAMAGED = "the Word file is damaged and cannot be opened"
TOO_LARGE = "the Word file is too large to unpack safely"


@pytest.mark.parametrize("data", [b"plain words", b"PK\x03\x04" + bytes(100), b"%PDF-1.7"])
def test_a_file_that_is_no_archive_is_damaged(tmp_path, data):
    path = tmp_path / "policy.docx"
    path.write_bytes(data)

    assert refusal(path) == DAMAGED


def test_an_empty_file_is_said_to_be_empty(tmp_path):
    path = tmp_path / "policy.docx"
    path.touch()

    assert refusal(path) == "the Word file is empty"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_damaged(word, share):
    path = word(p("Body"))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])

    assert refusal(path) == DAMAGED


def test_a_member_with_wrong_bytes_is_damaged(word):
    path = word(p("Body"))
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("word/document.xml").header_offset + 60
    data = bytearray(path.read_bytes())
    data[at : at + 20] = bytes(20)
    path.write_bytes(data)

    assert refusal(path) == DAMAGED


@pytest.mark.parametrize("xml", [None, b"", b"<w:document", b"<document/>", b"\xff\xfe\x00"])
def test_a_missing_or_broken_document_part_is_damaged(word, xml):
    assert refusal(rewritten(word(p("Body")), {"word/document.xml": xml})) == DAMAGED


def test_broken_styles_are_damage_too_but_missing_ones_are_not(word):
    path = word(p("Body"))

    assert read(rewritten(path, {"word/styles.xml": None})) == [Block(Kind.PARAGRAPH, "Body")]
    assert refusal(rewritten(path, {"word/styles.xml": b"<w:styles"})) == DAMAGED


def test_a_spreadsheet_under_another_name_is_damaged(word):
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    path = rewritten(word(p("Body")), {"_rels/.rels": links, "xl/workbook.xml": b"<workbook/>"})

    assert refusal(path) == DAMAGED


def test_the_main_part_is_found_by_its_link_and_in_the_strict_dialect(word):
    path = word(p("Scope", "Heading1"))
    members = unpacked(path)
    strict = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
    moved = {
        "_rels/.rels": members["_rels/.rels"].replace(b"word/document.xml", b"/word/document2.xml"),
        "word/_rels/document2.xml.rels": members["word/_rels/document.xml.rels"],
        "word/document2.xml": members["word/document.xml"].replace(WORD.encode(), strict),
        "word/document.xml": None,
    }
    rewritten(path, moved)

    assert read(path) == [Block(Kind.HEADING, "Scope", level=1)]


def test_a_locked_file_and_an_old_one_say_what_to_do(tmp_path):
    old, locked = tmp_path / "old.docx", tmp_path / "locked.docx"
    old.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600))
    locked.write_bytes(old.read_bytes() + "EncryptedPackage".encode("utf-16-le"))

    assert refusal(old) == "this is an old .doc file or has a password"
    assert refusal(locked) == "the Word file is locked with a password"


def claiming(path, size, packed, members=1):
    """Write an archive whose directory claims that each member unpacks to *size* from *packed* bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(members):
            archive.writestr(f"word/media/{number}.bin", b"x")
            archive.filelist[-1].file_size, archive.filelist[-1].compress_size = size, packed
        archive.writestr("word/document.xml", "<broken")
    path.write_bytes(made.getvalue())
    return path


@pytest.mark.parametrize(
    ("size", "packed", "members", "cause"),
    [
        (100_000_000, 1_000_000, 3, TOO_LARGE),
        (60_000_000, 1_000_000, 3, DAMAGED),
        (25_000_000, 100_000, 1, TOO_LARGE),
        (25_000_000, 1_000_000, 1, DAMAGED),
        (15_000_000, 10_000, 1, DAMAGED),
        (1, 1, 5_001, TOO_LARGE),
        (1, 1, 4_000, DAMAGED),
    ],
)
def test_what_would_unpack_too_far_is_refused_before_it_is_unpacked(tmp_path, size, packed, members, cause):
    assert refusal(claiming(tmp_path / "bomb.docx", size, packed, members)) == cause


def test_a_text_part_of_unreasonable_size_is_refused(word):
    # Stored, not packed, so that only its size speaks against it.
    path = word(p("Body"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/comments.xml", bytes(51_000_000))

    assert refusal(path) == TOO_LARGE


def test_an_entity_bomb_is_refused_unexpanded(word):
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = (
        f'<!DOCTYPE w:document [<!ENTITY e0 "boom">{entities}]>'
        f"<w:document {NAMES}><w:body><w:p><w:r><w:t>&e11;</w:t></w:r></w:p></w:body></w:document>"
    )

    assert refusal(rewritten(word(p("Body")), {"word/document.xml": bomb})) == DAMAGED


def test_a_file_on_disk_is_never_named_by_an_entity(word, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    outside = (
        f'<!DOCTYPE w:document [<!ENTITY e SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
        f"<w:document {NAMES}><w:body><w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:body></w:document>"
    )

    assert refusal(rewritten(word(p("Body")), {"word/document.xml": outside})) == DAMAGED


def test_nesting_past_reason_is_damage_and_not_a_crash(word):
    depth = 2000
    deep = f"<w:p>{'<w:ins>' * depth}{r('x')}{'</w:ins>' * depth}</w:p>"
    body = f"<w:document {NAMES}><w:body>{deep}</w:body></w:document>"

    assert refusal(rewritten(word(p("Body")), {"word/document.xml": body})) == DAMAGED


def test_a_document_without_words_says_so(word):
    assert refusal(word(p("") + tbl(tr("", "")))) == "the Word file holds no text"
