"""Security keys, and the challenges that they answer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, text_enum, utc_now
from iqies_flask.identity.models import User


class SecurityKey(Model):
    """A security key or passkey of a person.

    Attributes:
        id: Its number.
        user_id: Whose it is.
        name: What the person calls it; unique among the person's keys whatever the case.
        credential_id: What the authenticator calls it.
        public_key: COSE public key.
        sign_count: The authenticator's counter when it was last used; 0 where it has none.
        transports: How it is reached (``usb``, ``nfc``, ``internal`` …).
        aaguid: Model of the authenticator.
        backed_up: Whether it is copied between a person's devices.
        created_at: When it was added.
        last_used_at: When it was last used.
        cloned_at: When its counter went back, which shows that there is a copy of it; it is not taken since.
    """

    __tablename__ = "security_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    name: Mapped[str] = mapped_column(String(60))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[list[str]] = mapped_column(JSON)
    aaguid: Mapped[str] = mapped_column(String(36))
    backed_up: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cloned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Purpose(StrEnum):
    """What a challenge is for. An answer to one purpose is worth nothing for another."""

    ADD_KEY = "add_key"
    SIGN_IN = "sign_in"
    PASSKEY = "passkey"
    STEP_UP = "step_up"


class Challenge(Model):
    """A challenge to an authenticator: deleted with the first answer, right or wrong.

    Attributes:
        token_hash: SHA-256 of the token that the browser's session holds.
        purpose: What it is for.
        user_id: Whose key is to answer; None where any passkey may.
        challenge: The random bytes.
        expires_at: When it is too old.
    """

    __tablename__ = "webauthn_challenge"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(text_enum(Purpose, 8))
    user_id: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)
    challenge: Mapped[bytes] = mapped_column(LargeBinary(64))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
