"""A folder in which files arrive, and which of them are there completely."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

RESULTS_ENDING = "_results.xml"
_SUFFIXES = frozenset({".xml", ".zip"})


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What changes when a file is written or replaced."""

    size: int
    modified: int
    changed: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


_UNREADABLE = _Stamp(0, 0, 0, 0)


class Inbox:
    """Looks into a folder now and then. A file that is the same at two looks is complete.

    Files in folders below it, hidden files and results files are not looked at.
    """

    def __init__(self, folder: Path) -> None:
        """Look at nothing yet.

        Args:
            folder: Where files arrive.
        """
        self.folder = folder
        self._last: dict[str, _Stamp] = {}
        self._settled: dict[str, _Stamp] = {}
        self._arriving: list[Path] = []

    @property
    def arriving(self) -> list[Path]:
        """Files that were new or different at the last look."""
        return self._arriving

    def look(self) -> list[Path]:
        """Find the files that are complete and not settled, in the order of their names.

        Raises:
            OSError: The folder cannot be read.
        """
        now = self._stamps()
        stable = {name for name, stamp in now.items() if self._last.get(name) == stamp}
        self._arriving = [self.folder / name for name in sorted(now.keys() - stable)]
        self._last = now
        self._settled = {name: stamp for name, stamp in self._settled.items() if now.get(name) == stamp}
        return [self.folder / name for name in sorted(stable - self._settled.keys())]

    def settle(self, path: Path) -> None:
        """Do not find a file again, until it is different from what the last look found."""
        self._settled[path.name] = self._last[path.name]

    def _stamps(self) -> dict[str, _Stamp]:
        stamps = {}
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if _is_wanted(entry.name):
                    try:
                        if entry.is_file():
                            stamps[entry.name] = _Stamp.of(entry.stat())
                    except FileNotFoundError:
                        # Taken away between the list of names and this one.
                        continue
                    except OSError:
                        # A link to itself, for example. Whoever opens it will learn why it cannot be read.
                        stamps[entry.name] = _UNREADABLE
        return stamps


def _is_wanted(name: str) -> bool:
    return (
        Path(name).suffix.lower() in _SUFFIXES
        and not name.startswith(".")
        and not name.endswith(RESULTS_ENDING)
    )
