"""Links in e-mails."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, text_enum, utc_now
from iqies_flask.encryption import EncryptedJSON
from iqies_flask.identity.models import User


class LinkPurpose(StrEnum):
    """What a link in an e-mail does."""

    CONFIRM_NEW_ADDRESS = "new_address"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose's name
    UNLOCK = "unlock"


class EmailLink(Model):
    """A link that was sent by e-mail to the owner of an account. It does what it does once.

    Attributes:
        token_hash: SHA-256 of the token in the link.
        purpose: What it does.
        user_id: Whose account.
        address: The new address that it confirms; None for other purposes.
        created_at: When it was sent.
        expires_at: When it is too old.
        used_at: When it was used.
    """

    __tablename__ = "email_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    purpose: Mapped[LinkPurpose] = mapped_column(text_enum(LinkPurpose, 16))
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    address: Mapped[str | None] = mapped_column(EncryptedJSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
