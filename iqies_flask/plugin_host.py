"""The plugins and packs of the running application: loaded once, when they are first needed."""

import threading

from flask import Flask, current_app

from iqies_flask.config import Settings, SettingsError
from iqies_flask.pipeline.plugins import PluginHost

_EXTENSION = "iqies_plugin_host"


class LazyPluginHost:
    """Loads the plugins of an installation when they are first asked for."""

    def __init__(self, settings: Settings) -> None:
        """Prepare.

        Args:
            settings: Where the operator's plugins and packs are, and how long a call may take.
        """
        self._settings = settings
        self._loading = threading.Lock()
        self._host: PluginHost | None = None

    def get(self) -> PluginHost:
        """Hand out the one host; whoever asks while it is being loaded waits for it."""
        with self._loading:
            if self._host is None:
                self._host = load_plugin_host(self._settings)
            return self._host


def load_plugin_host(settings: Settings) -> PluginHost:
    """Load the plugins and packs of an installation.

    Args:
        settings: As for `LazyPluginHost`.
    """
    return PluginHost.load(
        [settings.plugin_folder] if settings.plugin_folder else [],
        entry_points=True,
        seconds=settings.plugin_seconds,
        packs_folder=settings.packs_folder,
    )


def init_app(app: Flask, settings: Settings) -> None:
    """Give an application its plugins.

    Raises:
        SettingsError: A folder of the operator's is not there.
    """
    for name, folder in (("PLUGIN_FOLDER", settings.plugin_folder), ("PACKS_FOLDER", settings.packs_folder)):
        if folder is not None and not folder.is_dir():
            raise SettingsError(
                f"IQIES_{name} names {folder}, which is no folder. Correct the name, or make it."
            )
    app.extensions[_EXTENSION] = LazyPluginHost(settings)


def current_plugin_host() -> PluginHost:
    """The running application's plugins and packs, which all of its rooms share."""
    lazy = current_app.extensions[_EXTENSION]
    assert isinstance(lazy, LazyPluginHost)
    return lazy.get()
