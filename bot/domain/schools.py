"""A school as its `school.toml` declares it: people, roles, numbers, routing and policies, all checked."""

import difflib
import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from itertools import combinations
from typing import Any, TypeVar

from bot.errors import ConfigurationError

ROLE_NAMES = {
    "dsl": "designated safeguarding lead (DSL)",
    "deputy_dsl": "deputy designated safeguarding lead (deputy DSL)",
    "head": "head",
    "chair": "chair of governors",
    "trust_lead": "trust safeguarding lead",
    "safeguarding_governor": "safeguarding governor",
    "social_care": "children's social care",
    "social_care_out_of_hours": "children's social care, out of hours",
    "lado": "local authority designated officer (LADO)",
    "prevent": "Prevent team",
}
REQUIRED_ROLES = ("dsl", "head", "chair")
FORMS = ("friend-request", "trolling", "concern", "adult-concern")
LATER_FORMS = ("account-approval", "contact-approval", "family-link")
JURISDICTIONS = ("england", "wales", "scotland", "northern-ireland", "unknown")

_SETTINGS = ("name", "jurisdiction", "sample")
_TABLES = ("people", "person", "contacts", "cover", "routing", "policy", "slack", "hours", "words")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_SLACK_ID = re.compile(r"[UW][A-Z0-9-]{2,}")
_TEAMS_ID = re.compile(r"29:\S+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_T = TypeVar("_T")


def role_name(role: str) -> str:
    """Return *role* as staff say it; a school's own role is its key with spaces."""
    return ROLE_NAMES.get(role, role.replace("_", " "))


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the one of *known* that *word* was most likely meant to be, or "" when none is near."""
    plain = {re.sub(r"[\s_-]+", "_", each.lower()): each for each in known}
    close = difflib.get_close_matches(re.sub(r"[\s_-]+", "_", word.lower()), plain, n=1, cutoff=cutoff)
    return plain[close[0]] if close else ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a role, perhaps known by a chat id or e-mail only; *age* is a public key, for packs."""

    id: str
    name: str = ""
    email: str = ""
    slack: str = ""
    teams: str = ""
    also_known_as: tuple[str, ...] = ()
    age: str = ""

    @property
    def handles(self) -> frozenset[str]:
        """Everything that means this person and nobody else, in lower case."""
        return frozenset(each.casefold() for each in (self.id, self.email, self.slack, self.teams) if each)


@dataclass(frozen=True, slots=True)
class Review:
    """When a policy is to be looked at again; *words* says so: "review overdue since 1 May 2025"."""

    due: date | None
    overdue: bool
    words: str


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """One policy and the file that holds it, relative to the school's folder."""

    title: str
    file: str
    effective: date | None = None
    review_due: date | None = None
    review_every_months: int | None = None

    def review(self, today: date) -> Review:
        """Return whether the review is overdue on *today*; a policy without dates never is."""
        due = self.review_due or self._next_review()
        shown = due or self.effective
        if shown is None:
            return Review(None, False, "date not given")
        overdue = due is not None and due < today
        words = "review overdue since" if overdue else "review due" if due else "in force from"
        return Review(due, overdue, f"{words} {shown.day} {shown:%B %Y}")

    def _next_review(self) -> date | None:
        if self.effective is None or self.review_every_months is None:
            return None
        years, month = divmod(self.effective.month - 1 + self.review_every_months, 12)
        year = min(self.effective.year + years, 9999)
        return date(year, month + 1, min(self.effective.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Routing:
    """Who a form goes to: *to* may open and act, *copy* hears only that a case exists, once it is shared."""

    to: tuple[str, ...]
    copy: tuple[str, ...] = ()
    clause: str = ""


@dataclass(frozen=True, slots=True)
class SlackPlace:
    """Where in Slack the school is found; *evidence* is "slack" or "web"."""

    team: str = ""
    channels: Mapping[str, str] = field(default_factory=dict)
    user_groups: tuple[str, ...] = ()
    dsl_channel: str = ""
    evidence: str = "slack"


@dataclass(frozen=True, slots=True)
class Hours:
    """The school day and the terms, Europe/London; without terms every weekday is a school day."""

    open: time | None = None
    close: time | None = None
    terms: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class School:
    """Everything a school has declared; every role that is used has a person in it."""

    id: str
    name: str
    jurisdiction: str
    sample: bool
    people: tuple[Person, ...]
    roles: Mapping[str, tuple[str, ...]]
    """Role → the ids of the persons in *people* who hold it, never none."""
    policies: tuple[PolicyDocument, ...]
    contacts: Mapping[str, str] = field(default_factory=dict)
    cover: Mapping[str, str] = field(default_factory=dict)
    routing: Mapping[str, Routing] = field(default_factory=dict)
    slack: SlackPlace = field(default_factory=SlackPlace)
    hours: Hours = field(default_factory=Hours)
    words: Mapping[str, str] = field(default_factory=dict)

    def person(self, handle: str) -> Person:
        """Return the person with that id, e-mail or chat id in any case; nobody is a ConfigurationError."""
        found = [each for each in self.people if handle.casefold() in each.handles]
        if not found:
            raise ConfigurationError(f'{self.id}: nobody here has the id "{handle}"')
        return found[0]

    def holders(self, role: str) -> tuple[Person, ...]:
        """Return the persons who hold *role* in the school's order; none when it has no such role."""
        return tuple(self.person(each) for each in self.roles.get(role, ()))

    def telephone(self, role: str) -> str:
        """Return the number to ring for *role*, or "" when the school gives none."""
        return self.contacts.get(role, "")


def parse(school_id: str, data: Mapping[str, object]) -> School:
    """Return the school that *data* declares, or raise with table, key and, where near, the right one."""
    root = _Table(f"{school_id}/school.toml", "the file", data)
    root.only(*_SETTINGS, *_TABLES)
    roles, people = _people(root)
    return School(
        id=school_id,
        name=root.needed("name"),
        jurisdiction=root.choice("jurisdiction", JURISDICTIONS),
        sample=root.read("sample", bool, "true or false, without quotes") or False,
        people=people,
        roles=roles,
        policies=_policies(root),
        contacts=root.table("contacts").words(*ROLE_NAMES, *roles),
        cover=_cover(root.table("cover"), roles),
        routing=_routing(root.table("routing"), roles),
        slack=_slack(root.table("slack")),
        hours=_hours(root.table("hours")),
        words=root.table("words").words(),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of a `school.toml`; whatever is wrong in it is raised with file, table and key."""

    file: str
    where: str
    values: Mapping[str, object]

    def error(self, message: str) -> ConfigurationError:
        return ConfigurationError(f"{self.file}: {self.where} {message}")

    def only(self, *known: str) -> None:
        for key in self.values:
            top = key in _SETTINGS and "it belongs at the top of the file, above the first bracket"
            if key not in known:
                raise self.error(f'has no key "{key}"; {top or _hint(key, known)}')

    def read(self, key: str, kind: type[_T], must: str) -> _T | None:
        """The value of *key*, or None; when it is not of that *kind*, the error says what it *must* be."""
        value = self.values.get(key)
        # Exactly that type: to Python a boolean is an integer, and a date with a time is a date.
        if value is None or type(value) is kind:
            return value
        raise self.error(f'"{key}" must be {must}')

    def text(self, key: str) -> str:
        return (self.read(key, str, "text in quotes") or "").strip()

    def needed(self, key: str) -> str:
        if value := self.text(key):
            return value
        raise self.error(f'needs "{key}"')

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self.needed(key)
        if value not in choices:
            raise self.error(f'"{key}" cannot be "{value}"; {_hint(value, choices)}')
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        texts = self.values.get(key, [])
        if isinstance(texts, list) and all(isinstance(each, str) and each.strip() for each in texts):
            return tuple(each.strip() for each in texts)
        raise self.error(f'"{key}" must be a list of texts, such as ["one", "two"]')

    def words(self, *known: str) -> dict[str, str]:
        """Every key with its text; with *known*, no other key."""
        if known:
            self.only(*known)
        return {key: self.needed(key) for key in self.values}

    def table(self, key: str) -> "_Table":
        """The table under *key*, empty where there is none."""
        where = f"[{key}]" if self.where == "the file" else f"{self.where} {key}"
        value = self.values.get(key, {})
        if not isinstance(value, Mapping):
            raise self.error(f'"{key}" must be a table: {where} and its keys below')
        return _Table(self.file, where, value)

    def tables(self, key: str) -> Iterator["_Table"]:
        """Each table written under *key* in double brackets; told apart by number when there are several."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            raise self.error(f'"{key}" must be written [[{key}]], with two brackets on each side')
        for number, each in enumerate(value, start=1):
            yield _Table(self.file, f"[[{key}]] {number}" if len(value) > 1 else f"[[{key}]]", each)


def _people(root: _Table) -> tuple[dict[str, tuple[str, ...]], tuple[Person, ...]]:
    table = root.table("people")
    known = _known_people(root)
    roles = {role: _held_by(table, role, known) for role in table.values}
    for role in REQUIRED_ROLES:
        if role not in roles:
            raise table.error(f'needs "{role}", with the id of at least one person')
    # Keyed by handle, one person stands there several times.
    return roles, tuple(dict.fromkeys(known.values()))


def _known_people(root: _Table) -> dict[str, Person]:
    """Handle → person. Nobody shares one: who is kept out of a case must not come back under another id."""
    known: dict[str, Person] = {}
    for table in root.tables("person"):
        person = _person(table)
        for handle in sorted(person.handles & known.keys()):
            raise table.error(f'"{person.id}" and "{known[handle].id}" are two persons with one "{handle}"')
        known |= dict.fromkeys(person.handles, person)
    return known


def _person(table: _Table) -> Person:
    table.only("id", "name", "email", "slack", "teams", "also_known_as", "age")
    age, email = table.text("age"), table.text("email")
    if age and not age.startswith("age1"):
        raise table.error('"age" must be a public key, which begins age1; secret keys do not belong here')
    if email and not _EMAIL.fullmatch(email):
        raise table.error(f'"email" cannot be "{email}"; it needs one @ and no spaces')
    name, slack, teams = table.text("name"), table.text("slack"), table.text("teams")
    return Person(table.needed("id"), name, email, slack, teams, table.texts("also_known_as"), age)


def _held_by(table: _Table, role: str, known: dict[str, Person]) -> tuple[str, ...]:
    """Return the ids of those who hold *role*; a bare chat id or e-mail joins *known*."""
    # Role names are free, but "deputy_dls" would leave the school without its deputy, unseen.
    absent = ROLE_NAMES.keys() - table.values.keys()
    near = nearest(role, absent, 0.85) or nearest(role, absent & set(REQUIRED_ROLES))
    if near and role not in ROLE_NAMES:
        raise table.error(f'has no key "{role}"; did you mean "{near}"?')
    handles = table.texts(role)
    if not handles:
        raise table.error(f'"{role}" names nobody; give it a person id, or leave the line out')
    for handle in handles:
        if handle.casefold() not in known:
            known[handle.casefold()] = _bare(table, role, handle, known)
    return tuple(dict.fromkeys(known[handle.casefold()].id for handle in handles))


def _bare(table: _Table, role: str, handle: str, known: Mapping[str, Person]) -> Person:
    kinds = (_EMAIL, _SLACK_ID, _TEAMS_ID)
    email, slack, teams = (handle if kind.fullmatch(handle) else "" for kind in kinds)
    if email or slack or teams:
        return Person(handle, "", email, slack, teams)
    hint = _hint(handle, dict.fromkeys(person.id for person in known.values()))
    raise table.error(f'"{role}" names "{handle}", which no [[person]] has as id; {hint}')


def _policies(root: _Table) -> tuple[PolicyDocument, ...]:
    found = tuple(_policy(table) for table in root.tables("policy"))
    if not found:
        raise root.error("needs at least one [[policy]] with title and file")
    for one, two in combinations(found, 2):
        if one.file.casefold() == two.file.casefold() or one.title.casefold() == two.title.casefold():
            both = f'"{one.title}" ({one.file}) and "{two.title}" ({two.file})'
            raise root.error(f"has two files for one policy, or one file twice: {both}; keep one")
    return found


def _policy(table: _Table) -> PolicyDocument:
    table.only("title", "file", "effective", "review_due", "review_every_months")
    months = table.read("review_every_months", int, "a number of months, such as 12")
    if months is not None and months < 1:
        raise table.error('"review_every_months" must be 1 or more, such as 12')
    must = "a date without quotes, such as 2026-09-01"
    effective, due = table.read("effective", date, must), table.read("review_due", date, must)
    return PolicyDocument(table.needed("title"), table.needed("file"), effective, due, months)


def _roles(table: _Table, key: str, named: Iterable[str], roles: Mapping[str, object]) -> tuple[str, ...]:
    for role in named:
        if role not in roles:
            missing = f'names the role "{role}", which [people] does not have'
            raise table.error(f'"{key}" {missing}; {_hint(role, roles)}')
    return tuple(dict.fromkeys(named))


def _cover(table: _Table, roles: Mapping[str, object]) -> dict[str, str]:
    cover = table.words("weekend", "holidays")
    return {when: _roles(table, when, (role,), roles)[0] for when, role in cover.items()}


def _routing(table: _Table, roles: Mapping[str, object]) -> dict[str, Routing]:
    table.only(*FORMS, *LATER_FORMS)
    return {form: _route(table.table(form), roles) for form in table.values}


def _route(table: _Table, roles: Mapping[str, object]) -> Routing:
    table.only("to", "copy", "clause")
    to = _roles(table, "to", table.texts("to"), roles)
    if not to:
        raise table.error('needs "to", a list of at least one role')
    return Routing(to, _roles(table, "copy", table.texts("copy"), roles), table.text("clause"))


def _slack(table: _Table) -> SlackPlace:
    table.only("team", "channels", "user_groups", "dsl_channel", "evidence")
    evidence = table.choice("evidence", ("slack", "web")) if "evidence" in table.values else "slack"
    channels, groups = table.table("channels").words(), table.texts("user_groups")
    return SlackPlace(table.text("team"), channels, groups, table.text("dsl_channel"), evidence)


def _hours(table: _Table) -> Hours:
    table.only("open", "close", "terms")
    opens, closes = _clock(table, "open"), _clock(table, "close")
    if (opens is None) != (closes is None) or (opens and closes and opens >= closes):
        raise table.error('needs both "open" and "close", the second one later')
    return Hours(opens, closes, _terms(table))


def _clock(table: _Table, key: str) -> time | None:
    try:
        return time.fromisoformat(table.text(key)) if key in table.values else None
    except ValueError:
        raise table.error(f'"{key}" must be a time in quotes, such as "08:15"') from None


def _terms(table: _Table) -> tuple[tuple[date, date], ...]:
    try:
        pairs: Any = table.values.get("terms", [])
        terms = [(date.fromisoformat(str(first)), date.fromisoformat(str(last))) for first, last in pairs]
        if all(first <= last for first, last in terms):
            return tuple(terms)
    except (TypeError, ValueError):
        pass
    raise table.error('"terms" must be pairs of first and last day, such as [["2026-09-02", "2026-12-18"]]')


def _hint(word: str, known: Iterable[str]) -> str:
    near = nearest(word, known)
    return f'did you mean "{near}"?' if near else f"known here: {', '.join(known) or 'nothing'}"
