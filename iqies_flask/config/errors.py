"""What a setting that cannot be used raises."""


class SettingsError(ValueError):
    """A setting is missing or wrong; the message says which one and what to do."""
