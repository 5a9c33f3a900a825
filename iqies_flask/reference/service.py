"""The packs that the reference shows, and which of them a record belongs to."""

from collections.abc import Sequence
from datetime import date

from flask import Flask, current_app

from iqies_flask.model import Message
from iqies_flask.plugin_host import current_plugin_host
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.reference import edit_ids
from iqies_flask.specs.registry import SpecRegistry

_EXTENSION = "iqies_reference"


class EditReference:
    """The data specifications of the running application."""

    def __init__(self, own_messages: Sequence[Message]) -> None:
        """Prepare.

        Args:
            own_messages: The catalogues of the project's own messages.
        """
        self.own_messages = tuple(own_messages)
        self._edits: dict[str, frozenset[str]] = {}

    @property
    def specs(self) -> SpecRegistry:
        """The installed packs."""
        return current_plugin_host().specs

    def pack_of(self, system: str, day: date | None) -> Pack | None:
        """Choose the pack in which to look up what a report says of a record.

        Args:
            system: The record's.
            day: Its target date, if it is known.

        Returns:
            The newest pack in force on the day, or else the system's newest; None for an unknown system.
        """
        packs = [pack for pack in self.specs.packs if pack.system == system]
        covering = [pack for pack in packs if day is not None and pack.covers(day)]
        return next(reversed(covering or packs), None)

    def has_edit(self, pack: Pack, edit: str) -> bool:
        """Whether there is a page for an edit."""
        known = self._edits.get(pack.name)
        if known is None:
            known = self._edits[pack.name] = frozenset(edit_ids(pack, self.own_messages))
        return edit in known


def init_app(app: Flask, own_messages: Sequence[Message]) -> None:
    """Give an application its reference."""
    app.extensions[_EXTENSION] = EditReference(own_messages)


def current_reference() -> EditReference:
    """The running application's reference."""
    reference = current_app.extensions[_EXTENSION]
    assert isinstance(reference, EditReference)
    return reference
