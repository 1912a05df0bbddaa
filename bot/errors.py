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


class StaleIndex(BotError):
    """The index cannot be read and could not be rebuilt."""

    user_message = "The policies cannot be read at the moment. If a child may be in danger, ring 999 now."
