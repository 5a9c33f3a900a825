"""Accounts."""

import secrets
from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, utc_now


def new_session_token() -> str:
    """Make the secret that ties a browser's session to an account."""
    return secrets.token_urlsafe(32)


class User(UserMixin, Model):
    """One person's account.

    Attributes:
        id: Internal number.
        user_id: What the person signs in with, as typed when it was made.
        user_id_folded: The same in lower case; unique.
        password_hash: argon2.
        active: An account that is not active cannot sign in, and its sessions have ended.
        session_token: What sessions are known by. A new one ends all sessions of the account.
        created_at: When it was made.
    """

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(String(30))
    user_id_folded: Mapped[str] = mapped_column(String(30), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    session_token: Mapped[str] = mapped_column(String(64), unique=True, default=new_session_token)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)

    @property
    def is_active(self) -> bool:
        """Whether the account may be used; asked by Flask-Login."""
        return self.active

    def get_id(self) -> str:
        """What Flask-Login keeps in the session: not the account's number, so that sessions can be ended."""
        return self.session_token
