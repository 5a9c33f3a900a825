"""The command on a terminal, where somebody watches it."""

import os
import pty
import subprocess
import sys


def on_terminal(*arguments: str | os.PathLike[str]) -> tuple[bytes, bytes]:
    """Run the command with a terminal as standard error.

    Returns:
        The standard output, and what the terminal was sent.
    """
    terminal, side = pty.openpty()
    with os.fdopen(terminal, "rb") as watched, os.fdopen(side, "wb") as stderr:
        output = subprocess.run(
            [sys.executable, "-m", "iqies_flask.cli", *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, "TERM": "xterm"},
            check=True,
        ).stdout
        return output, os.read(watched.fileno(), 65536)
