"""Registrations that are under way."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, utc_now
from iqies_flask.encryption import EncryptedJSON
from iqies_flask.identity.models import User


class Registration(Model):
    """What a person has told so far. Thrown away when it is finished or has expired.

    Attributes:
        id: Its number.
        token_hash: SHA-256 of the token in the browser's session.
        started_at: When it was begun.
        expires_at: When it is thrown away.
        profile: What was entered in the first step, as JSON; None before that.
        ssn: The Social Security number, for proofing only; None where not given, and once it was used.
        user_id: The user ID that was chosen; None before the second step.
        user_id_folded: The same in lower case: nobody else can take it meanwhile.
        password_hash: argon2; None before the second step.
        email_hash: Keyed hash of the address in lower case; None before the first step.
        link_hash: SHA-256 of the token of the link that confirms the address; None before it was sent.
        link_sent_at: When that was.
        account_id: The account that came of it, once the address was confirmed.
    """

    __tablename__ = "registration"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    profile: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    ssn: Mapped[str | None] = mapped_column(EncryptedJSON)
    user_id: Mapped[str | None] = mapped_column(String(30))
    user_id_folded: Mapped[str | None] = mapped_column(String(30), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    email_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    link_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    link_sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)


class ConfirmationMail(Model):
    """An e-mail of a registration. How many an address gets does not depend on who registers with it, or how.

    Attributes:
        id: Its number.
        email_hash: Keyed hash of the address in lower case.
        sent_at: When it was written. Forgotten after an hour.
    """

    __tablename__ = "confirmation_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    email_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now, index=True)
