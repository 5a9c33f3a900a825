"""The provider registry, and who is granted what."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, text_enum, utc_now
from iqies_flask.identity.models import User


class ProviderKind(StrEnum):
    """The kind of a provider."""

    SKILLED_NURSING_FACILITY = "snf"
    SWING_BED = "swing_bed"
    HOME_HEALTH_AGENCY = "hha"


class Provider(Model):
    """A provider in the registry.

    Attributes:
        ccn: CMS Certification Number.
        name: Name.
        state: Two-letter state code.
        facility_id: The provider's submission id in its state (MDS FAC_ID, OASIS HHA_AGENCY_ID).
        kind: Kind of provider.
    """

    __tablename__ = "provider"

    ccn: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(2))
    facility_id: Mapped[str] = mapped_column(String(16))
    kind: Mapped[ProviderKind] = mapped_column(text_enum(ProviderKind, 16))

    __table_args__ = (Index(None, "state", "facility_id"),)


class Grant(Model):
    """A user may act for a provider."""

    __tablename__ = "provider_grant"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    ccn: Mapped[str] = mapped_column(ForeignKey(Provider.ccn), primary_key=True, index=True)
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)


class ServiceCenterRole(StrEnum):
    """What somebody does at the Service Center. These roles are held for no provider."""

    PROOFING_OFFICER = "proofing_officer"
    AUDITOR = "auditor"


class ServiceCenterGrant(Model):
    """A user works at the Service Center."""

    __tablename__ = "service_center_grant"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    role: Mapped[ServiceCenterRole] = mapped_column(text_enum(ServiceCenterRole, 16), primary_key=True)
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
