"""The date of birth of somebody who is proved."""

from datetime import date

import pytest
from flask import Flask

from iqies_flask.database import write_transaction
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.persons import profile_of
from iqies_flask.identity.proofing import particulars
from iqies_flask.identity.proofing.service import ProofingError
from iqies_flask.identity.service import create_user
from tests.conftest import PASSWORD
from tests.identity.proofing.persons import add_person
from tests.identity.proofing.test_officers import entries
from tests.letters import letters

BORN = date(1981, 3, 1)


def test_the_date_of_birth_of_a_proved_person_is_corrected(app: Flask) -> None:
    user = add_person("test.person")
    with pytest.raises(ProofingError, match="is not proved"):
        particulars.correct_birth_date(user, BORN)
    with write_transaction() as session:
        session.get_one(User, user.id).proofing = ProofingState.PROVED
    particulars.correct_birth_date(user, BORN)
    profile = profile_of(user)
    assert profile is not None
    assert (profile.birth_date, profile.name) == (BORN, "Testy Q Testperson")
    [entry] = entries("profile.changed")
    assert (entry.actor, entry.detail) == ("command line", '{"fields":["birth_date"]}')
    [letter] = letters()
    assert letter.template == "birth_date_corrected"
    assert "1981" not in letter.text + letter.html


def test_of_whom_nothing_is_known_enters_it_alone(app: Flask) -> None:
    with pytest.raises(ProofingError, match="Nothing is known"):
        particulars.correct_birth_date(create_user("test.person", PASSWORD), BORN)
