"""The Service Center's blueprint, and its doorkeeper."""

from flask import Blueprint, abort
from flask_login import current_user

from iqies_flask.access.service import Action, may
from iqies_flask.identity.models import User

blueprint = Blueprint("service_center", __name__, url_prefix="/service-center")


def require(action: Action) -> User:
    """Let in who may do something at the Service Center; for everybody else the page does not exist.

    Args:
        action: What it is.

    Returns:
        Who is signed in.
    """
    user: User = current_user._get_current_object()
    if not may(user, action):
        abort(404)
    return user
