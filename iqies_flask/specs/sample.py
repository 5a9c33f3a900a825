"""Synthetic records that satisfy every edit so far, and records that break just one.

The persons are obviously invented: their last names begin with SAMPLE, and their social security numbers with
a 9, which is never issued.
"""

import contextlib
import itertools
import random
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from functools import cached_property

from lxml import etree

from iqies_flask.specs.advice import subset_advice
from iqies_flask.specs.assessment import check_item_subset, subset_checker
from iqies_flask.specs.edits.compiler import can_fail
from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.messages import CALCULATED_ITEM, EMPTY_ITEM, INACTIVE_ITEM, MISSING_ITEM, UNKNOWN_ITEM
from iqies_flask.specs.pack import BLANK, FormatEdit, Item, Pack, SubsetRule
from iqies_flask.specs.registry import SPEC_VERSION_ITEM, SYSTEM_ITEM, version_findings
from iqies_flask.specs.satisfaction import DIAGNOSES, TEXTS, Mender

LAST_NAMES = ("SAMPLEALPHA", "SAMPLEBRAVO", "SAMPLECHARLIE", "SAMPLEDELTA", "SAMPLEECHO", "SAMPLEFOX")
FIRST_NAMES = ("TESTA", "TESTB", "TESTC", "TESTD", "TESTE", "TESTF", "TESTG", "TESTH")
SAMPLE_FACILITY = "SAMPLE001"
SAMPLE_CCN = "997999"
DAYS_OF_SAMPLES = 20
"""The target dates lie within as many days before the day of receipt, so that no record is late."""

BREAKING_ATTEMPTS = 3
"""How often, twice, breaking each clause of an edit is tried, and in how many more records."""

RARE_REASONS_ATTEMPTS = 12
"""In how many records more, once, where none of those has the reasons for assessment that an edit needs."""

MOST_ATTEMPTS = 40
"""How often a record is drawn anew before the edits are taken to contradict each other."""

SHARE_OF_NUMBERS = 0.7
"""Of the Number items, how many hold a number and no special value."""

SHARE_OF_TEXTS = 0.4
"""Of the Text items that may be blank, how many hold a text."""

UNKNOWN_ELEMENT = "NO_SUCH_ITEM"


class UnbreakableEditError(ValueError):
    """No record of this item subset can break the edit and no other."""


def make_record(
    pack: Pack,
    subset: str,
    *,
    seed: int,
    number: int,
    break_edit: str | None = None,
    fixed: Mapping[str, str] | None = None,
    today: date | None = None,
    persistent: bool = True,
) -> dict[str, str]:
    """Make a synthetic record.

    Args:
        pack: The data specification to satisfy.
        subset: Item subset code.
        seed: The same seed, number and day give the same record.
        number: Number of the record in its batch; another number, another person.
        break_edit: Id of the one edit to break. Where none of some records can break it alone (a date that
            is no date stands in no order), edits and advice that name the same item are broken with it;
            `edits_broken` tells which.
        fixed: Items to set, such as the CCN; those not active for the subset are passed over.
        today: The day on which the record is to be received; by default the present one.
        persistent: Whether to try many records where the first few cannot break the edit.

    Returns:
        Item to value, in the order of the data specification.

    Raises:
        KeyError: The pack has no such item subset.
        UnbreakableEditError: No record of the subset can break the edit alone.
    """
    chance = random.Random(f"{seed}/{pack.name}/{subset}/{number}")  # noqa: S311 - samples, not secrets
    day = today or date.today()
    sampler = _Sampler(pack, subset, chance, fixed or {}, day)
    if break_edit is None:
        return sampler.record()
    return _Breaker(pack, subset, sampler, day).broken(break_edit, rare=persistent)


def edits_broken(pack: Pack, subset: str, items: Mapping[str, str], today: date) -> frozenset[str]:
    """Name what a record breaks: edits, and the rules of the advice.

    Args:
        pack: The data specification.
        subset: Item subset code.
        items: Item to value.
        today: The day on which the record is to be received.
    """
    findings = [
        *version_findings(pack, items),
        *check_item_subset(items, pack),
        *subset_checker(pack, subset).check(items, today),
        *subset_advice(pack, subset).findings(items, today),
    ]
    return frozenset(finding.edit_id for finding in findings)


def breakable_edits(pack: Pack, subset: str) -> dict[str, frozenset[str]]:
    """List the edits that a sample of a subset can break.

    Args:
        pack: The data specification.
        subset: Item subset code.

    Returns:
        Edit to the others, mostly none, without which no record was found that breaks it.
    """
    day = date.today()
    sampler = _Sampler(pack, subset, random.Random(0), {}, day)  # noqa: S311 - samples, not secrets
    breaker = _Breaker(pack, subset, sampler, day)
    edits = [
        *(edit.id for edit in pack.format_edits),
        *(edit.id for edit in pack.consistency_edits),
        pack.subset_edit,
        *([pack.version_edit] if pack.version_edit else []),
        MISSING_ITEM.edit_id,
        UNKNOWN_ITEM.edit_id,
        INACTIVE_ITEM.edit_id,
        CALCULATED_ITEM.edit_id,
        EMPTY_ITEM.edit_id,
    ]
    broken = {}
    for edit in edits:
        with contextlib.suppress(UnbreakableEditError):
            broken[edit] = edits_broken(pack, subset, breaker.broken(edit), day) - {edit}
    return broken


def to_xml(items: Mapping[str, str]) -> bytes:
    """Write a record as a submission file.

    Args:
        items: Element name to text.
    """
    root = etree.Element("ASSESSMENT")
    for name, value in items.items():
        etree.SubElement(root, name).text = value
    etree.indent(root)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content + b"\n"


class _Sampler:
    """Draws the values of one record."""

    def __init__(
        self, pack: Pack, subset: str, chance: random.Random, given: Mapping[str, str], today: date
    ) -> None:
        self._pack = pack
        self._items = {item.id: item for item in pack.active(subset)}
        self._subset = subset
        self._chance = chance
        self._given = given
        self._today = today
        self._checker = subset_checker(pack, subset)
        self._advice = subset_advice(pack, subset)
        self._day = today
        self._fixed: dict[str, str] = {}
        self._deciding: frozenset[str] = frozenset()

    def record(self) -> dict[str, str]:
        """Draw a record: first what makes it this subset, then everything else, then mend it.

        Raises:
            RuntimeError: The edits cannot be satisfied together.
        """
        for _ in range(MOST_ATTEMPTS):
            record = self._draw()
            if self._mender(self._fixed).mend(record):
                # What is wrong by itself cannot be reconciled with the rest: it goes in as asked for.
                record.update({name: self._given[name] for name in self._given if name in record})
                return record
        raise RuntimeError(
            f"the edits of {self._pack.name} for item subset {self._subset} contradict each other"
        )

    def breaking_mender(self) -> Mender:
        """Make what changes the record drawn last but for what makes it a record of its subset."""
        return self._mender(self._deciding)

    def _mender(self, pinned: Collection[str]) -> Mender:
        return Mender(
            self._checker,
            self._advice,
            self._items,
            pinned,
            self._day,
            today=self._today,
            chance=self._chance,
        )

    def _draw(self) -> dict[str, str]:
        days = self._chance.randrange(DAYS_OF_SAMPLES)
        self._day = max(self._pack.in_force_from, self._today - timedelta(days=days))
        fixed = {**self._pack.current_versions, **self._reasons(), self._pack.subset_item: self._subset}
        self._deciding = frozenset(fixed) - frozenset(self._transaction_items())
        target = self._pack.target_date_item(fixed)
        if target is not None:
            fixed[target] = self._day.strftime("%Y%m%d")
        fixed.update(self._roles())
        fixed.update(
            {name: value for name, value in self._given.items() if self._checker.accepts(name, value)}
        )
        self._fixed = {name: value for name, value in fixed.items() if name in self._items}
        return {name: self._fixed.get(name) or self._value(item) for name, item in self._items.items()}

    def _reasons(self) -> dict[str, str]:
        rule = self._chance.choice([rule for rule in self._pack.subset_rules if rule.subset == self._subset])
        reasons = self._codes_of(rule)
        target_rules = [
            target
            for target in self._pack.target_dates
            if target.item in self._items
            and all(reasons.get(item, "") in codes for item, codes in target.when.items() if item in reasons)
        ]
        chosen = self._chance.choice(target_rules) if target_rules else None
        for item, codes in (chosen.when if chosen else {}).items():
            if item not in reasons and item in self._items:
                reasons[item] = self._chance.choice(sorted(codes))
        return reasons

    def _codes_of(self, rule: SubsetRule) -> dict[str, str]:
        reasons = {}
        for name, codes in rule.conditions.items():
            if codes is not None and name in self._items:
                usable = sorted(codes & self._items[name].values.keys())
                reasons[name] = (
                    usable[0] if name in self._transaction_items() else self._chance.choice(usable)
                )
        return reasons

    def _transaction_items(self) -> tuple[str, ...]:
        """New records where the subset allows them: a modification needs a record to modify."""
        return tuple(item for part in self._pack.roles["transaction"] for item in part)

    def _roles(self) -> dict[str, str]:
        chance = self._chance
        texts = {
            "facility_id": SAMPLE_FACILITY,
            "ccn": SAMPLE_CCN,
            "state": "CT",
            "first_name": chance.choice(FIRST_NAMES),
            "last_name": chance.choice(LAST_NAMES),
            "birth_date": self._birth_date(),
            "ssn": f"9{chance.randrange(10**8):08d}",
            "medicare_id": self._medicare_number(),
        }
        values = {}
        for role, text in texts.items():
            for item in itertools.chain.from_iterable(self._pack.roles[role]):
                if item in self._items and not self._is_correction(item):
                    values[item] = text
        values.update(self._correction_number())
        return values

    def _is_correction(self, item: str) -> bool:
        """Section X repeats the record to be corrected; a new record leaves it blank."""
        return self._items[item].section == "X" and self._subset != "XX"

    def _correction_number(self) -> dict[str, str]:
        items = [
            item for part in self._pack.roles["correction_number"] for item in part if item in self._items
        ]
        if self._subset == "XX":
            return dict.fromkeys(items, "01")
        return {item: BLANK if BLANK in self._items[item].values else "00" for item in items}

    def _birth_date(self) -> str:
        return (date(1930, 1, 1) + timedelta(days=self._chance.randrange(9000))).strftime("%Y%m%d")

    def _medicare_number(self) -> str:
        letters = "ACDEFGHJKMNPQRTUVWXY"
        return "".join(
            self._chance.choice({"C": "123456789", "A": letters, "N": "0123456789"}[kind])
            for kind in "CANNANNAANN"
        )

    def _value(self, item: Item) -> str:
        codes = list(item.special_values)
        if item.section == "X":
            codes = [code for code in codes if (code == BLANK) != (self._subset == "XX")] or codes
        if item.type == "Number" and self._chance.random() < SHARE_OF_NUMBERS:
            return self._number(item)
        if item.type in {"Date", "ICD"} and BLANK in codes:
            return BLANK
        free = item.type == "Text" and item.section != "X" and self._chance.random() < SHARE_OF_TEXTS
        return self._chance.choice(codes) if codes and not free else self._ordinary(item)

    def _number(self, item: Item) -> str:
        number = self._chance.randint(int(item.minimum or 0), int(item.maximum or 0))
        return str(number).zfill(len(item.maximum or ""))

    def _ordinary(self, item: Item) -> str:
        if item.type == "Date":
            return self._day.strftime("%Y%m%d")
        if item.type == "ICD":
            return self._chance.choice(DIAGNOSES)
        return next(text for text in TEXTS if self._checker.accepts(item.id, text))


class _Breaker:
    """Breaks edits of clean records, one at a time."""

    def __init__(self, pack: Pack, subset: str, sampler: _Sampler, today: date) -> None:
        self._pack = pack
        self._subset = subset
        self._sampler = sampler
        self._today = today

    @cached_property
    def _record(self) -> dict[str, str]:
        return self._sampler.record()

    def broken(self, edit: str, *, rare: bool = False) -> dict[str, str]:
        """Break an edit.

        Args:
            edit: Its id.
            rare: Try many records where the first do not do. Another may have other reasons for assessment,
                on which the edit depends, and few have those that some edits ask for.

        Raises:
            UnbreakableEditError: None of the records could.
        """
        second_best: dict[str, str] | None = None
        fewest = 0
        tried = False
        for attempt in range(1 + BREAKING_ATTEMPTS + RARE_REASONS_ATTEMPTS * rare):
            thorough = attempt <= BREAKING_ATTEMPTS
            if attempt:
                if not tried:
                    # No item of the subset can break it, whatever the items hold.
                    break
                if second_best is not None and not thorough:
                    break
                self._record = self._sampler.record()
            for candidate in self._candidates(edit, BREAKING_ATTEMPTS if thorough else 1):
                tried = True
                found = edits_broken(self._pack, self._subset, candidate, self._today)
                others = found - {edit}
                if edit not in found or (second_best is not None and len(others) >= fewest):
                    continue
                if not others:
                    return candidate
                if self._go_with(edit, candidate, others):
                    second_best, fewest = candidate, len(others)
        if second_best is None:
            raise UnbreakableEditError(
                f"no record of {self._pack.name}, item subset {self._subset}, "
                f"can break {edit} and no other edit"
            )
        return second_best

    def _candidates(self, edit: str, attempts: int) -> Iterator[dict[str, str]]:
        compared = next((one for one in self._pack.consistency_edits if one.id == edit), None)
        if compared is None:
            return _candidates(self._pack, self._subset, self._record, edit)
        return self._contradictions(compared, attempts)

    def _contradictions(self, edit: Edit, attempts: int) -> Iterator[dict[str, str]]:
        active = [item.id for item in self._pack.active(self._subset)]
        clauses = [one for one in edit.clauses if can_fail(one, self._pack.items, active)]
        if not clauses:
            return
        record = self._record
        mender = self._sampler.breaking_mender()
        for hold in (False, True) * attempts:
            for clause in clauses:
                candidate = dict(record)
                mender.break_alone(candidate, edit, clause, hold=hold)
                yield candidate

    def _go_with(self, edit: str, candidate: dict[str, str], others: AbstractSet[str]) -> bool:
        """Whether other edits fail because of the very items that break this one."""
        edits = {one.id: one for one in (*self._pack.consistency_edits, *self._pack.advice_edits)}
        changed = {name for name, value in candidate.items() if self._record.get(name) != value}
        at_fault = set(edits[edit].items) if edit in edits else changed
        return all(other in edits and not at_fault.isdisjoint(edits[other].items) for other in others)


def _candidates(pack: Pack, subset: str, record: dict[str, str], edit: str) -> Iterator[dict[str, str]]:
    if edit == MISSING_ITEM.edit_id:
        last = next(reversed(record))
        yield {name: value for name, value in record.items() if name != last}
    elif edit in {UNKNOWN_ITEM.edit_id, INACTIVE_ITEM.edit_id, CALCULATED_ITEM.edit_id}:
        yield {**record, UNKNOWN_ELEMENT: "1"}
        allowed = {item.id for item in (*pack.active(subset), *pack.optional(subset))}
        for item in pack.items.values():
            if item.id not in allowed and item.group != "Filler":
                yield {**record, item.id: next(iter(item.special_values), "1")}
    elif edit == EMPTY_ITEM.edit_id:
        for name in record:
            yield {**record, name: ""}
    elif edit in {pack.subset_edit, pack.version_edit}:
        name = pack.subset_item if edit == pack.subset_edit else SPEC_VERSION_ITEM
        for value in pack.items[name].special_values:
            yield {**record, name: value}
    else:
        yield from _format_candidates(pack, subset, record, edit)


def _format_candidates(
    pack: Pack, subset: str, record: dict[str, str], edit_id: str
) -> Iterator[dict[str, str]]:
    deciding = {SYSTEM_ITEM, *(item for rule in pack.subset_rules for item in rule.conditions)}
    chance = random.Random(str(sorted(record.items())))  # noqa: S311 - samples, not secrets
    for edit in pack.format_edits:
        if edit.id == edit_id:
            items = [item for item in (*pack.active(subset), *pack.optional(subset)) if item.id in edit.items]
            chance.shuffle(items)
            # An item of the form says more to who looks at the sample than one of the file's head.
            for item in sorted(items, key=lambda item: item.group == "Control"):
                if item.id not in deciding:
                    for value in _wrong_values(edit, item):
                        yield {**record, item.id: value}


def _wrong_values(edit: FormatEdit, item: Item) -> Iterator[str]:
    """Values that some edit on the item might refuse; the caller finds out which."""
    length = item.length
    yield from edit.options.get("values", ())
    for start in edit.options.get("starts", ()):
        yield f"{start}01.^^^^"
        yield (start + "1" * length)[:length]
    if item.minimum is not None:
        yield f"{int(item.minimum)}."
    yield from (
        "1.",
        "99"[:length],
        "9" * length,
        "20260230",
        "19990230",
        "A?B",
        "A%B",
        "A B",
        "-",
        "%",
        BLANK,
    )
    yield from ("1" * (length - 1), "1" * (length + 1), "A" * (length + 1), "12-456", "123456", "123456789A")
    yield from ("I10", "ZZZ", "Z", "")
