"""Calling code of others without waiting for it for ever.

Python cannot stop a thread. So a call that takes too long is abandoned in its thread, and its owner is
switched off for the rest of the process: it would only be abandoned again.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar

_T = TypeVar("_T")


class TooSlowError(Exception):
    """The call took longer than it may; the text says what follows."""


class SwitchedOffError(Exception):
    """The call was not made, mostly because an earlier one took longer than it may; the text says why."""


class ExitRequestedError(Exception):
    """The call asked for the end of the process, which is not its business; the text says how."""


@dataclass(slots=True)
class Job:
    """A call that runs in another thread than the one that waits for it.

    Attributes:
        function: Without arguments.
        done: Set once it has ended.
        result: What it gave.
        error: What it raised.
    """

    function: Callable[[], Any]
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: Exception | None = None

    def run(self) -> None:
        """Make the call; never raises."""
        try:
            self.result = self.function()
        except Exception as error:
            self.error = error
        except BaseException as error:
            # SystemExit and the like: raised again in the caller's thread, it would end the worker.
            self.error = ExitRequestedError(type(error).__name__).with_traceback(error.__traceback__)
        finally:
            self.done.set()

    def outcome(self) -> Any:
        """Give what the call gave, or raise what it raised. Only once it has ended."""
        if self.error is not None:
            raise self.error
        return self.result


class Watchdog:
    """Runs calls in a thread of its own, one at a time, each within its time."""

    def __init__(self, name: str) -> None:
        """Make a watchdog; its thread starts with the first call.

        Args:
            name: Of the thread.
        """
        self._name = name
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._one_at_a_time = threading.Lock()
        self.switched_off = False

    def call(self, function: Callable[[], _T], seconds: float) -> _T:
        """Call a function.

        Args:
            function: Without arguments.
            seconds: How long it may take, not counting the wait for an earlier call to end.

        Raises:
            TooSlowError: It took longer; it may still be running.
            SwitchedOffError: An earlier call took longer.
            ExitRequestedError: It raised SystemExit or the like.
            Exception: Whatever else the function raised.
        """
        with self._one_at_a_time:
            if self.switched_off:
                raise SwitchedOffError("an earlier call took too long")
            self._start_thread()
            job = Job(function)
            self._jobs.put(job)
            if not job.done.wait(seconds):
                self.switched_off = True
                raise TooSlowError("it is switched off until the process is started again")
        result: _T = job.outcome()
        return result

    def _start_thread(self) -> None:
        # A process that was forked off has the object, but not the thread.
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while not self.switched_off:
            self._jobs.get().run()
