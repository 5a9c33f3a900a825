"""What somebody has filled in of the four steps. Each draft is one's own, and two tabs have two."""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from iqies_flask.access.models import Provider, RoleDraft, RoleRequest
from iqies_flask.access.permission import current_matrix
from iqies_flask.access.requests.rules import Refusal, check_all, check_each
from iqies_flask.access.requests.service import add_requests
from iqies_flask.access.requests.standing import find_typed
from iqies_flask.access.requests.typed_ccns import split_ccns
from iqies_flask.access.roles import Category, Role
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import NOWHERE, Origin

MOST_PROVIDERS = 500
"""Providers of one draft. A vendor with more clients sends a second one."""

LIFETIME = timedelta(days=7)
"""How long a draft is kept for somebody to come back."""


class Added(NamedTuple):
    """What came of adding CCNs to a draft.

    Attributes:
        providers: Those that are on the list now.
        refused: What was typed, to why it is not.
    """

    providers: list[Provider]
    refused: dict[str, str]


def begin(user: User, category: Category) -> RoleDraft:
    """Begin a draft.

    Args:
        user: Who fills it in.
        category: The user category.
    """
    draft = RoleDraft(user_id=user.id, category=category, ccns=[])
    with write_transaction() as session:
        session.add(draft)
    return draft


def find(user: User, draft_id: int) -> RoleDraft | None:
    """Look up a person's own draft, also one that has been submitted."""
    return db.session.scalar(select(RoleDraft).where(RoleDraft.id == draft_id, RoleDraft.user_id == user.id))


def set_category(draft: RoleDraft, category: Category) -> None:
    """Choose another user category. A role of the one before is forgotten, the providers are kept."""
    with write_transaction() as session:
        draft = _locked(session, draft)
        if category is not draft.category:
            draft.category, draft.role = category, None
        draft.changed_at = utc_now()


def set_role(draft: RoleDraft, role: Role) -> None:
    """Choose the role. The providers are kept."""
    with write_transaction() as session:
        draft = _locked(session, draft)
        draft.role, draft.changed_at = role, utc_now()


def add(user: User, draft: RoleDraft, text: str) -> Added:
    """Check the CCNs in a text and add those to the list that can be asked for.

    Args:
        user: Who asks.
        draft: With the role chosen.
        text: One CCN or many, separated by anything.
    """
    assert draft.role is not None
    typed = split_ccns(text)
    # Before the lock, so that others write meanwhile. What changes from now on is looked at when the draft is
    # submitted.
    refusals = check_each(db.session, user, draft.role, typed)
    added: list[str] = []
    refused: dict[str, str] = {}
    with write_transaction() as session:
        draft = _locked(session, draft)
        ccns = list(draft.ccns)
        for ccn in typed:
            if ccn in ccns:
                refused[ccn] = f"{ccn} is on the list already."
            elif len(ccns) == MOST_PROVIDERS:
                refused[ccn] = (
                    f"{ccn} is not added: one request takes {MOST_PROVIDERS} providers. Submit this one, then"
                    " make another."
                )
            elif ccn in refusals:
                refused[ccn] = refusals[ccn].message
            else:
                ccns.append(ccn)
                added.append(ccn)
        draft.ccns, draft.changed_at = ccns, utc_now()
    return Added(_in_order(added), refused)


def remove(draft: RoleDraft, ccn: str) -> None:
    """Take a provider off the list. One that is not on it does no harm."""
    with write_transaction() as session:
        draft = _locked(session, draft)
        draft.ccns = [kept for kept in draft.ccns if kept != ccn]
        draft.changed_at = utc_now()


def providers(draft: RoleDraft) -> list[Provider]:
    """The providers on the list, in the order in which they were added."""
    return _in_order(draft.ccns)


def problems(user: User, draft: RoleDraft) -> dict[str, Refusal]:
    """What stands by now against what is on the list, as `rules.check_all` says it."""
    if draft.role is None:
        return {}
    ccns = draft.ccns if current_matrix().roles[draft.role].for_provider else [""]
    return check_all(db.session, user, draft.role, ccns)


def submit(user: User, draft: RoleDraft, *, origin: Origin = NOWHERE) -> list[RoleRequest]:
    """Make the requests of a draft, once.

    Args:
        user: Who asks.
        draft: With everything chosen.
        origin: Where it is asked from.

    Returns:
        The requests; none if they had been made already.

    Raises:
        RefusedError: Something stands against one of them.
        AccessError: The account has been shut meanwhile.
    """
    with write_transaction() as session:
        draft = _locked(session, draft)
        if draft.submitted_at is not None:
            return []
        assert draft.role is not None
        draft.submitted_at = utc_now()
        return add_requests(session, user, draft.role, draft.ccns, origin=origin)


def has_old() -> bool:
    """Whether there is anything to do for `forget_old`."""
    return db.session.scalar(select(RoleDraft.id).where(_is_old()).limit(1)) is not None


def forget_old() -> None:
    """Throw away what nobody came back for."""
    with write_transaction() as session:
        session.execute(delete(RoleDraft).where(_is_old()))


def _is_old() -> ColumnElement[bool]:
    return RoleDraft.changed_at <= utc_now() - LIFETIME


def _in_order(ccns: Collection[str]) -> list[Provider]:
    found = find_typed(db.session, ccns)
    return [found[ccn] for ccn in ccns if ccn in found]


def _locked(session: Session, draft: RoleDraft) -> RoleDraft:
    statement = select(RoleDraft).where(RoleDraft.id == draft.id).with_for_update()
    return session.scalars(statement, execution_options={"populate_existing": True}).one()
