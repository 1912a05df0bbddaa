"""The interaction: which words of a question matter and what they met, learnt, then read in plain numpy."""

import hashlib
import json

import numpy as np
import pytest
import torch

from index import learning_interaction as learning
from index.encoder import Reading, adapter_hash
from index.errors import DamagedIndex, WrongModel
from index.interaction import FILE, Interaction
from index.late import Words
from index.practice import PracticeClause, PracticePolicy

WIDTH = 16
WORDS = ("phone", "pupil", "parent", "follow", "can", "i", "staff", "rule", "cake", "shed")


@pytest.fixture(autouse=True)
def one_thread():
    """Sums this small take far longer when they are shared out."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Letters:
    """An encoder whose every word is a direction of its own."""

    name = "letters"

    def read(self, texts, progress=None):
        return [self.one(text) for text in texts]

    def one(self, text):
        words = np.eye(WIDTH, dtype=np.float32)[[WORDS.index(word) for word in text.casefold().split()]]
        whole = words.sum(0) if len(words) else np.ones(WIDTH, np.float32)
        return Reading((whole / np.linalg.norm(whole)).astype(np.float32), words)


LETTERS = Letters()


def a_policy():
    """The word that all questions share, "can", says nothing; the other one names the clause."""
    clauses = [
        PracticeClause("phone rule", "info", asked=["can phone", "phone can i"]),
        PracticeClause("can i can i rule", "info", asked=["can cake", "can i cake"]),
        PracticeClause("parent staff rule", "info", asked=["can parent", "i can parent"]),
        PracticeClause("pupil rule", "info", asked=["can pupil", "can i pupil"]),
    ]
    return PracticePolicy("elm", tuple(clauses), ("can shed", "shed i"))


def learnt(epochs=0, seed=1):
    """The lessons, the net after so many epochs, and the losses."""
    lessons = learning.lessons_of([a_policy()], LETTERS)
    torch.manual_seed(seed)
    net = learning.Net(WIDTH)
    losses = list(learning.learn(net, lessons, epochs))
    net.eval()
    return lessons, net, losses


def kept(net, folder):
    """The net as it is stored and read back."""
    np.savez_compressed(folder / "interaction.npz", adapter=np.array("x"), **net.stored())
    return Interaction.load(folder / "interaction.npz", adapter="x")


def of(interaction, question, *clauses):
    asked, read = LETTERS.one(question), LETTERS.read(clauses)
    cosines = [float(clause.vector @ asked.vector) for clause in read]
    return interaction.of(asked.words, [clause.words for clause in read], cosines)


def test_before_it_has_learnt_anything_it_ranks_as_late_interaction_does(tmp_path):
    _, net, _ = learnt()

    met = of(kept(net, tmp_path), "follow parent", "follow parent", "parent staff", "cake shed")

    assert met[0] > met[1] > met[2]


def test_what_is_read_in_numpy_is_what_was_learnt(tmp_path):
    lessons, net, _ = learnt(epochs=3)
    with torch.inference_mode():
        wanted = net(lessons, torch.arange(len(lessons.right))).numpy()
    policy = a_policy()
    asked = [text for text, _ in policy.questions()] + list(policy.silent)
    texts = [clause.text for clause in policy.clauses]

    interaction = kept(net, tmp_path)

    for number, (question, row) in enumerate(zip(asked, wanted, strict=True)):
        found = of(interaction, question, *texts)
        candidates = [clause_of(lessons, number, place) for place in range(len(texts))]
        assert sorted(candidates) == [0, 1, 2, 3]
        assert np.allclose(found[candidates], row[: len(texts)] - row[-1], atol=0.05)


def clause_of(lessons, question, place):
    """Which clause of `a_policy` a candidate is, by the row of the word that the question met there."""
    ends = np.cumsum([len(clause.text.split()) for clause in a_policy().clauses])
    return int(np.searchsorted(ends, int(lessons.nearest[question, place, 0]), side="right"))


def test_the_loss_falls_as_it_learns():
    _, _, losses = learnt(epochs=30)

    assert losses[-1] < 0.8 * losses[0]


def test_it_learns_which_words_say_nothing(tmp_path):
    _, before, _ = learnt()
    _, after, _ = learnt(epochs=60)
    clauses = ("can i can i rule", "pupil rule")

    naive, taught = (of(kept(net, tmp_path), "can i pupil", *clauses) for net in (before, after))

    assert naive[0] > naive[1]
    assert taught[1] > taught[0]


def test_it_learns_that_a_word_which_no_clause_has_is_settled_by_none(tmp_path):
    _, net, _ = learnt(epochs=60)
    interaction, clauses = kept(net, tmp_path), [clause.text for clause in a_policy().clauses]

    assert of(interaction, "can pupil", *clauses).max() > of(interaction, "can shed", *clauses).max()


def test_the_same_seed_learns_the_same():
    (_, first, _), (_, second, _) = (learnt(epochs=2, seed=7) for _ in range(2))

    assert all(np.array_equal(first.stored()[name], weight) for name, weight in second.stored().items())


def test_the_right_clause_is_among_the_candidates_however_far_it_is():
    far = PracticeClause("shed", "info", asked=["phone"])
    near = [PracticeClause("phone rule", "info") for _ in range(learning.CANDIDATES + 3)]

    lessons = learning.lessons_of([PracticePolicy("elm", (*near, far), ())], LETTERS)

    place = int(lessons.right[0])
    assert place < learning.CANDIDATES
    met = lessons.clause_words[lessons.nearest[0, place, 0]]
    assert met.tolist() == LETTERS.one("shed").words[0].tolist()


def test_a_policy_with_few_clauses_offers_no_more_than_it_has():
    lessons = learning.lessons_of([a_policy()], LETTERS)
    _, net, _ = learnt()

    assert lessons.there.sum(1).tolist() == [4] * len(lessons.right)
    assert net(lessons, torch.arange(2))[:, 4 : learning.CANDIDATES].max() < -1000


def test_what_is_asked_in_vain_is_to_find_none():
    lessons = learning.lessons_of([a_policy()], LETTERS)

    assert (lessons.right == learning.CANDIDATES).sum() == len(a_policy().silent)


def test_a_question_without_words_is_settled_by_none(tmp_path):
    _, net, _ = learnt()
    none = np.zeros((0, WIDTH), np.float32)

    assert kept(net, tmp_path).of(none, [LETTERS.one("phone").words], [0.1])[0] < 0


def test_a_clause_without_words_is_met_by_nothing(tmp_path):
    _, net, _ = learnt()
    tick = Words.of([LETTERS.one("").words, LETTERS.one("phone rule").words])
    interaction, question = kept(net, tmp_path), LETTERS.one("phone").words

    met = interaction.of(question, [tick.of_clause(0), tick.of_clause(1)], [0.0, 0.7])

    assert met[0] < 0 < met[1]


def test_the_end_of_an_essay_counts_as_its_beginning_does(tmp_path):
    _, net, _ = learnt()
    essay = np.tile(LETTERS.one("cake").words, (60, 1))
    asks = np.concatenate([essay, LETTERS.one("phone").words])
    clause = [LETTERS.one("phone").words]

    assert kept(net, tmp_path).of(asks, clause, [0.1]) > kept(net, tmp_path).of(essay, clause, [0.1])


@pytest.mark.parametrize("content", [b"", b"not an archive"], ids=["empty", "damaged"])
def test_a_file_that_cannot_be_read_is_named_with_the_mend(tmp_path, content):
    file = tmp_path / "interaction.npz"
    file.write_bytes(content)

    with pytest.raises(WrongModel, match=r"interaction.npz: cannot be read .*install Staffroom again"):
        Interaction.load(file)


def test_what_was_learnt_with_another_adapter_is_refused(tmp_path):
    _, net, _ = learnt()
    kept(net, tmp_path)

    with pytest.raises(WrongModel, match="was learnt with another adapter"):
        Interaction.load(tmp_path / "interaction.npz")


def test_words_of_another_model_are_refused(tmp_path):
    _, net, _ = learnt()

    with pytest.raises(DamagedIndex, match="the words have 3 numbers, not 16"):
        kept(net, tmp_path).of(np.ones((1, 3), np.float32), [np.ones((1, 3), np.float32)], [0.5])


def test_what_is_delivered_fits_the_adapter_and_the_note_that_are_delivered():
    note = json.loads(FILE.with_suffix(".json").read_text(encoding="utf-8"))

    assert Interaction.load()
    assert note["adapter_sha256"] == adapter_hash()
    assert note["interaction_sha256"] == hashlib.sha256(FILE.read_bytes()).hexdigest()
