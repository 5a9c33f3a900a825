"""Logging that tells nothing of patients.

The text of an exception can hold a submitted value, so tracebacks are logged without it: the kind of error
and the lines of code it came from are enough to find a fault.
"""

import logging
import traceback
from types import TracebackType

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class DiscreetFormatter(logging.Formatter):
    """Formats an exception as its kind and the lines of code, without its text."""

    def formatException(  # noqa: N802 - the name that logging calls
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        """Write the exception and those that led to it, the newest first."""
        lines = []
        error = ei[1]
        while error is not None:
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}, at:")
            lines += [
                f"  {frame.filename}:{frame.lineno} in {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)


def configure(level: str) -> None:
    """Write log messages to standard error. Leaves a process alone that has set up its own logging.

    Args:
        level: Least level of the messages.
    """
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(DiscreetFormatter(_FORMAT))
    root.addHandler(handler)
    root.setLevel(level)
    # Huey logs each task at this level; the worker's own lines say what was done.
    logging.getLogger("huey").setLevel(max(logging.WARNING, root.level))
