"""A progress bar on the terminal, which never mixes with a command's output."""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class CountProgress:
    """Counts the records of a file, or the pages of an export, on the standard error.

    Used as a context manager.

    Args:
        shown: Whether there is anybody to see it; if not, nothing is written.
    """

    def __init__(self, *, shown: bool) -> None:
        self._bar: Progress | None = _bar() if shown else None
        self._task: TaskID | None = None

    def start(self, name: str) -> None:
        """Begin a file.

        Args:
            name: Its name or path.
        """
        if self._bar is not None:
            # Without its folders, which would leave no room for the bar.
            self._task = self._bar.add_task(Path(name).name, total=None)
            self._bar.start()

    def update(self, done: int, total: int) -> None:
        """Tell how far it is.

        Args:
            done: Records or pages that are finished.
            total: How many there are.
        """
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)

    def finish(self) -> None:
        """Take the bar away: what is written now may go to the same terminal."""
        if self._bar is not None and self._task is not None:
            self._bar.stop()
            self._bar.remove_task(self._task)
            self._task = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.finish()


def _bar() -> "Progress":
    # Imported only for a terminal: it takes longer than checking a record.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    name = TextColumn("{task.description}", markup=False)
    return Progress(name, BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True)
