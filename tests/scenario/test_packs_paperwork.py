"""The papers a school needs, filled in, with what a person must still decide."""

import io
import tomllib
from pathlib import Path

import docx
import pytest

from bot.domain import retention
from bot.errors import ConfigurationError
from bot.packs.paperwork import DECIDE, Setup, as_docx, as_markdown, papers, write
from tests.fakes import a_school

ROOT = Path(__file__).resolve().parents[2]


def a_setup(**changes):
    schedule = retention.parse(tomllib.loads((ROOT / "bot" / "retention.toml").read_text("utf-8")))
    plain = {
        "school": a_school(),
        "schedule": schedule,
        "data_folder": "/srv/staffroom",
        "real": True,
        "max_mb": 50,
        "channels": ("Slack", "e-mail"),
    }
    return Setup(**{**plain, **changes})


def test_there_are_four_papers():
    assert [paper.file for paper in papers(a_setup())] == [
        "data-protection-impact-assessment",
        "appropriate-policy-document",
        "record-of-processing",
        "staff-notice",
    ]


@pytest.mark.parametrize("at", range(4))
def test_every_paper_names_the_school_and_what_a_person_must_still_decide(at):
    paper = papers(a_setup())[at]

    assert "Fernhill School" in paper.title
    assert paper.to_decide


@pytest.mark.parametrize("at", range(4))
def test_nothing_is_left_to_fill_in_by_a_mark_of_the_template(at):
    assert "{" not in as_markdown(papers(a_setup())[at])


def test_the_papers_say_where_data_are_and_who_holds_which_role():
    words = "\n".join(map(as_markdown, papers(a_setup())))

    for known in ("/srv/staffroom", "AES-256-GCM", "Amy Ash", "50 MB", "Slack, e-mail"):
        assert known in words


def test_every_default_period_stands_there_with_its_source():
    setup = a_setup()

    words = as_markdown(papers(setup)[1])

    for each in setup.schedule.types:
        assert each.words in words
        assert each.source in words


def test_sample_mode_is_not_described_as_safe():
    assert "This is sample mode" in as_markdown(papers(a_setup(real=False))[0])


def test_files_in_the_chat_are_for_a_person_to_decide():
    lines = papers(a_setup(evidence_in_chat=True))[0].to_decide

    assert any("sent in the chat" in line for line in lines)


def test_a_schools_name_is_never_read_as_a_template():
    assert "St {school} & Co" in papers(a_setup(school=a_school(name="St {school} & Co")))[0].title


@pytest.mark.parametrize("at", range(4))
def test_word_and_markdown_say_the_same(at):
    paper = papers(a_setup())[at]

    document = docx.Document(io.BytesIO(as_docx(paper)))
    text = "\n".join(each.text for each in document.paragraphs)

    for section in paper.sections:
        assert all(line in text for line in section.lines)
    assert as_markdown(paper).count(f"**{DECIDE}**") == len(paper.to_decide)


def test_what_is_to_be_decided_is_bold_in_word():
    paper = papers(a_setup())[0]

    document = docx.Document(io.BytesIO(as_docx(paper)))
    bold = [run.text for each in document.paragraphs for run in each.runs if run.bold]

    assert bold == [DECIDE] * len(paper.to_decide)


def test_papers_are_written_in_both_formats(tmp_path):
    written = write(papers(a_setup()), tmp_path / "papers")

    assert len(written) == 8
    assert {path.suffix for path in written} == {".docx", ".md"}


def test_a_paper_with_decisions_in_it_is_never_overwritten(tmp_path):
    (tmp_path / "staff-notice.md").write_text("decided", "utf-8")

    with pytest.raises(ConfigurationError, match=r"staff-notice\.md"):
        write(papers(a_setup()), tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["staff-notice.md"]
