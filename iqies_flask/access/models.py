"""The provider registry, and who holds which role."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.roles import Category, Role
from iqies_flask.database import Model, UTCDateTime, text_enum, utc_now
from iqies_flask.encryption import EncryptedJSON
from iqies_flask.identity.models import User

_MOST_NAME_CHARACTERS = 200


def folded_name(name: str) -> str:
    """A provider's name as it is searched for, in no longer a text than its column holds.

    Some letters become several in lower case.
    """
    return name.casefold()[:_MOST_NAME_CHARACTERS]


class Provider(Model):
    """A provider in the registry.

    Attributes:
        ccn: CMS Certification Number.
        name: Name.
        name_folded: The same in lower case, for searching.
        state: Two-letter state code.
        facility_id: The provider's submission id in its state (MDS FAC_ID, OASIS HHA_AGENCY_ID); empty where
            it is not known.
        kind: Kind of provider.
        street: Street address; empty where it is not known.
        city: City; likewise.
        zip: ZIP Code; likewise.
        npi: National Provider Identifier; empty where it is not known.
        group_name: The corporate group that it belongs to; empty for none.
        email_domains: Domains of the e-mail addresses of those who work there.
        certified_on: First day of its certification; None where it is not known.
        terminated_on: Day on which that ended; None while it is certified.
        vacated_at: When its last Security Official went, the latest time; None where it never had one.
        branches_known: Whether the agency's branches are listed; if so, and there are none, it has none.
    """

    __tablename__ = "provider"

    ccn: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(_MOST_NAME_CHARACTERS))
    name_folded: Mapped[str] = mapped_column(String(_MOST_NAME_CHARACTERS), index=True)
    state: Mapped[str] = mapped_column(String(2))
    facility_id: Mapped[str] = mapped_column(String(16))
    kind: Mapped[ProviderKind] = mapped_column(text_enum(ProviderKind, 16))
    street: Mapped[str] = mapped_column(String(200), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    zip: Mapped[str] = mapped_column(String(10), default="")
    npi: Mapped[str] = mapped_column(String(10), default="")
    group_name: Mapped[str] = mapped_column(String(200), default="")
    email_domains: Mapped[list[str]] = mapped_column(JSON, default=list)
    certified_on: Mapped[date | None]
    terminated_on: Mapped[date | None]
    vacated_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    branches_known: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index(None, "state", "facility_id"), Index(None, "state", "name_folded"))

    @validates("name")
    def _fold(self, _: str, name: str) -> str:
        self.name_folded = folded_name(name)
        return name


class Branch(Model):
    """A branch of a home health agency.

    Attributes:
        ccn: The agency's CMS Certification Number.
        branch_id: What OASIS M0016_BRANCH_ID holds for it.
        ended_on: Day on which it was closed; None for a present one.
    """

    __tablename__ = "provider_branch"

    ccn: Mapped[str] = mapped_column(ForeignKey(Provider.ccn), primary_key=True)
    branch_id: Mapped[str] = mapped_column(String(10), primary_key=True)
    ended_on: Mapped[date | None]


class RequestState(StrEnum):
    """How far a request for a role is, and what became of the role."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ENDED = "ended"


class RoleRequest(Model):
    """Somebody asks for a role, for one provider or in an office; or held one without having asked for it.

    Attributes:
        id: Its number.
        user_id: Who asks.
        role: For which role.
        ccn: For which provider; None for an office.
        state: How far it is.
        requested_at: When it was made; for a role that nobody asked for, when that was given.
        follow_ups: How often it was taken up as nobody decided: once to remind those who must, twice to
            tell CMS and the requester too, whether or not there was anybody to write to.
        reminded_at: When those who must decide were reminded; None before, and where there was nobody.
        escalated_at: When CMS was told that nobody decides; None before, and where there was nobody.
        decided_at: When it was decided, withdrawn or expired; None before.
        decided_by: Number of the account that decided; None where the command line did, or nobody.
        reason: Why it was rejected or the role revoked, in the words of whoever did.
        ended_at: When the role that it gave ended; None before.
    """

    __tablename__ = "role_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    role: Mapped[Role] = mapped_column(text_enum(Role, 40))
    ccn: Mapped[str | None] = mapped_column(ForeignKey(Provider.ccn))
    state: Mapped[RequestState] = mapped_column(text_enum(RequestState, 10))
    requested_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    follow_ups: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    escalated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    reason: Mapped[str | None] = mapped_column(EncryptedJSON)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        # How often somebody has asked of late.
        Index(None, "user_id", "ccn", "requested_at"),
        Index(None, "ccn", "state", "requested_at"),
        Index(None, "state", "requested_at"),
        # The queue of CMS passes over what providers decide themselves.
        Index(None, "state", "role", "requested_at"),
        # Nobody waits twice for the same.
        Index(
            "uq_role_request_pending",
            "user_id",
            "ccn",
            "role",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )


class RoleDraft(Model):
    """A request that somebody is filling in, step by step. Each has its own, also in two tabs of one browser.

    Attributes:
        id: Its number.
        user_id: Who fills it in.
        category: The user category; the first step.
        role: The role; None before the second step.
        ccns: The providers' CCNs; the third step.
        changed_at: When it was last changed.
        submitted_at: When the requests were made of it; None before.
    """

    __tablename__ = "role_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    category: Mapped[Category] = mapped_column(text_enum(Category, 20))
    role: Mapped[Role | None] = mapped_column(text_enum(Role, 40))
    ccns: Mapped[list[str]] = mapped_column(JSON, default=list)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now, index=True)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RoleGrant(Model):
    """Somebody holds a role for a provider, now. The row goes when the role does.

    Attributes:
        user_id: Who.
        ccn: For which provider.
        role: Which role.
        request_id: The request that it came of; None where the command line gave it.
        granted_at: When it was given.
        granted_by: Number of the account that gave it; None for the command line.
        certified_at: When a Security Official last said that it is still needed; None before.
        due_told_at: When Security Officials were last told that this is to be said again; None before.
        warned_at: When its holder was last warned that it ends for want of signing in; None before.
    """

    __tablename__ = "role_grant"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    ccn: Mapped[str] = mapped_column(ForeignKey(Provider.ccn), primary_key=True)
    role: Mapped[Role] = mapped_column(text_enum(Role, 40), primary_key=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey(RoleRequest.id))
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    granted_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    certified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    warned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (
        Index(None, "ccn", "role", "user_id"),
        # For the question whether somebody holds a role anywhere.
        Index(None, "user_id", "role"),
    )


class OfficeGrant(Model):
    """Somebody holds an office: a role that is held for no provider.

    Attributes:
        user_id: Who.
        role: Which role.
        request_id: The request that it came of; None where the command line gave it.
        granted_at: When it was given.
        granted_by: Number of the account that gave it; None for the command line.
        warned_at: As for a `RoleGrant`.
    """

    __tablename__ = "office_grant"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    role: Mapped[Role] = mapped_column(text_enum(Role, 40), primary_key=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey(RoleRequest.id))
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    granted_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    warned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (Index(None, "role"),)


Grant = RoleGrant | OfficeGrant
"""A role that somebody holds, for a provider or in an office."""
