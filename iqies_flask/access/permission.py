"""May somebody do something? Every part of the product asks here."""

from flask import Flask, current_app
from sqlalchemy import select

from iqies_flask.access.actions import Action
from iqies_flask.access.matrix import Matrix, load_matrix
from iqies_flask.access.models import OfficeGrant, RoleGrant
from iqies_flask.config import Settings
from iqies_flask.extensions import db
from iqies_flask.identity.models import ProofingState, User

_EXTENSION = "iqies_permission_matrix"
_MOST_CCN_CHARACTERS = 12


def init_app(app: Flask, settings: Settings) -> None:
    """Give an application its matrix.

    Args:
        app: The application.
        settings: Name the operator's matrix, if there is one.

    Raises:
        MatrixError: It cannot be used.
    """
    app.extensions[_EXTENSION] = load_matrix(settings.matrix_file)


def current_matrix() -> Matrix:
    """The running application's matrix."""
    matrix = current_app.extensions[_EXTENSION]
    assert isinstance(matrix, Matrix)
    return matrix


def may(user: User, action: Action, ccn: str = "") -> bool:
    """Decide whether a user may do something.

    One look into one index, however many users, providers and roles there are.

    Args:
        user: Who wants to.
        action: What for.
        ccn: The provider's CMS Certification Number; for an empty or unknown one the answer is no, except
            for the actions of offices, which know no provider.
    """
    assert isinstance(action, Action)
    if not user.active or user.proofing is not ProofingState.PROVED:
        return False
    matrix = current_matrix()
    allowing = matrix.roles_by_action[action]
    if action in matrix.actions_of_offices:
        held = select(OfficeGrant.role).where(OfficeGrant.user_id == user.id)
    elif ccn and len(ccn) <= _MOST_CCN_CHARACTERS and "\0" not in ccn:
        held = select(RoleGrant.role).where(RoleGrant.user_id == user.id, RoleGrant.ccn == ccn)
    else:
        return False
    return not allowing.isdisjoint(db.session.scalars(held))


def may_anywhere(user: User, action: Action) -> bool:
    """Decide whether `may` says yes to a user and an action for any provider, or in an office."""
    assert isinstance(action, Action)
    if action in current_matrix().actions_of_offices or not user.active:
        return may(user, action)
    return bool(allowed_ccns(user, action))


def allowed_ccns(user: User, action: Action) -> list[str]:
    """List the providers for which `may` says yes to a user and an action."""
    assert isinstance(action, Action)
    if not user.active or user.proofing is not ProofingState.PROVED:
        return []
    matrix = current_matrix()
    if action in matrix.actions_of_offices:
        return []
    allowed = select(RoleGrant.ccn).where(
        RoleGrant.user_id == user.id, RoleGrant.role.in_(matrix.roles_by_action[action])
    )
    return list(db.session.scalars(allowed.distinct().order_by(RoleGrant.ccn)))
