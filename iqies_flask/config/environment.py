"""What an installation is for."""

from enum import StrEnum


class Environment(StrEnum):
    """What the installation is for."""

    PRODUCTION = "production"
    DEMO = "demo"
