"""Telling CMS of providers that have lost their last Security Official."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.holders import holders_of
from iqies_flask.access.models import OfficeGrant, Provider, RoleGrant
from iqies_flask.access.requests.deciders import cms_officials
from iqies_flask.access.roles import Role
from iqies_flask.identity.models import User
from iqies_flask.mail.service import enqueue


def tell_cms(session: Session, ended: Iterable[RoleGrant | OfficeGrant]) -> None:
    """Write to CMS of providers whose last Security Official is gone, if there are any.

    Args:
        session: A session in a writing transaction, which the caller commits.
        ended: The roles that have just been taken.
    """
    left = [
        session.get_one(Provider, held.ccn)
        for held in ended
        if isinstance(held, RoleGrant)
        and held.role is Role.PROVIDER_SECURITY_OFFICIAL
        and not holders_of(session, {held.ccn}, {held.role})
    ]
    if left:
        for official in cms_officials(session):
            if official.email:
                enqueue(session, official.email, "providers_without_official", providers=left)


def tell_cms_of_shut(session: Session, user: User) -> None:
    """Write to CMS of providers whose last Security Official had an account that has just been shut.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose account.
    """
    tell_cms(session, session.scalars(select(RoleGrant).where(RoleGrant.user_id == user.id)).all())
