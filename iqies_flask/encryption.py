"""Encryption of what is stored, and the keyed hash by which encrypted values are matched."""

import hashlib
import hmac
import json
import zlib
from collections.abc import Iterable
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import Flask, current_app
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

_EXTENSION = "iqies_vault"


class DecryptionError(Exception):
    """Stored data was encrypted with a key that the settings no longer hold, or was tampered with.

    No `OSError`, `RuntimeError` or `ValueError`: readers of broken files take those for the file's own fault.
    """


class Vault:
    """Encrypts, decrypts and hashes with an installation's keys."""

    def __init__(self, encryption_keys: Iterable[str], hash_key: str) -> None:
        """Take the keys.

        Args:
            encryption_keys: Fernet keys; the first encrypts, all decrypt.
            hash_key: Key of the hashes.
        """
        keys = [Fernet(key) for key in encryption_keys]
        self._first = keys[0]
        self._fernet = MultiFernet(keys)
        self._hash_key = hash_key.encode()

    def encrypt(self, plain: bytes) -> bytes:
        """Encrypt bytes with the first key."""
        return self._fernet.encrypt(plain)

    def decrypt(self, token: bytes) -> bytes:
        """Decrypt bytes with whichever key fits.

        Raises:
            DecryptionError: None does.
        """
        try:
            return self._fernet.decrypt(token)
        except InvalidToken:
            raise DecryptionError(
                "Stored data cannot be decrypted: IQIES_ENCRYPTION_KEYS lacks the key it was encrypted with."
            ) from None

    def renew(self, token: bytes) -> bytes | None:
        """Encrypt with the first key what was encrypted with another one.

        Returns:
            The new token; None where it is the first key's already.

        Raises:
            DecryptionError: No key fits.
        """
        try:
            self._first.decrypt(token)
        except InvalidToken:
            return self.encrypt(self.decrypt(token))
        return None

    def keyed_hash(self, *parts: str) -> bytes:
        """Hash texts so that equal ones can be found without being readable.

        Args:
            parts: The texts; which text stands where counts, so ``("a", "b")`` and ``("ab", "")`` differ.

        Returns:
            32 bytes, HMAC-SHA256.
        """
        message = json.dumps(parts).encode()
        return hmac.new(self._hash_key, message, hashlib.sha256).digest()


def init_app(app: Flask, vault: Vault) -> None:
    """Give an application its keys."""
    app.extensions[_EXTENSION] = vault


def current_vault() -> Vault:
    """The running application's keys."""
    vault = current_app.extensions[_EXTENSION]
    assert isinstance(vault, Vault)
    return vault


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes, encrypted in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else current_vault().encrypt(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Decrypt on the way out."""
        return None if value is None else current_vault().decrypt(value)


class EncryptedJSON(TypeDecorator[Any]):
    """Whatever JSON can say, compressed and encrypted in the database. Replace it as a whole to change it."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        if value is None:
            return None
        text = json.dumps(value, separators=(",", ":"))
        # Level 1: an assessment shrinks to a sixth of its size at hardly any cost.
        return current_vault().encrypt(zlib.compress(text.encode(), 1))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Decrypt on the way out."""
        return None if value is None else json.loads(zlib.decompress(current_vault().decrypt(value)))
