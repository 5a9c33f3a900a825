"""The providers of a Security Official, and those that have none. Knows no request."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_

from iqies_flask.access.actions import Action
from iqies_flask.access.certified import is_certified
from iqies_flask.access.models import Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.officials.in_office import has_official, is_in_office
from iqies_flask.access.officials.service import RECOMMENDED_OFFICIALS, is_due
from iqies_flask.access.permission import ccns_by_role
from iqies_flask.access.roles import Role
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.paging import Part

PAGE_PROVIDERS = 25
"""Providers on a page."""

_OFFICIAL = Role.PROVIDER_SECURITY_OFFICIAL


@dataclass(frozen=True, slots=True)
class OwnProvider:
    """A provider for which somebody decides.

    Attributes:
        ccn: Its CMS Certification Number.
        name: Its name.
        state: Two-letter state code.
        officials: How many Security Officials it has that can act.
        users: How many persons hold roles for it.
        waiting: How many requests wait.
        due: How many roles the official is to certify again: not the own one.
    """

    ccn: str
    name: str
    state: str
    officials: int
    users: int
    waiting: int
    due: int


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A provider without a Security Official who can act.

    Attributes:
        ccn: Its CMS Certification Number.
        name: Its name.
        state: Two-letter state code.
        left_at: When its last Security Official went; None where it never had one.
        waiting: How many have asked to become one.
    """

    ccn: str
    name: str
    state: str
    left_at: datetime | None
    waiting: int


def providers_of(official: User, *, after: str = "") -> Part[OwnProvider, str]:
    """List a page of the providers for which somebody decides, by CCN. Five looks into the database.

    Args:
        official: Who decides.
        after: CCN behind which to go on; empty for the first page.
    """
    found = list(
        db.session.scalars(
            select(Provider)
            .where(Provider.ccn.in_(ccns_by_role(official, Action.APPROVE_ROLES)), Provider.ccn > after)
            .order_by(Provider.ccn)
            .limit(PAGE_PROVIDERS + 1)
        )
    )
    shown = found[:PAGE_PROVIDERS]
    ccns = [provider.ccn for provider in shown]
    users = _counted(select(RoleGrant.ccn, func.count(RoleGrant.user_id.distinct())), RoleGrant.ccn.in_(ccns))
    officials = _counted(
        select(RoleGrant.ccn, func.count(RoleGrant.user_id.distinct())).join(
            User, User.id == RoleGrant.user_id
        ),
        RoleGrant.ccn.in_(ccns),
        is_in_office(),
    )
    due = _counted(
        select(RoleGrant.ccn, func.count()),
        RoleGrant.ccn.in_(ccns),
        is_due(),
        RoleGrant.user_id != official.id,
    )
    waiting = _waiting(ccns)
    return Part(
        [
            OwnProvider(
                ccn=provider.ccn,
                name=provider.name,
                state=provider.state,
                officials=officials.get(provider.ccn, 0),
                users=users.get(provider.ccn, 0),
                waiting=waiting.get(provider.ccn, 0),
                due=due.get(provider.ccn, 0),
            )
            for provider in shown
        ],
        ccns[-1] if len(found) > PAGE_PROVIDERS else None,
    )


def short_of_officials(official: User) -> int:
    """Count the providers for which somebody decides that have fewer officials than CMS asks for.

    Args:
        official: Who decides.
    """
    few = (
        select(RoleGrant.ccn)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.ccn.in_(ccns_by_role(official, Action.APPROVE_ROLES)), is_in_office())
        .group_by(RoleGrant.ccn)
        .having(func.count(RoleGrant.user_id.distinct()) < RECOMMENDED_OFFICIALS)
    )
    return db.session.scalar(select(func.count()).select_from(few.subquery())) or 0


def providers_without_official(search: str = "", state: str = "", *, after: str = "") -> Part[Vacancy, str]:
    """List a page of the certified providers without a Security Official who can act, by name.

    One goes on behind a CCN.

    Args:
        search: A CCN, or what the name begins with; empty for all.
        state: Two-letter state code; empty for all.
        after: CCN behind which to go on; empty for the first page.
    """
    statement = select(Provider).where(*_is_vacant())
    if search:
        by_name = Provider.name_folded.startswith(search.casefold(), autoescape=True)
        statement = statement.where(or_(Provider.ccn == search.upper(), by_name))
    if state:
        statement = statement.where(Provider.state == state)
    last = db.session.get(Provider, after) if after else None
    if last is not None:
        statement = statement.where(
            tuple_(Provider.name_folded, Provider.ccn) > tuple_(last.name_folded, last.ccn)
        )
    found = list(
        db.session.scalars(statement.order_by(Provider.name_folded, Provider.ccn).limit(PAGE_PROVIDERS + 1))
    )
    shown = found[:PAGE_PROVIDERS]
    return Part(_vacancies(shown), shown[-1].ccn if len(found) > PAGE_PROVIDERS else None)


def last_leavings(number: int) -> list[Vacancy]:
    """List the providers that most lately lost their last Security Official, the latest first.

    Args:
        number: How many.
    """
    found = db.session.scalars(
        select(Provider)
        .where(Provider.vacated_at.is_not(None), *_is_vacant())
        .order_by(Provider.vacated_at.desc(), Provider.ccn)
        .limit(number)
    ).all()
    return _vacancies(found)


def _vacancies(found: Sequence[Provider]) -> list[Vacancy]:
    waiting = _waiting([provider.ccn for provider in found], RoleRequest.role == _OFFICIAL)
    return [
        Vacancy(
            provider.ccn, provider.name, provider.state, provider.vacated_at, waiting.get(provider.ccn, 0)
        )
        for provider in found
    ]


def _is_vacant() -> tuple[ColumnElement[bool], ...]:
    return (is_certified(), ~has_official(Provider.ccn))


def _waiting(ccns: Collection[str], *conditions: ColumnElement[bool]) -> dict[str, int]:
    return _counted(
        select(RoleRequest.ccn, func.count()),
        RoleRequest.ccn.in_(ccns),
        RoleRequest.state == RequestState.PENDING,
        *conditions,
    )


def _counted(statement: Select[Any, int], *conditions: ColumnElement[bool]) -> dict[str, int]:
    column = statement.selected_columns[0]
    rows = db.session.execute(statement.where(*conditions).group_by(column))
    return dict(rows.all())
