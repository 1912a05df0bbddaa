"""The errors of `index`: each names the thing, the cause and the mend."""


class IndexingError(Exception):
    """The base of every error that `index` raises on purpose."""


class UnreadableDocument(IndexingError):
    """
    A document that cannot be cut into clauses.

    *cause* and *mend* are plain sentences without the file's name; `str()` joins all three on one line.
    """

    def __init__(self, file: str, cause: str, mend: str) -> None:
        self.file = file
        self.cause = cause
        self.mend = mend
        super().__init__(f"{file}: {cause}. {mend}.")


class UnknownSchool(IndexingError):
    """The index holds no school of that id."""


class WrongModel(IndexingError):
    """The embedding model is missing, or is not the published one."""


class DamagedIndex(IndexingError):
    """An index file is missing, cut short or altered, and has to be built again."""


class IndexBusy(IndexingError):
    """Another process has been building the same index for longer than is reasonable to wait."""
