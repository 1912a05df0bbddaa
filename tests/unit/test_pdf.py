"""PDFs, drawn by each test, come out as the lines a reader sees, in the order they are read."""

import logging
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from index.documents import Line
from index.errors import UnreadableDocument
from index.formats.pdf import read
from index.formats.pdf_words import Glyph, words_of

WIDTH, HEIGHT = 595, 842
LEFT, RIGHT = 72, 523
PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
WORDS = (
    "Every colleague keeps a clear line between work and home when using any online service and "
    "tells the office about a message from a pupil before answering it or passing it on to others "
)


class Drawing:
    """A PDF drawn from the top of the page down, 14 points a line."""

    def __init__(self, path: Path, **options: object) -> None:
        self.path = path
        self.canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), **options)
        self.y = HEIGHT - 100

    def line(
        self, text: str, x: float = LEFT, *, font: str = PLAIN, size: float = 11, skip: float = 0
    ) -> None:
        self.y -= 14 * (1 + skip)
        self.at(text, x, self.y, font=font, size=size)

    def at(self, text: str, x: float, y: float, *, font: str = PLAIN, size: float = 11) -> None:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, text)

    def wrapped(self, text: str, x: float = LEFT, right: float = RIGHT, *, skip: float = 0) -> list[str]:
        lines = wrap(text, right - x)
        for at, line in enumerate(lines):
            self.line(line, x, skip=0 if at else skip)
        return lines

    def turn(self) -> None:
        self.canvas.showPage()
        self.y = HEIGHT - 100

    def lines(self) -> list[Line]:
        self.canvas.save()
        return read(self.path)


def wrap(text: str, width: float, size: float = 11) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if stringWidth(longer, PLAIN, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@pytest.fixture
def drawing(tmp_path: Path) -> Drawing:
    return Drawing(tmp_path / "policy.pdf")


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def refusal(path: Path) -> UnreadableDocument:
    with pytest.raises(UnreadableDocument) as caught:
        read(path)
    return caught.value


# One column


def test_lines_come_from_the_top_down_with_their_page(drawing):
    first = drawing.wrapped(WORDS)
    drawing.turn()
    drawing.line("A second page.")

    lines = drawing.lines()

    assert texts(lines) == [*first, "A second page."]
    assert [line.page for line in lines] == [1] * len(first) + [2]


def test_a_line_is_full_when_the_next_first_word_would_not_have_fitted(drawing):
    drawing.wrapped(WORDS)
    drawing.line("Short.", skip=1)
    drawing.line("Short too.", skip=1)

    lines = drawing.lines()

    assert [line.full for line in lines] == [True, True, False, False, False]


def test_a_clause_that_runs_over_the_page_is_full_and_goes_on_without_a_gap(drawing):
    above, below = wrap(WORDS, RIGHT - LEFT)[:2]
    drawing.wrapped(WORDS)
    drawing.line(above, skip=1)
    drawing.turn()
    drawing.line(below)

    lines = drawing.lines()

    assert [(line.full, line.gap) for line in lines[-2:]] == [(True, 1.0), (False, 0.0)]


def test_the_gap_counts_empty_lines(drawing):
    drawing.wrapped(WORDS)
    drawing.line("One line lower.", skip=1)
    drawing.line("Two and a half lines lower.", skip=2.5)

    lines = drawing.lines()

    assert [line.gap for line in lines] == [0.0, 0.0, 0.0, 1.0, 2.5]


def test_space_between_items_that_outnumber_paragraphs_is_still_a_gap(drawing):
    drawing.wrapped(WORDS * 2)
    for number in range(12):
        drawing.line(f"Item {number}", skip=0.5)

    lines = drawing.lines()

    assert [line.gap for line in lines[-12:]] == [0.5] * 12


def test_indents_are_measured_from_the_column_in_letters(drawing):
    drawing.wrapped(WORDS)
    drawing.line("- an item that hangs", LEFT + 20)
    drawing.line("below its bullet", LEFT + 32)

    indents = [line.indent for line in drawing.lines()]

    assert indents[:3] == [0.0, 0.0, 0.0]
    assert 3 < indents[3] < 5
    assert indents[4] > indents[3] + 1


def test_a_page_that_holds_only_a_list_keeps_its_indents(drawing):
    drawing.wrapped(WORDS)
    drawing.turn()
    for item in ("first", "second", "third", "fourth"):
        drawing.line(f"- the {item} item", LEFT + 20)

    lines = drawing.lines()

    assert all(line.indent > 3 for line in lines[-4:])


def test_margins_that_mirror_on_odd_and_even_pages_indent_nothing(drawing):
    for page in range(4):
        shift = 30 * (page % 2)
        drawing.wrapped(WORDS * 2, LEFT + shift, RIGHT - 40 + shift)
        drawing.turn()

    lines = drawing.lines()

    assert {line.indent for line in lines} == {0.0}
    assert [line.full for line in lines] == [True, True, True, True, False] * 4


def test_a_number_printed_apart_from_its_words_shares_their_line(drawing):
    drawing.line("1.1")
    drawing.at("Staff use school accounts.", LEFT + 36, drawing.y + 1)

    assert texts(drawing.lines()) == ["1.1 Staff use school accounts."]


def test_a_word_hyphenated_at_the_line_end_stays_as_printed(drawing):
    drawing.line("Everyone has a duty of safe-")
    drawing.line("guarding towards pupils.")

    assert texts(drawing.lines()) == ["Everyone has a duty of safe-", "guarding towards pupils."]


def test_bold_lines_are_strong_and_sizes_are_relative(drawing):
    drawing.line("2 Contact", font=BOLD, size=16.5)
    drawing.wrapped(WORDS)
    drawing.line("Never alone", font=BOLD)
    drawing.at("on a phone", LEFT + 100, drawing.y)

    lines = drawing.lines()

    assert [(line.strong, line.size) for line in (lines[0], lines[1], lines[-1])] == [
        (True, 1.5), (False, 1.0), (False, 1.0),
    ]  # fmt: skip


def test_text_set_twice_to_look_bold_is_read_once(drawing):
    drawing.line("All staff will follow this.")
    drawing.at("All staff will follow this.", LEFT + 0.4, drawing.y)

    assert texts(drawing.lines()) == ["All staff will follow this."]


def test_rotated_and_slanted_stamps_are_left_out(drawing):
    drawing.line("Staff use school accounts.")
    for angle in (45, 90):
        drawing.canvas.saveState()
        drawing.canvas.translate(300, 400)
        drawing.canvas.rotate(angle)
        drawing.at("DRAFT", 0, 0, size=60)
        drawing.canvas.restoreState()

    assert texts(drawing.lines()) == ["Staff use school accounts."]


def test_white_words_are_read_only_on_a_dark_ground(drawing):
    drawing.line("Staff use school accounts.")
    drawing.line("A heading on a bar")
    drawing.canvas.rect(LEFT - 2, drawing.y - 4, 300, 16, stroke=0, fill=1)
    drawing.canvas.setFillGray(1)
    drawing.at("A heading on a bar", LEFT, drawing.y)
    drawing.at("hidden words", LEFT, 300)

    assert texts(drawing.lines()) == ["Staff use school accounts.", "A heading on a bar"]


# Columns


def test_two_columns_are_read_left_then_right_below_their_heading(drawing):
    drawing.line("A heading that runs from the left margin far across the middle of the page", skip=1)
    top = drawing.y
    left = drawing.wrapped("LEFT " + WORDS * 2, LEFT, 285)
    drawing.y = top
    right = drawing.wrapped("RIGHT " + WORDS * 2, 310, RIGHT)

    lines = drawing.lines()

    assert texts(lines)[1:] == left + right
    assert {line.indent for line in lines} == {0.0}
    assert all(line.full for line in lines[1:-1])
    assert lines[1 + len(left)].gap == 0.0


def test_columns_whose_lines_stand_at_different_heights_are_told_apart(drawing):
    top = drawing.y
    left = drawing.wrapped("LEFT " + WORDS * 2, LEFT, 285)
    drawing.y = top - 6
    right = drawing.wrapped("RIGHT " + WORDS * 2, 310, RIGHT)

    assert texts(drawing.lines()) == left + right


def test_a_page_may_change_from_one_column_to_two_and_back(drawing):
    above = drawing.wrapped("ABOVE " + WORDS)
    top = drawing.y - 10
    drawing.y = top
    left = drawing.wrapped("LEFT " + WORDS, LEFT, 285)
    drawing.y = top
    right = drawing.wrapped("RIGHT " + WORDS, 310, RIGHT)
    drawing.line("Below", skip=1)
    below = drawing.wrapped("BELOW " + WORDS)

    lines = drawing.lines()

    assert texts(lines) == above + left + right + ["Below"] + below
    assert lines[texts(lines).index("Below")].gap == 1.0


def test_three_columns_are_read_one_after_the_other(drawing):
    top = drawing.y
    columns = []
    for x in (40, 220, 400):
        drawing.y = top
        columns += drawing.wrapped(f"COLUMN{x} " + WORDS, x, x + 160)

    assert texts(drawing.lines()) == columns


def test_short_entries_set_side_by_side_are_no_columns(drawing):
    for role, number in (("Lead", "01632 960001"), ("Head", "01632 960002"), ("Chair", "01632 960003")):
        drawing.line(role)
        drawing.at(number, 320, drawing.y)

    assert texts(drawing.lines()) == ["Lead 01632 960001", "Head 01632 960002", "Chair 01632 960003"]


# Running headers, footers and page numbers


@pytest.mark.parametrize(
    "footer",
    ["{n}", "Page {n}", "Page {n} of 5", "- {n} -", "{n} | Page", "Hillview School   v2.1   page {n}"],
)
def test_page_numbers_are_dropped(drawing, footer):
    for number in range(1, 6):
        drawing.line(f"Words of page {number} stand here.")
        drawing.at(footer.format(n=number), 280, 40)
        drawing.turn()

    assert texts(drawing.lines()) == [f"Words of page {number} stand here." for number in range(1, 6)]


def test_roman_page_numbers_of_the_front_pages_are_dropped(drawing):
    for footer in ("i", "ii", "1", "2", "3"):
        drawing.line(f"Words above {footer!r}.")
        drawing.at(footer, 290, 40)
        drawing.turn()

    assert texts(drawing.lines()) == [f"Words above {footer!r}." for footer in ("i", "ii", "1", "2", "3")]


def test_headers_of_odd_and_even_pages_are_dropped(drawing):
    for number in range(1, 6):
        drawing.at("Hillview School" if number % 2 else "Online conduct", LEFT, 800)
        drawing.at(str(number), RIGHT, 800)
        drawing.line(f"Words of page {number}.")
        drawing.turn()

    assert texts(drawing.lines()) == [f"Words of page {number}." for number in range(1, 6)]


def test_a_header_that_the_first_page_lacks_is_dropped(drawing):
    drawing.line("Online conduct", size=20)
    for number in (2, 3):
        drawing.turn()
        drawing.at("Online conduct | Hillview School", LEFT, 800)
        drawing.line(f"Words of page {number}.")

    assert texts(drawing.lines()) == ["Online conduct", "Words of page 2.", "Words of page 3."]


def test_a_clause_number_that_stands_alone_is_kept(drawing):
    for page, (number, who) in enumerate({"4": "Staff", "7": "Governors", "9": "Helpers"}.items(), 1):
        drawing.at(number, LEFT, 780)
        drawing.at(f"{who} tell the office.", LEFT, 760)
        drawing.at(str(page), 290, 40)
        drawing.turn()

    assert texts(drawing.lines())[::2] == ["4", "7", "9"]


def test_appendix_headings_at_the_top_of_their_pages_are_kept(drawing):
    for number in (1, 2, 3):
        drawing.at(f"Appendix {number}", LEFT, 780)
        drawing.line(f"Words of page {number}.")
        drawing.turn()

    assert texts(drawing.lines())[::2] == ["Appendix 1", "Appendix 2", "Appendix 3"]


def test_the_only_page_loses_no_more_than_its_page_mark(drawing):
    drawing.at("Hillview School", LEFT, 800)
    drawing.line("1")
    drawing.line("Staff use school accounts.")
    drawing.at("Page 1 of 1", 280, 40)

    assert texts(drawing.lines()) == ["Hillview School", "1", "Staff use school accounts."]


# Footnotes


def with_footnotes(drawing: Drawing) -> None:
    """Two marks in the text, and their notes below a short rule; the second runs over two lines."""
    drawing.line("Staff may accept a request")
    drawing.at("1", LEFT + stringWidth("Staff may accept a request", PLAIN, 11), drawing.y + 4, size=7)
    drawing.at("from a relative", LEFT + 145, drawing.y)
    drawing.at("2", LEFT + 145 + stringWidth("from a relative", PLAIN, 11), drawing.y + 4, size=7)
    drawing.at(", and tell the lead.", LEFT + 149 + stringWidth("from a relative", PLAIN, 11), drawing.y)
    drawing.wrapped(WORDS)
    drawing.canvas.line(LEFT, 140, LEFT + 140, 140)


def test_raised_footnote_marks_are_left_out_and_notes_follow_the_body(drawing):
    with_footnotes(drawing)
    for mark, words, y in (("1", "Sent to a personal account.", 126), ("2", "Brother, sister, child,", 116)):
        drawing.at(mark, LEFT, y + 3, size=5)
        drawing.at(words, LEFT + 4, y, size=8)
    drawing.at("or parent.", LEFT + 4, 106, size=8)
    drawing.turn()
    drawing.line("The next page.")

    lines = drawing.lines()

    assert lines[0].text == "Staff may accept a request from a relative, and tell the lead."
    assert [(line.text, line.gap) for line in lines if line.note] == [
        ("Sent to a personal account.", 1.0), ("Brother, sister, child,", 1.0), ("or parent.", 0.0),
    ]  # fmt: skip
    assert [line.note for line in lines] == [False] * 4 + [True] * 3 + [False]


def test_notes_that_begin_with_a_plain_number_are_known_by_the_mark_in_the_text(drawing):
    with_footnotes(drawing)
    drawing.at("1 Sent to a personal account.", LEFT, 126, size=8)
    drawing.at("2 Brother, sister, child, or parent.", LEFT, 116, size=8)

    notes = [line.text for line in drawing.lines() if line.note]

    assert notes == ["Sent to a personal account.", "Brother, sister, child, or parent."]


def test_small_print_without_a_mark_is_no_footnote(drawing):
    drawing.wrapped(WORDS)
    drawing.at("3 copies are kept in the office.", LEFT, 116, size=8)

    assert [line.note for line in drawing.lines()] == [False] * 4


def test_a_small_ordinal_is_no_footnote_mark(drawing):
    drawing.wrapped(WORDS)
    drawing.line("Reviewed on the 1")
    drawing.at("st", LEFT + stringWidth("Reviewed on the 1", PLAIN, 11), drawing.y + 4, size=7)

    assert texts(drawing.lines())[-1] == "Reviewed on the 1st"


# Bullets and odd characters


@pytest.mark.parametrize(("font", "sign"), [("Symbol", "\xb7"), ("ZapfDingbats", "n"), ("ZapfDingbats", "l")])
def test_bullets_of_symbol_fonts_come_out_as_bullets(drawing, font, sign):
    drawing.line("Staff should not:")
    drawing.line(sign, LEFT + 18, font=font)
    drawing.at("share a personal number", LEFT + 36, drawing.y)

    assert texts(drawing.lines()) == ["Staff should not:", "• share a personal number"]


def test_the_letter_o_of_another_font_is_a_bullet(drawing):
    drawing.line("o", LEFT + 18, font="Courier")
    drawing.at("share a personal number", LEFT + 36, drawing.y)

    assert texts(drawing.lines()) == ["• share a personal number"]


def glyphs(text: str, *, font: str = "Arial", x: float = 0.0) -> list[Glyph]:
    return [Glyph(c, font, 10, x + 6 * at, x + 6 * at + 6, 90, 100, 98) for at, c in enumerate(text)]


@pytest.mark.parametrize(
    ("drawn", "read_as"),
    [
        (glyphs("\uf0b7", font="Wingdings") + glyphs("Tell", x=18), ["•", "Tell"]),
        (glyphs("§", font="ABCDEF+Wingdings-Regular") + glyphs("Tell", x=18), ["•", "Tell"]),
        (glyphs("§7"), ["§7"]),
        (glyphs("Yes") + glyphs("\uf0fc", font="Wingdings", x=80), ["Yes", "✓"]),
        (glyphs("o\ufb03ce"), ["office"]),
        (glyphs("pro\ufb01le"), ["profile"]),
        (glyphs("no\xa0one\u2009here"), ["no", "one", "here"]),
        (glyphs("a\0b\u200bc"), ["abc"]),
        (glyphs("e\xadmail"), ["e-mail"]),
        (glyphs("safe\xad"), ["safe\xad"]),
        (glyphs("non\u2011staff"), ["non-staff"]),
    ],
)
def test_glyphs_come_out_as_the_letters_they_show(drawn, read_as):
    assert [word.text for word in sorted(words_of(drawn), key=lambda word: word.x0)] == read_as


def test_a_raised_digit_character_is_a_footnote_mark():
    words = words_of(glyphs("staff¹, who"))

    assert [(word.text, word.mark) for word in words] == [("1", True), ("staff,", False), ("who", False)]


def test_words_without_written_spaces_are_parted_by_their_distance():
    words = words_of(glyphs("tell") + glyphs("the", x=26.5) + glyphs("lead", x=47))

    assert [word.text for word in words] == ["tell", "the", "lead"]


def test_ligatures_drawn_in_a_file_are_spelt_out(drawing):
    registerFont(TTFont("Vera", "Vera.ttf"))
    drawing.line("The school pro\ufb01le and the \ufb02ag.", font="Vera")

    assert texts(drawing.lines()) == ["The school profile and the flag."]


# Tables


def ruled(drawing: Drawing, rows: list[list[str]], top: float, widths: tuple[float, ...]) -> None:
    xs = [LEFT + sum(widths[:at]) for at in range(len(widths) + 1)]
    ys = [top - 34 * at for at in range(len(rows) + 1)]
    drawing.canvas.grid(xs, ys)
    for row, y in zip(rows, ys, strict=False):
        for cell, x in zip(row, xs, strict=False):
            for at, line in enumerate(cell.split("\n")):
                drawing.at(line, x + 4, y - 13 - 12 * at)


def test_a_ruled_table_gives_a_line_a_row_at_its_place(drawing):
    drawing.line("Who may do what:")
    ruled(
        drawing,
        [["Role", "May", "Until"], ["Teaching\nassistant", "run a class\naccount", ""]],
        690, (120, 120, 120),
    )  # fmt: skip
    drawing.at("Words below the table.", LEFT, 590)

    lines = drawing.lines()

    assert [(line.text, line.cells) for line in lines] == [
        ("Who may do what:", ()),
        ("Role | May | Until", ("Role", "May", "Until")),
        ("Teaching assistant | run a class account", ("Teaching assistant", "run a class account", "")),
        ("Words below the table.", ()),
    ]


def test_a_word_broken_inside_a_cell_is_joined(drawing):
    ruled(drawing, [["Lead", "full-\ntime"], ["Head", "part-\ntime"]], 690, (120, 120))

    assert texts(drawing.lines()) == ["Lead | full-time", "Head | part-time"]


def test_a_box_around_words_is_ordinary_text(drawing):
    drawing.wrapped(WORDS)
    drawing.line("Remember: tell the lead first.", skip=2)
    drawing.canvas.rect(LEFT - 6, drawing.y - 8, 300, 26)

    lines = drawing.lines()

    assert lines[-1].text == "Remember: tell the lead first."
    assert lines[-1].cells == ()


def test_a_frame_with_one_filled_side_is_ordinary_text(drawing):
    ruled(drawing, [["", "Remember:"], ["", "tell the lead first."]], 690, (40, 300))

    lines = drawing.lines()

    assert [(line.text, line.cells) for line in lines] == [("Remember:", ()), ("tell the lead first.", ())]


def test_a_table_that_runs_over_the_page_prints_its_header_once(drawing):
    ruled(drawing, [["Role", "May"], ["Head", "post"]], 200, (120, 120))
    drawing.turn()
    ruled(drawing, [["Role", "May"], ["Chair", "read"]], 700, (120, 120))

    assert texts(drawing.lines()) == ["Role | May", "Head | post", "Chair | read"]


# Files that cannot be read


def test_a_locked_file_is_refused(tmp_path):
    locked = Drawing(tmp_path / "policy.pdf", encrypt=StandardEncryption("secret", ownerPassword="owner"))
    locked.line("Staff use school accounts.")
    locked.canvas.save()

    assert str(refusal(locked.path)) == (
        "policy.pdf: the PDF is locked with a password. save a copy without a password."
    )


def test_a_file_that_opens_without_a_password_is_read(tmp_path):
    free = Drawing(tmp_path / "policy.pdf", encrypt=StandardEncryption("", ownerPassword="owner", canCopy=0))
    free.line("Staff use school accounts.")

    assert texts(free.lines()) == ["Staff use school accounts."]


def test_pictures_of_pages_are_refused(drawing):
    picture = BytesIO()
    Image.new("L", (60, 80), 200).save(picture, "PNG")
    drawing.canvas.drawImage(ImageReader(picture), 0, 0, WIDTH, HEIGHT)
    drawing.canvas.save()

    error = refusal(drawing.path)

    assert error.cause == "the PDF holds pictures of pages and no text"
    assert "ask for the original Word file" in error.mend


def test_empty_pages_are_refused(drawing):
    drawing.turn()
    drawing.canvas.save()

    assert refusal(drawing.path).cause == "the PDF holds no text"


def test_a_book_is_refused_before_its_text_is_read(drawing, monkeypatch):
    for _ in range(151):
        drawing.line("Words.")
        drawing.turn()
    drawing.canvas.save()
    monkeypatch.setattr("index.formats.pdf.sheet_of", lambda page: pytest.fail("a page was read"))

    assert refusal(drawing.path).cause == "has 151 pages; a policy document may have at most 150"


def test_a_file_that_is_no_pdf_is_refused(tmp_path):
    path = tmp_path / "policy.pdf"
    path.write_bytes(b"PK\x03\x04 a Word file by another name")

    assert refusal(path).cause == "it is not a PDF, whatever its name says"


def test_a_file_cut_short_is_refused(drawing):
    drawing.wrapped(WORDS)
    drawing.canvas.save()
    drawing.path.write_bytes(drawing.path.read_bytes()[:-300])

    assert refusal(drawing.path).cause == "the PDF is damaged: its end is missing"


@pytest.mark.parametrize("damage", [b"%PDF-1.4\n" + b"\x00\xff<<" * 200 + b"\n%%EOF", b"%PDF-1.4\n%%EOF"])
def test_damaged_bytes_are_refused(tmp_path, damage):
    path = tmp_path / "policy.pdf"
    path.write_bytes(damage)

    assert refusal(path).cause.startswith("the PDF is damaged")


def test_the_parsers_noise_is_kept_out_of_the_log_and_nothing_else_is(drawing, caplog):
    drawing.line("Staff use school accounts.")
    drawing.canvas.addLiteral("/grey w")

    lines = drawing.lines()
    logging.getLogger("pdfminer.pdfpage").warning("after reading")

    assert texts(lines) == ["Staff use school accounts."]
    assert [record.getMessage() for record in caplog.records] == ["after reading"]
