"""Attempts to sign in that failed."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime


class SignInThrottle(Model):
    """How often signing in has failed of late: for a user ID, for an address, or in a known browser.

    Attributes:
        key: Keyed hash of what is counted.
        failures: Failed attempts since the last success, or since they were forgotten.
        failed_at: The last of them; of an address, up to when they have been forgotten.
        blocked_until: When the next attempt is taken.
        told_at: When the owner was last sent a link that ends the wait; None before the first time.
    """

    __tablename__ = "sign_in_throttle"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    blocked_until: Mapped[datetime] = mapped_column(UTCDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
