"""What differs between two packs: items, values and edits that are new, changed or gone."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.importing.pack_files import (
    CONSISTENCY_FILE,
    read_official_hashes,
    read_official_texts,
    split_edits,
)
from iqies_flask.specs.pack import FormatEdit, Item, Pack

_ITEM_FACTS = ("label", "section", "group", "type", "length", "minimum", "maximum")
_NOT_HELD = "(this pack tells only that the words were others)"
_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class _Fact:
    """Something about a thing: what is compared, and how it is shown."""

    key: object
    shown: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is in both packs and differs.

    Attributes:
        name: The item, the item and value, or the edit.
        facts: What of it: fact to its text before and now.
    """

    name: str
    facts: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Differences:
    """The differences of one kind of thing.

    Attributes:
        kind: ``items``, ``values`` or ``edits``.
        added: Those only in the new pack.
        changed: Those in both that differ.
        gone: Those only in the old pack.
    """

    kind: str
    added: tuple[str, ...]
    changed: tuple[Difference, ...]
    gone: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether there are differences at all."""
        return bool(self.added or self.changed or self.gone)


def compare_packs(old: Pack, new: Pack) -> tuple[Differences, ...]:
    """Find what differs between two packs. The place of an item in the record is not counted.

    Args:
        old: One pack.
        new: The other.

    Returns:
        The differences in items, values and edits.
    """
    return (
        _differences("items", old.items, new.items, _item_facts),
        _differences("values", _values(old), _values(new), lambda label: {"label": _Fact(label, label)}),
        _differences("edits", _edits(old), _edits(new), lambda facts: facts),
    )


def differences_as_text(old: Pack, new: Pack, found: Iterable[Differences]) -> str:
    """Write differences for a person."""
    return "\n".join(_lines(old, new, list(found))) + "\n"


def differences_as_json(old: Pack, new: Pack, found: Iterable[Differences]) -> str:
    """Write differences for a program."""
    document: dict[str, Any] = {
        "old": old.release,
        "new": new.release,
        "words_compared": not _without_words(old, new),
    }
    for one in found:
        document[one.kind] = {
            "added": one.added,
            "changed": {
                change.name: {fact: {"old": a, "new": b} for fact, (a, b) in change.facts.items()}
                for change in one.changed
            },
            "gone": one.gone,
        }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _differences(
    kind: str,
    old: Mapping[str, _Thing],
    new: Mapping[str, _Thing],
    facts: Callable[[_Thing], Mapping[str, _Fact]],
) -> Differences:
    changed = []
    for name in new:
        if name not in old:
            continue
        before, now = facts(old[name]), facts(new[name])
        # A fact that only one pack knows, such as CMS's own words, is no difference.
        different = {
            fact: (before[fact].shown, now[fact].shown)
            for fact in now
            if fact in before and before[fact] != now[fact]
        }
        if different:
            changed.append(Difference(name, different))
    return Differences(
        kind,
        tuple(name for name in new if name not in old),
        tuple(changed),
        tuple(name for name in old if name not in new),
    )


def _plain(facts: Mapping[str, str]) -> dict[str, _Fact]:
    return {name: _Fact(text, text) for name, text in facts.items()}


def _item_facts(item: Item) -> dict[str, _Fact]:
    return _plain(
        {fact: str(getattr(item, fact) or "") for fact in _ITEM_FACTS}
        | {
            "subsets": " ".join(sorted(item.subsets)),
            "state optional": " ".join(sorted(item.state_optional)),
        }
    )


def _values(pack: Pack) -> dict[str, str]:
    return {
        f"{item.id} {value}": label for item in pack.items.values() for value, label in item.values.items()
    }


def _edits(pack: Pack) -> dict[str, dict[str, _Fact]]:
    path = pack.folder / CONSISTENCY_FILE
    written = split_edits(path.read_text(encoding="utf-8")) if path.is_file() else {}
    hashes, texts = read_official_hashes(pack), read_official_texts(pack)
    found = {edit.id: _format_facts(edit) for edit in pack.format_edits}
    found |= {
        edit.id: _consistency_facts(edit, written[edit.id])
        for edit in (*pack.consistency_edits, *pack.database_edits)
    }
    for number in found.keys() & hashes.keys():
        found[number]["CMS's text"] = _Fact(hashes[number], texts.get(number, _NOT_HELD))
    return found


def _format_facts(edit: FormatEdit) -> dict[str, _Fact]:
    return _plain(
        {
            "severity": str(edit.severity),
            "type": str(edit.type),
            "check": f"{edit.check} {dict(edit.options) or ''}".strip(),
            "items": " ".join(sorted(edit.items)),
        }
    )


def _consistency_facts(edit: Edit, written: str) -> dict[str, _Fact]:
    # Compared as trees, in which a range is its items: neither lines nor ways of writing make a difference.
    rule = tuple(replace(clause, line=0) for clause in edit.clauses)
    shown = " ".join(written.partition("\n")[2].split())
    return {
        **_plain({"severity": str(edit.severity), "type": str(edit.type)}),
        "rule": _Fact(rule, shown),
    }


def _without_words(old: Pack, new: Pack) -> list[str]:
    """The packs that say nothing of CMS's words for their edits."""
    return [pack.name for pack in (old, new) if not read_official_hashes(pack)]


def _lines(old: Pack, new: Pack, found: list[Differences]) -> Iterator[str]:
    yield f"From {old.system} {old.release} to {new.system} {new.release}"
    without = " and ".join(_without_words(old, new))
    if without:
        yield f"CMS's words for the edits were not compared: {without} tells nothing of them."
    for one in found:
        yield ""
        counts = f"{len(one.added)} added, {len(one.changed)} changed, {len(one.gone)} gone"
        yield f"{one.kind.capitalize()}: {counts if one.any else 'no difference'}"
        yield from (f"  + {name}" for name in one.added)
        for change in one.changed:
            yield f"  ~ {change.name}"
            for fact, (before, now) in change.facts.items():
                yield f"      {fact}: {before or '(none)'}"
                yield f"      {' ' * len(fact)}  -> {now or '(none)'}"
        yield from (f"  - {name}" for name in one.gone)
