"""May somebody do something, and if not, why? Every part of the product asks here."""

from typing import NoReturn

from flask import Flask, current_app
from sqlalchemy import Select, select, union

from iqies_flask.access.actions import OF_OFFICES, Action
from iqies_flask.access.holders import can_act, holders_of
from iqies_flask.access.matrix import Matrix, load_matrix
from iqies_flask.access.models import OfficeGrant, Provider, RoleGrant
from iqies_flask.access.roles import Category, Role
from iqies_flask.config import Settings
from iqies_flask.errors import NotAllowedError
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.persons import shown_name

_EXTENSION = "iqies_permission_matrix"
_MOST_CCN_CHARACTERS = 12
_MOST_NAMES = 3
_OFFICE_GIVERS = {
    Category.CMS: "A CMS Official gives it",
    Category.STATE: "A CMS Official gives it",
    Category.SERVICE_CENTER: "The operator of this site gives it",
}


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
    if not can_act(user):
        return False
    if action in OF_OFFICES:
        held = select(OfficeGrant.role).where(OfficeGrant.user_id == user.id)
    elif _is_askable(ccn):
        held = select(RoleGrant.role).where(RoleGrant.user_id == user.id, RoleGrant.ccn == ccn)
    else:
        return False
    return not current_matrix().roles_by_action[action].isdisjoint(db.session.scalars(held))


def may_anywhere(user: User, action: Action) -> bool:
    """Decide whether `may` says yes to a user and an action for any provider, or in an office."""
    assert isinstance(action, Action)
    if action in OF_OFFICES or not can_act(user):
        return may(user, action)
    return db.session.scalar(ccns_by_role(user, action).limit(1)) is not None


def allowed_anywhere(user: User) -> frozenset[Action]:
    """List the actions for which `may_anywhere` says yes to a user, with one look into the database."""
    if not can_act(user):
        return frozenset()
    held = union(
        select(OfficeGrant.role).where(OfficeGrant.user_id == user.id),
        select(RoleGrant.role).where(RoleGrant.user_id == user.id),
    )
    roles = frozenset(db.session.scalars(held))
    return frozenset(
        action
        for action, allowing in current_matrix().roles_by_action.items()
        if not allowing.isdisjoint(roles)
    )


def allowed_ccns(user: User, action: Action) -> list[str]:
    """List the providers for which `may` says yes to a user and an action."""
    assert isinstance(action, Action)
    if action in OF_OFFICES or not can_act(user):
        return []
    return list(db.session.scalars(ccns_by_role(user, action).distinct().order_by(RoleGrant.ccn)))


def ccns_by_role(user: User, action: Action) -> Select[str]:
    """Select the providers for which a user holds a role that allows an action, as a part of statements.

    Whether the account can be used is not asked.

    Args:
        user: Who.
        action: What is done for a provider.
    """
    return select(RoleGrant.ccn).where(
        RoleGrant.user_id == user.id, RoleGrant.role.in_(current_matrix().roles_by_action[action])
    )


def why_not(user: User, action: Action, ccn: str = "") -> str | None:
    """Say why a user may not do something, and who can change that.

    Args:
        user: Who wants to; the answer speaks to him or her.
        action: What for.
        ccn: The provider's CMS Certification Number; for an empty one the answer is about all providers: None
            as soon as there is one for which the user may.

    Returns:
        Some sentences; None where `may` says yes.
    """
    if not can_act(user):
        return _why_no_account(user)
    if may(user, action, ccn) or (not ccn and may_anywhere(user, action)):
        return None
    if action in OF_OFFICES:
        return _why_no_office(action)
    return _why_not_for(user, action, ccn) if ccn else _why_for_none(action)


def refuse(user: User, action: Action) -> NoReturn:
    """Answer with a page that says what `why_not` does.

    It is for pages that name nothing of anybody's. What belongs to another provider does not exist: 404.

    Args:
        user: Who asks for the page.
        action: What it takes, for some provider or in an office.

    Raises:
        NotAllowedError: Always.
    """
    raise NotAllowedError(why_not(user, action))


def _is_askable(ccn: str) -> bool:
    """Whether a database can be asked for a CCN at all: PostgreSQL refuses NUL."""
    return bool(ccn) and len(ccn) <= _MOST_CCN_CHARACTERS and "\0" not in ccn


def _why_no_account(user: User) -> str:
    if not user.active:
        return "Your account is deactivated. The Service Center or the operator of this site can open it."
    return "It is not proved yet that you are who you say. Prove your identity first."


def _why_no_office(action: Action) -> str:
    entries = [entry for entry in current_matrix().roles.values() if action in entry.actions]
    if not entries:
        return _needed(action)
    giver = _OFFICE_GIVERS[entries[0].category]
    return f"You do not hold the office that allows this: {_quoted(action)}. {_needed(action)} {giver}."


def _why_for_none(action: Action) -> str:
    return (
        f"You hold no role that allows this: {_quoted(action)}. {_needed(action)} Request one for your"
        " provider; its Security Officials decide."
    )


def _why_not_for(user: User, action: Action, ccn: str) -> str:
    provider = db.session.get(Provider, ccn) if _is_askable(ccn) else None
    if provider is None:
        return (
            "No provider with this CCN is registered here. Check it; if it is right, tell the operator of"
            " this site."
        )
    return f"{_what_is_held(user, action, provider)} {_needed(action)} {_who_gives(provider)}"


def _quoted(action: Action) -> str:
    return f"“{current_matrix().actions[action]}”"


def _needed(action: Action) -> str:
    labels = current_matrix().labels(action)
    return f"It takes the role {_any_of(labels)}." if labels else "No role allows it on this site."


def _what_is_held(user: User, action: Action, provider: Provider) -> str:
    matrix = current_matrix()
    held = db.session.scalars(
        select(RoleGrant.role).where(RoleGrant.user_id == user.id, RoleGrant.ccn == provider.ccn)
    ).all()
    whose = f"{provider.name} (CCN {provider.ccn})"
    if not held:
        return f"You hold no role for {whose}."
    labels = " and ".join(matrix.roles[role].label for role in sorted(held))
    return f"For {whose} you are {labels}, which does not allow this: {_quoted(action)}."


def _who_gives(provider: Provider) -> str:
    officials = holders_of(db.session, {provider.ccn}, {Role.PROVIDER_SECURITY_OFFICIAL}).get(
        provider.ccn, []
    )
    if not officials:
        return (
            "The provider has no Security Official who could give it. Somebody who works there must become"
            " one first, which CMS approves."
        )
    names = [shown_name(official) for official in officials[:_MOST_NAMES]]
    if len(officials) > _MOST_NAMES:
        names.append("others")
    who = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f"Its Security Official{'s' if len(names) > 1 else ''} {who} can give it to you."


def _any_of(labels: list[str]) -> str:
    return f"{', '.join(labels[:-1])} or {labels[-1]}" if len(labels) > 1 else labels[0]
