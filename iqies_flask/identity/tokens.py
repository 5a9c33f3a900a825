"""Secrets that a browser or an e-mail carries, of which the database keeps only a hash."""

import hashlib
import secrets

_BYTES = 32


def new_token() -> str:
    """Make a secret of 256 bits that fits into a URL or a cookie."""
    return secrets.token_urlsafe(_BYTES)


def token_hash(token: str) -> bytes:
    """Hash a token for the database: SHA-256 does, since nobody can guess a token.

    Returns:
        32 bytes.
    """
    return hashlib.sha256(token.encode()).digest()
