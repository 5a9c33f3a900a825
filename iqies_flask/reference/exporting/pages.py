"""Rendering the site's templates outside of the site."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from iqies_flask.dates import date_in_words
from iqies_flask.model import Message
from iqies_flask.reference.exporting.contents import ListPart, PackContents
from iqies_flask.reference.exporting.search_index import SEARCH_INDEX
from iqies_flask.resources import templates_folder
from iqies_flask.specs.coverage import coverage_of
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.reference import edit_page, item_page

FIRST_PAGE = "index.html"
ASSETS = "assets"
"""The folder of style sheets, fonts and scripts."""

_FRAME = "reference/export/frame.html"


def render_pages(
    contents: Sequence[PackContents], own_messages: Sequence[Message]
) -> Iterator[tuple[str, str]]:
    """Render every page.

    Args:
        contents: What is exported.
        own_messages: The catalogues of the project's own messages.

    Yields:
        Path of a page, from the first page, and its HTML.
    """
    render = _renderer(contents)
    packs = [(one.pack, coverage_of(one.pack)) for one in contents]
    yield FIRST_PAGE, render(FIRST_PAGE, "reference/export/index.html", packs=packs)
    for one, (pack, counted) in zip(contents, packs, strict=True):
        yield (
            one.path,
            render(
                one.path,
                "reference/export/pack.html",
                pack=pack,
                counted=counted,
                edit_parts=one.edit_parts,
                item_parts=one.item_parts,
            ),
        )
        for part in (*one.edit_parts, *one.item_parts):
            yield part.path, render(part.path, "reference/export/list.html", pack=pack, part=part)
        for item, path in one.items.items():
            yield path, render(path, "reference/item.html", page=item_page(pack, item))
        for edit, path in one.edits.items():
            yield path, render(path, "reference/edit.html", page=edit_page(pack, edit, own_messages))


def _renderer(contents: Sequence[PackContents]) -> Callable[..., str]:
    by_pack = {one.pack.name: one for one in contents}

    # A page's links begin with the way up to the first page: pages of one depth share an environment.
    @cache
    def environment(up: str) -> Environment:
        made = Environment(
            loader=FileSystemLoader(templates_folder()),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

        def link_to_pack(pack: Pack) -> str:
            return up + by_pack[pack.name].path

        def link_to_item(pack: Pack, item: str) -> str:
            return up + by_pack[pack.name].items[item]

        def link_to_edit(pack: Pack, edit: str) -> str:
            return up + by_pack[pack.name].edits[edit]

        def link_to_part(part: ListPart) -> str:
            return up + part.path

        made.filters["date_in_words"] = date_in_words
        made.globals.update(
            reference_frame=_FRAME,
            search_index_address=up + SEARCH_INDEX,
            link_to_reference=lambda: up + FIRST_PAGE,
            link_to_pack=link_to_pack,
            link_to_item=link_to_item,
            link_to_edit=link_to_edit,
            link_to_part=link_to_part,
            asset_address=lambda name: f"{up}{ASSETS}/{name}",
        )
        return made

    def render(path: str, template: str, **values: object) -> str:
        return environment("../" * path.count("/")).get_template(template).render(**values)

    return render
