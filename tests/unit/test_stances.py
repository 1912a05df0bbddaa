"""A clause's stance: the rules and the model together, the rules alone where there is no model."""

import json

import pytest

from index.clauses import Clause
from index.modality import Stance
from index.stances import FITTED, ORDER, StanceFit

BAN = Clause("1", "", "Contact", "", "Staff must not add pupils.")
# A fit that believes the model where it is sure, and else the rules.
HALF = StanceFit(rules=2, alone=0)


def leaning(stance, strength):
    return [strength * (each is stance) for each in ORDER]


def test_without_a_model_the_rules_decide():
    assert HALF.read(BAN, ()).stance is Stance.PROHIBITED


def test_a_model_that_is_not_sure_does_not_overrule_the_rules():
    assert HALF.read(BAN, leaning(Stance.ALLOWED, 0.5)).stance is Stance.PROHIBITED


def test_a_model_that_is_sure_overrules_the_rules():
    assert HALF.read(BAN, leaning(Stance.CONDITIONAL, 9)).stance is Stance.CONDITIONAL


def test_the_exceptions_are_those_that_go_with_the_stance():
    clause = Clause("1", "", "Forms", "", "Send the form, other than by e-mail.")

    ruled, banned = (HALF.read(clause, leaning(stance, 9)) for stance in (Stance.REQUIRED, Stance.PROHIBITED))

    assert (ruled.exceptions, banned.exceptions) == ((), ("other than by e-mail",))


@pytest.mark.parametrize("stance", ORDER)
def test_what_rules_and_model_agree_on_stands(stance):
    texts = {
        Stance.PROHIBITED: "Staff must not add pupils.",
        Stance.CONDITIONAL: "Staff may film only with the head's permission.",
        Stance.CAUTION: "Staff should think carefully before posting.",
        Stance.ALLOWED: "Staff may use the school's account.",
        Stance.REQUIRED: "Staff must tell the head.",
        Stance.INFO: "The head is responsible for this policy.",
    }
    fit = StanceFit.load()

    assert fit.read(Clause("1", "", "", "", texts[stance]), leaning(stance, 6)).stance is stance


def test_together_they_read_more_clauses_rightly_than_either_alone():
    fitted = json.loads(FITTED.read_text(encoding="utf-8"))

    assert fitted["right"] > max(fitted["right_by_the_rules_alone"], fitted["right_by_the_model_alone"])


@pytest.mark.parametrize("ends", ["provided that:", "as long as:", "only if:", "on condition that"])
def test_what_a_permission_depends_on_is_a_condition_however_like_a_ban_it_sounds(ends):
    lead = f"You may follow parents whom you know, {ends}"
    item = Clause("1", "2", "Parents", lead, "you never mention pupils")

    read = HALF.read(item, leaning(Stance.PROHIBITED, 9))

    assert read.stance is Stance.CONDITIONAL
    assert not [words for words in read.exceptions if words.startswith(ends[:4]) and "mention" not in words]


@pytest.mark.parametrize("lead", ["Staff must not:", "You may follow parents. Staff must never:"])
def test_what_stands_under_a_ban_is_no_condition(lead):
    item = Clause("1", "2", "Parents", lead, "mention pupils")

    assert HALF.read(item, leaning(Stance.PROHIBITED, 9)).stance is Stance.PROHIBITED
