"""Codes of a report in words, for its templates: reasons for assessment, and whose number an edit has."""

from dataclasses import dataclass
from datetime import date

from flask import Flask

from iqies_flask.model.finding import OWN_SYSTEM
from iqies_flask.reference.service import current_reference
from iqies_flask.specs.pack import Pack

_SAYS_NOTHING = frozenset({"None of the above", "No"})
"""CMS's labels of the codes with which an item of several says that it is not the reason."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the codes that a record gives as its reasons for assessment.

    Attributes:
        item: The item that holds it.
        code: As submitted.
        meaning: What it says in CMS's words; empty where it names no reason, or is not known.
    """

    item: str
    code: str
    meaning: str


def init_app(app: Flask) -> None:
    """Give templates ``reasons`` and ``edit_owner``."""
    app.jinja_env.globals.update(reasons=reasons, edit_owner=edit_owner)


def reasons(system: str, day: date | None, subset: str, joined: str) -> tuple[Reason, ...]:
    """Take the reasons for assessment of a record apart; none where no pack says how.

    Args:
        system: The record's.
        day: Its target date, if it is known.
        subset: Its item subset code. An inactivation has its reasons in items of its own.
        joined: The codes as `RecordSummary` has them, joined by ``/``.
    """
    pack = current_reference().pack_of(system, day)
    parts = pack.roles["reason"] if pack else ()
    codes = joined.split("/")
    if pack is None or len(codes) != len(parts):
        return ()
    return tuple(
        _reason(pack, _item(pack, subset, items), code)
        for items, code in zip(parts, codes, strict=True)
        if code
    )


def edit_owner(edit_system: str, record_system: str) -> str:
    """Say in a word whose number an edit has.

    Args:
        edit_system: What the finding names: a system of CMS's, this project, or a plugin.
        record_system: The record's; empty for a message on a file, of which no system is known.
    """
    if edit_system == OWN_SYSTEM:
        return "this site"
    packed = {pack.system for pack in current_reference().specs.packs}
    if edit_system in packed:
        return edit_system if record_system else "CMS"
    # The plugin alone knows that system, and numbers what it says of its records.
    if record_system and record_system not in packed:
        return record_system
    return f"plugin {edit_system}"


def _item(pack: Pack, subset: str, items: tuple[str, ...]) -> str:
    return next((item for item in items if subset in pack.items[item].subsets), items[0])


def _reason(pack: Pack, item: str, code: str) -> Reason:
    known = pack.items[item]
    label = known.values.get(code, "")
    if label in _SAYS_NOTHING:
        label = ""
    return Reason(item, code, known.label if label == "Yes" else label)
