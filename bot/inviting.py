"""The use case of inviting somebody without a school account: a link once, then e-mail and a code."""

import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import pyotp

from bot.binding import anchor
from bot.domain.audit import AuditKind
from bot.domain.membership import Known
from bot.domain.notice_details import write_codes
from bot.domain.notices import Notice, NoticeKind
from bot.domain.openings import INSTEAD, ids
from bot.domain.reports import Reporter
from bot.domain.schools import Person, School
from bot.errors import BotError, ConfigurationError, Gone
from bot.locking import Tries, Where, remember
from bot.ports import Clock, Store, Unit

LINK_LASTS = timedelta(days=7)
SETTING_UP_LASTS = timedelta(minutes=30)
HEARS = (*INSTEAD, "dsl", "deputy_dsl")
"""Of whom the first hears of wrong codes, for it may be the head who types them."""
_STEP_S = 30


class WrongCode(BotError):
    """E-mail and code do not fit together; whether the e-mail is known is never said."""

    user_message = "That e-mail and code do not fit together. Wait for the next code and try again."


class TooOften(BotError):
    """Too many wrong codes in a row; no code is looked at for a while."""

    user_message = (
        "Too many wrong codes were typed for this e-mail. Wait 15 minutes, or longer if it happens again, "
        "then try with a new code. A browser in which you have signed in before counts for itself: try there."
    )


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a link is for."""

    school: School
    person: Person


@dataclass(frozen=True, slots=True)
class SettingUp:
    """A second factor being set up in one browser; *secret* is shown there, and nowhere else."""

    invited: Invited
    secret: str = field(repr=False)

    @property
    def address(self) -> str:
        """What an authenticator app reads off the picture."""
        name = self.invited.person.email
        return pyotp.TOTP(self.secret).provisioning_uri(
            name=name, issuer_name=f"Staffroom {self.invited.school.name}"
        )


@dataclass(frozen=True)
class Inviting:
    """Makes links, sets up second factors, and checks codes."""

    schools: Mapping[str, School]
    store: Store
    clock: Clock

    def invite(self, school: str, person: str, by: str) -> str:
        """
        The token of a new link for *person*; an earlier one ends. *by* stands in the audit log.

        They and the head are told (SAFETY 21): a link is a way to become that person.

        Raises:
            ConfigurationError: no such person, or one without an e-mail to sign in with.
            StoreBusy, StoreFailed: there is no link.
        """
        there = self.schools[school]
        whom = there.person(person)
        if not whom.email:
            raise ConfigurationError(f'{school}: "{whom.id}" has no email in school.toml to sign in with')
        token = secrets.token_urlsafe(32)
        with self.store.writing() as unit:
            unit.let_go(unit.held(_last(there, whom)))
            until = unit.now + LINK_LASTS
            unit.hold(_link(token), json.dumps(_said(there, whom)), until)
            unit.hold(_last(there, whom), _link(token), until)
            unit.record(AuditKind.PEOPLE_CHANGED, whom.id, school, detail=f"sign-in: invited, {by}")
            _tell(unit, there, whom)
        return token

    def invited(self, token: str) -> Invited:
        """Whom the link with *token* is for; raises `Gone` when it was used, replaced, or is too old."""
        with self.store.reading() as unit:
            return self._invited(unit.held(_link(token)))

    def begin(self, token: str) -> str:
        """Begin to set up behind the link with *token*: what the browser holds; raises as `invited`."""
        browser = secrets.token_urlsafe(32)
        with self.store.writing() as unit:
            self._invited(unit.held(_link(token)))
            said = {"link": _link(token), "secret": pyotp.random_base32()}
            unit.hold(_setting_up(browser), json.dumps(said), unit.now + SETTING_UP_LASTS)
        return browser

    def setting_up(self, browser: str) -> SettingUp:
        """What is being set up in that browser; raises `Gone` when nothing is."""
        with self.store.reading() as unit:
            return self._setting_up(unit, browser)

    def finish(self, browser: str, code: str, where: Where) -> Known:
        """
        Set up is done when *code* is right: the link is used up, and they are who it was for.

        The browser *where* they did so is known as one that has signed in.

        Raises:
            WrongCode: it is not; they may try again.
            Gone: the link was used meanwhile, or is too old.
        """
        with self.store.writing() as unit:
            doing = self._setting_up(unit, browser)
            step = _step(doing.secret, code, self.clock(), 0)
            if not step:
                raise WrongCode("setting up")
            link = json.loads(unit.held(_setting_up(browser)))["link"]
            for key in (link, _last(doing.invited.school, doing.invited.person), _setting_up(browser)):
                unit.let_go(key)
            _keep(unit, doing.invited, doing.secret, step)
            remember(unit, doing.invited.person.email.casefold(), where)
            at = doing.invited.school.id, "", "sign-in: second factor set up"
            unit.record(AuditKind.PEOPLE_CHANGED, doing.invited.person.id, *at)
        return _known(doing.invited)

    def sign_in(self, email: str, code: str, where: Where) -> Known:
        """
        Who signs in with *email* and *code*; each code counts once.

        Wrong codes count against the place *where* they are typed: whoever has none typed there can come in.

        Raises:
            WrongCode: they do not fit, or nobody was invited under that e-mail: both look alike.
            TooOften: too many were wrong; then not even the right one counts for a while.
        """
        plain = email.strip().casefold()
        with self.store.writing() as unit:
            tries = Tries(unit, plain, where)
            locked = tries.are_over
            found = None if locked else next(self._fitting(unit, plain, code), None)
            if found:
                tries.right()
            elif not locked and tries.wrong():
                self._tell_of_lock(unit, plain)
        if found:
            return found
        raise TooOften("code") if locked else WrongCode("code")

    def _fitting(self, unit: Unit, email: str, code: str) -> Iterator[Known]:
        """Those whose code it is; what was said of a person who is not listed like that any more is void."""
        for invited in self._under(email):
            kept = json.loads(unit.memo(_factor(invited)) or "{}")
            if not kept or kept["anchor"] != anchor(invited.person):
                continue
            if step := _step(kept["secret"], code, self.clock(), kept["step"]):
                _keep(unit, invited, kept["secret"], step)
                yield _known(invited)

    def _under(self, email: str) -> Iterator[Invited]:
        for school in self.schools.values():
            yield from (Invited(school, each) for each in school.people if each.email.casefold() == email)

    def _tell_of_lock(self, unit: Unit, email: str) -> None:
        """They and somebody who is not the head are told, once a day however often somebody tries."""
        for invited in self._under(email):
            school, person = invited.school, invited.person
            unit.record(AuditKind.REFUSED, person.id, school.id, detail="sign-in: too many wrong codes")
            others = (each for each in ids(school, *HEARS) if each not in ids(school, "head"))
            other = next((each for each in others if each != person.id), "")
            for to in filter(None, (person.id, other)):
                key = f"{school.id}:wrong-codes:{person.id}:{unit.now.date()}:{to}"
                detail = write_codes(f"role:{each}" for each in _roles(school, person))
                locked = NoticeKind.SIGN_IN_LOCKED
                unit.enqueue(Notice(key, locked, school.id, to, unit.now, detail=detail))

    def _invited(self, held: str) -> Invited:
        said = json.loads(held) if held else {}
        school = self.schools.get(said.get("school", ""))
        for person in school.people if school else ():
            if school and person.id == said["person"] and anchor(person) == said["anchor"]:
                return Invited(school, person)
        raise Gone("invitation")

    def _setting_up(self, unit: Unit, browser: str) -> SettingUp:
        held = unit.held(_setting_up(browser)) if browser else ""
        if not held:
            raise Gone("setting up")
        said = json.loads(held)
        return SettingUp(self._invited(unit.held(said["link"])), said["secret"])


def _step(secret: str, code: str, now: datetime, last: int) -> int:
    """The time step whose code *code* is, one early or late allowed, none up to *last*; 0 for none."""
    typed = "".join(code.split())
    for step in (int(now.timestamp()) // _STEP_S + drift for drift in (-1, 0, 1)):
        right = pyotp.TOTP(secret).generate_otp(step)
        if hmac.compare_digest(right.encode(), typed.encode()) and step > last:
            return step
    return 0


def _keep(unit: Unit, invited: Invited, secret: str, step: int) -> None:
    kept = {"secret": secret, "step": step, "anchor": anchor(invited.person)}
    unit.put_memo(_factor(invited), json.dumps(kept))


def _tell(unit: Unit, school: School, person: Person) -> None:
    roles = [f"address:{role}" for role in _roles(school, person)]
    for to in dict.fromkeys((person.id, *(each.id for each in school.holders("head")))):
        key = f"{school.id}:invited:{person.id}:{unit.now.isoformat()}:{to}"
        detail = write_codes(roles)
        unit.enqueue(Notice(key, NoticeKind.PEOPLE_CHANGED, school.id, to, unit.now, detail=detail))


def _roles(school: School, person: Person) -> list[str]:
    return [role for role, held in school.roles.items() if person.id in held]


def _known(invited: Invited) -> Known:
    person = invited.person
    return Known(invited.school, Reporter(person.email, person.name or person.email, person.id))


def _said(school: School, person: Person) -> dict[str, str]:
    return {"school": school.id, "person": person.id, "anchor": anchor(person)}


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _link(token: str) -> str:
    return f"invitation:{_hash(token)}"


def _last(school: School, person: Person) -> str:
    return f"invitation-of:{school.id}:{person.id}"


def _setting_up(browser: str) -> str:
    return f"second-factor-begun:{_hash(browser)}"


def _factor(invited: Invited) -> str:
    return f"second-factor:{invited.school.id}:{invited.person.id}"
