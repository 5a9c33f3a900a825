"""Which files a command is to read: names on the command line to files that can be opened."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

STANDARD_INPUT = "-"

_SUFFIXES = frozenset({".xml", ".zip"})


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read.

    Attributes:
        name: As messages and reports name it.
        path: None for the standard input.
        problem: Why it cannot be read; empty where nothing is known against it.
    """

    name: str
    path: Path | None
    problem: str = ""

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the file; the standard input is first copied to where it can be read in any order.

        Raises:
            OSError: The file cannot be opened.
        """
        if self.path is not None:
            with self.path.open("rb") as stream:
                yield stream
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
            copy.seek(0)
            yield copy


def find_sources(names: Iterable[str]) -> Iterator[Source]:
    """Find the files that names on the command line mean.

    Args:
        names: Files, folders (every .zip and .xml below, in the order of their names) and ``-``.
    """
    for name in names:
        path = Path(name)
        if name == STANDARD_INPUT:
            yield Source("standard input", None)
        elif not name:
            # A variable of the shell that was never set; as a path it would be the current folder.
            yield Source("''", path, "this is no name of a file")
        elif path.is_dir():
            yield from _in_folder(path)
        else:
            yield Source(name, path, _problem(path))


def _in_folder(folder: Path) -> Iterator[Source]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())
    if not found:
        yield Source(str(folder), folder, "there is no .zip or .xml file in this folder")
    for path in found:
        yield Source(str(path), path, _problem(path))


def _problem(path: Path) -> str:
    if not path.exists():
        return "there is no such file"
    if not path.is_file():
        return "this is not a file"
    if not os.access(path, os.R_OK):
        return "you may not read this file"
    return ""
