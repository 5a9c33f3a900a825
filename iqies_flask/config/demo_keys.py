"""The keys of a demonstration, which needs none of its operator's."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iqies_flask.config.instance_folder import make_instance_folder
from iqies_flask.config.reading import from_file


def read_or_make(folder: Path, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Read the keys of a demonstration, made on its first start and readable by its owner only.

    Args:
        folder: The instance folder; it is made, too.
        defaults: Every setting that there is, with its default.

    Raises:
        SettingsError: The folder cannot be made, or the keys in it cannot be read.
    """
    from cryptography.fernet import Fernet  # noqa: PLC0415

    make_instance_folder(folder)
    path = folder / "demo-keys.toml"
    if not path.exists():
        text = (
            f'secret_key = "{secrets.token_urlsafe(48)}"\n'
            f'encryption_keys = ["{Fernet.generate_key().decode()}"]\n'
            f'hash_key = "{secrets.token_urlsafe(48)}"\n'
        )
        # Written aside and linked into place: two processes that start at once end up with the same keys.
        aside = folder / f"demo-keys.{secrets.token_hex(8)}"
        aside.touch(mode=0o600)
        aside.write_text(text)
        try:
            path.hardlink_to(aside)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return from_file(str(path), defaults)
