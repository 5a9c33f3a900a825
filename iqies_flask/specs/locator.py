"""How a correction names the record that it corrects (OASIS -7050, MDS -3977)."""

from collections.abc import Mapping

from iqies_flask.specs.pack import BLANK, Pack


def own_locator(items: Mapping[str, str], pack: Pack) -> tuple[str, ...]:
    """Pick out of a record the values by which a correction finds it.

    Args:
        items: The record's items.
        pack: Says which they are.

    Returns:
        One for each item, empty where it is blank, inactive or of no account in such a record; nothing at all
        where the pack does not say how records are found.
    """
    return tuple(
        _filled(items, rule.record_item)
        if all(items.get(item, "") in codes for item, codes in rule.when.items())
        else ""
        for rule in pack.locator
    )


def corrected_locator(items: Mapping[str, str], pack: Pack) -> tuple[str, ...]:
    """Pick out of a correction the same values of the record that it corrects.

    Args:
        items: The correction's items.
        pack: As for `own_locator`.
    """
    return own_locator({rule.record_item: items.get(rule.correction_item, "") for rule in pack.locator}, pack)


def _filled(items: Mapping[str, str], item: str) -> str:
    value = items.get(item, "").strip()
    return "" if value == BLANK else value
