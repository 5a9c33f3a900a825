"""What goes wrong in access."""


class AccessError(ValueError):
    """A provider, a role or a request cannot be made or changed; the message says why, for who asked."""
