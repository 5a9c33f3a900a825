"""Places for checks: how many files are checked at the same time.

Anybody may have files checked, without an account. A check takes a thread of the server until its answer is
sent, so there are fewer places than threads, and nobody can take them all.
"""

from collections import Counter
from collections.abc import Callable
from threading import Lock

from flask import Flask, current_app
from werkzeug.exceptions import ServiceUnavailable

_EXTENSION = "iqies_vut_places"
_RETRY_SECONDS = 5


class CheckPlaces:
    """The places of one process."""

    def __init__(self, at_once: int) -> None:
        """Prepare.

        Args:
            at_once: How many there are; half of them, and at least one, are for the same address.
        """
        self._at_once = at_once
        self._for_one = max(1, at_once // 2)
        self._taken: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, address: str) -> Callable[[], None]:
        """Take a place.

        Args:
            address: Whose file is checked.

        Returns:
            Gives the place back; further calls do nothing.

        Raises:
            ServiceUnavailable: None is free for this address.
        """
        with self._lock:
            if self._taken.total() >= self._at_once or self._taken[address] >= self._for_one:
                raise ServiceUnavailable(retry_after=_RETRY_SECONDS)
            self._taken[address] += 1
        held = [address]

        def leave() -> None:
            with self._lock:
                for mine in held:
                    self._taken[mine] -= 1
                    if not self._taken[mine]:
                        del self._taken[mine]
                held.clear()

        return leave


def init_app(app: Flask, at_once: int) -> None:
    """Make the places of an application.

    Args:
        app: The application.
        at_once: How many there are.
    """
    app.extensions[_EXTENSION] = CheckPlaces(at_once)


def current_places() -> CheckPlaces:
    """The running application's places."""
    found = current_app.extensions[_EXTENSION]
    assert isinstance(found, CheckPlaces)
    return found
