"""The events of a case as lines of a pack's chronology: every word of them, persons by name. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.cases import EventKind
from bot.domain.reports import Gate
from bot.domain.schools import School
from bot.domain.views import Entry

# Where a person's id stands instead of a name.
_PERSONS = frozenset(
    (
        *("full", "copies", "to", "person", "owner", "handed_to", "of_person", "set_by", "done_by"),
        *("reminded", "unreached"),
    )
)
# SAFETY 15 and 30: who is kept out, and who would have been next, is nobody's business outside.
# What concerns a file stands under Evidence, parties under People, the clause's words under the policy.
_INSIDE = frozenset(
    (
        *("excluded", "chain", "outside", "channel", "request_id", "facts", "told", "sexual_abuse"),
        *("metadata", "derivatives", "media_types", "policy_version", "not_about", "parties"),
        # What a chat calls a file says nothing to anybody outside.
        *("ref", "refs"),
    )
)
_OF_LOCKED = frozenset(("id", "item", "sha256", "size", "adviser", "advice", "given_at"))
_PLAIN = ("text", "summary", "words")
# What stands before the words, where the name of the key in plain letters would not say enough.
_LABELS = {
    "full": "Told",
    "awaited": "Files still to be fetched",
    "to": "Told",
    "copies": "Told only that there is a case",
    "handed_to": "Handed to",
    "clause": "Clause of the school's policy",
    "missing": "Still missing",
    "scanned": "Virus scan",
    "item": "Evidence",
    "opens": "May open the case",
    "of": "For the reporter of case",
    "corrects": "Corrects number",
    "asked": "Answers question number",
    "child_case": "The child's safety has a case of its own",
    "made_at": "When",
    "given_at": "When",
    "type": "Kept as",
    "until": "Kept until",
}
_TIMES = frozenset(("made_at", "given_at", "due", "until"))
_GATE = "Question about sexual images of children"
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
        lines = [*self._opening(entry.kind, body), *self._rest(body)]
        corrected = [f"Corrected by number {each.seq}: {self.words(each)}" for each in entry.corrections]
        return "\n".join([*lines, *corrected])

    def _opening(self, kind: EventKind, body: dict[str, Any]) -> Iterator[str]:
        """A sentence of its own for what can be told in one; what it says is taken out of *body*."""
        if kind is EventKind.EVIDENCE_STORED:
            yield _file(body)
        elif kind is EventKind.ROUTED and any(
            f"lause {body.get('clause')} " in each for each in body.get("words", ())
        ):
            del body["clause"]
        elif kind is EventKind.EVIDENCE_REFUSED and "name" in body:
            yield f"File {body.pop('name')} was not kept."
        elif kind is EventKind.PERSON_RECORDED and "role" in body:
            about = [str(body.pop(key, "") or "") for key in ("name", "role", "category", "handle")]
            name = about[0] or about.pop()
            yield f"{name} ({', '.join(each for each in about[1:] if each)})"

    def _rest(self, body: Mapping[str, Any]) -> Iterator[str]:
        for key, value in body.items():
            if key == "answers" and isinstance(value, Mapping):
                yield from (line for field, given in value.items() for line in self._lines(field, given, ()))
            elif key == "reporter" and isinstance(value, Mapping):
                yield _reported(value)
            elif key == "gate":
                yield f"{_GATE}: {_gate(str(value))}"
            elif key == "entered_by" and value:
                yield f"Entered by {value}"
            else:
                yield from self._lines(key, value)

    def _lines(self, key: str, value: Any, plain: tuple[str, ...] = _PLAIN) -> Iterator[str]:
        """One part of a body; *plain* are the keys whose words stand alone, which no answer's do."""
        if (plain and key in _INSIDE) or value in (None, "", (), [], {}):
            return
        label = _LABELS.get(key, _spoken(key)) if plain else _spoken(key)
        if isinstance(value, Mapping):
            yield f"{label}: {self._pairs(value)}"
        elif isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
            for each in value:
                yield f"{label}: {self._pairs(each)}"
        elif key in plain:
            yield from map(str, value if isinstance(value, list | tuple) else (value,))
        else:
            yield f"{label}: {self._shown(key if plain else '', value)}"

    def _pairs(self, values: Mapping[str, Any]) -> str:
        # Of a person with a name, the id says nothing more.
        shown = {key: value for key, value in values.items() if not (key == "person" and values.get("name"))}
        return "; ".join(
            f"{_spoken(key)}: {self._shown(key, value)}"
            for key, value in shown.items()
            if value not in (None, "", (), [], {})
        )

    def _shown(self, key: str, value: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, list | tuple):
            return ", ".join(self._shown(key, each) for each in value)
        if key in _TIMES:
            return _on_the_clock(str(value))
        return self.name(str(value)) if key in _PERSONS else str(value)


def _spoken(key: str) -> str:
    """The name of a question or a key as words: "child_name" is "Child name"."""
    words = key.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def _reported(reporter: Mapping[str, Any]) -> str:
    name, handle = str(reporter.get("name") or ""), str(reporter.get("handle") or "")
    account = f" (account {handle})" if handle and name and handle != name else ""
    return f"Reported by {name or handle or 'somebody whose name is not known'}{account}"


def _gate(answer: str) -> str:
    return "not asked" if answer == Gate.UNASKED else f"answered {answer.replace('-', ' ')}"


def _file(body: dict[str, Any]) -> str:
    """What was kept, by the hash that proves it; a locked file has no name here (SAFETY 4)."""
    about = [str(body.pop("kind", "") or "")]
    if (size := body.pop("size", None)) is not None:
        about.append(f"{size:,} bytes")
    if sha256 := body.pop("sha256", ""):
        about.append(f"SHA-256 {sha256}")
    if item := body.pop("id", ""):
        about.append(f"evidence {item}")
    name = f"File {body.pop('name')}" if body.get("name") else "A file"
    return f"{name} ({', '.join(each for each in about if each)})"


def _on_the_clock(words: str) -> str:
    """A time or a day as people write it, the time as in the United Kingdom; other words as they are."""
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        return words
    if at.tzinfo is None:
        return f"{at.day} {at:%B %Y}"
    here = at.astimezone(ZoneInfo("Europe/London"))
    return f"{here.day} {here:%B %Y, %H:%M:%S %Z}"
