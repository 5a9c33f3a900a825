"""Sessions, and what belongs to a browser rather than to a person."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, text_enum, utc_now
from iqies_flask.encryption import EncryptedJSON
from iqies_flask.identity.models import User


class Level(StrEnum):
    """How far a person has signed in."""

    PASSWORD = "password"  # noqa: S105 - a level's name
    FULL = "full"


class LoginSession(Model):
    """A person at a browser. The browser holds a token; here is only its hash.

    Attributes:
        id: Its number, by which its owner ends it from elsewhere.
        token_hash: SHA-256 of the token. The token changes whenever the person may more than before.
        user_id: Whose it is.
        level: How far the person has signed in.
        created_at: When the person signed in; unchanged when the token is.
        seen_at: When the person last did something; kept to within some seconds.
        proved_at: When a security key was last asked for and given; None before the first time.
        address: Where the person signed in from.
        browser: What the browser calls itself, in a few words.
        warning_id: Number of the e-mail that tells the owner if no second factor follows the password.
    """

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    level: Mapped[Level] = mapped_column(text_enum(Level, 8))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now, index=True)
    proved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(100))
    warning_id: Mapped[int | None]


class KeptForm(Model):
    """What a person had typed when the session ended; shown again once the same person has signed in.

    Attributes:
        token_hash: SHA-256 of the token in the browser's session.
        user_id: Whose it is.
        path: Path of the page that it was sent to.
        fields: Field name to the values typed, without passwords and files.
        expires_at: When it is thrown away.
    """

    __tablename__ = "kept_form"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    path: Mapped[str] = mapped_column(String(500))
    fields: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
