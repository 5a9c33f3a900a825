"""What can be done that not everybody may do."""

from enum import StrEnum


class Action(StrEnum):
    """What a user may do: for a provider, or in an office."""

    UPLOAD = "upload"
    VIEW_REPORTS = "view_reports"
    APPROVE_ROLES = "approve_roles"
    ADD_PATIENT = "add_patient"
    CHANGE_PATIENT = "change_patient"
    VIEW_PATIENT = "view_patient"
    EDIT_ASSESSMENT = "edit_assessment"
    CORRECT_ASSESSMENT = "correct_assessment"
    VIEW_ASSESSMENT = "view_assessment"
    SUBMIT_ASSESSMENT = "submit_assessment"
    APPROVE_FIRST_OFFICIAL = "approve_first_official"
    VIEW_REGISTRY = "view_registry"
    MANAGE_PROVIDERS = "manage_providers"
    PROVE_IDENTITIES = "prove_identities"
    VIEW_AUDIT_LOG = "view_audit_log"


OF_OFFICES = frozenset(
    {
        Action.APPROVE_FIRST_OFFICIAL,
        Action.VIEW_REGISTRY,
        Action.MANAGE_PROVIDERS,
        Action.PROVE_IDENTITIES,
        Action.VIEW_AUDIT_LOG,
    }
)
"""What is done in an office, for no provider in particular. Everything else is done for a provider."""
