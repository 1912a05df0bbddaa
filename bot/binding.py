"""The use case of binding an account to a person: by e-mail the first time, by the account ever after."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256

from bot.domain.audit import AuditKind
from bot.domain.membership import Known
from bot.domain.reports import Reporter
from bot.domain.schools import Person, School
from bot.errors import Stranger, WhichSchool
from bot.ports import Store, Unit

NOT_OURS = (
    "Your account was recognised, but it belongs to no school here, so nothing can be looked up or stored. "
    "Use the account that your school gave you, or ask whoever runs Staffroom at your school."
)
TAKEN = (
    "Somebody has signed in with another account as that person, so this one was refused. "
    "If you have a new account, ask whoever runs Staffroom at your school for an invitation."
)
EMPLOYED = ("dsl", "deputy_dsl", "head")
"""Who tells what the school's own e-mail domain is; a governor's is often that of another employer."""
PUBLIC = frozenset(
    (
        *(
            "gmail.com",
            "googlemail.com",
            "outlook.com",
            "outlook.ie",
            "hotmail.com",
            "hotmail.co.uk",
            "live.com",
        ),
        *("live.co.uk", "msn.com", "yahoo.com", "yahoo.co.uk", "ymail.com", "rocketmail.com", "icloud.com"),
        *("me.com", "mac.com", "aol.com", "aol.co.uk", "btinternet.com", "btopenworld.com", "sky.com"),
        *("talktalk.net", "virginmedia.com", "ntlworld.com", "blueyonder.co.uk", "tiscali.co.uk", "plus.net"),
        *(
            "plus.com",
            "o2.co.uk",
            "orange.net",
            "proton.me",
            "protonmail.com",
            "pm.me",
            "gmx.com",
            "gmx.co.uk",
        ),
        *(
            "gmx.net",
            "mail.com",
            "zoho.com",
            "fastmail.com",
            "tuta.com",
            "tutanota.com",
            "hey.com",
            "duck.com",
        ),
    )
)
"""Mail providers where anybody gets an address."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An account as its issuer vouches for it; everything in it was checked."""

    issuer: str
    subject: str
    """The issuer's own id of the account, which never goes to anybody else."""
    emails: tuple[str, ...] = ()
    """In lower case, and only those that the issuer has verified."""
    name: str = ""
    team: str = ""
    """The Slack workspace, where Slack is the issuer."""
    user: str = ""
    """Their id in it."""

    @property
    def key(self) -> str:
        """Issuer and subject as one."""
        return sha256(f"{self.issuer}\n{self.subject}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Place:
    """What is remembered of one account at one school."""

    person: str
    anchor: str
    """How `school.toml` listed the person then: an id that is given to somebody else must not carry over."""
    handle: str
    name: str


@dataclass(frozen=True)
class Binding:
    """Tells which school and person an account belongs to, and remembers it."""

    schools: Mapping[str, School]
    store: Store

    def known(self, identity: Identity, ask: bool = False) -> Known:
        """
        Who it is, bound from now on.

        Raises:
            Stranger: no school here, or another account holds that place; the latter is in the audit log.
            WhichSchool: several are possible; those listed at several choose each time, others once, or
                again with *ask*.
            StoreBusy, StoreFailed: nothing is bound.
        """
        with self.store.writing() as unit:
            options, taken = self._options(unit, identity)
            chosen = _chosen(options, "" if ask else unit.memo(_choice(identity)))
            if chosen:
                _bind(unit, identity, chosen)
        if chosen:
            return chosen
        if options:
            raise WhichSchool(tuple(each.school.id for each in options))
        raise Stranger("an account of no school", TAKEN if taken else NOT_OURS)

    def choose(self, identity: Identity, school: str) -> Known:
        """*identity* at *school* from now on; raises `Stranger` when that is none of theirs."""
        with self.store.writing() as unit:
            options, _ = self._options(unit, identity)
            chosen = next((each for each in options if each.school.id == school), None)
            if chosen:
                _bind(unit, identity, chosen)
                unit.put_memo(_choice(identity), school)
        if chosen is None:
            raise Stranger("not of that school", NOT_OURS)
        return chosen

    def _options(self, unit: Unit, identity: Identity) -> tuple[list[Known], bool]:
        """The schools that list them as a person, else all possible ones; and whether one was refused."""
        places, taken = _places(unit, identity), False
        found = []
        for school in sorted(self.schools.values(), key=lambda each: each.name):
            if _elsewhere(school, identity):
                continue
            person = _person(school, identity, places.get(school.id))
            if person and not _free(unit, school, person, identity):
                detail = "sign-in: another account is bound to this person"
                unit.record(AuditKind.REFUSED, person.id, school.id, detail=detail)
                taken = True
            elif person:
                found.append(_as_person(school, person))
            elif reporter := _staff(unit, school, identity, places.get(school.id)):
                found.append(Known(school, reporter))
        return [each for each in found if each.reporter.person] or found, taken


def own_domains(school: School) -> frozenset[str]:
    """The e-mail domains that are the school's own, for whose people everybody who works there counts."""
    employed = (person for role in EMPLOYED for person in school.holders(role))
    return frozenset(_domain(person.email) for person in employed if person.email) - PUBLIC


def anchor(person: Person) -> str:
    """How *person* is listed: as long as this stays, it is the same human being."""
    return (person.email or person.slack or person.id).casefold()


def _as_person(school: School, person: Person) -> Known:
    handle = person.email or person.slack or person.id
    return Known(school, Reporter(handle, person.name or handle, person.id))


def _elsewhere(school: School, identity: Identity) -> bool:
    """
    Whether *identity* is of a Slack workspace that is not the school's.

    In a workspace of one's own one can give oneself any address: outside the school's, an e-mail is no proof.
    """
    return bool(identity.team) and identity.team != school.slack.team


def _person(school: School, identity: Identity, place: _Place | None) -> Person | None:
    """The listed person that the account is: the one it is bound to, else by Slack id, else by e-mail."""
    people = {each.id: each for each in school.people}
    bound = people.get(place.person) if place else None
    if place and bound and anchor(bound) == place.anchor:
        return bound
    for person in people.values():
        if identity.team and person.slack and person.slack.casefold() == identity.user.casefold():
            return person
    for person in people.values():
        # As in the chat: an e-mail never makes somebody a person whose Slack id is another one.
        other = bool(identity.team) and bool(person.slack)
        if person.email and person.email.casefold() in identity.emails and not other:
            return person
    return None


def _free(unit: Unit, school: School, person: Person, identity: Identity) -> bool:
    """Whether no other account of the same issuer holds the place of *person*, as listed now."""
    kept = unit.memo(_holder(school, person.id))
    if not kept:
        return True
    held = json.loads(kept)
    same_listing = held["anchor"] == anchor(person)
    return held["account"] == identity.key or not same_listing or held["issuer"] != identity.issuer


def _staff(unit: Unit, school: School, identity: Identity, place: _Place | None) -> Reporter | None:
    """The account as a plain member of staff: as remembered, by its Slack workspace, or by its e-mail."""
    listed = frozenset[str]().union(*(each.handles for each in school.people))
    if place and not place.person and place.handle.casefold() not in listed:
        return Reporter(place.handle, place.name)
    domains = own_domains(school)
    email = next((each for each in identity.emails if _domain(each) in domains), "")
    # Whoever is in the school's own workspace is staff or a guest of it (SAFETY 31).
    if not email and not identity.team:
        return None
    handle = email or next(iter(identity.emails), "") or identity.user
    owner = unit.memo(_holder(school, f"staff:{handle.casefold()}"))
    # An address that was given to somebody new must not show them what its old owner reported.
    if handle.casefold() in listed or owner not in ("", _owner(identity)):
        handle = identity.user or f"account-{identity.key[:12]}"
    return Reporter(handle, identity.name or handle)


def _chosen(options: list[Known], remembered: str) -> Known | None:
    if len(options) == 1:
        return options[0]
    # Who is listed at several schools works at each of them, and is asked each time.
    at = "" if any(each.reporter.person for each in options) else remembered
    return next((each for each in options if each.school.id == at), None)


def _bind(unit: Unit, identity: Identity, known: Known) -> None:
    school, reporter = known.school, known.reporter
    person = next((each for each in school.people if each.id == reporter.person), None)
    place = _Place(reporter.person, anchor(person) if person else "", reporter.handle, reporter.name)
    places = _places(unit, identity)
    if places.get(school.id) == place:
        return
    kept = {at: asdict(each) for at, each in (places | {school.id: place}).items()}
    unit.put_memo(_account(identity), json.dumps(kept))
    if person is None:
        unit.put_memo(_holder(school, f"staff:{reporter.handle.casefold()}"), _owner(identity))
        return
    holder = {"account": identity.key, "issuer": identity.issuer, "anchor": place.anchor}
    unit.put_memo(_holder(school, person.id), json.dumps(holder))
    unit.record(AuditKind.PEOPLE_CHANGED, person.id, school.id, detail="sign-in: bound to an account")


def _places(unit: Unit, identity: Identity) -> dict[str, _Place]:
    kept = unit.memo(_account(identity))
    return {at: _Place(**each) for at, each in json.loads(kept).items()} if kept else {}


def _domain(email: str) -> str:
    return email.rpartition("@")[2].casefold() if "@" in email else ""


def _owner(identity: Identity) -> str:
    return f"{identity.issuer}\n{identity.key}"


def _account(identity: Identity) -> str:
    return f"account:{identity.key}"


def _choice(identity: Identity) -> str:
    return f"account-school:{identity.key}"


def _holder(school: School, who: str) -> str:
    return f"account-of:{school.id}:{who}"
