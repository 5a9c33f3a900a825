"""The outbox: writing e-mails into it, and what an operator sees of it."""

import re
from datetime import timedelta
from typing import Any

from flask import render_template
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, defer

from iqies_flask.audit import service as audit
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.mail.delivery import one_address
from iqies_flask.mail.models import MessageState, OutboxMessage
from iqies_flask.paging import Page, PageSize

OUTBOX_PAGE = PageSize(20)
_SUBJECT = "Subject: "
_STRAY_LINES = re.compile(r"\n{3,}")
"""What the blocks of a template leave behind."""


def enqueue(session: Session, to: str, template: str, **values: Any) -> OutboxMessage:
    """Write an e-mail, in the transaction of what it tells of: it is sent if and only if that is committed.

    The commit wakes a worker by itself.

    Args:
        session: A session in a writing transaction, which the caller commits.
        to: The address.
        template: Name of the templates, ``mail/<template>.txt`` and ``mail/<template>.html``, which extend
            ``mail/_layout.txt`` and ``mail/_layout.html``.
        values: What the templates show, besides ``site_url``.

    Raises:
        ValueError: The address is none.
    """
    one_address(to)
    values["site_url"] = current_settings().site_url
    first, text = render_template(f"mail/{template}.txt", **values).split("\n", 1)
    if not first.startswith(_SUBJECT):
        raise ValueError(f"mail/{template}.txt does not begin with its subject")
    subject = " ".join(first.removeprefix(_SUBJECT).split())
    message = OutboxMessage(
        template=template,
        content={
            "to": to,
            "subject": subject,
            "text": _STRAY_LINES.sub("\n\n", text).strip() + "\n",
            "html": render_template(f"mail/{template}.html", subject=subject, **values),
        },
    )
    session.add(message)
    return message


def postpone(message: OutboxMessage, delay: timedelta) -> None:
    """Have an e-mail that was just written sent only after some time, if it is not withdrawn before."""
    message.available_at = utc_now() + delay


def withdraw(session: Session, number: int, template: str) -> None:
    """Delete an e-mail that nobody has tried to send yet.

    Args:
        session: A session in a writing transaction, which the caller commits.
        number: Its number.
        template: What it was made of.
    """
    session.execute(
        delete(OutboxMessage).where(
            OutboxMessage.id == number,
            OutboxMessage.template == template,
            OutboxMessage.state == MessageState.WAITING,
            OutboxMessage.attempts == 0,
        )
    )


def list_unsent() -> list[OutboxMessage]:
    """List what waits or failed, the oldest first, without contents."""
    return list(
        db.session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.state != MessageState.SENT)
            .order_by(OutboxMessage.id)
            .options(defer(OutboxMessage.content, raiseload=True))
        )
    )


def list_all(asked_page: int) -> Page[OutboxMessage]:
    """List every message with its contents, the newest first. For demonstrations.

    Args:
        asked_page: Page number from 1; the nearest that exists is given.
    """
    total = db.session.scalar(select(func.count()).select_from(OutboxMessage)) or 0
    number = OUTBOX_PAGE.number(asked_page, total)
    found = db.session.scalars(
        select(OutboxMessage)
        .order_by(OutboxMessage.id.desc())
        .limit(OUTBOX_PAGE.entries)
        .offset(OUTBOX_PAGE.offset(number))
    )
    return Page(list(found), number, OUTBOX_PAGE.pages(total), total)


def retry() -> int:
    """Have every message tried again that was given up, and those that wait for their turn tried now.

    An operator asks for it.

    Returns:
        How many there are.
    """
    with write_transaction() as session:
        waiting = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.state != MessageState.SENT)
            .options(defer(OutboxMessage.content, raiseload=True))
        ).all()
        for message in waiting:
            message.state, message.attempts, message.available_at = MessageState.WAITING, 0, utc_now()
        if waiting:
            audit.record(session, "mail.retried", actor=audit.COMMAND_LINE, messages=len(waiting))
    return len(waiting)
