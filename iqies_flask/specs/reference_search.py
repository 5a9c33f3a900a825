"""Finding items and edits by their id or by words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from iqies_flask.model import Message
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.reference import EditPage, edit_facts, edit_ids, rule_in_a_line


class EntryKind(StrEnum):
    """What was found."""

    EDIT = "Edit"
    ITEM = "Item"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item or edit of a list.

    Attributes:
        pack: Its data specification.
        kind: Which of the two.
        id: Its id.
        title: A few words on it.
        words: All that it can be found by, in lower case.
    """

    pack: Pack
    kind: EntryKind
    id: str
    title: str
    words: str


def search(packs: Sequence[Pack], query: str, own_messages: Sequence[Message]) -> list[Entry]:
    """Find items and edits.

    Args:
        packs: Where to look.
        query: An id or words, all of which must occur; nothing finds everything.
        own_messages: The catalogues of the project's own messages.

    Returns:
        That of which the query is the id, then edits, then items, each in the order of their pack.
    """
    words = query.casefold().split()
    found = [
        entry
        for pack in packs
        for entry in _index(pack, tuple(own_messages))
        if all(word in entry.words for word in words)
    ]
    exact = {query.strip().casefold(), f"-{query.strip()}"}
    return sorted(found, key=lambda entry: (entry.id.casefold() not in exact, entry.kind is EntryKind.ITEM))


@lru_cache(maxsize=16)
def _index(pack: Pack, own_messages: tuple[Message, ...]) -> tuple[Entry, ...]:
    return (*_edits(pack, own_messages), *_items(pack))


def _edits(pack: Pack, own_messages: tuple[Message, ...]) -> Iterator[Entry]:
    for edit in edit_ids(pack, own_messages):
        page = edit_facts(pack, edit, own_messages)
        if page is not None:
            title = _title(page)
            # A Format edit is on hundreds of items: found by each of their labels it would be in every list.
            named = (f"{item.id} {item.label}" for item in page.items if page.clauses)
            facts = (edit, title, page.severity or "", page.type or "", page.official_text, *named)
            yield Entry(pack, EntryKind.EDIT, edit, title, " ".join(facts).casefold())


def _title(page: EditPage) -> str:
    if page.reason:
        return f"{page.standing}: {page.reason}."
    if page.rule:
        return page.rule
    if page.messages:
        return page.messages[0].text
    return rule_in_a_line(page.clauses)


def _items(pack: Pack) -> Iterator[Entry]:
    for item in pack.items.values():
        yield Entry(pack, EntryKind.ITEM, item.id, item.label, f"{item.id} {item.label}".casefold())
