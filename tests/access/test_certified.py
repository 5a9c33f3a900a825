from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from iqies_flask.access.certified import is_certified, is_terminated, today
from iqies_flask.access.models import Provider
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from tests.access.requests import cast
from tests.access.requests.cast import CARE


@pytest.mark.parametrize(("days", "terminated"), [(-1, True), (0, True), (1, False), (None, False)])
def test_a_provider_is_certified_until_the_day_on_which_that_ends(
    app: Flask, days: int | None, terminated: bool
) -> None:
    cast.add_providers()
    with write_transaction() as session:
        provider = session.get_one(Provider, CARE)
        provider.terminated_on = None if days is None else today() + timedelta(days=days)
    assert is_terminated(provider) is terminated
    found = db.session.scalars(select(Provider.ccn).where(is_certified())).all()
    assert (CARE in found) is not terminated
