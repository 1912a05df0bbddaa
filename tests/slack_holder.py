"""Somebody who holds cases, at Slack: presses, reads what came, fills it in."""

import json
from dataclasses import replace

from bot.slack import ids
from tests.slack_kit import a_view

QUILL = "Zebedee Quillfeather"


class Holder:
    """Somebody at the screen: presses, reads what came, fills it in."""

    def __init__(self, desk, user="U0AMY"):
        self.desk, self.bench, self.slack, self.user = desk, desk.bench, desk.slack, user

    def press(self, case, school="fernhill", **where):
        """Press Open; the view as it stands at the end, or None when none was shown."""
        self.slack.calls.clear()
        self.bench.press(ids.OPEN_CASE, ids.case_value(school, case), self.user, **where)
        drawn = self.slack.sent("views.update")
        return drawn[-1]["view"] if drawn else None

    def explain(self, view, reason="0", own=None):
        state = {
            "reason": {"selected_option": {"value": reason} if reason else None},
            "own-reason": {"type": "plain_text_input", "value": own},
        }
        return self.answer(self.bench.submit(a_view(view), state, self.user))

    def open(self, case, identity="V1"):
        """Open *case* with a reason; the view as Slack hands it back."""
        return a_view(self.explain(self.press(case))["view"], identity)

    def save(self, view, hand=False, note="", reply=""):
        filled = {
            "in-hand": {"type": "checkboxes", "selected_options": [{"value": "yes"}] if hand else []},
            "note": {"type": "plain_text_input", "value": note or None},
            "reply": {"type": "plain_text_input", "value": reply or None},
        }
        state = {
            block["block_id"]: filled[block["block_id"].partition(".")[0]]
            for block in view["blocks"]
            if block["type"] == "input"
        }
        return self.answer(self.bench.submit(view, state, self.user))

    def shown(self):
        """The view that was drawn last, after Slack had its answer."""
        return self.slack.sent("views.update")[-1]["view"]

    @staticmethod
    def answer(response):
        assert response.status == 200
        return json.loads(response.body) if response.body else {}


def text(drawn):
    return json.dumps(drawn, ensure_ascii=False)


def error(answer):
    """The one error, as (what was filled in, why)."""
    assert answer["response_action"] == "errors"
    ((block, why),) = answer["errors"].items()
    return block.partition(".")[0], why


def audit(at, kind):
    with at.store.reading() as unit:
        return [(row.actor, row.case, row.detail) for row in unit.audit_rows("fernhill") if row.kind is kind]


def keep_out(at, case, person):
    with at.store.writing() as unit:
        access = unit.access(case)
        full = tuple(each for each in access.full if each != person) or ("ben",)
        unit.put_access(case, replace(access, full=full, chain=(), excluded=(person,)))


def let_in(at, case, person):
    with at.store.writing() as unit:
        access = unit.access(case)
        chain = tuple(each for each in access.chain if each != person)
        unit.put_access(case, replace(access, full=(*access.full, person), chain=chain))
