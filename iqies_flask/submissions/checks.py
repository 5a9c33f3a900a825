"""The chain of checks of the running application, made when it is first needed."""

import threading

from flask import current_app

from iqies_flask.config import Settings
from iqies_flask.current import current_settings
from iqies_flask.pipeline.chain import Chain
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.plugin import Context
from iqies_flask.plugin_host import current_plugin_host
from iqies_flask.submissions.models import Submission

_EXTENSION = "iqies_checks"
_loading = threading.Lock()

_PBJ_PLUGIN = "pbj_legacy_qies"


class Checks:
    """A chain, and the context in which it is run."""

    def __init__(self, host: PluginHost, settings: Settings) -> None:
        """Make the chain.

        Args:
            host: The plugins.
            settings: Where the spool folder is, and the options of the plugins.
        """
        self._host = host
        self._settings = settings
        self.chain = Chain(host)

    def context(self, submission: Submission) -> Context:
        """Make the context of a submission.

        "Today" is the day on which it was received, so that waiting for a worker changes no verdict.
        """
        options = {name: dict(values) for name, values in self._settings.plugin_options.items()}
        options.setdefault(_PBJ_PLUGIN, {}).setdefault("spool", str(self._settings.pbj_spool))
        return Context(
            specs=self._host.specs,
            received_at=submission.received_at,
            today=submission.received_at.astimezone(self._settings.zone).date(),
            submission_id=submission.id,
            offline=False,
            options=options,
        )


def current_checks() -> Checks:
    """The running application's checks."""
    with _loading:
        checks = current_app.extensions.get(_EXTENSION)
        if checks is None:
            checks = Checks(current_plugin_host(), current_settings())
            current_app.extensions[_EXTENSION] = checks
    assert isinstance(checks, Checks)
    return checks
