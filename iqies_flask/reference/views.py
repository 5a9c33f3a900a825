"""The pages of the reference."""

from flask import Blueprint, abort, render_template, request

from iqies_flask.paging import Page, PageSize
from iqies_flask.reference.service import current_reference
from iqies_flask.specs.coverage import coverage_of
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.reference import edit_page, item_page
from iqies_flask.specs.reference_search import Entry, search

blueprint = Blueprint("reference", __name__, url_prefix="/reference")

RESULTS_PAGE = PageSize(50)
_LONGEST_QUERY = 100


@blueprint.get("")
def index() -> str:
    """Search the installed packs.

    Renders ``reference/index.html`` with ``packs`` (each with its `Coverage`), ``query``, ``chosen`` (name of
    the one pack to search) and ``results`` (a `Page` of `Entry`; None before anything was asked for).
    """
    reference = current_reference()
    packs = reference.specs.packs
    query = " ".join(request.args.get("q", "").split())[:_LONGEST_QUERY]
    chosen = next((pack.name for pack in packs if pack.name == request.args.get("pack")), "")
    results = None
    if query or chosen:
        searched = [pack for pack in packs if chosen in {"", pack.name}]
        results = _page(search(searched, query, reference.own_messages))
    return render_template(
        "reference/index.html",
        packs=[(pack, coverage_of(pack)) for pack in packs],
        query=query,
        chosen=chosen,
        results=results,
    )


@blueprint.get("/<system>/<version>/items/<item_id>")
def item(system: str, version: str, item_id: str) -> str:
    """Show an item. Renders ``reference/item.html`` with ``page`` (an `ItemPage`)."""
    page = item_page(_pack(system, version), item_id)
    if page is None:
        abort(404)
    return render_template("reference/item.html", page=page)


@blueprint.get("/<system>/<version>/edits/<edit_id>")
def edit(system: str, version: str, edit_id: str) -> str:
    """Show an edit. Renders ``reference/edit.html`` with ``page`` (an `EditPage`)."""
    page = edit_page(_pack(system, version), edit_id, current_reference().own_messages)
    if page is None:
        abort(404)
    return render_template("reference/edit.html", page=page)


def _pack(system: str, version: str) -> Pack:
    pack = current_reference().specs.get(system, version)
    if pack is None:
        abort(404)
    return pack


def _page(found: list[Entry]) -> Page[Entry]:
    total = len(found)
    number = RESULTS_PAGE.number(min(request.args.get("page", 1, type=int), 1_000_000), total)
    start = RESULTS_PAGE.offset(number)
    return Page(found[start : start + RESULTS_PAGE.entries], number, RESULTS_PAGE.pages(total), total)
