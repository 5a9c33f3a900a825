from flask import Flask

from iqies_flask.access.person_names import person_name, person_names
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from tests.access.requests import cast


def test_persons_are_named_and_others_go_by_their_user_id(app: Flask, stranger: User) -> None:
    known = cast.add_person("testperson", "Testy")
    names = person_names(db.session, [known, stranger])
    assert names[known.id].startswith("Testy ")
    assert names[stranger.id] == stranger.user_id
    assert person_name(db.session, known) == names[known.id]
