"""What stands against a request for a role. Each rule has its own message."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from iqies_flask.access.ccn import CCNError, parse_ccn
from iqies_flask.access.certified import is_terminated
from iqies_flask.access.models import OfficeGrant, Provider, RequestState, RoleRequest
from iqies_flask.access.official_or_vendor import other_side
from iqies_flask.access.permission import current_matrix
from iqies_flask.access.registry import named
from iqies_flask.access.requests import frequency
from iqies_flask.access.requests.standing import Standing, standing_of
from iqies_flask.access.roles import Category, Role
from iqies_flask.current import current_settings
from iqies_flask.dates import date_in_words
from iqies_flask.identity.models import User

_OFFICIAL = Role.PROVIDER_SECURITY_OFFICIAL


class Why(StrEnum):
    """The rule that stands against a request."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    TERMINATED = "terminated"
    HELD = "held"
    INCLUDED = "included"
    ASKED_FOR = "asked_for"
    OFFICIAL_AND_VENDOR = "official_and_vendor"
    NO_OFFICIAL = "no_official"
    NOT_ASKED_FOR_HERE = "not_asked_for_here"
    TOO_OFTEN = "too_often"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody cannot ask for a role.

    Attributes:
        why: The rule.
        message: What is wrong and what to do, for the person who asks.
    """

    why: Why
    message: str


def check(session: Session, user: User, role: Role, ccn: str = "") -> Refusal | None:
    """Look for what stands against a request.

    Args:
        session: Where to look.
        user: Who asks.
        role: For which role.
        ccn: For which provider, as typed; empty for an office.

    Returns:
        The first rule that stands against it; None if it can be made.
    """
    return check_each(session, user, role, [ccn]).get(ccn)


def check_each(session: Session, user: User, role: Role, ccns: Collection[str]) -> dict[str, Refusal]:
    """Look for what stands against each of some requests. It is the same few looks for any number of them.

    Args:
        session: Where to look.
        user: Who asks.
        role: For which role.
        ccns: For which providers, as typed; for an office, the empty text.

    Returns:
        CCN to the first rule that stands against it, of those that cannot be asked for.
    """
    if not current_matrix().roles[role].for_provider:
        refusal = _check_office(session, user, role)
        return dict.fromkeys(ccns, refusal) if refusal else {}
    standing = standing_of(session, user, role, ccns)
    apart = _official_and_vendor(session, user, role)
    refusals = {ccn: _check_provider(standing, role, ccn, apart) for ccn in ccns}
    return {ccn: refusal for ccn, refusal in refusals.items() if refusal}


def check_all(session: Session, user: User, role: Role, ccns: Collection[str]) -> dict[str, Refusal]:
    """Look for what stands against some requests that are made together.

    Args:
        session: Where to look.
        user: Who asks.
        role: For which role.
        ccns: For which providers; for an office, the empty text.

    Returns:
        CCN to refusal, of those that cannot be made. For an office, and for what stands against all of them
        together, the CCN is empty.
    """
    refusals = check_each(session, user, role, ccns)
    if not refusals and (refusal := _too_many(session, user, len(ccns))):
        refusals[""] = refusal
    return refusals


def _not_registered(ccn: str) -> Refusal:
    try:
        number = parse_ccn(ccn).text
    except CCNError as error:
        return Refusal(Why.MALFORMED, str(error))
    return Refusal(
        Why.UNKNOWN,
        f"{number} is not in the registry of providers. Compare it with the provider's certification; if it"
        " is right, ask the Service Center to register the provider.",
    )


def _check_provider(standing: Standing, role: Role, ccn: str, apart: Refusal | None) -> Refusal | None:
    """Look for the first rule that stands against a request for one provider.

    Args:
        standing: What is known of the person and the provider.
        role: For which role.
        ccn: As typed.
        apart: What `_official_and_vendor` says of the person.
    """
    provider = standing.providers.get(ccn)
    if provider is None:
        return _not_registered(ccn)
    if is_terminated(provider):
        assert provider.terminated_on is not None
        return Refusal(
            Why.TERMINATED,
            f"{named(provider)} has not been certified since {date_in_words(provider.terminated_on)}, so no"
            " roles are given for it. Check the CCN.",
        )
    return (
        _held(standing, role, provider)
        or _asked_for(standing, provider)
        or apart
        or _included(standing, role, provider)
        or _no_official(standing, role, provider)
        or _too_often(standing.again_at.get(provider.ccn), named(provider))
    )


def _official_and_vendor(session: Session, user: User, role: Role) -> Refusal | None:
    other = other_side(session, user, role, asked=True)
    if other is None:
        return None
    label = current_matrix().roles[other.role].label
    has, do = ("You hold", "Give that up") if other.held else ("You have asked for", "Withdraw that")
    return Refusal(
        Why.OFFICIAL_AND_VENDOR,
        "A Provider Security Official (PSO) must work for the provider and cannot be a vendor."
        f" {has} the role {label} for {other.ccn}. {do} on My profile first.",
    )


def _held(standing: Standing, role: Role, provider: Provider) -> Refusal | None:
    if (provider.ccn, role) not in standing.held:
        return None
    message = f"You hold this role for {named(provider)} already. There is nothing to ask for."
    return Refusal(Why.HELD, message)


def _included(standing: Standing, role: Role, provider: Provider) -> Refusal | None:
    roles = current_matrix().roles
    is_official = (provider.ccn, _OFFICIAL) in standing.held
    if not is_official or not roles[role].actions <= roles[_OFFICIAL].actions:
        return None
    return Refusal(
        Why.INCLUDED,
        f"As Security Official of {named(provider)} you may do everything that this role may.",
    )


def _asked_for(standing: Standing, provider: Provider) -> Refusal | None:
    if provider.ccn not in standing.asked_for:
        return None
    return Refusal(
        Why.ASKED_FOR,
        f"You have asked for this role for {named(provider)} already. My profile says who decides, and since"
        " when it waits.",
    )


def _no_official(standing: Standing, role: Role, provider: Provider) -> Refusal | None:
    if role is _OFFICIAL or provider.ccn in standing.with_official:
        return None
    return Refusal(
        Why.NO_OFFICIAL,
        f"{named(provider)} has no Provider Security Official (PSO) yet, so nobody can approve your request."
        " First somebody who works for the provider must request the role Provider Security Official, which"
        " CMS approves. Ask for yours again after that.",
    )


def _check_office(session: Session, user: User, role: Role) -> Refusal | None:
    entry = current_matrix().roles[role]
    if entry.category is Category.SERVICE_CENTER:
        return Refusal(Why.NOT_ASKED_FOR_HERE, SERVICE_CENTER)
    if session.get(OfficeGrant, (user.id, role)) is not None:
        return Refusal(Why.HELD, f"You hold the role {entry.label} already. There is nothing to ask for.")
    if session.scalar(_pending(user).where(RoleRequest.role == role).limit(1)) is not None:
        return Refusal(
            Why.ASKED_FOR,
            f"You have asked for the role {entry.label} already. My profile says since when it waits.",
        )
    return _too_often(frequency.next_requests_at(session, user).get(None), "CMS or State agencies")


def _too_often(again: datetime | None, whom: str) -> Refusal | None:
    if again is None:
        return None
    times = current_settings().role_requests_per_provider
    return Refusal(
        Why.TOO_OFTEN,
        f"You have asked for roles for {whom} {_times(times)} within 24 hours, which is as often as one may:"
        " each time those who decide get an e-mail, also about what you withdraw. You may ask again from"
        f" {_minute_after(again)}.",
    )


def _too_many(session: Session, user: User, number: int) -> Refusal | None:
    most = current_settings().role_requests_per_day
    allowed = (
        f"One person may ask for {most:,} roles within 24 hours, each provider and what was withdrawn counted"
    )
    if number > most:
        return Refusal(
            Why.TOO_OFTEN,
            f"{allowed}. Your list has {number:,}: remove some, and ask for them another day.",
        )
    again = frequency.next_list_at(session, user, number)
    if again is None:
        return None
    return Refusal(
        Why.TOO_OFTEN,
        f"{allowed}, and this would go beyond that. You may submit it from {_minute_after(again)}; a shorter"
        " list perhaps earlier.",
    )


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _minute_after(moment: datetime) -> str:
    """Name the first whole minute that is not before a moment, where the installation is."""
    whole = (moment + timedelta(minutes=1, microseconds=-1)).astimezone(current_settings().zone)
    return f"{whole:%b %-d, %Y, %-I:%M %p %Z}"


SERVICE_CENTER = (
    "Roles at the Service Center are not requested here: whoever operates this installation gives them. Ask"
    " the operator, who appoints you with the command iqies user appoint."
)


def _pending(user: User) -> Select[int]:
    return select(RoleRequest.id).where(
        RoleRequest.user_id == user.id, RoleRequest.state == RequestState.PENDING
    )
