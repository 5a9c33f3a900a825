import re
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity import service as identity
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.origin import NOWHERE
from iqies_flask.identity.persons import EmailBasis, Profile, ssn_hash
from iqies_flask.identity.profile import service as profile
from iqies_flask.identity.proofing import service as proofing
from iqies_flask.identity.registration import service
from iqies_flask.identity.registration.models import ConfirmationMail, Registration
from iqies_flask.identity.sessions import service as sessions
from iqies_flask.identity.sessions.models import LoginSession
from iqies_flask.queue import current_queue
from tests.browsing import token_of
from tests.conftest import PASSWORD
from tests.identity.registration.filling import (
    EMAIL,
    GOOD_PASSWORD,
    PROFILE,
    SSN,
    USER_ID,
    confirm,
    enter_account,
    enter_profile,
    link_in,
    mails,
    post,
    register,
)
from tests.statements import noted


def rows() -> list[Registration]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Registration).order_by(Registration.id)))


def row() -> Registration:
    (only,) = rows()
    return only


def now() -> float:
    return utc_now().timestamp()


def leave_alone(client: FlaskClient, minutes: int) -> None:
    """Let some minutes go by in which nobody does anything in a browser."""
    with client.session_transaction() as session:
        session["registration_used_at"] -= minutes * 60


def accounts() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(User.user_id).order_by(User.id)))


# From step to step


def test_the_whole_way(app: Flask, client: FlaskClient) -> None:
    page = client.get("/register")
    assert 'aria-current="step">Profile information' in page.text
    assert enter_profile(client).location == "/register/account"
    assert 'aria-current="step">Account information' in client.get("/register/account").text
    assert enter_account(client).location == "/register/e-mail"
    waiting = client.get("/register/e-mail")
    assert EMAIL in waiting.text
    assert client.get("/register/e-mail/state").headers.get("HX-Redirect") is None
    assert accounts() == []

    (mail,) = mails()
    assert (mail["to"], mail["template"]) == (EMAIL, "confirm_address")
    link = link_in(mail)
    assert "Confirm this address" in client.get(link).text
    assert accounts() == []
    assert confirm(client, link).location == "/register/proofing"

    (user,) = db.session.scalars(select(User))
    assert (user.user_id, user.email, user.proofing) == (USER_ID, EMAIL, ProofingState.NEEDED)
    assert identity.authenticate(USER_ID, GOOD_PASSWORD) is not None
    person = db.session.get_one(Person, user.id)
    profile = Profile.from_json(person.profile)
    assert (profile.first_name, profile.middle_initial, profile.phone) == ("Testy", "Q", "+12025550123")
    assert (profile.state, profile.zip, profile.country) == ("AL", "35004", "US")
    assert profile.email_basis is EmailBasis.CORPORATE
    assert person.ssn_hash == ssn_hash("900654321")
    assert client.get("/register/e-mail/state").headers["HX-Redirect"] == "/register/proofing"
    assert client.get("/register/proofing").location == "/identity-proofing"


def test_audit_log_of_the_way(app: Flask, client: FlaskClient) -> None:
    register(client)
    confirm(client, link_in(mails()[0]))
    begun, confirmed = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action.startswith("registration.")).order_by(AuditEntry.number)
    )
    assert (begun.action, begun.actor, begun.address) == ("registration.begun", "", "127.0.0.1")
    assert (confirmed.action, confirmed.actor) == ("registration.confirmed", USER_ID)
    assert confirmed.object_id == str(confirmed.actor_id)


def test_nothing_is_lost_on_going_back(app: Flask, client: FlaskClient) -> None:
    enter_profile(client)
    answer = post(client, "/register/account", {"user_id": USER_ID, "password": GOOD_PASSWORD, "back": "yes"})
    assert answer.location == "/register"
    assert mails() == []
    page = client.get("/register").text
    for value in ("Testperson", "1986", EMAIL, "(202) 555-0123", "1 Sample Street", "35004"):
        assert f'value="{value}"' in page
    assert re.search(r'<option selected value="AL">', page)
    assert enter_profile(client, ssn="", street="2 Sample Street").location == "/register/account"
    page = client.get("/register/account").text
    assert f'value="{USER_ID}"' in page
    assert "Leave this empty to keep it" in page
    assert enter_account(client, password="").location == "/register/e-mail"
    confirm(client, link_in(mails()[0]))
    assert identity.authenticate(USER_ID, GOOD_PASSWORD) is not None
    person = db.session.scalars(select(Person)).one()
    assert person.profile["street"] == "2 Sample Street"
    assert person.ssn_hash == ssn_hash("900654321")


@pytest.mark.parametrize("password", ["", "short"])
@pytest.mark.parametrize("user_id", [USER_ID, "sunny.care"])
def test_user_id_is_kept_on_going_back_before_there_is_a_password(
    app: Flask, client: FlaskClient, user_id: str, password: str
) -> None:
    enter_profile(client)
    assert enter_account(client, user_id, password, back="yes").location == "/register"
    assert enter_profile(client, ssn="").location == "/register/account"
    assert f'value="{user_id}"' in client.get("/register/account").text
    # It is asked for all the same: nothing was sent, and a facility's name still has its warning.
    assert mails() == []
    assert enter_account(client, user_id, "").status_code == 422


def test_user_id_is_kept_though_the_password_is_refused(app: Flask, client: FlaskClient) -> None:
    enter_profile(client)
    assert enter_account(client, password="short").status_code == 422
    assert f'value="{USER_ID}"' in client.get("/register/account").text
    # Nobody has decided for a name of a facility before being warned of it.
    assert enter_account(client, "sunny.care", "short").status_code == 422
    assert row().user_id == USER_ID


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/register/account", "/register"),
        ("/register/e-mail", "/register"),
        ("/register/proofing", "/register"),
        ("/register/done", "/"),
    ],
)
def test_no_step_can_be_skipped_at_the_start(client: FlaskClient, path: str, leads_to: str) -> None:
    assert client.get(path).location == leads_to


def test_no_step_can_be_skipped_later(client: FlaskClient) -> None:
    enter_profile(client)
    assert client.get("/register/e-mail").location == "/register/account"
    enter_account(client)
    assert client.get("/register/proofing").location == "/register/e-mail"
    assert client.get("/register/done").location == "/"


def test_steps_before_are_closed_once_the_address_is_confirmed(app: Flask, client: FlaskClient) -> None:
    other_tab = client.get("/register").text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', other_tab)[0]
    register(client)
    confirm(client, link_in(mails()[0]))
    for path in ("/register", "/register/account", "/register/e-mail"):
        assert client.get(path).location == "/register/proofing"
        assert (
            client.post(
                path if path != "/register/e-mail" else "/register/e-mail/again",
                data={"csrf_token": token, "user_id": "another.one"},
            ).status_code
            == 302
        )
    assert accounts() == [USER_ID]
    assert len(mails()) == 1


def test_sent_twice_is_sent_once(app: Flask, client: FlaskClient) -> None:
    register(client)
    assert enter_account(client).location == "/register/e-mail"
    assert len(mails()) == 1
    assert len(rows()) == 1


def test_two_tabs_are_one_registration(app: Flask, client: FlaskClient) -> None:
    client.get("/register")
    enter_profile(client, city="First Tab")
    enter_profile(client, city="Second Tab")
    assert row().profile is not None
    assert row().profile["city"] == "Second Tab"  # type: ignore[index]


def test_those_who_are_signed_in_do_not_register(app: Flask, client: FlaskClient) -> None:
    user = identity.create_user("submitter", PASSWORD)
    with write_transaction() as writing:
        token = sessions.begin(writing, user, sessions.Level.FULL, address="127.0.0.1", browser="test")
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    assert client.get("/register").location == "/"


def test_expired_registration_starts_over_and_is_swept(app: Flask, client: FlaskClient) -> None:
    register(client)
    link = link_in(mails()[0])
    with write_transaction() as writing:
        writing.execute(update(Registration).values(expires_at=utc_now() - timedelta(seconds=1)))
    assert client.get("/register/e-mail").location == "/register"
    assert client.get(link).status_code == 410
    assert confirm_without_page(client, link) == 410
    current_queue().sweep()
    assert rows() == []
    assert accounts() == []


def test_open_registration_is_not_swept(app: Flask, client: FlaskClient) -> None:
    register(client)
    current_queue().sweep()
    assert row().profile is not None


def confirm_without_page(client: FlaskClient, link: str) -> int:
    return post(client, link, {}, page="/register").status_code


# Step 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"first_name": " "}, "Enter your legal first name."),
        ({"last_name": "x" * 61}, "at most 60 characters"),
        ({"middle_initial": "QQ"}, "one letter"),
        ({"birth_day": "31"}, "There is no such date"),
        ({"email": "testy"}, "name@organization.org"),
        ({"email_again": ""}, "Enter your e-mail address again."),
        ({"email_again": "other@sample.example.org"}, "The two e-mail addresses differ"),
        ({"phone": "12"}, "Enter a phone number"),
        ({"state": ""}, "Choose your state."),
        ({"state": "XX"}, "Not a valid choice"),
        ({"zip": "3500"}, "5 digits"),
        ({"in_us": "no", "phone": "+12025550123"}, "Enter your country."),
        ({"in_us": "perhaps"}, "Not a valid choice"),
        ({"ssn": None}, "Enter your Social Security number, or tick"),
        ({"ssn": "123"}, "has 9 digits"),
        ({"ssn": "123-45-6789"}, "Never enter a real Social Security number"),
        ({"no_ssn": "y"}, "Do only one of the two"),
        ({"terms": None}, "Accept the terms of use."),
        ({"street": ""}, "Enter your street address."),
    ],
)
def test_faults_of_the_profile(client: FlaskClient, changes: dict[str, str | None], said: str) -> None:
    answer = enter_profile(client, **changes)
    assert answer.status_code == 422
    summary = answer.text.split('id="error-summary"')[1].split("</ul>")[0]
    assert said in summary
    assert summary.count("<li>") == 1
    target = re.search(r'href="#(\w+)"', summary)
    assert target
    assert f'id="{target[1]}"' in answer.text
    assert client.get("/register/account").location == "/register"


def test_address_outside_the_united_states(app: Flask, client: FlaskClient) -> None:
    abroad = {"in_us": "no", "state": None, "zip": None, "country": "Testland", "phone": "+49 30 123456"}
    enter_profile(client, **abroad, province="Test Province", postal_code="T3ST")
    profile = row().profile
    assert profile is not None
    assert (profile["state"], profile["zip"], profile["country"]) == ("Test Province", "T3ST", "Testland")
    page = client.get("/register").text
    assert 'value="Test Province"' in page
    assert 'name="zip"' not in page


def test_address_fields_change_with_and_without_javascript(app: Flask, client: FlaskClient) -> None:
    part = post(client, "/register/address-fields", {"in_us": "no", "city": "Testville"}, page="/register")
    assert part.status_code == 200
    assert 'name="country"' in part.text
    assert 'value="Testville"' in part.text
    assert "<html" not in part.text
    page = enter_profile(client, in_us="no", show_address="yes", first_name="")
    assert page.status_code == 200
    assert 'name="country"' in page.text
    assert "error-summary" not in page.text


def test_ssn_is_never_shown_again_but_kept(app: Flask, client: FlaskClient) -> None:
    answer = enter_profile(client, first_name="")
    assert answer.status_code == 422
    assert "Leave this empty to keep it" in answer.text
    assert row().ssn == "900654321"
    assert row().profile is None
    assert enter_profile(client, ssn="").location == "/register/account"
    for path in ("/register", "/register/account"):
        page = client.get(path).text
        assert not re.search(r"900.?65.?4321", page)


def test_ssn_can_be_taken_out_and_changed(app: Flask, client: FlaskClient) -> None:
    enter_profile(client)
    enter_profile(client, ssn="900-12-3457")
    assert row().ssn == "900123457"
    enter_profile(client, ssn="", no_ssn="y")
    assert row().ssn is None
    assert re.search(r'id="no_ssn" name="no_ssn" value="y" checked', client.get("/register").text)


def test_no_secret_is_in_the_database_in_clear_nor_in_the_browser_s_session(
    app: Flask, client: FlaskClient
) -> None:
    register(client)
    with client.session_transaction() as session:
        assert set(session) <= {"csrf_token", "registration", "registration_used_at", "_permanent", "_fresh"}
    assert row().ssn == "900654321"
    with db.engine.connect() as connection:
        stored = repr(connection.exec_driver_sql("SELECT * FROM registration").all())
        stored += repr(connection.exec_driver_sql("SELECT * FROM outbox_message").all())
        stored += repr(connection.exec_driver_sql("SELECT * FROM audit_entry").all())
    for secret in ("900654321", "Testperson", EMAIL, GOOD_PASSWORD):
        assert secret not in stored


@pytest.mark.parametrize("email", ["testy@gmail.com", "testy@Yahoo.com"])
def test_personal_address_needs_the_declaration(app: Flask, client: FlaskClient, email: str) -> None:
    answer = enter_profile(client, email=email, email_again=email)
    assert answer.status_code == 422
    assert "looks like a personal e-mail address" in answer.text
    assert 'name="two_or_fewer"' in answer.text
    assert enter_profile(client, email=email, email_again=email, two_or_fewer="y").status_code == 302
    profile = row().profile
    assert profile is not None
    assert profile["email_basis"] == "personal"


def test_corporate_address_is_not_asked_for_it(client: FlaskClient) -> None:
    assert 'name="two_or_fewer"' not in enter_profile(client, first_name="").text


# Step 2


@pytest.mark.parametrize(
    ("user_id", "password", "said"),
    [
        ("user#1", GOOD_PASSWORD, "may not contain #"),
        ("", GOOD_PASSWORD, "Enter a user ID"),
        (USER_ID, "", "Enter a password"),
        (USER_ID, "short", "fewer than 8"),
        (USER_ID, "password1", "most often used"),
        (USER_ID, "Testperson1", "made of"),
        (USER_ID, "testy.testperson", "made of"),
    ],
)
def test_faults_of_the_account(client: FlaskClient, user_id: str, password: str, said: str) -> None:
    enter_profile(client)
    answer = enter_account(client, user_id, password)
    assert answer.status_code == 422
    assert said in answer.text
    assert client.get("/register/e-mail").location == "/register/account"
    assert not password or f'value="{password}"' not in answer.text.replace(f'value="{USER_ID}"', "")


def test_without_javascript_the_password_is_typed_twice(client: FlaskClient) -> None:
    enter_profile(client)
    assert "<noscript>" in client.get("/register/account").text
    answer = enter_account(client, password_again=GOOD_PASSWORD + "x")
    assert "The two passwords differ" in answer.text
    assert enter_account(client, password_again=GOOD_PASSWORD).location == "/register/e-mail"


def test_user_id_that_is_taken(app: Flask, client: FlaskClient) -> None:
    identity.create_user("Testy.TestPerson", PASSWORD)
    enter_profile(client)
    answer = enter_account(client)
    assert answer.status_code == 422
    assert "This user ID is taken" in answer.text
    # The password need not be typed again.
    assert enter_account(client, "testy.other", "").location == "/register/e-mail"


def test_user_id_of_an_open_registration_is_taken(app: Flask, client: FlaskClient) -> None:
    other = app.test_client()
    register(other)
    enter_profile(client, email="two@sample.example.org", email_again="two@sample.example.org")
    assert "This user ID is taken" in enter_account(client, USER_ID.upper()).text
    with write_transaction() as writing:
        first = writing.scalars(select(Registration).order_by(Registration.id)).first()
        assert first is not None
        first.expires_at = utc_now()
    assert enter_account(client, USER_ID.upper()).location == "/register/e-mail"


def test_facility_s_name_is_warned_of_once(app: Flask, client: FlaskClient) -> None:
    enter_profile(client)
    answer = enter_account(client, "sunny.care.center")
    assert answer.status_code == 200
    assert "looks like the name of a facility" in answer.text
    assert 'name="warned_of" value="sunny.care.center"' in answer.text
    # Another one is warned of again, the same is taken; the password is kept.
    assert enter_account(client, "valley.rehab", "", warned_of="sunny.care.center").status_code == 200
    answer = enter_account(client, "sunny.care.center", "", warned_of="sunny.care.center")
    assert answer.location == "/register/e-mail"


@pytest.mark.parametrize(
    ("user_id", "said"),
    [
        ("submitter", "is taken"),
        ("SUBMITTER", "is taken"),
        ("free.one", "is free"),
        ("a#bcde", "may not contain #"),
        ("sunny.rehab", 'name="warned_of" value="sunny.rehab"'),
    ],
)
def test_user_id_is_checked_while_typing(app: Flask, client: FlaskClient, user_id: str, said: str) -> None:
    identity.create_user("submitter", PASSWORD)
    enter_profile(client)
    answer = post(client, "/register/account/user-id", {"user_id": user_id}, page="/register/account")
    assert said in answer.text


def test_one_s_own_user_id_is_free(app: Flask, client: FlaskClient) -> None:
    register(client)
    answer = post(client, "/register/account/user-id", {"user_id": USER_ID}, page="/register/account")
    assert "is free" in answer.text


@pytest.mark.parametrize("password", ["wombats juggle teapots", "password1", "x" * 300, ""])
def test_strength_while_typing(client: FlaskClient, password: str) -> None:
    enter_profile(client)
    answer = post(client, "/register/password-strength", {"password": password}, page="/register/account")
    assert answer.status_code == 200
    assert ("<meter" in answer.text) == bool(password)
    assert not password or password not in answer.text


def test_strength_knows_the_person(client: FlaskClient) -> None:
    enter_profile(client)
    answer = post(
        client, "/register/password-strength", {"password": "Testperson1"}, page="/register/account"
    )
    assert "Cannot be used yet" in answer.text


def test_passwords_do_not_travel_in_addresses_and_only_with_a_token(client: FlaskClient) -> None:
    assert client.get("/register/password-strength?password=secretsecret").status_code == 405
    assert client.post("/register/password-strength", data={"password": "secretsecret"}).status_code == 400


# The e-mail


def test_link_works_once_and_only_by_the_button(app: Flask, client: FlaskClient) -> None:
    register(client)
    link = link_in(mails()[0])
    scanner = app.test_client()
    for _ in range(3):
        scanner.get(link)
    assert accounts() == []
    assert scanner.post(link).status_code == 400
    assert accounts() == []
    stranger = app.test_client()
    answer = confirm(stranger, link)
    assert answer.status_code == 200
    assert "Go on in the browser in which you began" in answer.text
    assert "confirmed already" in post(stranger, link, {}, page="/sign-in").text
    assert "confirmed already" in stranger.get(link).text
    assert accounts() == [USER_ID]
    # The other browser got nothing by it.
    assert stranger.get("/register/proofing").location == "/register"
    # The first one goes on by itself.
    assert client.get("/register/e-mail/state").headers["HX-Redirect"] == "/register/proofing"


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "é"])
def test_link_that_never_was(client: FlaskClient, token: str) -> None:
    answer = client.get(f"/register/confirm/{token}")
    assert answer.status_code == 410
    assert "does nothing any more" in answer.text


def test_links_are_built_of_the_settings(app: Flask, client: FlaskClient) -> None:
    enter_profile(client)
    page = client.get("/register/account")
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[0]
    client.post(
        "/register/account",
        data={"csrf_token": token, "user_id": USER_ID, "password": GOOD_PASSWORD},
        headers={"X-Forwarded-Host": "evil.example.org"},
    )
    (mail,) = mails()
    assert "evil" not in mail["text"] + mail["html"]


def test_nothing_that_was_typed_is_in_the_message(app: Flask, client: FlaskClient) -> None:
    register(client, first_name="Visit evil", last_name="Click here")
    (mail,) = mails()
    assert "evil" not in mail["text"] + mail["html"]
    assert "Click" not in mail["text"] + mail["html"]


def test_sending_again_replaces_the_link(app: Flask, client: FlaskClient) -> None:
    register(client)
    again = post(client, "/register/e-mail/again", {}, page="/register/e-mail")
    assert again.location == "/register/e-mail"
    assert len(mails()) == 1
    assert "less than a minute ago" in client.get("/register/e-mail").text
    _let_time_pass(minutes=2)
    post(client, "/register/e-mail/again", {}, page="/register/e-mail")
    first, second = (link_in(mail) for mail in mails())
    assert client.get(first).status_code == 410
    assert confirm(client, second).location == "/register/proofing"


def test_link_to_the_address_before_confirms_nothing(app: Flask, client: FlaskClient) -> None:
    register(client)
    link = link_in(mails()[0])
    enter_profile(client, ssn="", email="two@sample.example.org", email_again="two@sample.example.org")
    assert confirm_without_page(client, link) == 410
    assert enter_account(client, password="").location == "/register/e-mail"
    assert [mail["to"] for mail in mails()] == [EMAIL, "two@sample.example.org"]
    confirm(client, link_in(mails()[1]))
    (user,) = db.session.scalars(select(User))
    assert user.email == "two@sample.example.org"


def test_messages_to_one_address_are_limited_whoever_asks(app: Flask) -> None:
    for number in range(7):
        visitor = app.test_client()
        register(visitor, f"testy.{number}x")
    assert len(mails()) == 5
    assert "Several messages were sent" in visitor.get("/register/e-mail").text
    _let_time_pass(minutes=61)
    post(visitor, "/register/e-mail/again", {}, page="/register/e-mail")
    assert len(mails()) == 6


def test_messages_to_one_address_are_limited_though_others_are_entered_between(client: FlaskClient) -> None:
    register(client)
    for _ in range(7):
        for email in ("two@sample.example.org", EMAIL):
            enter_profile(client, ssn="", email=email, email_again=email)
        enter_account(client, password="")
    assert [mail["to"] for mail in mails()].count(EMAIL) == 5


def _let_time_pass(minutes: int) -> None:
    with write_transaction() as writing:
        for message in writing.scalars(select(ConfirmationMail)):
            message.sent_at -= timedelta(minutes=minutes)
        for registration in writing.scalars(select(Registration)):
            if registration.link_sent_at:
                registration.link_sent_at -= timedelta(minutes=minutes)


# Nobody learns who has an account


def _owner(proofing: ProofingState = ProofingState.PROVED) -> User:
    """Somebody with an account at the sample address."""
    owner = identity.create_user("the.owner", PASSWORD, EMAIL)
    with write_transaction() as writing:
        user = writing.get_one(User, owner.id)
        user.proofing = proofing
        writing.add(Person(user_id=user.id, profile={}, ssn_hash=ssn_hash("900654321")))
    return owner


def _pages(client: FlaskClient, **changes: str | None) -> list[str]:
    answers = [enter_profile(client, **changes), enter_account(client)]
    answers += [client.get("/register/e-mail"), client.get("/register/e-mail/state")]
    answers += [client.get("/register/proofing"), client.get("/register/e-mail")]
    answers += [post(client, "/register/e-mail/again", {}, page="/register/e-mail")]
    tokens = re.compile(r'name="csrf_token"[^>]*value="[^"]+"')
    return [f"{answer.status_code} {answer.location} {tokens.sub('', answer.text)}" for answer in answers]


def test_known_and_unknown_addresses_get_the_same_pages(app: Flask, client: FlaskClient) -> None:
    unknown = _pages(client, ssn="900-55-5555")
    with write_transaction() as writing:
        service.sweep(writing)
        writing.execute(Registration.__table__.delete())
    _owner()
    known = _pages(app.test_client(), ssn="900-55-5555")
    assert known == unknown
    first, second = mails()
    assert (first["template"], second["template"]) == ("confirm_address", "address_exists")
    assert second["to"] == EMAIL
    assert "/sign-in" in second["text"]
    assert "/forgot-password" in second["html"]
    assert "/register/confirm/" not in second["text"]
    assert accounts() == ["the.owner"]


@pytest.mark.parametrize("email", [EMAIL, "TESTY@sample.example.org"])
def test_known_and_unknown_addresses_take_the_same_work(
    app: Flask, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    done: list[str] = []
    hash_it = PasswordHasher.hash

    def counted(self: PasswordHasher, password: str) -> str:
        done.append("hash")
        return str(hash_it(self, password))

    def work(visitor: FlaskClient) -> list[str]:
        enter_profile(visitor, email=email, email_again=email, ssn="900-55-5555")
        visitor.get("/register/account")
        done.clear()
        assert enter_account(visitor).location == "/register/e-mail"
        return list(done)

    identity.create_user("somebody.else", PASSWORD, "else@sample.example.org")
    monkeypatch.setattr(PasswordHasher, "hash", counted)
    with noted(done):
        unknown = work(app.test_client())
        with write_transaction() as writing:
            writing.execute(Registration.__table__.delete())
        _owner()
        known = work(app.test_client())
    assert unknown.count("hash") == 1
    assert known == unknown


def test_owner_of_an_account_that_is_shut_reads_who_opens_it(app: Flask, client: FlaskClient) -> None:
    _owner()
    identity.deactivate("the.owner")
    register(client, ssn="900-55-5555")
    *_, mail = mails()
    assert (mail["template"], mail["to"]) == ("account_shut", EMAIL)
    for text in (mail["text"], mail["html"]):
        assert "was deactivated" in text
        assert "can open the account" in text
        # Nothing that would do nothing.
        for link in ("/sign-in", "/forgot", "/register/confirm/"):
            assert link not in text
    assert accounts() == ["the.owner"]


def test_state_of_a_registration_is_the_same_for_known_addresses(app: Flask, client: FlaskClient) -> None:
    _owner()
    register(client, ssn="900-55-5555")
    known = row()
    assert known.link_hash is not None
    assert known.link_sent_at is not None
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "registration.begun")).one()
    assert (entry.outcome, entry.object_type) == (Outcome.REFUSED, "account")


@pytest.mark.parametrize("proofing", [ProofingState.PROVED, ProofingState.NEEDED])
def test_nobody_learns_by_a_number_who_has_an_account(
    app: Flask, client: FlaskClient, proofing: ProofingState
) -> None:
    _owner(proofing)
    register(client, email="two@sample.example.org", email_again="two@sample.example.org")
    (mail,) = mails()
    assert (mail["to"], mail["template"]) == ("two@sample.example.org", "confirm_address")


def test_first_confirmed_registration_for_an_address_wins(app: Flask) -> None:
    first, second = app.test_client(), app.test_client()
    register(first, "testy.first")
    register(second, "testy.second")
    links = [link_in(mail) for mail in mails()]
    assert confirm(second, links[1]).location == "/register/proofing"
    answer = confirm(first, links[0])
    assert "You have an account already" in answer.text
    assert accounts() == ["testy.second"]
    assert first.get("/register/proofing").location == "/register/e-mail"


def test_user_id_that_the_operator_gave_away_meanwhile(app: Flask, client: FlaskClient) -> None:
    register(client)
    link = link_in(mails()[0])
    identity.create_user(USER_ID.upper(), PASSWORD)
    answer = confirm(client, link)
    assert "The user ID was taken meanwhile" in answer.text
    _let_time_pass(minutes=2)
    assert enter_account(client, "testy.other", "").location == "/register/e-mail"
    assert confirm(client, link_in(mails()[1])).location == "/register/proofing"
    assert accounts() == [USER_ID.upper(), "testy.other"]


# Others' registrations


def test_token_of_another_browser_is_worthless_if_guessed(app: Flask, client: FlaskClient) -> None:
    register(client)
    stranger = app.test_client()
    stored = row().token_hash
    for guess in ("", "x", stored.hex(), 1, None):
        with stranger.session_transaction() as session:
            session.update(registration=guess, registration_used_at=now())
        assert stranger.get("/register/e-mail").location == "/register"


def test_link_is_no_token_and_token_no_link(app: Flask, client: FlaskClient) -> None:
    register(client)
    link = link_in(mails()[0])
    stranger = app.test_client()
    with stranger.session_transaction() as session:
        session.update(registration=link.rsplit("/", 1)[1], registration_used_at=now())
    assert stranger.get("/register/e-mail").location == "/register"
    with client.session_transaction() as session:
        token = session["registration"]
    assert stranger.get(f"/register/confirm/{token}").status_code == 410


def test_registering_does_not_sign_in(app: Flask, client: FlaskClient) -> None:
    register(client)
    confirm(client, link_in(mails()[0]))
    assert client.get("/submissions").location.startswith("/sign-in")
    assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 0


def test_shut_account_ends_the_registration(app: Flask, client: FlaskClient) -> None:
    register(client)
    confirm(client, link_in(mails()[0]))
    identity.deactivate(USER_ID)
    assert client.get("/register/done").location == "/"
    assert client.get("/identity-proofing").location.startswith("/sign-in")


@pytest.mark.parametrize(
    "path",
    ["/register", "/register/account", "/register/e-mail/again", "/register/address-fields",
     "/register/account/user-id"],
)  # fmt: skip
def test_forms_need_their_token(client: FlaskClient, path: str) -> None:
    enter_profile(client)
    assert client.post(path, data={"user_id": "free.one"}).status_code == 400


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/register", 120), ("/register/account", 120), ("/register/account/user-id", 60),
     ("/register/password-strength", 60)],
)  # fmt: skip
def test_attempts_are_limited(client: FlaskClient, path: str, allowed: int) -> None:
    enter_profile(client)
    page = client.get("/register/account").text
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
    statuses = [client.post(path, data={"csrf_token": token}).status_code for _ in range(allowed + 1)]
    assert 429 not in statuses[: allowed - 1]
    assert statuses[-1] == 429


# The end


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (ProofingState.PROVED, "You are registered"),
        (ProofingState.WAITING, "with the Service Center"),
        (ProofingState.REFUSED, "could not be proved"),
    ],
)
def test_done(app: Flask, client: FlaskClient, state: ProofingState, said: str) -> None:
    register(client)
    confirm(client, link_in(mails()[0]))
    assert client.get("/register/done").location == "/register/proofing"
    with write_transaction() as writing:
        writing.execute(update(User).values(proofing=state))
    page = client.get("/register/done")
    assert said in page.text
    assert 'aria-current="step">Confirmation' in page.text


def test_ssn_is_there_for_proofing_and_then_forgotten(app: Flask, client: FlaskClient) -> None:
    register(client)
    confirm(client, link_in(mails()[0]))
    user = identity.find_user(USER_ID)
    assert user is not None
    assert service.ssn_of(user) == SSN.replace("-", "")
    with write_transaction() as writing:
        service.forget_ssn(writing, user)
    assert service.ssn_of(user) is None
    assert row().ssn is None


@pytest.mark.parametrize("shut_by", ["operator", "owner"])
def test_nothing_is_left_of_the_registration_of_an_account_that_is_shut(
    app: Flask, client: FlaskClient, shut_by: str
) -> None:
    other = app.test_client()
    enter_profile(other, email="other@example.org", email_again="other@example.org")
    register(client)
    confirm(client, link_in(mails()[0]))
    user = identity.find_user(USER_ID)
    assert user is not None
    if shut_by == "operator":
        identity.deactivate(USER_ID)
    else:
        profile.deactivate(user, NOWHERE)
    assert row().account_id is None
    assert service.ssn_of(user) is None
    assert client.get("/register/proofing").status_code == 302
    identity.activate(USER_ID)
    assert proofing.state_of(user).needs_ssn


def test_terms(client: FlaskClient) -> None:
    assert "Terms of use" in client.get("/register/terms").text


# A browser that others use


def shows_particulars(client: FlaskClient) -> bool:
    paths = ("/register", "/register/account", "/register/e-mail", "/register/proofing", "/identity-proofing")
    pages = [client.get(path, follow_redirects=True).text for path in paths]
    return any(secret in page for page in pages for secret in ("Testperson", EMAIL, USER_ID, 'value="1986"'))


def test_what_was_entered_outlives_the_browser(client: FlaskClient) -> None:
    answer = enter_profile(client)
    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("session=")]
    assert "Expires=" in cookie


def test_whoever_comes_after_a_while_reads_nothing(app: Flask, client: FlaskClient) -> None:
    register(client)
    leave_alone(client, 14)
    assert shows_particulars(client)
    leave_alone(client, 16)
    assert client.get("/register").location == "/register/go-on"
    assert client.get("/register/e-mail/state").headers["HX-Redirect"] == "/register/go-on"
    assert not shows_particulars(client)
    # Nor does anything that is sent go into somebody else's registration.
    assert enter_profile_of_another(client) == "/register/go-on"
    answer = post(client, "/register/go-on", {"email": "other@sample.example.org"})
    assert answer.status_code == 422
    assert "not the address that was entered here" in answer.text
    assert not shows_particulars(client)
    assert post(client, "/register/go-on", {"email": EMAIL.upper()}).location == "/register/e-mail"
    assert shows_particulars(client)
    assert row().profile is not None
    assert row().profile["last_name"] == "Testperson"  # type: ignore[index]
    assert confirm(client, link_in(mails()[0])).location == "/register/proofing"


def enter_profile_of_another(client: FlaskClient) -> str | None:
    token = token_of(client.get("/register/go-on"))
    return client.post("/register", data={**PROFILE, "csrf_token": token, "last_name": "Other"}).location


def test_page_that_waits_for_the_address_does_not_keep_the_registration_awake(
    app: Flask, client: FlaskClient
) -> None:
    register(client)
    for _ in range(3):
        leave_alone(client, 6)
        waiting = client.get("/register/e-mail/state").headers
    assert waiting["HX-Redirect"] == "/register/go-on"
    # Who opens the link in the message, in the same browser, goes on at once.
    assert confirm(client, link_in(mails()[0])).location == "/register/proofing"
    leave_alone(client, 16)
    assert client.get("/identity-proofing").location.startswith("/sign-in")
    assert client.get("/register/go-on").location == "/sign-in"
    assert "Leave the registration" not in client.get("/sign-in").text


def test_number_alone_is_thrown_away_after_a_while(app: Flask, client: FlaskClient) -> None:
    assert enter_profile(client, last_name="").status_code == 422
    assert row().ssn is not None
    leave_alone(client, 16)
    assert client.get("/register/go-on").location == "/sign-in"
    assert rows() == []


def test_what_was_entered_is_discarded(app: Flask, client: FlaskClient) -> None:
    assert "Discard what I entered" not in client.get("/register").text
    register(client)
    assert "Discard what I entered" in client.get("/register/account").text
    answer = post(client, "/register/discard", {}, page="/register/e-mail")
    assert answer.location == "/sign-in"
    assert "What you entered is thrown away." in client.get("/sign-in").text
    assert rows() == []
    assert not shows_particulars(client)
    assert enter_profile(app.test_client()).location == "/register/account"
    assert client.get(link_in(mails()[0])).status_code == 410


def test_account_stays_when_its_registration_is_left(app: Flask, client: FlaskClient) -> None:
    register(client)
    confirm(client, link_in(mails()[0]))
    assert "Leave the registration" in client.get("/identity-proofing").text
    post(client, "/register/discard", {}, page="/identity-proofing")
    assert client.get("/identity-proofing").location.startswith("/sign-in")
    assert accounts() == [USER_ID]
    assert row().ssn is not None
