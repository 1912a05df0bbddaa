"""The sign of life: said once, and only to somebody who has waited for longer than a moment."""

from threading import Lock, Timer

from bot.slack.places import Place

SIGN_OF_LIFE = "Reading the policies, one moment."
AFTER_S = 0.7
"""So long after a message was taken up is its answer waited for in silence."""
PATIENCE_S = 1.0
"""So long does an answer wait for a sign of life that is being said, so as not to come before it."""


class SignOfLife:
    """Says in a place that the answer is on its way; only its reader sees it, and it is said once at most."""

    def __init__(self, place: Place) -> None:
        self._place, self._said, self._lock = place, place.greeted, Lock()
        self._timer = Timer(AFTER_S, self.say)

    def begin(self) -> None:
        """Say it after a while, unless it is `over` before."""
        self._timer.start()

    def say(self) -> None:
        """Say it now, if it was not said before."""
        with self._lock:
            said, self._said = self._said, True
        if not said:
            self._place.aside(SIGN_OF_LIFE)

    def over(self) -> None:
        """The answer is there: nothing is said from now on, and no thread is left waiting."""
        self._timer.cancel()
        with self._lock:
            self._said = True
        if self._timer.is_alive():
            self._timer.join(PATIENCE_S)
