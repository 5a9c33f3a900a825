"""Checking one assessment against its pack: what the plugins for MDS and OASIS have in common."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from iqies_flask.model import EditType, Finding, ItemValue, Record, RecordSummary, Severity
from iqies_flask.specs.dates import parse_date
from iqies_flask.specs.pack import BLANK, DASH, Pack
from iqies_flask.specs.subset_checker import SubsetChecker
from iqies_flask.specs.wording import shown


def summarize(items: Mapping[str, str], pack: Pack) -> RecordSummary:
    """Pick out of a record what reports and stores go by.

    Args:
        items: The record's items, unchecked.
        pack: Says which item plays which role.
    """
    fields = {role: _joined(items, parts) for role, parts in pack.roles.items()}
    target_item = pack.target_date_item(items)
    target_text = _filled(items, target_item) if target_item else ""
    return RecordSummary(
        **fields,
        subset=checked_subset(items, pack) or "",
        target_date=parse_date(target_text),
        target_date_text=target_text,
    )


def checked_subset(items: Mapping[str, str], pack: Pack) -> str | None:
    """Choose the item subset that a record is checked as.

    The one that follows from the reasons for assessment; where none follows the submitted one, so that the
    user hears of as much as possible at once.

    Args:
        items: The record's items.
        pack: Its pack.

    Returns:
        The code, or None where neither exists.
    """
    recalculated = pack.recalculate_subset(items)
    if recalculated is not None:
        return recalculated
    submitted = items.get(pack.subset_item, "")
    return submitted if submitted in pack.subsets else None


def check_assessment(record: Record, pack: Pack, subset: str, today: date) -> list[Finding]:
    """Check a record with every edit of its pack: structure, item subset, formats, consistency.

    Args:
        record: The record.
        pack: The pack in force for it.
        subset: The item subset code that it is checked as; empty where there is none.
        today: The day on which it was received.

    Returns:
        The findings: the item subset first, then those on the items.
    """
    findings = check_item_subset(record.items, pack)
    findings.extend(subset_checker(pack, subset or None).check(record.items, today))
    return findings


def storable_items(items: Mapping[str, str], pack: Pack, subset: str) -> dict[str, str]:
    """Leave out what is not stored: items inactive for the subset, calculated and unknown ones.

    Args:
        items: Item to value, in the order of the record.
        pack: The pack in force for the record.
        subset: Item subset code that it was checked as; empty where there is none.
    """
    allowed = subset_checker(pack, subset or None).allowed
    if items.keys() <= allowed:
        return dict(items)
    return {name: value for name, value in items.items() if name in allowed}


@lru_cache(maxsize=256)
def subset_checker(pack: Pack, subset: str | None) -> SubsetChecker:
    """Prepare the checks of an item subset, once.

    Args:
        pack: The pack.
        subset: Item subset code, or None for a record of none.
    """
    return SubsetChecker(pack, subset)


def _joined(items: Mapping[str, str], parts: tuple[tuple[str, ...], ...]) -> str:
    texts = [_first_filled(items, alternatives) for alternatives in parts]
    return "/".join(texts) if any(texts) else ""


def _first_filled(items: Mapping[str, str], alternatives: tuple[str, ...]) -> str:
    return next((text for text in (_filled(items, item) for item in alternatives) if text), "")


def _filled(items: Mapping[str, str], item: str) -> str:
    text = items.get(item, "").strip()
    return "" if text in {BLANK, DASH} else text


def check_item_subset(items: Mapping[str, str], pack: Pack) -> list[Finding]:
    """Compare the submitted item subset code with the recalculated one (OASIS -3240, MDS -3796)."""
    submitted = items.get(pack.subset_item)
    recalculated = pack.recalculate_subset(items)
    if recalculated is not None and submitted in {recalculated, None}:
        return []
    reasons = [
        ItemValue(name, pack.items[name].label, items[name])
        for name in pack.subset_rules[0].conditions
        if name in items
    ]
    given = "; ".join(f"{reason.item} {shown(reason.value or '')}" for reason in reasons)
    if recalculated is None:
        fault = "is missing" if submitted is None else f"{shown(submitted)} cannot be right"
        message = (
            f"No item subset follows from the reasons for assessment ({given or 'none is there'}), "
            f"so {pack.subset_item} {fault}."
        )
        remedy = "Correct the reasons for assessment: this combination of codes is not allowed."
    else:
        message = (
            f"{pack.subset_item} is {shown(submitted or '')}, but the reasons for assessment ({given}) make "
            f"this record item subset {recalculated} ({pack.subsets[recalculated]}), as which it was checked."
        )
        remedy = f"Send {recalculated} in {pack.subset_item}, or correct the reasons for assessment."
    return [
        Finding(
            edit_id=pack.subset_edit,
            system=pack.system,
            severity=Severity.FATAL,
            edit_type=EditType.CONSISTENCY,
            message=message,
            remedy=remedy,
            items=(ItemValue(pack.subset_item, pack.items[pack.subset_item].label, submitted), *reasons),
        )
    ]
