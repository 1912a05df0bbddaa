"""The certificate that is left of a deleted case: what there was, never what it said (SAFETY 28). Pure."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.domain.views import CaseView


@dataclass(frozen=True, slots=True)
class Certificate:
    """That a case was deleted, by whom, when and why; times are ISO 8601 in UTC."""

    case: str
    school: str
    form: str
    filed_at: str
    closed_at: str
    type: str
    until: str
    events: int
    evidence: tuple[str, ...]
    """The SHA-256 of each file it had."""
    deleted_at: str
    deleted_by: str
    reason: str
    merged_into: str = ""

    def as_json(self) -> dict[str, Any]:
        """The certificate as JSON keeps it."""
        return asdict(self) | {"evidence": list(self.evidence)}


def certify(view: CaseView, at: datetime, by: str, reason: str) -> Certificate:
    """Return the certificate of the deletion of *view*."""
    head, kept = view.head, view.kept
    return Certificate(
        case=head.case,
        school=head.school,
        form=head.form,
        filed_at=head.filed_at.isoformat(),
        closed_at=head.closed_at.isoformat() if head.closed_at else "",
        type=kept.type if kept else "",
        until=kept.until.isoformat() if kept and kept.until else "",
        events=head.version,
        evidence=tuple(item.sha256 for item in view.evidence),
        deleted_at=at.isoformat(),
        deleted_by=by,
        reason=reason,
        merged_into=view.merged_into,
    )
