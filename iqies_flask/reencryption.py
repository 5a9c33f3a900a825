"""Encrypting everything that is stored with the first key, so that the others can be retired.

It may run beside the site, be interrupted and be run again: what the first key has encrypted is passed over,
and a value that changes meanwhile is left as it is, since whoever changes it uses the first key.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, Row, Table, func, select, tuple_, type_coerce, update

from iqies_flask.audit import service as audit
from iqies_flask.database import Model, write_transaction
from iqies_flask.encryption import DecryptionError, EncryptedBytes, EncryptedJSON, current_vault
from iqies_flask.extensions import db

_AT_ONCE = 100

Progress = Callable[[int, int], None]
"""Called with the number of rows that were looked at, and their total."""


@dataclass(slots=True)
class Reencrypted:
    """What came of it.

    Attributes:
        renewed: How many values are encrypted with the first key now that were not before.
        lost: Table and column to the number of values that no key decrypts.
    """

    renewed: int
    lost: dict[str, int]


def reencrypt(progress: Progress) -> Reencrypted:
    """Encrypt with the first key what other keys have encrypted.

    Args:
        progress: Told after each portion.
    """
    tables = encrypted_columns()
    total = sum(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    outcome, done = Reencrypted(0, {}), 0
    for table, columns in tables.items():
        after: Row[Any] | None = None
        while rows := _portion(table, columns, after):
            _renew(table, columns, rows, outcome)
            after = rows[-1]
            done += len(rows)
            progress(min(done, total), total)
    with write_transaction() as session:
        audit.record(
            session,
            "database.reencrypted",
            actor=audit.COMMAND_LINE,
            renewed=outcome.renewed,
            lost=sum(outcome.lost.values()),
        )
    return outcome


def encrypted_columns() -> dict[Table, list[Column[Any]]]:
    """List every column that is encrypted, by table."""
    found = {
        table: [column for column in table.columns if isinstance(column.type, EncryptedBytes | EncryptedJSON)]
        for table in Model.metadata.sorted_tables
    }
    return {table: columns for table, columns in found.items() if columns}


def _portion(table: Table, columns: list[Column[Any]], after: Row[Any] | None) -> Sequence[Row[Any]]:
    """Read the next rows: the primary key, then the columns as they are stored."""
    key = list(table.primary_key.columns)
    statement = select(*key, *(type_coerce(column, LargeBinary).label(column.name) for column in columns))
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple(after[: len(key)]))
    rows = db.session.execute(statement.order_by(*key).limit(_AT_ONCE)).all()
    # A transaction that is left open would keep PostgreSQL from tidying up.
    db.session.commit()
    return rows


def _renew(table: Table, columns: list[Column[Any]], rows: Sequence[Row[Any]], outcome: Reencrypted) -> None:
    key = list(table.primary_key.columns)
    changes = []
    for row in rows:
        for column, token in zip(columns, row[len(key) :], strict=True):
            try:
                new = None if token is None else current_vault().renew(token)
            except DecryptionError:
                name = f"{table.name}.{column.name}"
                outcome.lost[name] = outcome.lost.get(name, 0) + 1
                continue
            if new is not None:
                changes.append(
                    update(table)
                    .where(tuple_(*key) == tuple(row[: len(key)]), column == type_coerce(token, LargeBinary))
                    .values({column: type_coerce(new, LargeBinary)})
                )
    if changes:
        with write_transaction() as session:
            for change in changes:
                session.execute(change)
    outcome.renewed += len(changes)
