import io
from datetime import timedelta
from itertools import count

import pytest
from flask import Blueprint, Flask, render_template_string, request
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select, text, update
from werkzeug.test import TestResponse
from wtforms import BooleanField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.forms import Form
from iqies_flask.identity.models import User
from iqies_flask.identity.sessions import kept_forms
from iqies_flask.identity.sessions.current import requires_recent_proof
from iqies_flask.identity.sessions.models import KeptForm, LoginSession
from tests.browsing import sign_in, token_of

pytestmark = pytest.mark.changes_application

PAGE = """{% extends 'base.html' %}{% block main %}
{{ other.address }}
<form method="post">{{ form.hidden_tag() }}{% for field in form if field.name != 'csrf_token' %}{{ field }}
{% endfor %}</form>{% endblock %}"""
TYPED = {
    "subject": "A long <story>",
    "words": "line 1\nline 2",
    "kind": "b",
    "new_password": "hush hush hush",
}


class SampleForm(Form):
    """A form of each kind of field."""

    subject = StringField(validators=[InputRequired()])
    words = TextAreaField()
    kind = SelectField(choices=["a", "b"])
    agreed = BooleanField(default=True)
    new_password = PasswordField()
    ssn = StringField()


class OtherForm(Form):
    """A form that has nothing to do with it."""

    address = StringField(default="its own")


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with pages that have a form; the words that were acted upon are in ``acted``."""
    pages = Blueprint("pages", __name__)
    acted: list[str] = []
    app.extensions["acted"] = acted

    @pages.route("/form", methods=["GET", "POST"])
    def form_page() -> str:
        form, other = SampleForm(), OtherForm()
        if form.validate_on_submit():
            acted.append(str(form.subject.data))
        return render_template_string(PAGE, form=form, other=other)

    @pages.route("/sensitive", methods=["GET", "POST"])
    @requires_recent_proof
    def sensitive() -> str:
        return form_page()

    @pages.post("/form/action")
    def action_only() -> str:
        acted.append(request.form["subject"])
        return "done"

    app.register_blueprint(pages)
    return app


def let_session_end(user: User) -> None:
    with write_transaction() as session:
        session.execute(
            update(LoginSession)
            .where(LoginSession.user_id == user.id)
            .values(seen_at=utc_now() - timedelta(hours=1))
        )


def send(client: FlaskClient, page: TestResponse, path: str = "/form", **further: object) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(page), **TYPED, **further})


def all_kept() -> list[KeptForm]:
    db.session.rollback()
    return list(db.session.scalars(select(KeptForm)))


def values(page: TestResponse) -> dict[str, object]:
    """What stands in the fields of a page's form."""
    form = next(form for form in html.fromstring(page.text).forms if "subject" in form.fields)
    return {
        name: (form.fields[name] or "").strip()
        for name in ("subject", "words", "kind", "agreed", "new_password", "ssn")
    }


def test_htmx_leads_the_browser_to_the_sign_in_page_and_does_not_read_it(
    client: FlaskClient, submitter: User
) -> None:
    sign_in(client, submitter.user_id)
    page = client.get("/form")
    let_session_end(submitter)
    answer = client.post(
        "/form", data={"csrf_token": token_of(page), **TYPED}, headers={"HX-Request": "true"}
    )
    assert answer.location is None
    sign_in_page = client.get(answer.headers["HX-Redirect"])
    assert "You were signed out before you sent this form" in sign_in_page.text


def test_what_cannot_be_kept_is_to_be_sent_again(client: FlaskClient, submitter: User) -> None:
    """Such as a file."""
    sign_in(client, submitter.user_id)
    page = client.get("/submissions/new")
    let_session_end(submitter)
    answer = client.post("/submissions/new", data={"csrf_token": token_of(page)})
    assert answer.location == "/sign-in?next=/submissions/new"
    assert "nothing has been done. Sign in and send it again." in client.get(answer.location).text


def test_form_that_came_too_late_is_shown_again_as_typed_and_not_acted_upon(
    app: Flask, client: FlaskClient, submitter: User
) -> None:
    sign_in(client, submitter.user_id)
    page = client.get("/form")
    let_session_end(submitter)
    answer = send(client, page)
    assert answer.location == "/sign-in?next=/form"
    assert "You were signed out before you sent this form" in client.get(answer.location).text
    sign_in(client, submitter.user_id)
    # Another page on the way changes nothing.
    assert "check it and send it" not in client.get("/submissions").text
    page = client.get("/form")
    assert "check it and send it" in page.text
    assert values(page) == {
        "subject": "A long <story>",
        "words": "line 1\nline 2",
        "kind": "b",
        "agreed": "",
        "new_password": "",
        "ssn": "",
    }
    assert app.extensions["acted"] == []
    send(client, page)
    assert app.extensions["acted"] == ["A long <story>"]
    # It is shown once.
    assert values(client.get("/form"))["subject"] == ""
    assert all_kept() == []


def test_form_of_another_person_is_never_shown(
    app: Flask, client: FlaskClient, submitter: User, stranger: User
) -> None:
    sign_in(client, submitter.user_id)
    page = client.get("/form")
    let_session_end(submitter)
    send(client, page)
    sign_in(client, stranger.user_id)
    page = client.get("/form")
    assert "story" not in page.text
    assert "check it and send it" not in page.text
    # Nor to its owner in another browser.
    other = app.test_client()
    sign_in(other, submitter.user_id)
    assert "story" not in other.get("/form").text


def test_form_without_the_browser_s_token_is_not_kept(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    let_session_end(submitter)
    for token in ({}, {"csrf_token": "made up"}):
        assert client.post("/form", data={**TYPED, **token}).status_code == 400
    assert all_kept() == []


def test_form_sent_after_signing_out_is_not_kept(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    page = client.get("/form")
    client.post("/sign-out", data={"csrf_token": token_of(page)})
    assert send(client, page).status_code == 400
    assert all_kept() == []


def test_secrets_and_files_are_not_kept_and_nothing_is_readable(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    page = client.get("/form")
    let_session_end(submitter)
    send(
        client,
        page,
        ssn="900-00-0001",
        other="number 900000001 there",
        zip="12345-6789",
        credential="{}",
        upload=(io.BytesIO(b"bytes of a file"), "a.txt"),
    )
    kept = all_kept()[0]
    assert set(kept.fields) == {"subject", "words", "kind", "zip"}
    assert kept.user_id == submitter.id
    stored = db.session.execute(text("SELECT fields FROM kept_form")).scalar_one()
    assert b"story" not in bytes(stored)


def test_large_form_is_not_kept(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    page = client.get("/form")
    let_session_end(submitter)
    send(client, page, words="x" * 64 * 1024)
    assert all_kept() == []
    assert send(client, page, words="x" * 60 * 1024).status_code == 302
    assert len(all_kept()) == 1


def test_form_is_thrown_away_after_an_hour(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    page = client.get("/form")
    let_session_end(submitter)
    send(client, page)
    with write_transaction() as session:
        session.execute(update(KeptForm).values(expires_at=utc_now()))
    sign_in(client, submitter.user_id)
    assert "story" not in client.get("/form").text
    # Signing in has swept it away.
    assert all_kept() == []


def test_form_of_an_address_without_a_page_leads_back_to_where_it_stood(
    app: Flask, client: FlaskClient, submitter: User
) -> None:
    sign_in(client, submitter.user_id)
    token = token_of(client.get("/form"))
    let_session_end(submitter)
    data = {"csrf_token": token, **TYPED}
    referrers = {
        "http://localhost/form?x=1": "/sign-in?next=/form?x%3D1",
        "http://elsewhere.example/form": "/sign-in?next=/",
        "": "/sign-in?next=/",
    }
    for referrer, location in referrers.items():
        answer = client.post("/form/action", data=data, headers={"Referer": referrer})
        assert answer.location == location
    assert app.extensions["acted"] == []


def test_sensitive_form_is_kept_while_the_key_is_asked_for(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    page = client.get("/sensitive")
    with write_transaction() as session:
        session.execute(update(LoginSession).values(proved_at=utc_now() - timedelta(minutes=11)))
    assert send(client, page, "/sensitive").location == "/sign-in/again?next=/sensitive"
    with write_transaction() as session:
        session.execute(update(LoginSession).values(proved_at=utc_now()))
    page = client.get("/sensitive")
    assert values(page)["subject"] == "A long <story>"
    assert "its own" in page.text


def test_sweeping_takes_expired_forms_only(app: Flask, submitter: User) -> None:
    numbers = count(1)
    with write_transaction() as session:
        for expires_at in (utc_now() - timedelta(seconds=1), utc_now() + timedelta(minutes=1)):
            session.add(
                KeptForm(
                    token_hash=bytes([next(numbers)]) * 32,
                    user_id=submitter.id,
                    path="/",
                    fields={},
                    expires_at=expires_at,
                )
            )
    with write_transaction() as session:
        kept_forms.sweep(session)
    assert len(all_kept()) == 1
