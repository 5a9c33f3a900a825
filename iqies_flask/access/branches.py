"""Branches of home health agencies: their IDs, and what the registry knows of an agency's."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.errors import AccessError
from iqies_flask.access.models import Branch, Provider

_FORM = re.compile(r"[0-9A-Z]{2}Q[0-9A-Z]{4}[0-9]{3}")
_MOST_BRANCHES = 999
"""As many as there are numbers in the last three positions."""


@dataclass(frozen=True, slots=True)
class ListedBranch:
    """A branch as the registry lists it.

    Attributes:
        branch_id: Its ID.
        ended_on: Day on which it was closed; None for a present one.
    """

    branch_id: str
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Branches:
    """What the registry knows of an agency's branches.

    Attributes:
        known: Whether it lists them; if so, and there are none, the agency never had any.
        present: IDs of those that are open.
        past: IDs of those that were closed.
    """

    known: bool = False
    present: Collection[str] = ()
    past: Collection[str] = ()


def checked_branch_id(text: str) -> str:
    """Read a branch ID: what OASIS M0016_BRANCH_ID holds for a branch (CMS edit -9140).

    Args:
        text: As typed; lower case does no harm.

    Raises:
        AccessError: It is none.
    """
    branch_id = text.strip().upper()
    if not _FORM.fullmatch(branch_id):
        raise AccessError(
            f"{text.strip()} is no branch ID. It has ten positions: two digits or letters, the letter Q, "
            "four digits or letters, and three digits, such as 99Q7001001."
        )
    return branch_id


def read_branches(text: str) -> list[ListedBranch]:
    """Read a list of branches, one a line: its ID, and for a closed one the day on which it was closed.

    Args:
        text: As typed, such as ``99Q7001001`` or ``99Q7001002 2026-01-31``.

    Raises:
        AccessError: A line is wrong, or a branch stands there twice.
    """
    found: dict[str, ListedBranch] = {}
    for line in text.splitlines():
        words = line.replace(",", " ").split()
        if not words:
            continue
        branch = ListedBranch(checked_branch_id(words[0]), _ended_on(words))
        if branch.branch_id in found:
            raise AccessError(f"{branch.branch_id} stands in the list twice. Take one of the lines out.")
        found[branch.branch_id] = branch
    if len(found) > _MOST_BRANCHES:
        raise AccessError(f"An agency has at most {_MOST_BRANCHES} branches; the list has {len(found)}.")
    return list(found.values())


def write_branches(branches: Sequence[ListedBranch]) -> str:
    """Write a list of branches such that `read_branches` reads it."""
    return "\n".join(
        f"{branch.branch_id} {branch.ended_on.isoformat()}" if branch.ended_on else branch.branch_id
        for branch in branches
    )


def list_branches(session: Session, ccn: str) -> list[ListedBranch]:
    """List an agency's branches: those that are open first, each by its ID."""
    rows = session.execute(
        select(Branch.branch_id, Branch.ended_on)
        .where(Branch.ccn == ccn)
        .order_by(Branch.ended_on.is_not(None), Branch.branch_id)
    )
    return [ListedBranch(*row) for row in rows]


def branches_of(session: Session, ccn: str) -> Branches:
    """Look up what the registry knows of an agency's branches."""
    if not session.scalar(select(Provider.branches_known).where(Provider.ccn == ccn)):
        return Branches()
    listed = list_branches(session, ccn)
    return Branches(
        known=True,
        present=frozenset(branch.branch_id for branch in listed if branch.ended_on is None),
        past=frozenset(branch.branch_id for branch in listed if branch.ended_on is not None),
    )


def _ended_on(words: Sequence[str]) -> date | None:
    if len(words) == 1:
        return None
    try:
        (day,) = words[1:]
        return date.fromisoformat(day)
    except ValueError:
        raise AccessError(
            f"Behind {words[0]} only the day on which it was closed may stand, such as 2026-01-31; there is "
            f"“{' '.join(words[1:])}”."
        ) from None
