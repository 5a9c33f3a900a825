"""Every setting of an installation, read once from the environment or from a TOML file.

Commands that only check files read some of them, too, and must not wait for what checks the others: that is
imported where it is used.
"""

from iqies_flask.config.environment import Environment
from iqies_flask.config.errors import SettingsError
from iqies_flask.config.offline import OfflineSettings
from iqies_flask.config.settings import Settings

__all__ = ["Environment", "OfflineSettings", "Settings", "SettingsError"]
