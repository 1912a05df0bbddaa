"""Calibration: a fit on labelled messages, and a file that names exactly what was fitted."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from index import calibrate
from index.calibrate import ANSWERED, KINDS, SHOWN, SIGNS, fit, predict
from index.certainty import FITTED, Certainty
from index.cutting import clauses_of
from index.evaluate import rank
from index.examples import phrase_files
from index.modality import Stance
from index.stances import ORDER, StanceFit
from index.topic_map import TopicMap
from tests.unit.toy import ToyEncoder

ROOT = Path(__file__).parents[2]
LABELS = {"covered", "near", "far"}


@cache
def labelled():
    lines = (ROOT / "index/calibration/questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@cache
def clauses_at(school):
    files = sorted(file for file in (ROOT / "policies" / school).iterdir() if file.suffix != ".toml")
    return [clause for file in files for clause in clauses_of(file)]


@cache
def fitted():
    return json.loads(FITTED.read_text(encoding="utf-8"))


def two_clouds(apart=4.0, counts=(40, 40), seed=0):
    """Signs of messages, the covered ones *apart* from the far ones along the first sign only."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat(["covered", "far"], counts)
    signs = rng.normal(0, 1, (len(kinds), 2))
    signs[:, 0] += np.where(kinds == "covered", apart, 0)
    return signs, kinds


def test_the_fitted_file_names_exactly_the_signs_that_are_fitted():
    assert list(fitted()["weights"]) == list(SIGNS)


def test_showing_clauses_asks_for_less_than_answering():
    certainty = Certainty.load()

    assert 0 < certainty.nearest < certainty.answer < 1
    assert SHOWN > ANSWERED


def test_the_examples_that_stand_for_a_scope_each_have_their_sign():
    assert set(phrase_files(ROOT / "index" / "scope")) <= set(SIGNS)


def test_the_fitted_file_says_how_it_did_on_schools_that_were_left_out():
    figures = fitted()["answered_with_the_school_left_out"]

    assert set(figures) == set(KINDS)
    assert figures["covered"] >= 0.85
    assert figures["far"] <= 0.05
    assert figures["near"] <= 0.5


def test_there_are_enough_labelled_messages_of_every_kind():
    counts = {kind: sum(message["kind"] == kind for message in labelled()) for kind in LABELS}

    assert {message["kind"] for message in labelled()} == LABELS
    assert min(counts.values()) >= 50


def test_a_message_is_labelled_with_a_school_exactly_where_a_policy_covers_it():
    schools = {folder.name for folder in (ROOT / "policies").iterdir() if folder.is_dir()}

    strays = [
        place
        for place, message in enumerate(labelled(), 1)
        if (message["kind"] == "covered") != (message["school"] in schools)
    ]

    assert strays == []


def test_a_covered_message_names_a_clause_that_its_school_has():
    lost = [
        place
        for place, message in enumerate(labelled(), 1)
        if message["kind"] == "covered" and rank(message, all_cited(message["school"])) is None
    ]

    assert lost == []


def all_cited(school):
    """Every clause of *school*, as if an answer cited them all."""
    citations = [
        {"clause": clause.number, "item": clause.item or None, "lead": clause.lead, "text": clause.text}
        for clause in clauses_at(school)
    ]
    return {"citations": citations}


def test_no_message_is_labelled_twice():
    messages = [(message["school"], message["question"].casefold()) for message in labelled()]

    assert len(set(messages)) == len(messages)


def test_a_fit_tells_covered_messages_from_others():
    signs, kinds = two_clouds()

    probability = predict(signs, *fit(signs, kinds))

    assert ((probability > 0.5) == (kinds == "covered")).mean() > 0.95


def test_a_sign_that_tells_nothing_gets_little_weight():
    (telling, idle), _ = fit(*two_clouds())

    assert telling > 5 * abs(idle)


def test_messages_of_a_kind_weigh_the_same_together_however_many_they_are():
    signs, kinds = two_clouds(apart=2.0)
    often = np.r_[np.flatnonzero(kinds == "covered"), np.repeat(np.flatnonzero(kinds == "far"), 9)]

    weights, bias = fit(signs, kinds)
    again, again_bias = fit(signs[often], kinds[often])

    def by_distance(slope, start):
        return predict(signs, slope, start) > 0.5

    assert (by_distance(weights, bias) == by_distance(again, again_bias)).mean() > 0.95


def test_the_unit_of_a_sign_does_not_matter():
    signs, kinds = two_clouds()
    scaled = signs * [100.0, 0.01] + [5.0, -3.0]

    first, second = (predict(each, *fit(each, kinds)) for each in (signs, scaled))

    assert first == pytest.approx(second, abs=1e-6)


def test_a_sign_that_never_changes_breaks_nothing():
    signs, kinds = two_clouds()
    constant = np.c_[signs, np.full(len(signs), 0.5)]

    probability = predict(constant, *fit(constant, kinds))

    assert ((probability > 0.5) == (kinds == "covered")).mean() > 0.95


def a_topic_map(file, encoder):
    """Two topics, photographs and parents."""
    asked = encoder.encode(["pics", "my pics", "class pics", "mums", "dads", "mums and dads"])
    ruled = encoder.encode(
        ["camera", "photographs", "a camera", "parents", "reply to parents", "all parents"]
    )
    place = np.repeat([0, 1], 3)
    names = np.array(["photos", "parents"])
    np.savez(file, names=names, asked=asked, asked_topic=place, ruled=ruled, ruled_topic=place)
    return TopicMap.load(file)


def leaning(stance, strength):
    return [strength * (each is stance) for each in ORDER]


BAN, RULE = Stance.PROHIBITED, Stance.REQUIRED
# The rules know best where the model hardly leans, and the model where it is sure.
STANCES_READ = [
    *[(leaning(RULE, 1.0), BAN, BAN, BAN)] * 20,
    *[(leaning(RULE, 5.0), BAN, BAN, RULE)] * 20,
]


@pytest.fixture
def small_world(tmp_path, monkeypatch):
    """Two schools, examples of each scope and some labelled messages, with the toy encoder."""
    rules = {"oak": "Use a school camera for photographs.", "elm": "Reply to parents through the office."}
    asked = {"oak": "which camera for photographs", "elm": "how to reply to parents"}
    for school, rule in rules.items():
        (tmp_path / "policies" / school).mkdir(parents=True)
        text = f"# Rules\n\n1.1 {rule}\n\n# Kindness\n\n2.1 Be kind to all staff.\n"
        (tmp_path / "policies" / school / "policy.md").write_text(text)
    for folder in ("calibration", "scope"):
        (tmp_path / folder).mkdir()
    scope = {
        "covered": "camera parents reply photographs",
        "near": "who parks here",
        "far": "who won the cup",
    }
    for kind, phrase in scope.items():
        (tmp_path / "scope" / f"{kind}.txt").write_text(f"{phrase}\n")
    messages = [
        {"school": school, "question": text, "gold": ["1.1"], "kind": "covered"}
        for school, text in asked.items()
    ]
    messages += [{"school": "", "question": f"who {verb} here", "kind": "near"} for verb in ("parks", "eats")]
    messages += [{"school": "", "question": "who won the match", "kind": "far"}]
    lines = "\n".join(json.dumps(message) for message in messages)
    (tmp_path / "calibration" / "questions.jsonl").write_text(lines)
    monkeypatch.setattr(calibrate, "HERE", tmp_path)
    monkeypatch.setattr(calibrate, "FITTED", tmp_path / "fitted.json")
    toy = ToyEncoder(dimension=512)
    topic_map = a_topic_map(tmp_path / "topics.npz", toy)
    monkeypatch.setattr(calibrate.SentenceEncoder, "open", lambda: toy)
    monkeypatch.setattr(calibrate.TopicMap, "load", lambda: topic_map)
    monkeypatch.setattr(calibrate.Interaction, "load", lambda: None)
    monkeypatch.setattr(calibrate.stances, "FITTED", tmp_path / "stances.json")
    monkeypatch.setattr(calibrate, "_stances_read", lambda: STANCES_READ)
    return tmp_path


def test_a_message_without_a_school_is_measured_at_each_of_them(small_world):
    rows = calibrate.measure(small_world / "policies")

    found = sorted((row.kind, row.school) for row in rows)
    assert found == [
        ("covered", "elm"),
        ("covered", "oak"),
        ("far", "elm"),
        ("far", "oak"),
        ("lacking", "elm"),
        ("lacking", "oak"),
        *[("near", "elm")] * 2,
        *[("near", "oak")] * 2,
    ]
    assert {len(row.signs) for row in rows} == {len(SIGNS)}


def test_a_covered_question_scores_less_where_the_sections_that_cover_it_are_missing(small_world):
    rows = calibrate.measure(small_world / "policies")

    best = {(row.kind, row.school): row.signs[SIGNS.index("best")] for row in rows}

    assert best["covered", "oak"] > best["lacking", "oak"]
    assert best["covered", "elm"] > best["lacking", "elm"]


def test_what_calibration_writes_is_what_an_answer_reads(small_world, capsys):
    calibrate.main(small_world / "policies")

    certainty = Certainty.load(small_world / "fitted.json")
    assert tuple(certainty.weights) == SIGNS
    assert 0 < certainty.nearest <= certainty.answer < 1
    assert '"fitted_on": "10 messages at 2 schools' in capsys.readouterr().out


def test_of_what_reads_stances_as_well_the_one_that_trusts_the_rules_most_is_kept(small_world):
    calibrate.fit_stances()

    fit = StanceFit.load(small_world / "stances.json")
    assert [fit.weigh(*read[:3]) is read[3] for read in STANCES_READ] == [True] * 40
    assert fit.rules == 2.0
