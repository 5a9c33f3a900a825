"""The folder that the installation writes to."""

from pathlib import Path

from iqies_flask.config.errors import SettingsError
from iqies_flask.config.variables import variable


def make_instance_folder(folder: Path) -> None:
    """Make the folder, if it is not there, so that nobody but its owner can look into it.

    Raises:
        SettingsError: It cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"{variable('instance_folder')} names {folder}, which cannot be made: {error.strerror}."
        ) from None
