"""The keys of a demonstration, which needs none of its operator's."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iqies_flask.config.errors import SettingsError
from iqies_flask.config.instance_folder import make_instance_folder
from iqies_flask.config.reading import from_file
from iqies_flask.config.variables import variable


def read_or_make(folder: Path, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Read the keys of a demonstration, made on its first start and readable by its owner only.

    Args:
        folder: The instance folder; it is made, too.
        defaults: Every setting that there is, with its default.

    Raises:
        SettingsError: The folder or the keys in it cannot be made or read.
    """
    make_instance_folder(folder)
    path = folder / "demo-keys.toml"
    try:
        if not path.exists():
            _make(path)
        return from_file(path, defaults)
    except OSError as error:
        raise SettingsError(
            f"The keys of the demonstration, {path}, cannot be made or read: {error.strerror}."
            f" {variable('instance_folder')} says in which folder they are kept."
        ) from None


def _make(path: Path) -> None:
    from cryptography.fernet import Fernet  # noqa: PLC0415

    text = (
        f'secret_key = "{secrets.token_urlsafe(48)}"\n'
        f'encryption_keys = ["{Fernet.generate_key().decode()}"]\n'
        f'hash_key = "{secrets.token_urlsafe(48)}"\n'
    )
    # Written aside and linked into place: two processes that start at once end up with the same keys.
    aside = path.with_name(f"demo-keys.{secrets.token_hex(8)}")
    aside.touch(mode=0o600)
    aside.write_text(text)
    try:
        path.hardlink_to(aside)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
