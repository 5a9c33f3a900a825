"""Whether providers are certified now: for others no roles are given."""

from datetime import date

from sqlalchemy import ColumnElement, or_

from iqies_flask.access.models import Provider
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now


def today() -> date:
    """The present day where the installation is."""
    return utc_now().astimezone(current_settings().zone).date()


def is_certified() -> ColumnElement[bool]:
    """Tell, over providers, whether one is certified."""
    return or_(Provider.terminated_on.is_(None), Provider.terminated_on > today())


def is_terminated(provider: Provider) -> bool:
    """Whether a provider is certified no longer."""
    return is_over(provider.terminated_on)


def is_over(terminated_on: date | None) -> bool:
    """Whether a certification is over.

    Args:
        terminated_on: Day on which it ends; None where it does not.
    """
    return terminated_on is not None and terminated_on <= today()
