"""What the use cases need from outside, in their own words."""

from typing import Protocol

from bot.domain.answers import Finding


class Retrieval(Protocol):
    """The policies of every school, searchable one school at a time."""

    def find(self, school: str, question: str) -> Finding:
        """
        The clauses of *school* that are nearest to *question*, and how sure the search is.

        Raises:
            UnknownSchool: no document of that school is indexed.
            StaleIndex: the index cannot be read.
        """
        ...
