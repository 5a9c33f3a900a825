"""Reading the e-mails that the site has written."""

import re
from dataclasses import dataclass

from sqlalchemy import select

from iqies_flask.extensions import db
from iqies_flask.mail.models import OutboxMessage

_LINK = re.compile(r"https?://[^\s/]+(/\S+/[\w-]{20,})")


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail in the outbox."""

    template: str
    to: str
    subject: str
    text: str
    html: str

    @property
    def link(self) -> str:
        """The path of the link that it is about."""
        found = _LINK.search(self.text)
        assert found, self.text
        return found[1]


def letters(template: str = "") -> list[Letter]:
    """All e-mails, the oldest first, or those made of a template."""
    db.session.rollback()
    found = db.session.scalars(
        select(OutboxMessage).order_by(OutboxMessage.id), execution_options={"populate_existing": True}
    )
    return [
        Letter(message.template, **message.content)
        for message in found
        if message.content and template in {"", message.template}
    ]
