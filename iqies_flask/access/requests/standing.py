"""What the rules look at: one look into the database for each question, however many providers there are."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.ccn import normalized
from iqies_flask.access.deciders import officials_of
from iqies_flask.access.models import Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.requests import frequency
from iqies_flask.access.roles import Role
from iqies_flask.identity.models import User


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody, who asks for a role, and some providers stand to each other.

    Attributes:
        providers: CCN as typed to provider. One that is not registered is missing.
        held: CCN and role of what the person holds for these.
        asked_for: CCNs of those for which the person waits for the role.
        with_official: CCNs of those that have a Security Official.
        again_at: CCN to the moment from which the person may ask again; only where that is to come.
    """

    providers: Mapping[str, Provider]
    held: Collection[tuple[str, Role]]
    asked_for: Collection[str]
    with_official: Collection[str]
    again_at: Mapping[str | None, datetime]


def standing_of(session: Session, user: User, role: Role, ccns: Collection[str]) -> Standing:
    """Look up how somebody and some providers stand to each other.

    Args:
        session: Where to look.
        user: Who asks.
        role: For which role.
        ccns: The providers' CCNs, as typed.
    """
    typed = find_typed(session, ccns)
    known = {provider.ccn for provider in typed.values()}
    held = select(RoleGrant.ccn, RoleGrant.role).where(RoleGrant.user_id == user.id, RoleGrant.ccn.in_(known))
    asked_for = select(RoleRequest.ccn).where(
        RoleRequest.user_id == user.id,
        RoleRequest.role == role,
        RoleRequest.state == RequestState.PENDING,
        RoleRequest.ccn.in_(known),
    )
    return Standing(
        typed,
        {(grant.ccn, grant.role) for grant in session.execute(held)},
        set(session.scalars(asked_for)),
        officials_of(session, known).keys(),
        frequency.next_requests_at(session, user),
    )


def find_typed(session: Session, ccns: Collection[str]) -> dict[str, Provider]:
    """Find providers by their CCNs as somebody typed them: with hyphens, spaces or letters in lower case.

    Args:
        session: Where to look.
        ccns: What was typed.

    Returns:
        What was typed to the provider. What is none's CCN is missing.
    """
    readings = {ccn: (ccn.strip().upper(), normalized(ccn)) for ccn in ccns}
    wanted = {reading for both in readings.values() for reading in both}
    found = {
        provider.ccn: provider
        for provider in session.scalars(select(Provider).where(Provider.ccn.in_(wanted)))
    }
    return {
        ccn: found[reading]
        for ccn, both in readings.items()
        if (reading := next((one for one in both if one in found), None)) is not None
    }
