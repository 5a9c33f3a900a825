"""The names of elements that lxml has met. It keeps each of them until the end of the process.

Names of its own in every record are no fault that anybody makes by accident, but they would fill the memory
of a worker that reads for months. So only so many are let through to lxml.
"""

import re
from collections.abc import Collection, Set
from typing import cast

from iqies_flask.pipeline.limits import MEGABYTE

MOST_CHARACTERS = 2 * MEGABYTE
"""Of all names together; those of every item of MDS and OASIS make 30,000."""

_tags = re.compile(rb"<([^/>\s]+)").findall


def names_in(data: bytes) -> Set[str]:
    """Find the names of all elements of an XML file without parsing it.

    Args:
        data: In UTF-8; need not be well-formed.
    """
    return {tag.decode(errors="replace") for tag in cast("list[bytes]", _tags(data))}


class NamesMet:
    """Counts the names that were handed to lxml.

    Args:
        most_characters: Once there are more, only names that were met before are let through.
    """

    def __init__(self, most_characters: int = MOST_CHARACTERS) -> None:
        self._names: set[str] = set()
        self._room = most_characters

    def lets_through(self, data: bytes) -> bool:
        """Tell whether lxml may parse a file.

        Args:
            data: The file; its size bounds by how much the most can be exceeded.
        """
        return self._room > 0 or names_in(data) <= self._names

    def note(self, names: Collection[str]) -> None:
        """Remember the names of a file that lxml has parsed, wholly or in part."""
        if self._names.issuperset(names):
            return
        new = set(names) - self._names
        self._names |= new
        self._room -= sum(map(len, new))
