"""Giving a role up."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access import letters
from iqies_flask.access.deciders import officials_of
from iqies_flask.access.errors import AccessError
from iqies_flask.access.grants import end
from iqies_flask.access.holders import lock_holder
from iqies_flask.access.models import Provider, RequestState, RoleGrant
from iqies_flask.access.registry import lock_providers
from iqies_flask.access.roles import Role
from iqies_flask.access.vacancy import note_left
from iqies_flask.audit import service as audit
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import NOWHERE, Origin

_CCN = re.compile(r"[0-9A-Z]{6,12}")


class LastOfficialError(AccessError):
    """The provider would have no Security Official left, and whoever leaves has not been told."""


def held_grant(user: User, ccn: str, role: Role) -> tuple[RoleGrant, Provider] | None:
    """Look up a role that somebody holds for a provider, and the provider; None for any other text."""
    if not _CCN.fullmatch(ccn):
        return None
    grant = db.session.get(RoleGrant, (user.id, ccn, role))
    return None if grant is None else (grant, db.session.get_one(Provider, ccn))


def held_roles(user: User, ccn: str) -> list[Role]:
    """List the roles that somebody holds for a provider; none for any other text."""
    if not _CCN.fullmatch(ccn):
        return []
    held = select(RoleGrant.role).where(RoleGrant.user_id == user.id, RoleGrant.ccn == ccn)
    return list(db.session.scalars(held.order_by(RoleGrant.granted_at, RoleGrant.role)))


def is_last_official(session: Session, user: User, ccn: str, role: Role) -> bool:
    """Whether a provider has no Security Official left without somebody.

    Args:
        session: Where to look.
        user: Who leaves.
        ccn: Which provider.
        role: The role that is given up.
    """
    if role is not Role.PROVIDER_SECURITY_OFFICIAL:
        return False
    return all(official.id == user.id for official in officials_of(session, {ccn}).get(ccn, []))


def alone_in_office(user: User) -> list[Provider]:
    """List the providers that have no other Security Official than somebody, by name."""
    held = select(RoleGrant.ccn).where(
        RoleGrant.user_id == user.id, RoleGrant.role == Role.PROVIDER_SECURITY_OFFICIAL
    )
    officials = officials_of(db.session, db.session.scalars(held))
    alone = {ccn for ccn, users in officials.items() if [official.id for official in users] == [user.id]}
    found = select(Provider).where(Provider.ccn.in_(alone)).order_by(Provider.name_folded, Provider.ccn)
    return list(db.session.scalars(found))


def give_up(user: User, ccn: str, role: Role, *, knows_last: bool = False, origin: Origin = NOWHERE) -> None:
    """Give a role up. CMS is told where the provider has no Security Official any more.

    Args:
        user: Who holds it.
        ccn: For which provider.
        role: Which role.
        knows_last: Whether the person was told that the provider will have no Security Official.
        origin: Where that is done from.

    Raises:
        LookupError: The person does not hold it.
        LastOfficialError: The person is the last Security Official and was not told so.
    """
    with write_transaction() as session:
        lock_holder(session, user.id)
        # Two officials who leave at once: the second one is the last.
        lock_providers(session, {ccn})
        grant = session.get(RoleGrant, (user.id, ccn, role), populate_existing=True)
        if grant is None:
            raise LookupError(ccn)
        provider = session.get_one(Provider, ccn)
        last = is_last_official(session, user, ccn, role)
        if last and not knows_last:
            raise LastOfficialError(f"You are the last Security Official of {provider.name}.")
        end(session, grant, RequestState.ENDED)
        note_left(session, [grant])
        audit.record(
            session,
            "role.ended",
            actor_id=user.id,
            actor=user.user_id,
            address=origin.address,
            object_type=audit.ACCOUNT,
            object_id=user.id,
            ccn=ccn,
            role=role.value,
            last_official=last,
        )
        letters.ended(session, user, role, provider)
        if last:
            letters.without_official(session, provider, user)
