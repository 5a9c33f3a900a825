"""A folder in which the results of checked files are left."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from iqies_flask.cli.inbox import RESULTS_ENDING
from iqies_flask.pipeline.file_names import display_name
from iqies_flask.pipeline.report.vut import VutEntry
from iqies_flask.pipeline.report.vut_results import CheckedFile, Tally, read_checked_file, write_results

_LONGEST_NAME = 200
"""Bytes of a file's name that its results keep; file systems take 255, endings among them."""

_MARK_CHARACTERS = 8


def results_name(name: str) -> str:
    """Give the name under which the results of a file are kept: no two files have the same.

    Args:
        name: The file's, perhaps with characters that cannot be shown.

    Returns:
        The name itself; where it cannot be shown as it is, or is long, its beginning and a mark of its own.
    """
    shown = display_name(name)
    if shown == name and len(os.fsencode(name)) <= _LONGEST_NAME:
        return name
    mark = "~" + hashlib.sha256(os.fsencode(name)).hexdigest()[:_MARK_CHARACTERS]
    ending = Path(shown).suffix
    room = _LONGEST_NAME - len(mark) - len(ending)
    beginning = shown.removesuffix(ending).encode()[:room].decode(errors="ignore")
    return f"{beginning}{mark}{ending}"


class Outbox:
    """Leaves a file ``NAME_results.xml`` for each checked file, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        """Choose the folder.

        Args:
            folder: An existing one.
        """
        self._folder = folder

    def place(self, file: CheckedFile) -> Path:
        """Where the results of a file belong.

        That is ``NAME_results.xml``, or ``NAME.zip_results.xml`` where the first holds something else that
        must not be overwritten, such as the results of ``NAME.xml``.
        """
        short = self._folder / (Path(file.name).stem + RESULTS_ENDING)
        if short.exists() and _owner(short, file) is None:
            return self._folder / (file.name + RESULTS_ENDING)
        return short

    def has(self, file: CheckedFile) -> bool:
        """Whether the results of a file, with the content that it has now, are there."""
        place = self.place(file)
        return place.exists() and _owner(place, file) == file

    def write(self, file: CheckedFile, entries: Iterable[VutEntry]) -> tuple[Path, Tally]:
        """Write the results of a file.

        Returns:
            Where they are, and what they came to.

        Raises:
            OSError: They cannot be written; then nothing of them is left.
        """
        place = self.place(file)
        # Hidden, and of another ending: whoever waits for results does not see it.
        part = self._folder / f".{secrets.token_hex(8)}.part"
        try:
            with part.open("xb") as stream:
                tally = write_results(file, entries, stream)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
        return place, tally


def _owner(path: Path, file: CheckedFile) -> CheckedFile | None:
    """Whose results a file holds, if they are of a file of that name."""
    with path.open("rb") as stream:
        owner = read_checked_file(stream)
    return owner if owner is not None and owner.name == file.name else None
