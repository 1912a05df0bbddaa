"""One table of a data file, read key by key; whatever is wrong is said with file, place and key. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.schools import nearest
from bot.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Entry:
    """A table of *file*; *where* says which one, as a person would look for it."""

    file: str
    where: str
    values: Mapping[str, object]

    def error(self, message: str) -> ConfigurationError:
        """The error that says *message* of this table."""
        return ConfigurationError(f"{self.file}, {self.where}: {message}")

    def only(self, *known: str) -> None:
        """Refuse any key but *known*."""
        for key in self.values:
            if key not in known:
                raise self.error(f'there is no key "{key}"; {hint(str(key), known)}')

    def text(self, key: str) -> str:
        """The text of *key*, "" when it is not there."""
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self.error(f'"{key}" must be text in quotes')
        return value.strip()

    def needed(self, key: str) -> str:
        """The text of *key*, which must be there."""
        if value := self.text(key):
            return value
        raise self.error(f'"{key}" is missing')

    def flag(self, key: str) -> bool:
        """True or false; false when it is not there."""
        value = self.values.get(key, False)
        if isinstance(value, bool):
            return value
        raise self.error(f'"{key}" must be true or false, without quotes')

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under *key*, none when it is not there."""
        value = self.values.get(key, [])
        if isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value):
            return tuple(each.strip() for each in value)
        raise self.error(f'"{key}" must be a list of texts, such as ["one", "two"]')

    def day(self, key: str) -> date | None:
        """The date under *key*, or None."""
        value = self.values.get(key)
        if value is None:
            return None
        # A date with a time is a date to Python, and cannot be compared with one.
        if isinstance(value, date) and type(value) is date:
            return value
        raise self.error(f'"{key}" must be a date without quotes, such as 2026-09-01')

    def needed_day(self, key: str) -> date:
        """The date under *key*, which must be there."""
        if value := self.day(key):
            return value
        raise self.error(f'"{key}" is missing')

    def among(self, key: str, named: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
        """*named*, once each of them is one of *known*."""
        known = tuple(known)
        for each in (named := tuple(named)):
            if each not in known:
                raise self.error(f'"{key}" has "{each}"; {hint(each, known)}')
        return named

    def table(self, key: str) -> "Entry | None":
        """The table under *key*, or None."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, Mapping):
            return Entry(self.file, f'{self.where}, "{key}"', value)
        raise self.error(f'"{key}" must be a table, such as {{ key = "value" }}')

    def entries(self, key: str) -> "Iterator[Entry]":
        """Each table in the list under *key*, named by its id or value, else by its number."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            raise self.error(f'"{key}" must be a list of tables')
        above = f"{self.where}, " if self.where else ""
        for number, each in enumerate(value, start=1):
            name = each.get("id", each.get("value", number))
            yield Entry(self.file, f"{above}{key} {name!r}", each)


def hint(word: str, known: Iterable[str]) -> str:
    """What *word* was most likely meant to be, or all that is *known*."""
    known = tuple(known)
    near = nearest(word, known)
    return f'did you mean "{near}"?' if near else f"known here: {', '.join(known) or 'nothing'}"
