"""Recovery codes."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, utc_now
from iqies_flask.identity.models import User


class RecoveryCode(Model):
    """A code that stands in for a security key, once.

    Attributes:
        user_id: Whose it is.
        code_hash: Keyed hash of the code.
        created_at: When it was made.
        used_at: When it was used.
    """

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
