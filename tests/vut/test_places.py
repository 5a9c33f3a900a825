import io
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import ServiceUnavailable

from iqies_flask import create_app
from iqies_flask.config import Settings
from iqies_flask.vut.places import CheckPlaces, current_places
from tests.browsing import token_of
from tests.submissions.uploading import oasis

UPLOAD = "/api/vut/v1/assessmentUpload"
HERE = "127.0.0.1"


def test_one_address_has_half_of_the_places_and_all_together_have_all() -> None:
    places = CheckPlaces(4)
    leave = [places.take("192.0.2.1") for _ in range(2)]
    with pytest.raises(ServiceUnavailable):
        places.take("192.0.2.1")
    for _ in range(2):
        places.take("192.0.2.2")
    with pytest.raises(ServiceUnavailable):
        places.take("192.0.2.3")
    leave[0]()
    leave[0]()
    places.take("192.0.2.3")
    with pytest.raises(ServiceUnavailable):
        places.take("192.0.2.4")


def test_a_single_place_can_be_taken() -> None:
    CheckPlaces(1).take("192.0.2.1")


@pytest.fixture
def narrow(settings: Settings) -> Flask:
    """An application that checks one file at a time."""
    return create_app(replace(settings, vut_at_once=1))


def form(client: FlaskClient) -> dict[str, object]:
    return {"csrf_token": token_of(client.get("/vut")), "assessment_file": (io.BytesIO(oasis(1)), "a.xml")}


def test_service_and_page_say_when_to_come_back_where_no_place_is_free(narrow: Flask) -> None:
    client = narrow.test_client()
    with narrow.app_context():
        leave = current_places().take(HERE)
    answer = client.post(UPLOAD, data={"assessmentFile": (io.BytesIO(oasis(1)), "a.xml")})
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    assert "Try again in some seconds." in answer.json["detail"]
    page = client.post("/vut", data=form(client))
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0
    assert "Try again in some seconds." in page.text
    leave()
    assert client.post("/vut", data=form(client)).status_code == 200


def test_a_place_is_free_again_after_each_answer_read_or_not(narrow: Flask) -> None:
    client = narrow.test_client()
    for _ in range(3):
        unread = client.post(UPLOAD, data={"assessmentFile": (io.BytesIO(oasis(1)), "a.xml")})
        assert unread.status_code == 200
        unread.close()
        assert client.post("/vut", data=form(client)).status_code == 200
        read = client.post(UPLOAD, data={"assessmentFile": (io.BytesIO(b"no XML"), "a.xml")})
        assert len(read.json["validationResults"]) == 1
