"""The blueprint of all steps of signing in, and what they have in common."""

from flask import Blueprint

from iqies_flask.current import current_settings

blueprint = Blueprint("sign_in", __name__)


def limit_by_address() -> str:
    """Failed attempts allowed from one address, as the limiter reads it."""
    return current_settings().sign_in_limit_address
