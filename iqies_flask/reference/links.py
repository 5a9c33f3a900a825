"""Addresses of the reference's pages, for its own templates and those of reports."""

from datetime import date

from flask import Flask, url_for

from iqies_flask.reference.service import current_reference
from iqies_flask.specs.pack import Pack


def init_app(app: Flask) -> None:
    """Give templates the functions of this file, and the frame of the reference's pages.

    The pages go by ``link_to_...`` and ``reference_frame``, for which the export has others
    (``exporting/pages.py``); reports go by ``edit_address`` and ``item_address``.
    """
    app.jinja_env.globals.update(
        reference_frame="base.html",
        link_to_reference=link_to_reference,
        link_to_pack=link_to_pack,
        link_to_item=link_to_item,
        link_to_edit=link_to_edit,
        edit_address=edit_address,
        item_address=item_address,
    )


def link_to_reference() -> str:
    """The first page."""
    return url_for("reference.index")


def link_to_pack(pack: Pack) -> str:
    """The list of the edits and items of a pack."""
    return url_for("reference.index", pack=pack.name)


def link_to_item(pack: Pack, item: str) -> str:
    """The page of an item that a pack has."""
    return url_for("reference.item", system=pack.system, version=pack.version, item_id=item)


def link_to_edit(pack: Pack, edit: str) -> str:
    """The page of an edit that a pack has."""
    return url_for("reference.edit", system=pack.system, version=pack.version, edit_id=edit)


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
    return link_to_edit(pack, edit)


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
    return link_to_item(pack, item)
