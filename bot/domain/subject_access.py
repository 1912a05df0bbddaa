"""A subject-access copy: what must be considered first, when it is held, and what is left in it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.domain.packs import PackContent, PackEvidence, without_locked
from bot.domain.redaction import Removal, by_role
from bot.errors import NotAllowed

EXEMPTIONS: Mapping[str, str] = {
    # UK GDPR article 15(4) and the Data Protection Act 2018 (c. 12), schedules 2 and 3.
    "others": "Information about other people (UK GDPR art. 15(4); DPA 2018 sch. 2 para. 16)",
    "crime": "Prevention and detection of crime (DPA 2018 sch. 2 para. 2)",
    "legal": "Legal professional privilege (DPA 2018 sch. 2 para. 19)",
    "serious-harm": "Education data: serious harm to anybody (DPA 2018 sch. 3 para. 19)",
    "child-abuse": "Child abuse data, where somebody asks for a child (DPA 2018 sch. 3 para. 21)",
    "social-work": "Social work data: serious harm (DPA 2018 sch. 3 part 3)",
    "health": "Health data: serious harm (DPA 2018 sch. 3 part 2)",
}
"""Every exemption that a person must record as considered before a copy is released (SAFETY 30)."""


@dataclass(frozen=True, slots=True)
class Considered:
    """What a person decided about one exemption, with the reason."""

    applies: bool
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class SubjectRequest:
    """Who asks for their data: *subject* is a key of `people`; the rest is what a person recorded."""

    subject: str
    considered: Mapping[str, Considered] = field(default_factory=dict)
    despite_referrals: str = ""
    """Why it may go on although an outside body is still active; "" holds it."""
    released_by: str = ""
    """Who releases it after reading it; "" is a draft."""


@dataclass(frozen=True, slots=True)
class SubjectCopy:
    """The copy for the subject, and what was removed from it, which stays inside."""

    content: PackContent
    removed: tuple[Removal, ...]
    considered: Mapping[str, Considered]
    is_draft: bool


def prepare(content: PackContent, request: SubjectRequest) -> SubjectCopy:
    """
    Return the copy of *content* for the person that *request* names; all others are called by their role.

    Pictures and originals never go along: a person looks at each, and adds it by hand or not.

    Raises:
        NotAllowed: LADO, police or social care are active and nobody has said why it may go on; the subject
            is not in the case; or it is to be released before every exemption was considered.
    """
    _refuse_while_active(content, request)
    if request.subject not in {person.key for person in content.people}:
        reason = "Say whose data it is, by the number under People: nobody has that number in this case."
        raise NotAllowed(f"{content.case}: unknown subject", reason)
    if request.released_by:
        _refuse_unconsidered(content, request)
    held = tuple(_held_back(item) for item in content.evidence)
    part = replace(
        without_locked(content),
        reader="the person whose data it is",
        reader_note=(
            "Other people's names are replaced by their roles. Pictures and files are not included: "
            "somebody at the school decides about each of them."
        ),
        rows=content.rows,
        evidence=tuple(
            replace(item, name="", metadata={}, pictures=(), history=()) for item in content.evidence
        ),
        routing=(),
        exports=(),
        checkpoint=None,
        originals=False,
    )
    kept, names = by_role(part, frozenset({request.subject}), staff_named=False)
    return SubjectCopy(kept, (*names, *held), request.considered, not request.released_by)


def _refuse_while_active(content: PackContent, request: SubjectRequest) -> None:
    if content.active_bodies and not request.despite_referrals.strip():
        who = " and ".join(content.active_bodies)
        reason = (
            f"Held: {who} may still be at work on this case, and a copy could warn somebody or harm a child. "
            "Ask them first. To go on, record their answer as the reason."
        )
        raise NotAllowed(f"{content.case}: subject access held", reason)


def _refuse_unconsidered(content: PackContent, request: SubjectRequest) -> None:
    done = {key for key, each in request.considered.items() if each.by.strip() and each.reason.strip()}
    missing = [words for key, words in EXEMPTIONS.items() if key not in done]
    if missing:
        reason = f"Before it is released, record for each whether it applies, and why: {'; '.join(missing)}."
        raise NotAllowed(f"{content.case}: exemptions not considered", reason)


def _held_back(item: PackEvidence) -> Removal:
    return Removal(
        f"evidence {item.id}", "the file, its name, what it says about itself", "held for a person"
    )
