"""Security keys and passkeys: the second factor, by WebAuthn."""
