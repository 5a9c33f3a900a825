"""Names of settings among the variables of the environment."""

PREFIX = "IQIES_"
LIMITS_PREFIX = "IQIES_LIMITS_"
CONFIG_VARIABLE = "IQIES_CONFIG"
"""Names the TOML file; no setting itself."""


def variable(name: str) -> str:
    """Name the variable of a setting, as messages do even where it was set in the file."""
    return PREFIX + name.upper()
