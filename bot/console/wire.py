"""Answers and clauses as the JSON that `--json` promises."""

from typing import Any

from bot.domain.answers import Answer, Citation
from index.clauses import Clause
from index.modality import Stance


def answer_json(answer: Answer, identity: object = None) -> dict[str, Any]:
    """The object that `ask --json` prints for *answer*."""
    stance = answer.stance
    return {
        "id": identity,
        "school": answer.school,
        "question": answer.question,
        "route": answer.triage.route.value,
        "form": answer.triage.form.value if answer.triage.form else None,
        "outcome": answer.outcome.value,
        "answered": answer.answered,
        "stance": stance.value if stance else None,
        "citations": [_citation(citation) for citation in answer.citations],
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return {
        "school": citation.school,
        "policy": citation.policy,
        "clause": citation.clause,
        "item": _item(citation.item),
        "section": citation.section,
        "page": citation.page,
        "lead": citation.lead,
        "text": citation.text,
        "score": citation.score,
    }


def clause_json(clause: Clause, stance: Stance) -> dict[str, Any]:
    """The object that `clauses --json` prints for *clause*, which rules as *stance* says."""
    return {
        "clause": clause.number,
        "item": _item(clause.item),
        "section": clause.section,
        "page": clause.page,
        "lead": clause.lead,
        "text": clause.text,
        "stance": stance.value,
    }


def _item(item: str) -> int | str | None:
    """The item's place as a number, "3#1" where it is nested, None for the clause itself."""
    if not item:
        return None
    return int(item) if item.isdigit() else item
