"""What was seen lately, in memory alone and bounded: so that a repeat is known to be one."""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

_MOST = 2000


@dataclass(frozen=True, slots=True)
class Lately:
    """Remembers the newest *most* keys; safe to share between threads."""

    most: int = _MOST
    keys: OrderedDict[str, None] = field(default_factory=OrderedDict, repr=False)
    lock: Lock = field(default_factory=Lock, repr=False)

    def first(self, key: str) -> bool:
        """Remember *key*; whether it was not remembered already."""
        with self.lock:
            if key in self.keys:
                return False
            self.keys[key] = None
            while len(self.keys) > self.most:
                self.keys.popitem(last=False)
            return True

    def knows(self, key: str) -> bool:
        """Whether *key* is remembered."""
        with self.lock:
            return key in self.keys

    def forget(self, key: str) -> None:
        """Let *key* be the first again: what it stood for was not done."""
        with self.lock:
            self.keys.pop(key, None)
