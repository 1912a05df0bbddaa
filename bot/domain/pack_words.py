"""The events of a case as lines of a pack's chronology: every word of them, persons by name. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.cases import EventKind
from bot.domain.schools import School
from bot.domain.views import Entry

# Where a person's id stands instead of a name.
_PERSONS = frozenset(
    ("full", "copies", "to", "person", "owner", "handed_to", "of_person", "set_by", "done_by")
)
# SAFETY 15 and 30: who is kept out, and who would have been next, is nobody's business outside.
# What concerns a file stands under Evidence, and the words of the clause under the school's policy.
_INSIDE = frozenset(
    (
        *("excluded", "chain", "outside", "channel", "request_id", "facts", "told", "sexual_abuse"),
        *("metadata", "derivatives", "policy_version", "not_about"),
    )
)
_OF_LOCKED = frozenset(("id", "item", "sha256", "size", "adviser", "advice", "given_at"))
_PLAIN = ("text", "summary")
_ACTORS = {"reporter": "the reporter", "staffroom": "Staffroom"}


@dataclass(frozen=True, slots=True)
class Telling:
    """Puts events into words for one school; of evidence in *locked* (ids) only the hash is told."""

    school: School
    locked: frozenset[str] = frozenset()

    def name(self, person: str) -> str:
        """The name of the person with that id; an id that nobody has stands for itself."""
        found = next((each for each in self.school.people if each.id == person), None)
        return (found.name or found.id) if found else _ACTORS.get(person, person)

    def words(self, entry: Entry) -> str:
        """All that *entry* says, a line for each part; of a locked file its hash alone (SAFETY 4)."""
        body = dict(entry.body)
        if body.get("id", body.get("item")) in self.locked and entry.kind is not EventKind.NOTED:
            body = {key: value for key, value in body.items() if key in _OF_LOCKED}
        lines = [line for key, value in body.items() for line in self._lines(key, value)]
        corrected = [f"Corrected by number {each.seq}: {self.words(each)}" for each in entry.corrections]
        return "\n".join([*lines, *corrected])

    def _lines(self, key: str, value: Any) -> Iterator[str]:
        if key in _INSIDE or value in (None, "", (), [], {}):
            return
        label = key.replace("_", " ").replace("-", " ")
        if isinstance(value, Mapping):
            yield f"{label}: {self._pairs(value)}"
        elif isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
            for each in value:
                yield f"{label}: {self._pairs(each)}"
        elif key in _PLAIN:
            yield str(value)
        else:
            yield f"{label}: {self._shown(key, value)}"

    def _pairs(self, values: Mapping[str, Any]) -> str:
        # Of a person with a name, the id says nothing more.
        shown = {key: value for key, value in values.items() if not (key == "person" and values.get("name"))}
        return "; ".join(
            f"{key.replace('_', ' ').replace('-', ' ')}: {self._shown(key, value)}"
            for key, value in shown.items()
            if value not in (None, "", (), [], {})
        )

    def _shown(self, key: str, value: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list | tuple):
            return ", ".join(self._shown(key, each) for each in value)
        return self.name(str(value)) if key in _PERSONS else str(value)
