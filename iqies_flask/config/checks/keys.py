"""The keys that sign, encrypt and hash."""

from typing import TYPE_CHECKING

from iqies_flask.config.errors import SettingsError
from iqies_flask.config.variables import variable

if TYPE_CHECKING:
    from iqies_flask.config.settings import Settings

_LEAST_SECRET_CHARACTERS = 32


def check(settings: "Settings") -> None:
    """Refuse keys that are missing, too short or of the wrong form.

    Raises:
        SettingsError: There is such a key.
    """
    from cryptography.fernet import Fernet  # noqa: PLC0415

    hint = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
    for name in ("secret_key", "hash_key"):
        if len(getattr(settings, name)) < _LEAST_SECRET_CHARACTERS:
            raise SettingsError(
                f"{variable(name)} must be set to at least {_LEAST_SECRET_CHARACTERS} random characters. "
                f"Make some with: {hint}. To try the product out, set IQIES_ENVIRONMENT=demo instead."
            )
    fernet_hint = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    if not settings.encryption_keys:
        raise SettingsError(f"IQIES_ENCRYPTION_KEYS must hold at least one key. Make one with: {fernet_hint}")
    for number, key in enumerate(settings.encryption_keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            raise SettingsError(
                f"Key {number} of IQIES_ENCRYPTION_KEYS is not a Fernet key. Make one with: {fernet_hint}"
            ) from None
