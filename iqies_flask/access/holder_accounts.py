"""The accounts of those who hold roles or offices, as pages list them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from iqies_flask.access.inactivity import Policy
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.paging import Part

PAGE_ACCOUNTS = 25
"""Accounts on a page."""


@dataclass(frozen=True, slots=True)
class HolderAccount:
    """The account of somebody who holds roles.

    Attributes:
        number: Its number.
        user_id: Its user ID.
        name: The person's legal name; the user ID where none is known.
        email: Its address; None where it has none.
        active: Whether it can be used.
        last_sign_in_at: When the person last signed in; None before.
        inactive: Whether some of the roles are about to end, as that was long ago, or never.
    """

    number: int
    user_id: str
    name: str
    email: str | None
    active: bool
    last_sign_in_at: datetime | None
    inactive: bool

    @property
    def told(self) -> str:
        """Whether the person is told of what was decided, in a sentence."""
        return "The person is told by e-mail." if self.email else "The account has no e-mail address."


def account_of(user: User, name: str, since: Iterable[datetime]) -> HolderAccount:
    """Describe the account of somebody who holds roles.

    Args:
        user: Who.
        name: What `person_names` says.
        since: When the roles were given.
    """
    policy, now = Policy(current_settings()), utc_now()
    return HolderAccount(
        number=user.id,
        user_id=user.user_id,
        name=name,
        email=user.email,
        active=user.active,
        last_sign_in_at=user.last_sign_in_at,
        inactive=any(policy.is_idle(user, granted_at, now) for granted_at in since),
    )


def page_of_accounts(chosen: Select[int], after: int | None) -> Part[User, int]:
    """Give a page of some accounts, by user ID.

    Args:
        chosen: Selects their numbers.
        after: Number of an account behind which to go on; None for the first page.
    """
    users = select(User).where(User.id.in_(chosen))
    if after is not None:
        behind = select(User.user_id_folded).where(User.id == after).scalar_subquery()
        users = users.where(User.user_id_folded > behind)
    found = list(db.session.scalars(users.order_by(User.user_id_folded).limit(PAGE_ACCOUNTS + 1)))
    shown = found[:PAGE_ACCOUNTS]
    return Part(shown, shown[-1].id if len(found) > PAGE_ACCOUNTS else None)
