"""The settings by which files are checked without an installation."""

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from iqies_flask.config import reading
from iqies_flask.config.checks.notations import check_time_zone
from iqies_flask.config.checks.numbers import check_plugin_seconds
from iqies_flask.config.settings import DEFAULTS, PLUGIN_SECONDS
from iqies_flask.pipeline.limits import IntakeLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineSettings:
    """The settings by which files are checked without an installation: neither keys nor a database needed.

    Attributes:
        time_zone: As in `Settings`; empty for the machine's own.
        plugin_folder: As in `Settings`, and so are the others.
    """

    time_zone: str = ""
    plugin_folder: Path | None = None
    plugin_seconds: float = PLUGIN_SECONDS
    plugin_options: dict[str, dict[str, Any]] = field(default_factory=dict)
    packs_folder: Path | None = None
    limits: IntakeLimits = field(default_factory=IntakeLimits)

    def __post_init__(self) -> None:
        """Check what can be wrong.

        Raises:
            SettingsError: A value is unusable.
        """
        if self.time_zone:
            check_time_zone(self.time_zone)
        check_plugin_seconds(self.plugin_seconds)

    @property
    def zone(self) -> ZoneInfo | None:
        """The time zone in which "today" is reckoned; None for the machine's own."""
        return ZoneInfo(self.time_zone) if self.time_zone else None

    @classmethod
    def load(cls) -> "OfflineSettings":
        """Read them from the process's environment and the file that it names.

        Raises:
            SettingsError: A setting is unknown or unusable.
        """
        given = reading.read(os.environ, DEFAULTS)
        return cls(**{entry.name: given[entry.name] for entry in fields(cls) if entry.name in given})
