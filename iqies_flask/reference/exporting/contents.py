"""What is exported of each pack, and under which addresses."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from iqies_flask.model import Message
from iqies_flask.reference.exporting.file_names import file_names
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.reference_search import Entry, EntryKind, search

ENTRIES_OF_A_PART = 100
"""How many edits or items one page lists."""


@dataclass(frozen=True, slots=True)
class ListPart:
    """One page of a long list.

    Attributes:
        kind: What it lists.
        title: Which of them, such as ``Edits -3060 to -3280``.
        entries: The edits or items.
        path: Of its page, from the first page of the export.
    """

    kind: EntryKind
    title: str
    entries: tuple[Entry, ...]
    path: str


@dataclass(frozen=True, slots=True)
class PackContents:
    """The pages of one pack. Paths are from the first page of the export.

    Attributes:
        pack: The pack.
        path: Of its own page.
        edits: Id of an edit to the path of its page.
        items: Likewise of items.
        edit_parts: The list of its edits.
        item_parts: The list of its items.
    """

    pack: Pack
    path: str
    edits: dict[str, str]
    items: dict[str, str]
    edit_parts: tuple[ListPart, ...]
    item_parts: tuple[ListPart, ...]

    @property
    def pages(self) -> int:
        """How many pages there are, its own included."""
        parts = len(self.edit_parts) + len(self.item_parts)
        return 1 + parts + len(self.edits) + len(self.items)


def contents_of(packs: Sequence[Pack], own_messages: Sequence[Message]) -> list[PackContents]:
    """List what is exported.

    Args:
        packs: The packs.
        own_messages: The catalogues of the project's own messages.
    """
    folders = file_names("pack", [pack.name for pack in packs], ending="/")
    return [_contents(pack, folders[pack.name], own_messages) for pack in packs]


def _contents(pack: Pack, folder: str, own_messages: Sequence[Message]) -> PackContents:
    entries = search([pack], "", own_messages)
    edits = [entry for entry in entries if entry.kind is EntryKind.EDIT]
    items = [entry for entry in entries if entry.kind is EntryKind.ITEM]
    return PackContents(
        pack=pack,
        path=f"{folder}index.html",
        edits=_paths(folder, "edit", edits),
        items=_paths(folder, "item", items),
        edit_parts=tuple(_edit_parts(folder, edits)),
        item_parts=tuple(_item_parts(folder, items)),
    )


def _paths(folder: str, prefix: str, entries: Iterable[Entry]) -> dict[str, str]:
    return {one: folder + name for one, name in file_names(prefix, [entry.id for entry in entries]).items()}


def _edit_parts(folder: str, edits: list[Entry]) -> Iterator[ListPart]:
    """Divide the edits: those of CMS by number, then those with an id of the project's own."""
    numbered = sorted((entry for entry in edits if _number(entry.id)), key=lambda entry: _number(entry.id))
    others = sorted((entry for entry in edits if not _number(entry.id)), key=lambda entry: entry.id)
    for number, part in enumerate([*_portions(numbered), *_portions(others)], start=1):
        yield ListPart(EntryKind.EDIT, _span("Edits", part), part, f"{folder}edits-{number}.html")


def _item_parts(folder: str, items: list[Entry]) -> Iterator[ListPart]:
    """Divide the items, by section and in the order of the record."""
    sections: dict[str, list[Entry]] = {}
    for entry in items:
        sections.setdefault(entry.pack.items[entry.id].section, []).append(entry)
    portions = [(section, part) for section, of_it in sections.items() for part in _portions(of_it)]
    for number, (section, part) in enumerate(portions, start=1):
        whole = len(part) == len(sections[section])
        title = f"Section {section}" if whole else _span(f"Section {section},", part)
        yield ListPart(EntryKind.ITEM, title, part, f"{folder}items-{number}.html")


def _portions(entries: Sequence[Entry]) -> Iterator[tuple[Entry, ...]]:
    """Divide a list into parts that differ by one entry at most."""
    parts = -(-len(entries) // ENTRIES_OF_A_PART)
    for _, numbered in groupby(enumerate(entries), key=lambda place: place[0] * parts // len(entries)):
        yield tuple(entry for _, entry in numbered)


def _span(what: str, part: Sequence[Entry]) -> str:
    first, last = part[0].id, part[-1].id
    return f"{what} {first}" if first == last else f"{what} {first} to {last}"


def _number(edit: str) -> int:
    """The number of an edit of CMS's, such as 3261 of -3261; 0 where its id is none."""
    number = re.fullmatch(r"-?([0-9]+)", edit)
    return int(number[1]) if number else 0
