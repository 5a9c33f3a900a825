"""Browsers in which persons have signed in."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, utc_now
from iqies_flask.identity.models import User


class KnownBrowser(Model):
    """A browser in which a person has signed in before: it is neither strange nor slowed by others' attempts.

    Attributes:
        token_hash: SHA-256 of the token in the browser's cookie.
        user_id: Who signed in.
        seen_at: When last.
    """

    __tablename__ = "known_browser"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True, index=True)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
