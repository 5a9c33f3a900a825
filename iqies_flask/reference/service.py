"""The packs that the reference shows, and which of them a record belongs to."""

import threading
from collections.abc import Sequence
from datetime import date
from functools import cached_property

from flask import Flask, current_app

from iqies_flask.config import Settings
from iqies_flask.model import Message
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.reference import edit_ids
from iqies_flask.specs.registry import SpecRegistry

_EXTENSION = "iqies_reference"
_loading = threading.Lock()


class EditReference:
    """The data specifications of an installation, read when they are first asked for."""

    def __init__(self, settings: Settings, own_messages: Sequence[Message]) -> None:
        """Prepare.

        Args:
            settings: The installation's settings.
            own_messages: The catalogues of the project's own messages.
        """
        self._settings = settings
        self.own_messages = tuple(own_messages)
        self._edits: dict[str, frozenset[str]] = {}

    @property
    def specs(self) -> SpecRegistry:
        """The installed packs."""
        with _loading:
            return self._specs

    @cached_property
    def _specs(self) -> SpecRegistry:
        settings = self._settings
        return PluginHost.load(
            [settings.plugin_folder] if settings.plugin_folder else [],
            entry_points=True,
            seconds=settings.plugin_seconds,
            packs_folder=settings.packs_folder,
        ).specs

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


def init_app(app: Flask, settings: Settings, own_messages: Sequence[Message]) -> None:
    """Give an application its reference."""
    app.extensions[_EXTENSION] = EditReference(settings, own_messages)


def current_reference() -> EditReference:
    """The running application's reference."""
    reference = current_app.extensions[_EXTENSION]
    assert isinstance(reference, EditReference)
    return reference
