"""Who sees which providers in the registry."""

from iqies_flask.access.actions import Action
from iqies_flask.access.permission import allowed_ccns, may
from iqies_flask.identity.models import User


def sees_all(user: User) -> bool:
    """Whether a user sees every provider: whoever may see the registry, or looks after it."""
    return may(user, Action.VIEW_REGISTRY) or may(user, Action.MANAGE_PROVIDERS)


def sees(user: User, ccn: str) -> bool:
    """Whether a user sees a provider: whoever sees all, and its Security Officials."""
    return may(user, Action.APPROVE_ROLES, ccn) or sees_all(user)


def sees_only(user: User) -> list[str]:
    """List the providers that a user sees who does not see all."""
    return allowed_ccns(user, Action.APPROVE_ROLES)
