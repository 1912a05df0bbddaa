"""What leaves the school about a case: packs, hand-off files and subject-access drafts, each recorded."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain.audit import AuditKind
from bot.domain.evidence import Derivative
from bot.domain.pack_content import Around, content_of
from bot.domain.packs import PackContent, PackFile, Target
from bot.domain.readers import Reader, for_reader, refuse_for_child_record
from bot.domain.schools import School
from bot.domain.subject_access import SubjectCopy, SubjectRequest, prepare
from bot.domain.views import CaseView
from bot.errors import BotError, UnknownSchool
from bot.ports import CaseKey, Packs, Store, Vault

Opener = Callable[[str, str, str, str], CaseView]
"""School, person, case, reason → the case, opened by that person with all checks (SAFETY 15, 22)."""

_MEDIA = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


@dataclass(frozen=True, slots=True)
class Order:
    """Who takes what out, and where to; *entered_by* is the user of the machine, where it is not *person*."""

    school: str
    case: str
    person: str
    path: Path
    reason: str = ""
    entered_by: str = ""


@dataclass(frozen=True)
class Exporting:
    """Makes files that leave the school, for those who may open the case."""

    schools: Mapping[str, School]
    store: Store
    vault: Vault
    packs: Packs
    open_case: Opener

    def pack(self, order: Order, reader: Reader, child: str = "") -> PackFile:
        """
        Write the pack of a case for *reader*; *child* (such as "P2") says whom a new school's pack follows.

        Encrypted to the age key of the person who takes it out. The audit log has the export before the file
        is begun and once it is done.

        Raises:
            UnknownCase: it is not theirs. NeedsReason: it asks for a reason first (SAFETY 22).
            NotAllowed: no age key in real mode, an adult's case for a new school, or no one pupil.
            EvidenceDamaged: an original is not what was received; nothing is written.
        """
        content, key = self._content(order)
        part = for_reader(content, reader, child)

        def originals(item: str) -> Iterator[bytes]:
            return self.vault.read(key, item)

        target = self._target(order)
        return self._recorded(
            order, f"pack for {reader}", lambda: self.packs.case_pack(part, originals, target)
        )

    def hand_off(self, order: Order) -> PackFile:
        """Write the bundle for the school's own safeguarding system; raises as `pack` does."""
        content, _ = self._content(order)
        refuse_for_child_record(content)
        part = replace(content, reader="the school's own safeguarding system", routing=(), exports=())
        target = self._target(order)
        return self._recorded(order, "hand-off file", lambda: self.packs.hand_off(part, target))

    def subject_access(
        self, order: Order, request: SubjectRequest, inside: Path
    ) -> tuple[PackFile, PackFile]:
        """
        Write the copy for the person whose data it is, and to *inside* the list of what was removed.

        Raises:
            NotAllowed: as `subject_access.prepare` says (SAFETY 30), or as `pack`.
        """
        removed = self.subject_list(replace(order, path=inside), request)
        return self.subject_copy(order, request), removed

    def subject_copy(self, order: Order, request: SubjectRequest) -> PackFile:
        """Write the copy alone; raises as `subject_access`."""
        copy, what, target = self._subject(order, request)
        return self._recorded(order, what, lambda: self.packs.subject_copy(copy, target))

    def subject_list(self, order: Order, request: SubjectRequest) -> PackFile:
        """Write the list of what is removed from it, which stays inside; raises as `subject_access`."""
        copy, what, target = self._subject(order, request)
        return self._recorded(order, f"{what}, list", lambda: self.packs.removed(copy, target))

    def _subject(self, order: Order, request: SubjectRequest) -> tuple[SubjectCopy, str, Target]:
        content, _ = self._content(order)
        copy = prepare(content, request)
        what = f"subject access {'draft' if copy.is_draft else 'released by ' + request.released_by}"
        return copy, what, self._target(order)

    def _target(self, order: Order) -> Target:
        return Target(order.path, self.schools[order.school].person(order.person).age)

    def _content(self, order: Order) -> tuple[PackContent, CaseKey]:
        if order.school not in self.schools:
            raise UnknownSchool("There is no school of that name here.")
        view = self.open_case(order.school, order.person, order.case, order.reason)
        self.packs.check(self._target(order).recipient)
        with self.store.reading() as unit:
            key = unit.key(order.case)
            around = Around(
                school=self.schools[order.school],
                made_at=unit.now,
                made_by=order.person,
                pictures={},
                audit=tuple(unit.audit_rows(order.school, view.head.filed_at)),
                checkpoint=unit.checkpoint(),
            )
        return content_of(view, replace(around, pictures=self._pictures(view, key))), key

    def _pictures(self, view: CaseView, key: CaseKey) -> dict[str, tuple[Derivative, ...]]:
        """What people look at, of every item that is not locked (SAFETY 4)."""
        return {
            item.id: tuple(self._picture(key, each) for each in item.derivatives)
            for item in view.evidence
            if not item.locked
        }

    def _picture(self, key: CaseKey, identity: str) -> Derivative:
        content = b"".join(self.vault.read(key, identity))
        found = (media for start, media in _MEDIA if content.startswith(start))
        return Derivative(identity, next(found, "text/plain"), content)

    def _recorded(self, order: Order, what: str, make: Callable[[], PackFile]) -> PackFile:
        """Make a file between two rows of the audit log: a row without a copy is better than the reverse."""
        self._record(order, f"{what}: begun")
        try:
            made = make()
        except BotError as error:
            self._record(order, f"{what}: not made ({type(error).__name__})")
            raise
        self._record(order, f"{what}: made, SHA-256 {made.sha256}")
        return made

    def _record(self, order: Order, detail: str) -> None:
        entered = f", entered by {order.entered_by}" if order.entered_by else ""
        with self.store.writing() as unit:
            unit.record(AuditKind.EXPORTED, order.person, order.school, order.case, detail + entered)
