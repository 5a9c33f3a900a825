"""What a production installation is told."""

from cryptography.fernet import Fernet

KEYS = {
    "IQIES_SECRET_KEY": "s" * 48,
    "IQIES_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "IQIES_HASH_KEY": "h" * 48,
}
SITE = "https://iqies.example.org"
PRODUCTION = {**KEYS, "IQIES_SITE_URL": SITE}
"""The least that a production installation needs."""
