"""Synthetic records that satisfy every edit so far, and records that break just one.

The persons are obviously invented: their last names begin with SAMPLE, and their social security numbers with
a 9, which is never issued.
"""

import itertools
import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from lxml import etree

from iqies_flask.specs.assessment import check_item_subset, subset_checker
from iqies_flask.specs.messages import CALCULATED_ITEM, EMPTY_ITEM, INACTIVE_ITEM, MISSING_ITEM, UNKNOWN_ITEM
from iqies_flask.specs.pack import BLANK, FormatEdit, Item, Pack, SubsetRule
from iqies_flask.specs.registry import SPEC_VERSION_ITEM, SYSTEM_ITEM, version_findings

LAST_NAMES = ("SAMPLEALPHA", "SAMPLEBRAVO", "SAMPLECHARLIE", "SAMPLEDELTA", "SAMPLEECHO", "SAMPLEFOX")
FIRST_NAMES = ("TESTA", "TESTB", "TESTC", "TESTD", "TESTE", "TESTF", "TESTG", "TESTH")
SAMPLE_FACILITY = "SAMPLE001"
SAMPLE_CCN = "999999"
DAYS_OF_SAMPLES = 90
"""The target dates lie within as many days from the first on which the pack is in force."""

SHARE_OF_NUMBERS = 0.7
"""Of the Number items, how many hold a number and no special value."""

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
) -> dict[str, str]:
    """Make a synthetic record.

    Args:
        pack: The data specification to satisfy.
        subset: Item subset code.
        seed: The same seed and number give the same record.
        number: Number of the record in its batch; another number, another person.
        break_edit: Id of the one edit to break.
        fixed: Items to set, such as the CCN; those not active for the subset are passed over.

    Returns:
        Item to value, in the order of the data specification.

    Raises:
        KeyError: The pack has no such item subset.
        UnbreakableEditError: No record of the subset can break the edit alone.
    """
    chance = random.Random(f"{seed}/{pack.name}/{subset}/{number}")  # noqa: S311 - samples, not secrets
    record = _Sampler(pack, subset, chance).record()
    record.update({item: value for item, value in (fixed or {}).items() if item in record})
    return record if break_edit is None else _broken(pack, subset, record, break_edit)


def breakable_edits(pack: Pack, subset: str) -> list[str]:
    """List the edits that a sample of a subset can break alone.

    Args:
        pack: The data specification.
        subset: Item subset code.
    """
    record = make_record(pack, subset, seed=0, number=1)
    edits = [
        *(edit.id for edit in pack.format_edits),
        pack.subset_edit,
        *([pack.version_edit] if pack.version_edit else []),
        MISSING_ITEM.edit_id,
        UNKNOWN_ITEM.edit_id,
        INACTIVE_ITEM.edit_id,
        CALCULATED_ITEM.edit_id,
        EMPTY_ITEM.edit_id,
    ]
    return [edit for edit in edits if next(_attempts(pack, subset, record, edit), None) is not None]


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

    def __init__(self, pack: Pack, subset: str, chance: random.Random) -> None:
        self._pack = pack
        self._items = {item.id: item for item in pack.active(subset)}
        self._subset = subset
        self._chance = chance
        self._checker = subset_checker(pack, subset)
        self._day = pack.in_force_from + timedelta(days=chance.randrange(DAYS_OF_SAMPLES))

    def record(self) -> dict[str, str]:
        """Draw a record: first what makes it this subset, then everything else."""
        fixed = {**self._pack.current_versions, **self._reasons(), self._pack.subset_item: self._subset}
        target = self._pack.target_date_item(fixed)
        if target is not None:
            fixed[target] = self._day.strftime("%Y%m%d")
        fixed.update(self._roles())
        return {
            name: fixed[name] if name in fixed else self._value(item) for name, item in self._items.items()
        }

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
            "medicaid_id": BLANK,
            "correction_number": None,
        }
        values = {}
        for role, text in texts.items():
            for item in itertools.chain.from_iterable(self._pack.roles[role]):
                if text is not None and item in self._items and not self._is_correction(item):
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
        return self._chance.choice(codes) if codes else self._ordinary(item)

    def _number(self, item: Item) -> str:
        number = self._chance.randint(int(item.minimum or 0), int(item.maximum or 0))
        return str(number).zfill(len(item.maximum or ""))

    def _ordinary(self, item: Item) -> str:
        if item.type == "Date":
            return self._day.strftime("%Y%m%d")
        if item.type == "ICD":
            return self._chance.choice(("I10.^^^^", "E11.65^^", "J44.9^^^", "I50.22^^"))
        texts = ("SAMPLE", "S", "06101")
        return next(text for text in texts if not self._checker.check_value(item.id, text))


def _broken(pack: Pack, subset: str, record: dict[str, str], edit: str) -> dict[str, str]:
    attempt = next(_attempts(pack, subset, record, edit), None)
    if attempt is None:
        raise UnbreakableEditError(
            f"no record of {pack.name}, item subset {subset}, can break {edit} and no other edit"
        )
    return attempt


def _attempts(pack: Pack, subset: str, record: dict[str, str], edit: str) -> Iterator[dict[str, str]]:
    """Try changes of one item until the checks find this edit broken and nothing else."""
    for candidate in _candidates(pack, subset, record, edit):
        findings = [
            *version_findings(pack, candidate),
            *check_item_subset(candidate, pack),
            *subset_checker(pack, subset).check(candidate),
        ]
        if {finding.edit_id for finding in findings} == {edit}:
            yield candidate


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
