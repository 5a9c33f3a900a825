"""What becomes of the project's own advice when a release is imported.

A release knows nothing of advice. It stays, unless an edit of the release says the same or the release lacks
its items.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from iqies_flask.specs.edits.parser import EditSyntaxError, parse_edits
from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.importing.comparison import compare
from iqies_flask.specs.pack import Pack


@dataclass(frozen=True, slots=True)
class AdviceOutcome:
    """What became of one rule of advice.

    Attributes:
        id: Its id.
        text: As it is in the new pack; empty where it is not.
        reason: Why it is not in the new pack.
    """

    id: str
    text: str = ""
    reason: str = ""


def settle_advice(written: Mapping[str, str], pack: Pack, records: int) -> list[AdviceOutcome]:
    """Find out what becomes of every rule of advice.

    Args:
        written: The advice of the pack before: id to text in the edit language.
        pack: The new pack, with its consistency edits.
        records: On how many records to compare advice with an edit about the same items.
    """
    return [_settle(advice, text, pack, records) for advice, text in written.items()]


def _settle(advice: str, text: str, pack: Pack, records: int) -> AdviceOutcome:
    try:
        (rule,) = parse_edits(text, tuple(pack.items))
    except EditSyntaxError as error:
        return AdviceOutcome(advice, reason=f"does not fit the release: {error}")
    same = _edit_that_says_it(rule, pack, records)
    return AdviceOutcome(advice, reason=f"{same} says the same") if same else AdviceOutcome(advice, text)


def _edit_that_says_it(rule: Edit, pack: Pack, records: int) -> str:
    items = set(rule.items)
    for edit in pack.consistency_edits:
        if set(edit.items) == items and compare(rule, edit, pack, records).agree:
            return edit.id
    return ""
