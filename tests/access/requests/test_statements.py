"""However many providers are asked for at once, the database is asked as often as for one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from iqies_flask.access.grants import grant
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.registry import add_provider
from iqies_flask.access.requests import drafts
from iqies_flask.access.roles import Category
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from tests.access.requests.cast import PSO, SUBMITTER, add_person

MANY = 12


@contextmanager
def counted() -> Iterator[list[str]]:
    """Note what is read from the database meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def ccns(official: User) -> list[str]:
    """Providers with a Security Official."""
    made = [f"{15101 + number:06d}" for number in range(MANY)]
    for ccn in made:
        add_provider(ccn, f"Testville {ccn}", "AL", f"TEST{ccn}", ProviderKind.SKILLED_NURSING_FACILITY)
        grant(official, ccn, PSO)
    return made


def looks_of(person: User, text: str) -> list[int]:
    """How often the database is asked in each step of a request."""
    draft = drafts.begin(person, Category.PROVIDER)
    drafts.set_role(draft, SUBMITTER)
    steps: list[Callable[[], object]] = [
        lambda: drafts.add(person, draft, text),
        lambda: drafts.providers(draft),
        lambda: drafts.problems(person, draft),
        lambda: drafts.submit(person, draft),
    ]
    looks = []
    for step in steps:
        with counted() as asked:
            step()
        looks.append(len(asked))
    return looks


def test_many_providers_are_looked_up_at_once(official: User, ccns: list[str]) -> None:
    one, many = add_person("one.provider"), add_person("many.providers")
    assert looks_of(one, ccns[0]) == looks_of(many, " ".join(ccns))


def test_many_unknown_numbers_are_looked_up_at_once(official: User, person: User) -> None:
    draft = drafts.begin(person, Category.PROVIDER)
    drafts.set_role(draft, SUBMITTER)
    with counted() as one:
        drafts.add(person, draft, "015901")
    with counted() as many:
        added = drafts.add(person, draft, " ".join(f"{15901 + number:06d}" for number in range(MANY)))
    assert (len(added.refused), len(many)) == (MANY, len(one))
