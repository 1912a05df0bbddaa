"""The errors of `bot`: one base, leaves named by cause."""


class BotError(Exception):
    """
    The base of every error that `bot` raises on purpose.

    `str()` is for the log and names ids only; *user_message* is safe to show anyone.
    """

    user_message = "Something went wrong on our side. If a child may be in danger, ring 999 now."


class ConfigurationError(BotError):
    """A setting, a key or a file that Staffroom cannot work with; the message says what to mend."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.user_message = message


class UnknownSchool(BotError):
    """No school of that id is configured, or nothing of it is indexed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.user_message = message


class UnknownClause(BotError):
    """No document of the school has a clause of that number."""


class StaleIndex(BotError):
    """The index cannot be read and could not be rebuilt."""

    user_message = "The policies cannot be read at the moment. If a child may be in danger, ring 999 now."


class FormError(BotError):
    """Answers that cannot be filed; *fields* says what is wrong at each, in words for the reporter."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(f"fields: {', '.join(sorted(fields))}")
        self.fields = fields
        self.user_message = " ".join(fields.values())


class EvidenceRefused(BotError):
    """A file that is not kept; the message is for the person who sent it and never repeats its content."""

    def __init__(self, reason: str) -> None:
        super().__init__("evidence refused")
        self.user_message = reason


class EvidenceDamaged(BotError):
    """A kept file that is missing or no longer what it was."""

    user_message = "This file is missing or has changed since it was stored. Tell whoever runs Staffroom."


class EvidenceLocked(BotError):
    """A file locked because it may be an indecent image (SAFETY 4)."""

    user_message = "This file is locked because it may be an indecent image. Nobody may open or copy it."


class UnknownCase(BotError):
    """No case of that number, or none that this person may know of: both look alike from outside."""

    user_message = "There is no case of that number that you can open."


class CaseDeleted(BotError):
    """The content of the case was deleted under a certificate."""

    user_message = "This case was deleted when its time was over; the certificate says when and by whom."


class NotAllowed(BotError):
    """A person may not do that; the refusal is in the audit log."""

    user_message = "You cannot do that here."

    def __init__(self, log: str, reason: str = "") -> None:
        super().__init__(log)
        self.user_message = reason or self.user_message


class NeedsReason(NotAllowed):
    """Opening this case asks for a reason first (SAFETY 22); the same call with one goes through."""


class IllegalMove(BotError):
    """The case does not stand where that can be done."""

    def __init__(self, log: str, reason: str) -> None:
        super().__init__(log)
        self.user_message = reason


class StaleCase(BotError):
    """Somebody else changed the case meanwhile; nothing was done."""

    user_message = "Somebody else has changed this case since you opened it. Look at it again, then decide."

    def __init__(self, log: str = "", reason: str = "") -> None:
        super().__init__(log)
        self.user_message = reason or self.user_message


class StoreBusy(BotError):
    """Another writer held the store for longer than the busy timeout; nothing was written."""

    user_message = (
        "NOT SAVED: the store is busy. Try again in a minute. If a child may be in danger, ring 999 now."
    )


class StoreFailed(BotError):
    """The store could not be written or read; nothing was written."""

    user_message = (
        "NOT SAVED: the store cannot be written. Ring the DSL. If a child may be in danger, ring 999 now."
    )


class WrongKey(BotError):
    """The master key does not open this store."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.user_message = message


class SealBroken(BotError):
    """Something kept sealed does not open where it lies: damaged, moved, or sealed by another key."""

    user_message = "Part of this has changed since it was stored. Tell whoever runs Staffroom."


class LocksDamaged(EvidenceLocked):
    """The list of locked files is damaged or lost; until it is mended every file is locked (SAFETY 4)."""

    user_message = (
        "The list of locked files is damaged, so no file may be opened. Tell whoever runs Staffroom."
    )


class BackupDamaged(BotError):
    """A backup that cannot be trusted; nothing was restored from it."""

    user_message = "This backup is damaged or was changed, and nothing was restored. Use another one."


class NotDelivered(BotError):
    """A notice did not reach the other side; *retry_after* in seconds where it said when to come back."""

    def __init__(self, log: str, retry_after: float | None = None) -> None:
        super().__init__(log)
        self.retry_after = retry_after


class Stranger(BotError):
    """Somebody of no school here, or a bot; *reason* says so, and the edge adds numbers (SAFETY 31)."""

    def __init__(self, log: str, reason: str) -> None:
        super().__init__(log)
        self.user_message = reason


class WhichSchool(BotError):
    """Somebody whose school cannot be told from where they write; *schools* are the ids to choose from."""

    user_message = "Which school is this about? You are asked once, and it is remembered."

    def __init__(self, schools: tuple[str, ...]) -> None:
        super().__init__(f"one of {len(schools)} schools")
        self.schools = schools


class SentAlready(BotError):
    """The same was sent before, and is stored."""

    user_message = "That was sent before, and it is stored once."


class Gone(BotError):
    """What was held for a while is not there any more: it was used, or its time is over."""

    user_message = "This was open for too long, or has been used already. Please begin again."
