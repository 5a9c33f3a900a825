"""The roles, and the categories of users that hold them."""

from enum import StrEnum


class Category(StrEnum):
    """Whom a user works for."""

    PROVIDER = "provider"
    VENDOR = "vendor"
    CMS = "cms"
    STATE = "state"
    SERVICE_CENTER = "service_center"


CATEGORY_LABELS = {
    Category.PROVIDER: "Provider",
    Category.VENDOR: "Vendor",
    Category.CMS: "CMS",
    Category.STATE: "State",
    Category.SERVICE_CENTER: "Service Center",
}


class Role(StrEnum):
    """What a user is, for a provider or in an office. ``matrix.toml`` says what each may do."""

    PROVIDER_SECURITY_OFFICIAL = "provider_security_official"
    ASSESSMENT_SUBMITTER = "assessment_submitter"
    PROVIDER_ADMINISTRATOR = "provider_administrator"
    PROVIDER_ASSESSMENT_COORDINATOR = "provider_assessment_coordinator"
    PROVIDER_ASSESSMENT_VIEWER = "provider_assessment_viewer"
    VENDOR_ASSESSMENT_SUBMITTER = "vendor_assessment_submitter"
    CMS_OFFICIAL = "cms_official"
    STATE_VIEWER = "state_viewer"
    REGISTRY_MANAGER = "registry_manager"
    PROOFING_OFFICER = "proofing_officer"
    AUDITOR = "auditor"
