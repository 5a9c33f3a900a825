"""Changing what the registry holds of a provider. Knows no request."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from iqies_flask.access.branches import ListedBranch, list_branches
from iqies_flask.access.errors import AccessError
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Branch, Provider
from iqies_flask.access.provider_values import check_span
from iqies_flask.audit import service as audit
from iqies_flask.database import write_transaction
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import Origin


@dataclass(frozen=True, slots=True)
class Details:
    """What can be changed of a provider; each value in its normal form, as the rules of `values` give it.

    Attributes:
        name: Name.
        street: Street address.
        city: City.
        zip: ZIP Code.
        facility_id: Submission ID in its state.
        npi: National Provider Identifier.
        group_name: The corporate group that it belongs to.
        email_domains: Domains of the e-mail addresses of those who work there.
        certified_on: First day of its certification.
        terminated_on: Day on which that ended.
        branches: All branches that it has or had; None where that is not known.
    """

    name: str
    street: str
    city: str
    zip: str
    facility_id: str
    npi: str
    group_name: str
    email_domains: Sequence[str]
    certified_on: date | None
    terminated_on: date | None
    branches: Sequence[ListedBranch] | None

    @property
    def version(self) -> str:
        """Tells whether the registry still holds what somebody has seen."""
        values = {field.name: _said(getattr(self, field.name)) for field in fields(self)}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


class ChangedMeanwhileError(AccessError):
    """The registry holds something else by now than whoever changes it has seen.

    Attributes:
        present: What it holds.
    """

    def __init__(self, present: Details) -> None:
        super().__init__("Somebody else has changed this provider since you opened the page.")
        self.present = present


def details_of(session: Session, provider: Provider) -> Details:
    """Read what the registry holds of a provider.

    Args:
        session: Where to look.
        provider: Which.
    """
    listed = sorted(list_branches(session, provider.ccn), key=_branch_id)
    plain = {name: getattr(provider, name) for name in _PLAIN}
    return Details(**plain, branches=listed if provider.branches_known else None)


def change(ccn: str, details: Details, seen: str, actor: User, origin: Origin) -> bool:
    """Change what the registry holds of a provider.

    Args:
        ccn: Of which. It is registered.
        details: All that it is to hold.
        seen: Version of what the registry held when somebody began to change it.
        actor: Who does it.
        origin: Where the request comes from.

    Returns:
        Whether anything is different.

    Raises:
        ChangedMeanwhileError: The registry holds something else by now.
        AccessError: The dates contradict each other, or the provider cannot have branches.
    """
    check_span(details.certified_on, details.terminated_on)
    with write_transaction() as session:
        provider = session.get_one(Provider, ccn, with_for_update=True, populate_existing=True)
        if details.branches is not None and provider.kind is not ProviderKind.HOME_HEALTH_AGENCY:
            raise AccessError("Only home health agencies have branches.")
        present = details_of(session, provider)
        if present.version != seen:
            raise ChangedMeanwhileError(present)
        after = asdict(details) | {
            "email_domains": list(details.email_domains),
            "branches": None if details.branches is None else sorted(details.branches, key=_branch_id),
        }
        before = {name: getattr(present, name) for name in after}
        changed = {name: value for name, value in after.items() if value != before[name]}
        if not changed:
            return False
        if "branches" in changed:
            provider.branches_known = details.branches is not None
            session.execute(delete(Branch).where(Branch.ccn == ccn))
            session.add_all(
                Branch(ccn=ccn, branch_id=branch.branch_id, ended_on=branch.ended_on)
                for branch in details.branches or ()
            )
        for name in changed.keys() - {"branches"}:
            setattr(provider, name, changed[name])
        audit.record(
            session,
            "provider.changed",
            actor_id=actor.id,
            actor=actor.user_id,
            address=origin.address,
            object_type="provider",
            object_id=ccn,
            before={name: _said(before[name]) for name in changed},
            after={name: _said(changed[name]) for name in changed},
        )
        return True


_PLAIN = [field.name for field in fields(Details) if field.name != "branches"]
"""What columns of their own hold."""


def _branch_id(branch: ListedBranch) -> str:
    return branch.branch_id


def _said(value: Any) -> Any:
    """A value as JSON can say it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [
            [part.branch_id, _said(part.ended_on)] if isinstance(part, ListedBranch) else part
            for part in value
        ]
    return value
