"""Tables of records that break one clause of an edit, and of their nearest that do not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from iqies_flask.specs.edits.compiler import as_submitted, compile_edits
from iqies_flask.specs.edits.evaluation import Situation
from iqies_flask.specs.edits.tree import Clause, Edit
from iqies_flask.specs.edits.wording import explain
from iqies_flask.specs.pack import Pack

RECEIVED = date(2026, 5, 20)

_NAMES = re.compile(r"\b([A-Z][A-Z0-9_]+)(?: through ([A-Z][A-Z0-9_]+))?")
_EDIT = re.compile(r"-\d{4}|IF-\d{3}")


@dataclass(frozen=True)
class Case:
    """One line of a table."""

    line: int
    edit: str
    clause: str
    record: dict[str, str]
    change: dict[str, str]
    others: frozenset[str]

    def __str__(self) -> str:
        return f"{self.edit}{self.clause} in line {self.line}"


def read_cases(file: str, order: Sequence[str]) -> Iterator[Case]:
    """Read a table that lies beside this file; its head says how it is written."""
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if line and not line.startswith("#"):
            name, record, change, *others = (part.strip() for part in line.split("|"))
            edit = _EDIT.match(name)
            assert edit is not None, f"line {number} begins with no edit"
            yield Case(
                number,
                edit.group(),
                name[edit.end() :],
                _items(record, order),
                _items(change, order),
                frozenset(" ".join(others).split()),
            )


def _items(text: str, order: Sequence[str]) -> dict[str, str]:
    items: dict[str, str] = {}
    for entry in text.split():
        names, value = entry.split("=", 1)
        first, _, last = names.partition("..")
        start = order.index(first)
        end = order.index(last) if last else start
        items.update(dict.fromkeys(order[start : end + 1], value))
    return items


def assert_breaks_alone(pack: Pack, all_edits: Sequence[Edit], case: Case) -> None:
    """Check that the record breaks no edit about its items, and with the change what the line says."""
    broken = {**case.record, **case.change}
    edits = [edit for edit in all_edits if edit.id == case.edit or broken.keys() >= set(edit.items)]
    assert _failed(edits, pack, case.record) == [], f"{case}: the record fails without the change"
    failed = _failed(edits, pack, broken)
    assert {edit.id for edit, _ in failed} == {case.edit, *case.others}, str(case)
    (clause,) = (one for edit, one in failed if (edit.id, one.label) == (case.edit, case.clause))
    numbers = frozenset(item.id for item in pack.items.values() if item.type == "Number")
    sentence = explain(clause, Situation(broken, frozenset(broken), RECEIVED, numbers=numbers))
    named = set(_named(sentence, tuple(pack.items)))
    assert case.change.keys() <= named, f"{case}: {sentence}"


def _named(sentence: str, order: Sequence[str]) -> Iterator[str]:
    """The items that a sentence names, each of a range too."""
    for first, last in _NAMES.findall(sentence):
        if first in order:
            start = order.index(first)
            yield from order[start : order.index(last) + 1] if last in order else (first,)


def _failed(edits: Sequence[Edit], pack: Pack, record: dict[str, str]) -> list[tuple[Edit, Clause]]:
    check = compile_edits(edits, pack.items, record)
    return [
        (edits[place], edits[place].clauses[clause])
        for place, clause in check(record, as_submitted(RECEIVED))
    ]
