"""What the database is asked."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from iqies_flask.extensions import db

_SAVEPOINT = re.compile(r"sa_savepoint_\d+")
"""Numbered, so that the same work differs from one time to the next."""


@contextmanager
def noted(statements: list[str] | None = None) -> Iterator[list[str]]:
    """Note the statements that the application's database gets, in their order.

    Args:
        statements: Where to note them; a new list by default.
    """
    asked: list[str] = [] if statements is None else statements

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(_SAVEPOINT.sub("savepoint", statement))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
