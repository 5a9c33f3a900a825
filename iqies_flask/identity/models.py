"""Accounts and the persons behind them."""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_login import UserMixin
from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, text_enum, utc_now
from iqies_flask.encryption import EncryptedJSON

_HANDLE_BYTES = 64


class ProofingState(StrEnum):
    """How far it is proved that the person of an account is who he or she says."""

    NEEDED = "needed"
    WAITING = "waiting"
    PROVED = "proved"
    REFUSED = "refused"


def new_handle() -> bytes:
    """Make the number by which authenticators know an account; it says nothing of the person."""
    return secrets.token_bytes(_HANDLE_BYTES)


class User(UserMixin, Model):
    """One person's account.

    Attributes:
        id: Internal number.
        user_id: What the person signs in with, as typed when it was made. It never changes.
        user_id_folded: The same in lower case; unique.
        password_hash: argon2.
        password_changed_at: When the password was set.
        email: The confirmed address; None for an account that the command line made without one.
        email_hash: Keyed hash of the address in lower case; unique.
        active: An account that is not active cannot sign in, and its sessions have ended.
        proofing: Until this is "proved" the person can see the state of the account and nothing else.
        handle: Random number by which authenticators know the account.
        of_demonstration: A demonstration made it, with a password and recovery codes that everybody knows.
        created_at: When it was made.
        last_sign_in_at: When somebody last signed in with it, key and all.
        token: The token of the session in which the account acts at present; not stored.
    """

    __tablename__ = "user_account"
    __allow_unmapped__ = True
    token: str = ""

    # Flask-Login compares by `get_id`, which of all accounts that act in no session is the same.
    __eq__ = Model.__eq__
    __hash__ = Model.__hash__

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(String(30))
    user_id_folded: Mapped[str] = mapped_column(String(30), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    password_changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    email: Mapped[str | None] = mapped_column(EncryptedJSON)
    email_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    proofing: Mapped[ProofingState] = mapped_column(text_enum(ProofingState, 8), default=ProofingState.NEEDED)
    handle: Mapped[bytes] = mapped_column(LargeBinary(_HANDLE_BYTES), unique=True, default=new_handle)
    of_demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def is_active(self) -> bool:
        """Whether the account may be used; asked by Flask-Login."""
        return self.active

    def get_id(self) -> str:
        """What Flask-Login keeps in the browser's cookie: the session's token, not the account's number."""
        return self.token


class Person(Model):
    """What is known of the person of an account.

    Attributes:
        user_id: Number of the account.
        profile: A `iqies_flask.identity.persons.Profile` as JSON.
        ssn_hash: Keyed hash of the Social Security number; the number itself is nowhere kept. None where the
            person did not give it.
        changed_at: When the profile was last changed.
    """

    __tablename__ = "person"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    profile: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    ssn_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
