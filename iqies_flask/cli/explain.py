"""``iqies explain``: what an edit asks, and what an item may hold."""

import difflib
import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from iqies_flask.catalogue import OWN_MESSAGES
from iqies_flask.cli.hosts import chosen_packs, load_host, pack_option, plugin_folder_option
from iqies_flask.specs.edits.outline import Outline
from iqies_flask.specs.pack import Item, Pack
from iqies_flask.specs.reference import EditPage, ItemPage, edit_ids, edit_page, item_page

_WIDTH = 100
_REMARK = re.compile(r"-9\d{3}")


@click.command(
    # The number of an edit looks like an option.
    context_settings={"ignore_unknown_options": True},
    epilog="""\b
Examples:
  iqies explain -3261
  iqies explain M0090_INFO_COMPLETED_DT
  iqies explain -4070 --pack "MDS 3.10\"""",
)
@click.argument("name", metavar="EDIT_OR_ITEM")
@pack_option
@plugin_folder_option
def explain(name: str, pack_name: str | None, plugin_folder: Path | None) -> None:
    """Show what an edit asks, or what an item may hold.

    An edit is named by its number, such as -3261, or by an id of this project's own, such as IF-302; an item
    by its id.
    """
    packs = chosen_packs(load_host(plugin_folder), pack_name)
    wanted = f"-{name}" if name.isdigit() else name.upper()
    found = [text for pack in packs if (text := _explanation(pack, wanted))]
    if not found:
        raise click.ClickException(_unknown(wanted, packs))
    click.echo("\n\n".join(found))


def _explanation(pack: Pack, name: str) -> str:
    edit = edit_page(pack, name, OWN_MESSAGES)
    if edit is not None:
        return "\n".join(_edit_lines(edit))
    item = item_page(pack, name)
    return "\n".join(_item_lines(item)) if item is not None else ""


def _unknown(name: str, packs: list[Pack]) -> str:
    known = {one for pack in packs for one in (*edit_ids(pack, OWN_MESSAGES), *pack.items)}
    near = difflib.get_close_matches(name, known, n=3)
    hint = f" Perhaps {' or '.join(near)} was meant." if near else ""
    if _REMARK.fullmatch(name):
        hint = " CMS numbers its remarks from -9000 on: they inform, and nothing is checked by them."
    has = "has" if len(packs) == 1 else "have"
    return f"{' and '.join(pack.name for pack in packs)} {has} no edit or item {name}.{hint}"


def _edit_lines(page: EditPage) -> Iterator[str]:
    facts = [page.severity, page.type, f"since {page.since}" if page.since else ""]
    yield "  ".join([page.pack.name, page.id, *(str(fact) for fact in facts if fact)])
    if page.reason:
        yield from _section(page.standing, [page.reason])
    if page.rule or page.clauses:
        yield from _section("Rule", [page.rule] if page.rule else _rule_lines(page))
    if page.text:
        yield from _section("In the edit language", page.text.splitlines())
    if page.official_text:
        yield from _section("In CMS's words", textwrap.wrap(page.official_text, _WIDTH))
    if page.items:
        yield from _section(f"Items ({len(page.items)})", map(_item_line, page.items))
    for message in page.messages:
        title = "Message, for example" if message.example else "Message"
        yield from _section(title, textwrap.wrap(f"{message.text} {message.remedy}", _WIDTH))


def _rule_lines(page: EditPage) -> Iterator[str]:
    for clause in page.clauses:
        label = f"({clause.label}) " if clause.label else ""
        below = " " * len(label)
        if clause.condition is None:
            yield from _outline_lines(label, clause.requirement, below)
        else:
            yield from _outline_lines(f"{label}If ", clause.condition, below)
            yield from _outline_lines(f"{below}then ", clause.requirement, below)


def _outline_lines(before: str, outline: Outline, below: str) -> Iterator[str]:
    """Write an outline: its text behind some words, its parts indented below."""
    yield before + outline.text
    for part in outline.parts:
        yield from _outline_lines(f"{below}    ", part, f"{below}    ")


def _item_lines(page: ItemPage) -> Iterator[str]:
    item = page.item
    yield f"{page.pack.name}  {_item_line(item)}"
    yield ""
    yield f"  {item.type} of at most {item.length} characters, section {item.section}"
    if item.minimum is not None:
        yield f"  From {item.minimum} to {item.maximum}"
    if not item.submitted:
        yield "  Never submitted"
    if item.subsets:
        yield f"  Item subsets: {_subsets(page.pack, item.subsets)}"
    if item.state_optional:
        yield f"  Where a state asks for it: {_subsets(page.pack, item.state_optional)}"
    if item.values:
        yield from _section("Values", (f"{value}  {label}" for value, label in item.values.items()))
    if page.edits:
        yield from _section(
            f"Edits ({len(page.edits)})",
            (f"{one.id}  {one.severity}  {one.type}  {one.rule}" for one in page.edits),
        )


def _subsets(pack: Pack, chosen: frozenset[str]) -> str:
    return " ".join(subset for subset in pack.subsets if subset in chosen)


def _item_line(item: Item) -> str:
    return f"{item.id}  {item.label}"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from (f"  {line}" for line in lines)
