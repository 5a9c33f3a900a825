"""Running several commands side by side as one: they start together and stop together."""

import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from types import FrameType, TracebackType
from typing import Self

import click

_STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.5


class ProcessGroup:
    """Child processes, each an ``iqies`` command.

    Used as a context manager: leaving it, for whatever reason, stops every child: first by SIGTERM, so that
    it can finish what it has in hand, and what still runs after 15 seconds by SIGKILL.
    """

    def __init__(self) -> None:
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._stop = threading.Event()

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Start a command.

        Args:
            name: For messages.
            arguments: What follows ``iqies`` on the command line.
        """
        # In a session of its own: Ctrl-C reaches this process alone, which then stops the children in order.
        self._children[name] = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "iqies_flask.cli", *arguments], start_new_session=True
        )

    def watch(self, seconds: float) -> bool:
        """Wait for a while.

        Args:
            seconds: How long.

        Returns:
            Whether the processes are asked to stop, by SIGINT or SIGTERM; then at once.

        Raises:
            click.ClickException: A child has ended by itself.
        """
        stopping = self._stop.wait(seconds)
        ended = [name for name, child in self._children.items() if child.poll() is not None]
        if ended and not stopping:
            raise click.ClickException(f"The {ended[0]} process ended by itself; its messages are above.")
        return stopping

    def watch_until_stopped(self) -> None:
        """Wait until SIGINT or SIGTERM comes.

        Raises:
            click.ClickException: A child has ended by itself.
        """
        while not self.watch(_LOOK_SECONDS):
            pass

    def __enter__(self) -> Self:
        self._handlers: Mapping[signal.Signals, signal._HANDLER] = {
            number: signal.signal(number, self._asked_to_stop) for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _asked_to_stop(self, _: int, __: FrameType | None) -> None:
        self._stop.set()
