"""Calling a service of others while a person waits for the page, without waiting for it for ever.

Unlike under a `Watchdog`, calls run at the same time, and a slow one pauses the calls rather than ending
them: a service that is down today answers again tomorrow, and the process goes on.
"""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from iqies_flask.pipeline.watchdog import Job, SwitchedOffError, TooSlowError

CALLS_AT_ONCE = 3
"""Fewer than the threads that answer requests: the others go on while a service hangs."""

WAIT_SECONDS = 3.0
"""How long a further call waits for one of them to end, before it is refused."""

PAUSE_SECONDS = 60.0
"""Without calls, after one that took too long."""

MOST_ABANDONED = 20
"""Threads that may be left hanging. Python cannot stop them; beyond this, calls wait until one ends."""

_T = TypeVar("_T")


class CircuitBreaker:
    """Runs calls each in a thread of its own, some at a time, each within its time."""

    def __init__(
        self,
        name: str,
        *,
        at_once: int = CALLS_AT_ONCE,
        wait_seconds: float = WAIT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a circuit breaker.

        Args:
            name: Of its threads.
            at_once: Calls that may be waited for at a time.
            wait_seconds: How long a further one waits for its turn.
            clock: Tells the time, in seconds.
        """
        self._name = name
        self._turns = threading.BoundedSemaphore(at_once)
        self._wait_seconds = wait_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._abandoned: list[threading.Thread] = []
        self._paused_until = 0.0

    def call(self, function: Callable[[], _T], seconds: float) -> _T:
        """Call a function.

        Args:
            function: Without arguments.
            seconds: How long it may take.

        Raises:
            TooSlowError: It took longer; it may still be running.
            SwitchedOffError: It was not called: another call took too long a short while ago, or too many
                are under way.
            ExitRequestedError: It raised SystemExit or the like.
            Exception: Whatever else the function raised.
        """
        self._check_pause()
        if not self._turns.acquire(timeout=self._wait_seconds):
            raise SwitchedOffError("too many calls are under way")
        try:
            # While it waited for its turn, another one may have taken too long.
            self._check_pause()
            job = Job(function)
            thread = threading.Thread(target=job.run, name=self._name, daemon=True)
            thread.start()
            if not job.done.wait(seconds):
                self._pause(thread)
                raise TooSlowError(f"it is not called for {PAUSE_SECONDS:g} s")
        finally:
            self._turns.release()
        result: _T = job.outcome()
        return result

    def _check_pause(self) -> None:
        with self._lock:
            self._abandoned = [thread for thread in self._abandoned if thread.is_alive()]
            if self._clock() < self._paused_until:
                raise SwitchedOffError("a call took too long a short while ago")
            if len(self._abandoned) >= MOST_ABANDONED:
                raise SwitchedOffError("too many calls never ended")

    def _pause(self, thread: threading.Thread) -> None:
        with self._lock:
            self._abandoned.append(thread)
            self._paused_until = self._clock() + PAUSE_SECONDS
