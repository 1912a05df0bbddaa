"""How often one address or one signed-in person may knock: kept in memory, and bounded."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from threading import Lock

from starlette.requests import Request

_MINUTE_S = 60.0


class Limit:
    """At most *most* times a minute for each key; beyond *keys*, the one longest silent is forgotten."""

    def __init__(self, most: int, keys: int = 10_000, now: Callable[[], float] = time.monotonic) -> None:
        self.most, self._keys, self._now = most, keys, now
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def lets(self, key: str) -> bool:
        """Whether *key* may once more; a refusal does not count, so that waiting always helps."""
        with self._lock:
            times = self._times.setdefault(key, deque())
            self._times.move_to_end(key)
            while len(self._times) > self._keys:
                self._times.popitem(last=False)
            now = self._now()
            while times and now - times[0] >= _MINUTE_S:
                times.popleft()
            if len(times) >= self.most:
                return False
            times.append(now)
            return True


@dataclass
class Room:
    """
    What all uploads together have in memory.

    It counts what came so far, and not who sends: a connection that is held open with nothing in it is in
    nobody's way. Only ever used from the loop that reads requests.
    """

    held: int = 0

    @contextmanager
    def share(self, most: int) -> "Iterator[Share]":
        """The share of one request where there is room for *most*; it is given back as the block ends."""
        share = Share(self, most)
        try:
            yield share
        finally:
            self.held -= share.taken


@dataclass(slots=True)
class Share:
    """What one request has in memory."""

    room: Room
    most: int
    taken: int = 0

    def lets(self, more: int) -> bool:
        """Whether there is room for *more* bytes of this request; then they are counted."""
        if self.room.held + more > self.most:
            return False
        self.room.held += more
        self.taken += more
        return True


@dataclass(frozen=True)
class Limits:
    """
    What is counted.

    A whole staff room may share one address, so what one address may is far above what one person does.
    """

    sign_in: Limit = field(default_factory=lambda: Limit(600))
    """By address: any page of signing in; a hundred people do so when the day begins."""
    posts: Limit = field(default_factory=lambda: Limit(900))
    """By address: anything sent without being signed in, so that no stranger shuts out whoever is."""
    own_posts: Limit = field(default_factory=lambda: Limit(120))
    """By session: anything sent."""
    own_looks: Limit = field(default_factory=lambda: Limit(300))
    """By session: any page or picture; each is a row of the log, and a case has dozens of pictures."""


def client(request: Request) -> str:
    """Who makes *request*, as `network` tells clients apart."""
    return network(request.client.host if request.client else "")


def network(host: str) -> str:
    """The client that *host* stands for: an address, or the network of a home where it is IPv6."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ip_network(f"{address}/64", strict=False))
