"""How words of CMS's are read that cannot be taken as they stand, with the reason: data beside the pack."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from iqies_flask.specs.importing.archive import ReleaseError
from iqies_flask.specs.pack import Pack

READINGS_FILE = "readings.toml"


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage of an edit, and what it is read as.

    It counts only for as long as CMS writes these very words.

    Attributes:
        edit: The edit's number.
        cms: The passage as CMS writes it.
        read: What it is read as; empty for what says nothing more.
        reason: Why.
    """

    edit: str
    cms: str
    read: str
    reason: str


def load_readings(pack: Pack) -> tuple[Reading, ...]:
    """Load the readings beside a pack; none where it has no such file.

    Args:
        pack: The pack.

    Raises:
        ReleaseError: The file is damaged.
    """
    path = pack.folder / READINGS_FILE
    if not path.is_file():
        return ()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("reading", [])
        return tuple(_reading(entry) for entry in entries)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}") from None


def read_text(text: str, edit: str, readings: Iterable[Reading]) -> tuple[str, tuple[Reading, ...]]:
    """Put what is read in the place of what CMS writes.

    Args:
        text: CMS's words for the edit.
        edit: Its number.
        readings: Of any edits.

    Returns:
        The text, with single spaces, and the readings that it took.
    """
    text = _single_spaced(text)
    taken = []
    for reading in readings:
        if reading.edit == edit and reading.cms in text:
            text = text.replace(reading.cms, reading.read)
            taken.append(reading)
    return text, tuple(taken)


def _reading(entry: dict[str, str]) -> Reading:
    strange = {"edit", "cms", "read", "reason"} ^ entry.keys()
    if strange:
        raise ValueError(f"a reading has edit, cms, read and reason, no more and no less: {sorted(strange)}")
    reading = Reading(**{name: _single_spaced(words) for name, words in entry.items()})
    if not (reading.edit and reading.cms and reading.reason):
        raise ValueError("edit, cms and reason of a reading may not be empty")
    return reading


def _single_spaced(text: str) -> str:
    return " ".join(text.split())
