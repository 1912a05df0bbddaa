"""A notifier that fails as planned, for tests of delivery."""

from threading import Lock

from bot.domain.notices import REPORTER_PREFIX
from bot.errors import NotDelivered
from tests.slack_kit import read


class FakeNotifier:
    """
    Implements `ports.Notifier`; *sent* holds every notice that arrived, repeats too.

    *plan* says what each send does, in turn: "ok", "fail", or "late": it arrived and nobody was told so;
    once it is used up, everything is "ok". *cannot* are receivers that it does not reach, and *failing*
    says how often it still fails for a receiver.
    """

    def __init__(self, name="chat", plan=(), cannot=(), retry_after=None):
        self.name = name
        self.plan = list(plan)
        self.cannot = set(cannot)
        self.failing = {}
        self.retry_after = retry_after
        self.sent = []
        self.tries = 0
        self.people = {}
        self._lock = Lock()

    def reaches(self, school, to):
        return to.startswith(REPORTER_PREFIX) or (
            to not in self.cannot and to in {each.id for each in school.people}
        )

    def send(self, school, notice):
        if not self.reaches(school, notice.to):
            raise NotDelivered("fake: no address")
        with self._lock:
            self.tries += 1
            does = self._next(notice.to)
            if does != "fail":
                self.sent.append(notice)
                self.people[notice.key] = {each.id: each for each in school.people}.get(notice.to)
        if does != "ok":
            raise NotDelivered("fake: planned", self.retry_after)

    def _next(self, to):
        if self.failing.get(to):
            self.failing[to] -= 1
            return "fail"
        return self.plan.pop(0) if self.plan else "ok"

    @property
    def told(self):
        """Who got which kind, in order, each notice once."""
        return [(each.to, each.kind) for each in {each.key: each for each in self.sent}.values()]


def drawn(said):
    """What a message to Slack shows: the words of its notification, and of its blocks a line each."""
    lines = [block for block in said["blocks"] if block["type"] != "actions"]
    return "\n".join([*read({"text": said["text"]}), *read(lines)])


def buttons(said):
    """The buttons of a message to Slack, as (action, value)."""
    rows = [block["elements"] for block in said["blocks"] if block["type"] == "actions"]
    return [(each["action_id"], each.get("value", "")) for row in rows for each in row]
