"""Checks of a pack against itself, run when it is made or installed and by the tests of the bundled packs."""

from collections.abc import Iterator
from dataclasses import fields

from iqies_flask.model import EditType, RecordSummary, Severity
from iqies_flask.specs.edits import tree
from iqies_flask.specs.formats import build_check
from iqies_flask.specs.pack import BLANK, DASH, Pack, PackError

STRUCTURE_KINDS = frozenset({"missing", "unknown", "inactive", "calculated"})
"""What a pack must weigh in its table ``structure``."""

ROLES = frozenset(one.name for one in fields(RecordSummary)) - {"subset", "target_date", "target_date_text"}
"""The fields of a summary for which a pack must name items; the others are derived."""

_NEED_LOCATOR = frozenset({"stored-record", "next-correction-number"})
"""The predicates that ask for the record which a correction corrects."""


def problems(pack: Pack, *, rules: bool = True) -> list[str]:
    """Find what is wrong with a pack.

    Args:
        pack: As `load_pack` read it.
        rules: Whether to look at what the edits say too. A release may take away a value that one still
            names.

    Returns:
        One sentence for each problem; none for a sound pack.
    """
    return [
        *_fixed_record(pack),
        *_values(pack),
        *_subsets(pack),
        *_named_items(pack),
        *_entries(pack),
        *_format_edits(pack),
        *(_rules(pack) if rules else ()),
        *_advice(pack),
        *_locator(pack),
    ]


def _fixed_record(pack: Pack) -> Iterator[str]:
    """The items must cover the fixed-length record from its first byte to its last without a gap."""
    expected = 1
    for item in sorted(pack.items.values(), key=lambda item: item.first_byte):
        if item.first_byte != expected:
            yield f"{item.id} starts at byte {item.first_byte} instead of {expected}"
        if item.last_byte - item.first_byte + 1 != item.length:
            yield f"{item.id} has length {item.length} but bytes {item.first_byte} to {item.last_byte}"
        expected = item.last_byte + 1
    if expected != pack.record_length + 1:
        yield f"the items end at byte {expected - 1} of a record of {pack.record_length}"


def _values(pack: Pack) -> Iterator[str]:
    for item in pack.submitted_items:
        if item.type in {"Code", "Checklist"} and not item.values:
            yield f"{item.id} is a {item.type} without values"
        if item.type == "Number" and not all(_is_whole(limit) for limit in (item.minimum, item.maximum)):
            yield f"{item.id} is a Number without a whole number as its minimum and maximum"
        if item.section != "S":
            for value in item.special_values:
                if len(value) > item.length:
                    yield f"the value {value} of {item.id} is longer than the item's {item.length} characters"


def _is_whole(limit: str | None) -> bool:
    return limit is not None and limit.isascii() and limit.isdigit()


def _subsets(pack: Pack) -> Iterator[str]:
    for item in pack.items.values():
        strange = (item.subsets | item.state_optional) - pack.subsets.keys()
        if strange:
            yield f"{item.id} is active for unknown item subsets {', '.join(sorted(strange))}"
    for subset in pack.subsets:
        if not pack.active(subset):
            yield f"no item is active for item subset {subset}"
        if subset not in {rule.subset for rule in pack.subset_rules}:
            yield f"no reasons for assessment lead to item subset {subset}"
    for rule in pack.subset_rules:
        if rule.subset not in pack.subsets:
            yield f"the item subset table leads to the unknown subset {rule.subset}"
        for name, codes in rule.conditions.items():
            known = pack.items[name].values if name in pack.items else codes
            for code in codes or ():
                if code not in (known or ()):
                    yield f"the item subset table asks for {name} = {code}, which is not one of its codes"


def _named_items(pack: Pack) -> Iterator[str]:
    named = {pack.subset_item, *pack.current_versions}
    named.update(item for rule in pack.subset_rules for item in rule.conditions)
    named.update(rule.item for rule in pack.target_dates)
    named.update(item for rule in pack.target_dates for item in rule.when)
    named.update(item for parts in pack.roles.values() for part in parts for item in part)
    named.update(item for rule in pack.moved_up for row in rule.rows for item in row)
    named.update(
        item for rule in pack.locator for item in (rule.correction_item, rule.record_item, *rule.when)
    )
    if pack.in_force_item is not None:
        named.add(pack.in_force_item)
    for name in sorted(named - pack.items.keys()):
        yield f"pack.toml or item_subsets.tsv names the unknown item {name}"
    for name, version in pack.current_versions.items():
        if name in pack.items and version not in pack.items[name].values:
            yield f"the current version {version} is not a value of {name}"


def _entries(pack: Pack) -> Iterator[str]:
    for table, names, known in (
        ("structure", pack.structure.keys(), STRUCTURE_KINDS),
        ("roles", pack.roles.keys(), ROLES),
    ):
        for name in sorted(known - names):
            yield f"pack.toml has no entry {name} in its table {table}"
        for name in sorted(names - known):
            yield f"pack.toml has an entry {name} in its table {table}, which means nothing"


def _format_edits(pack: Pack) -> Iterator[str]:
    seen: set[str] = set()
    for edit in pack.format_edits:
        if edit.id in seen:
            yield f"edit {edit.id} stands there twice"
        seen.add(edit.id)
        if not edit.items:
            yield f"edit {edit.id} applies to no item"
        for name in sorted(edit.items):
            item = pack.items[name]
            try:
                check = build_check(edit, item)
            except PackError as error:
                yield str(error)
                continue
            for value in item.special_values:
                if edit.check != "required" and not check.passes(value):
                    yield f"edit {edit.id} refuses {value}, a listed value of {name}"
    covered = {name for edit in pack.format_edits for name in edit.items}
    for item in pack.submitted_items:
        if item.id not in covered and item.id not in pack.current_versions:
            yield f"no Format edit applies to {item.id}"


def _rules(pack: Pack) -> Iterator[str]:
    for edit in (*pack.consistency_edits, *pack.database_edits, *pack.advice_edits):
        yield from (f"edit {edit.id}{wrong}" for wrong in rule_problems(edit, pack))


def rule_problems(edit: tree.Edit, pack: Pack) -> Iterator[str]:
    """Find what an edit cannot mean: a value that its item never has, limits that nothing lies between.

    Args:
        edit: The edit.
        pack: Whose items it names.

    Returns:
        What to put after the edit's number, for each problem.
    """
    labels = [clause.label for clause in edit.clauses]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        yield f" has more than one sentence ({label})"
    for clause in edit.clauses:
        for condition in (clause.condition, clause.requirement):
            for part in tree.parts_of(condition) if condition is not None else ():
                yield from (f"{clause.label}: {wrong}" for wrong in _part(part, pack))


def _part(part: tree.Condition, pack: Pack) -> Iterator[str]:
    match part:
        case tree.Days(low=low, high=high) | tree.Age(low=low, high=high) | tree.Counted(low=low, high=high):
            if low is not None and high is not None and low > high:
                yield f"nothing is in {low} to {high}"
    match part:
        case tree.ItemTest(item=item, test=test):
            yield from _test((item,), test, pack)
        case tree.ListTest(items=items, test=test, rest=rest):
            yield from _test(items, test, pack)
            yield from _test(items, rest, pack) if rest is not None else ()
        case tree.Counted(items=items, test=test):
            yield from _test(items, test, pack)


def _test(items: tuple[str, ...], test: tree.Test, pack: Pack) -> Iterator[str]:
    """The values of a code must be its own; blank may be asked of any item, other forms are open."""
    known = [pack.items[item] for item in items]
    if not isinstance(test, tree.Among) or any(item.type not in {"Code", "Checklist"} for item in known):
        return
    for value in test.values:
        if value not in {BLANK, DASH} and not any(value in item.values for item in known):
            of = items[0] if len(items) == 1 else f"{items[0]} or any other item of its list"
            yield f"{value} is no value of {of}"


def _advice(pack: Pack) -> Iterator[str]:
    """What rejects or warns is for CMS alone to say."""
    for edit in pack.advice_edits:
        if (edit.type, edit.severity) != (EditType.ADVICE, Severity.ADVICE):
            yield f"{edit.id} stands in advice.edits, but is not marked as advice"
        if edit.id.startswith("-"):
            yield f"{edit.id} stands in advice.edits under a number of CMS's"


def _locator(pack: Pack) -> Iterator[str]:
    if pack.locator:
        return
    for edit in pack.database_edits:
        if not _NEED_LOCATOR.isdisjoint(edit.predicates):
            yield f"edit {edit.id} asks for the record to be corrected, but pack.toml has no table locator"
