"""A progress bar on the terminal, which never mixes with a command's output."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class RecordProgress:
    """Counts records on the standard error, where that is a terminal; silent elsewhere."""

    def __init__(self) -> None:
        self._bar: Progress | None = _bar() if sys.stderr.isatty() else None
        self._task: TaskID | None = None

    def start(self, name: str) -> None:
        """Begin a file."""
        if self._bar is not None:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(name, total=None)

    def update(self, done: int, total: int) -> None:
        """Tell how far the file is.

        Args:
            done: Records checked.
            total: Records in the file.
        """
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _bar() -> "Progress":
    # Imported only for a terminal: it takes longer than checking a record.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    name = TextColumn("{task.description}", markup=False)
    return Progress(name, BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True)
