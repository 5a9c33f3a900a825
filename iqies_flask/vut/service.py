"""Checking a file for whoever asks: the chain of the uploads, and nothing stored.

A file is held in memory while it is checked. Of the records of a report, what exceeds some megabytes goes
into a temporary file without a name, which is gone when the answer is sent or the process ends.
"""

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime

from iqies_flask.config import Settings
from iqies_flask.current import current_settings
from iqies_flask.pipeline.offline import OfflineValidator
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.pipeline.report.model import FinalValidationReport
from iqies_flask.pipeline.report.vut import vut_pieces
from iqies_flask.plugin_host import current_plugin_host

TITLE = "Final Validation Report (Validation Utility Tool: nothing was submitted)"


class ValidationUtilityTool:
    """Checks files with the plugins and limits of an installation."""

    def __init__(self, host: PluginHost, settings: Settings) -> None:
        """Prepare.

        Args:
            host: The plugins.
            settings: The limits and the time zone.
        """
        self._host = host
        self._settings = settings

    def report(self, content: bytes, file_name: str) -> AbstractContextManager[FinalValidationReport]:
        """Check a file and hand out its report, whose records can be read while the context is open.

        Args:
            content: A zip or an XML file.
            file_name: As its owner named it.
        """
        return self._validator().report(io.BytesIO(content), file_name)

    def answer(self, content: bytes, file_name: str) -> Iterator[str]:
        """Check a file and give the answer of the web service, JSON in pieces, record by record.

        Args:
            content: A zip or an XML file.
            file_name: As its owner named it.
        """
        validator = self._validator()
        return vut_pieces(validator.now, validator.vut_entries(io.BytesIO(content), file_name))

    def _validator(self) -> OfflineValidator:
        # One for each file: it keeps the time of the check.
        return OfflineValidator(
            self._host,
            self._settings.limits,
            datetime.now(self._settings.zone),
            title=TITLE,
            options=self._settings.plugin_options,
        )


def current_tool() -> ValidationUtilityTool:
    """The running application's tool."""
    return ValidationUtilityTool(current_plugin_host(), current_settings())
