"""Addresses of the reference's pages, for the templates of reports."""

from datetime import date

from flask import Flask, url_for

from iqies_flask.reference.service import current_reference


def init_app(app: Flask) -> None:
    """Give templates the functions ``edit_address`` and ``item_address``."""
    app.jinja_env.globals.update(edit_address=edit_address, item_address=item_address)


def edit_address(system: str, day: date | None, edit: str) -> str:
    """The page of an edit; empty where there is none.

    Args:
        system: The record's.
        day: Its target date, if it is known.
        edit: Id of the edit.
    """
    reference = current_reference()
    pack = reference.pack_of(system, day)
    if pack is None or not reference.has_edit(pack, edit):
        return ""
    return url_for("reference.edit", system=pack.system, version=pack.version, edit_id=edit)


def item_address(system: str, day: date | None, item: str) -> str:
    """The page of an item; empty where there is none.

    Args:
        system: The record's.
        day: Its target date, if it is known.
        item: Id of the item, or the name of an element that is none.
    """
    pack = current_reference().pack_of(system, day)
    if pack is None or item not in pack.items:
        return ""
    return url_for("reference.item", system=pack.system, version=pack.version, item_id=item)
