"""Long lists, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Entry = TypeVar("Entry")
Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry]):
    """One page of a list.

    Attributes:
        items: What is on it.
        number: Which page, from 1.
        pages: How many there are, at least 1.
        total: Entries on all pages.
    """

    items: Sequence[Entry]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Part(Generic[Entry, Place]):
    """A part of a list that is too long to be counted: one goes on behind an entry.

    Attributes:
        items: What is in it.
        next_after: What names the entry after which there are more; None where there are none.
    """

    items: list[Entry]
    next_after: Place | None


@dataclass(frozen=True, slots=True)
class PageSize:
    """How a list is cut into pages.

    Attributes:
        entries: Entries on a page.
    """

    entries: int

    def pages(self, total: int) -> int:
        """How many pages so many entries make; an empty list has one."""
        return max(1, -(-total // self.entries))

    def number(self, asked: int, total: int) -> int:
        """The page nearest to the one asked for that exists."""
        return min(max(asked, 1), self.pages(total))

    def offset(self, number: int) -> int:
        """How many entries come before a page."""
        return (number - 1) * self.entries
