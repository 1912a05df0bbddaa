"""What every `ports.Retrieval` promises, kept by the real index (with a toy encoder) and by its fake."""

import pytest

from bot import app
from bot.config import Settings
from bot.errors import StaleIndex, UnknownSchool
from tests.fakes import FakeRetrieval, use_toy_model, write_school

FERNHILL = [
    "Staff must not accept a friend request from a pupil.",
    "Staff may follow a colleague on any site.",
    "Photographs must be taken with a school camera.",
    "Passwords must be kept secret.",
    "Tell the head about every lost laptop.",
    "Marking may be done at home.",
    "Visitors should sign in at the office — “always”.",
]
OAKDALE = ["Pupils’ friend requests must be shown to the governors."]


class RealIndex:
    """The real index over a folder of schools, written anew by `write`."""

    def __init__(self, folder):
        self.policies = folder / "policies"
        self.settings = Settings(self.policies, folder / "data")

    def write(self, school, texts):
        numbered = "\n\n".join(f"1.{at} {text}" for at, text in enumerate(texts, 1))
        write_school(self.policies, school, {"conduct.txt": f"1 Rules\n\n{numbered}\n"})

    def open(self):
        self.index = app.build(self.settings).index
        self.index.refresh()

    def refresh(self):
        self.index.refresh()

    def find(self, school, question):
        return self.index.find(school, question)


class FakeIndex(FakeRetrieval):
    def open(self):
        """Nothing to open."""

    def refresh(self):
        """What is written is there at once."""


@pytest.fixture(params=["real", "fake"])
def retrieval(request, tmp_path, monkeypatch):
    use_toy_model(monkeypatch)
    found = RealIndex(tmp_path) if request.param == "real" else FakeIndex({})
    found.write("fernhill", FERNHILL)
    found.write("oakdale", OAKDALE)
    found.open()
    return found


def test_only_clauses_of_the_asker_s_own_school_are_found(retrieval):
    found = retrieval.find("fernhill", "friend requests of pupils shown to governors")

    assert {citation.school for citation in found.citations} == {"fernhill"}
    assert OAKDALE[0] not in [citation.text for citation in found.citations]


def test_at_most_five_clauses_are_found(retrieval):
    assert len(retrieval.find("fernhill", "staff must").citations) == 5


def test_a_school_with_one_clause_gives_that_one(retrieval):
    assert [citation.text for citation in retrieval.find("oakdale", "camera").citations] == OAKDALE


def test_the_best_clause_comes_first_and_scores_fall_from_there(retrieval):
    found = retrieval.find("fernhill", "Photographs with a school camera")

    scores = [citation.score for citation in found.citations]
    assert found.citations[0].text == FERNHILL[2]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_the_same_question_gives_the_same_finding(retrieval):
    assert retrieval.find("fernhill", "lost laptop") == retrieval.find("fernhill", "lost laptop")


@pytest.mark.parametrize("text", FERNHILL)
def test_the_words_of_a_clause_come_back_byte_for_byte(retrieval, text):
    assert retrieval.find("fernhill", text).citations[0].text == text


def test_the_headings_of_the_best_clauses_are_named_without_repeats(retrieval):
    headings = retrieval.find("fernhill", "lost laptop").headings

    assert len(headings) == len(set(headings)) == 1


def test_an_unknown_school_is_an_error_of_its_own(retrieval):
    with pytest.raises(UnknownSchool, match="elmwood"):
        retrieval.find("elmwood", "lost laptop")


def test_a_question_without_a_word_of_the_policy_still_finds_an_order(retrieval):
    assert len(retrieval.find("fernhill", "qwertyuiop").citations) == 5


def test_a_changed_document_is_seen_after_a_refresh(retrieval):
    retrieval.write("fernhill", ["Laptops must be locked away at night."])

    retrieval.refresh()

    found = retrieval.find("fernhill", "laptops at night")
    assert [citation.text for citation in found.citations] == ["Laptops must be locked away at night."]


@pytest.fixture
def real(tmp_path, monkeypatch):
    model = use_toy_model(monkeypatch)
    index = RealIndex(tmp_path)
    index.write("fernhill", FERNHILL)
    index.open()
    index.model = model
    return index


def test_every_clause_of_the_index_is_quoted_as_its_document_prints_it(real):
    printed = (real.policies / "fernhill" / "conduct.txt").read_text("utf-8")

    quoted = {citation.quote for text in FERNHILL for citation in real.find("fernhill", text).citations}

    assert quoted == set(FERNHILL)
    assert all(quote in printed for quote in quoted)


def test_a_second_refresh_encodes_nothing(real):
    before = len(real.model.encoders[0].encoded)

    report = real.index.refresh()

    assert (report.changed, report.encoded) == (False, 0)
    assert len(real.model.encoders[0].encoded) == before


def test_a_new_process_finds_the_index_ready(real):
    later = app.build(real.settings).index

    assert later.is_fresh()
    assert later.find("fernhill", FERNHILL[4]).citations[0].text == FERNHILL[4]


def test_a_damaged_index_file_cannot_be_searched_until_it_is_built_again(real):
    real.index.library.path.write_bytes(b"no index")
    later = app.build(real.settings).index

    with pytest.raises(StaleIndex):
        later.find("fernhill", "lost laptop")
    assert later.refresh().damaged

    assert later.find("fernhill", FERNHILL[4]).citations[0].text == FERNHILL[4]


def test_an_index_that_cannot_be_written_names_the_place(real, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    index = app.build(Settings(real.policies, blocked)).index

    with pytest.raises(StaleIndex, match="blocked"):
        index.refresh()


def test_a_broken_document_is_named_and_the_others_are_still_found(real):
    documents = {
        "conduct.txt": "1.1 Staff must tell the head about every lost laptop.\n",
        "phones.docx": b"this is no Word document",
    }
    write_school(real.policies, "fernhill", documents)
    later = app.build(real.settings).index

    report = later.refresh()

    assert [(problem.file, problem.serving_old) for problem in report.problems] == [("phones.docx", False)]
    found = later.find("fernhill", "lost laptop")
    assert found.citations[0].text == "Staff must tell the head about every lost laptop."
    assert len(found.unread) == 1
    assert "phones.docx" in found.unread[0]


def test_a_school_whose_new_document_fails_keeps_its_last_good_clauses(real):
    (real.policies / "fernhill" / "conduct.txt").write_bytes(b"")

    report = real.index.refresh()

    found = real.find("fernhill", FERNHILL[4])
    assert [problem.serving_old for problem in report.problems] == [True]
    assert found.citations[0].text == FERNHILL[4]
    assert "last good version still answers" in found.unread[0]


def test_a_mended_document_answers_again_and_is_no_longer_named(real):
    document = real.policies / "fernhill" / "conduct.txt"
    document.write_bytes(b"")
    real.index.refresh()
    document.write_text("1.1 Laptops must be locked away at night.\n", "utf-8")

    real.index.refresh()

    found = real.find("fernhill", "laptops at night")
    assert found.unread == ()
    assert [citation.text for citation in found.citations] == ["Laptops must be locked away at night."]


def test_a_broken_document_of_one_school_is_not_named_at_another(real):
    write_school(real.policies, "oakdale", {"conduct.txt": "1.1 Ask the office.\n", "empty.txt": ""})
    later = app.build(real.settings).index

    later.refresh()

    assert later.find("fernhill", "laptop").unread == ()
    assert len(later.find("oakdale", "office").unread) == 1


def test_a_school_with_no_document_that_can_be_read_is_unknown_to_the_index(real):
    write_school(real.policies, "oakdale", {"empty.txt": ""})
    later = app.build(real.settings).index

    later.refresh()

    with pytest.raises(UnknownSchool, match="oakdale"):
        later.find("oakdale", "office")


def test_each_document_of_a_school_none_of_which_can_be_read_still_says_why(real):
    write_school(real.policies, "oakdale", {"empty.txt": ""})
    later = app.build(real.settings).index
    later.refresh()

    (document,) = later.documents("oakdale")

    assert document.clauses == 0
    assert "empty.txt" in document.problem
    assert later.clauses("oakdale", document.title) == ()
    with pytest.raises(UnknownSchool):
        later.documents("nowhere")


def test_another_model_than_the_bundled_one_knows_no_topic(real):
    assert app.build(real.settings).index.topic("May we fly a drone?") == ""


def test_a_school_s_own_word_is_searched_with_what_it_means(real):
    toml = real.policies / "fernhill" / "school.toml"
    toml.write_text(toml.read_text("utf-8") + '\n[words]\n"Puffin" = "school camera"\n', "utf-8")
    later = app.build(real.settings).index
    later.refresh()

    later.find("fernhill", "Can I use the puffin?")

    assert real.model.encoders[-1].encoded[-1] == "Can I use the puffin (school camera)?"


def test_a_policy_without_dates_says_so_beside_its_quote(real):
    first = real.find("fernhill", "laptop").citations[0]

    assert (first.dated, first.overdue) == ("date not given", False)


def test_the_index_is_warm_once_it_was_warmed_until_it_is_read_again(tmp_path, monkeypatch):
    use_toy_model(monkeypatch)
    real = RealIndex(tmp_path)
    real.write("fernhill", FERNHILL)
    real.open()

    before = real.index.is_warm
    real.index.warm()
    warmed = real.index.is_warm
    real.refresh()

    assert (before, warmed, real.index.is_warm) == (False, True, False)


def test_a_school_without_a_readable_document_does_not_keep_the_others_cold(tmp_path, monkeypatch):
    use_toy_model(monkeypatch)
    real = RealIndex(tmp_path)
    real.write("fernhill", FERNHILL)
    write_school(real.policies, "oakdale", {"conduct.txt": ""})
    real.open()

    real.index.warm()

    assert real.index.is_warm
