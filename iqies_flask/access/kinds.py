"""The kinds of providers."""

from enum import StrEnum


class ProviderKind(StrEnum):
    """The kind of a provider."""

    SKILLED_NURSING_FACILITY = "snf"
    SWING_BED = "swing_bed"
    HOME_HEALTH_AGENCY = "hha"


KIND_LABELS = {
    ProviderKind.SKILLED_NURSING_FACILITY: "skilled nursing facility",
    ProviderKind.SWING_BED: "swing-bed hospital",
    ProviderKind.HOME_HEALTH_AGENCY: "home health agency",
}
