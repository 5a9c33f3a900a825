"""Accounts of a demonstration: everybody can sign in with them, so they have no place in production."""

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import defer

from iqies_flask.config import Environment, SettingsError
from iqies_flask.current import current_settings
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity import events
from iqies_flask.identity.locking import lock_to_shut
from iqies_flask.identity.models import User
from iqies_flask.identity.service import shut


def active_accounts() -> list[User]:
    """List the accounts of a demonstration that somebody could sign in with, by user ID."""
    statement = select(User).where(User.of_demonstration, User.active).order_by(User.user_id_folded)
    # Their addresses may be encrypted with keys of the demonstration, which this installation does not have.
    return list(db.session.scalars(statement.options(defer(User.email))))


def deactivate_accounts() -> list[User]:
    """Shut every account of a demonstration, and end its sessions. What was submitted with them stays.

    Returns:
        The accounts that were open.
    """
    accounts = active_accounts()
    for user in accounts:
        # One by one: what is locked for an account comes before the audit log, and not after that of another.
        with write_transaction() as session:
            shut(session, lock_to_shut(session, user))
            events.record_by_operator(session, "account.deactivated", user)
    return accounts


def refuse_in_production(app: Flask) -> None:
    """Refuse to run in production on a database with open accounts of a demonstration.

    Raises:
        SettingsError: It has some; the message names them and says what to do.
    """
    with app.app_context():
        if current_settings().environment is not Environment.PRODUCTION:
            return
        names = ", ".join(user.user_id for user in active_accounts())
        # A server that forks afterwards must not share a connection with its children.
        db.session.close()
        db.engine.dispose()
    if names:
        raise SettingsError(
            f"This database has accounts of a demonstration, with passwords that everybody knows: {names}."
            " Use another database in production, or shut these accounts with: iqies user deactivate-demo"
        )
