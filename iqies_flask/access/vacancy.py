"""Telling CMS of providers that have lost their last Security Official."""

from collections.abc import Iterable
from typing import TypeGuard

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.deciders import cms_officials
from iqies_flask.access.holders import can_act, holders_of
from iqies_flask.access.models import Grant, Provider, RoleGrant
from iqies_flask.access.registry import lock_providers
from iqies_flask.access.roles import Role
from iqies_flask.database import utc_now
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.mail.service import enqueue


def lock_left(session: Session, ending: Iterable[Grant]) -> None:
    """Let Security Officials of one provider leave one after the other, whichever way they go.

    Of two who leave at once, the second one then finds that nobody else is left. This comes after the holder
    is locked, and before the audit log is written.

    Args:
        session: A session in a writing transaction, which the caller commits.
        ending: The roles that are about to be taken, or cannot be acted in from now on.
    """
    lock_providers(session, {held.ccn for held in ending if _is_official(held)})


def note_left(session: Session, ended: Iterable[Grant]) -> list[Provider]:
    """Write down of which providers the last Security Official has just gone.

    Of whoever could not act any more the provider was without already.

    Args:
        session: A session in a writing transaction, which the caller commits, after `lock_left`.
        ended: The roles that have just been taken.

    Returns:
        The providers.
    """
    return _noted(session, [held for held in ended if can_act(session.get_one(User, held.user_id))])


def tell_cms(session: Session, ended: Iterable[Grant]) -> None:
    """Do what `note_left` does, and write to CMS of these providers, if there are any."""
    _tell(session, note_left(session, ended))


def tell_cms_of_shut(session: Session, user: User) -> None:
    """Write to CMS of providers whose last Security Official had an account that has just been shut.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose account; its row is written already.
    """
    held = session.scalars(select(RoleGrant).where(RoleGrant.user_id == user.id)).all()
    lock_left(session, held)
    if user.proofing is ProofingState.PROVED:
        _tell(session, _noted(session, held))


def _noted(session: Session, gone: Iterable[Grant]) -> list[Provider]:
    left = [
        session.get_one(Provider, held.ccn)
        for held in gone
        if _is_official(held) and not holders_of(session, {held.ccn}, {held.role})
    ]
    for provider in left:
        provider.vacated_at = utc_now()
    return left


def _tell(session: Session, left: list[Provider]) -> None:
    if left:
        for official in cms_officials(session):
            if official.email:
                enqueue(session, official.email, "providers_without_official", providers=left)


def _is_official(held: Grant) -> TypeGuard[RoleGrant]:
    return isinstance(held, RoleGrant) and held.role is Role.PROVIDER_SECURITY_OFFICIAL
