"""Writing e-mails into the outbox."""

from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from iqies_flask.mail.models import OutboxMessage

_SUBJECT = "Subject: "


def enqueue(session: Session, to: str, template: str, **values: Any) -> OutboxMessage:
    """Write an e-mail, in the transaction of what it tells of: it is sent if and only if that is committed.

    Args:
        session: A session in a writing transaction, which the caller commits.
        to: The address.
        template: Name of the templates, ``mail/<template>.txt`` and ``mail/<template>.html``. The text's
            first line is ``Subject: …``.
        values: What the templates show.
    """
    first, text = render_template(f"mail/{template}.txt", **values).split("\n", 1)
    if not first.startswith(_SUBJECT):
        raise ValueError(f"mail/{template}.txt does not begin with its subject")
    message = OutboxMessage(
        template=template,
        content={
            "to": to,
            "subject": first.removeprefix(_SUBJECT).strip(),
            "text": text.strip() + "\n",
            "html": render_template(f"mail/{template}.html", **values),
        },
    )
    session.add(message)
    return message
