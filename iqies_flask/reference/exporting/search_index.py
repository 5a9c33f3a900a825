"""What the search of the export goes through: a script that holds data and does nothing."""

import json
from collections.abc import Sequence

from iqies_flask.model import Message
from iqies_flask.reference.exporting.contents import PackContents
from iqies_flask.specs.reference_search import EntryKind, search

SEARCH_INDEX = "search-index.js"
"""A script and no JSON file, because a page that was opened from a disk may load scripts and nothing else."""


def search_index(contents: Sequence[PackContents], own_messages: Sequence[Message]) -> str:
    """Write the index: entries in the order in which the site's search lists them.

    Each is a list of the pack's name, ``Edit`` or ``Item``, id, title, path of its page, and the words by
    which it is found, in lower case. ``static/reference-search.js`` reads it.

    Args:
        contents: What is exported.
        own_messages: The catalogues of the project's own messages.
    """
    by_pack = {one.pack.name: one for one in contents}
    entries = []
    for entry in search([one.pack for one in contents], "", own_messages):
        of_pack = by_pack[entry.pack.name]
        path = (of_pack.edits if entry.kind is EntryKind.EDIT else of_pack.items)[entry.id]
        entries.append([entry.pack.name, entry.kind.value, entry.id, entry.title, path, entry.words])
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    return f"window.referenceIndex = [\n{lines}\n];\n"
