import dataclasses
import re
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from iqies_flask import create_app
from iqies_flask.config import Environment, Settings
from iqies_flask.identity import persons
from iqies_flask.identity.persons import Profile
from tests.persons import profile

TODAY = date(2026, 5, 20)


def test_json_and_back() -> None:
    assert Profile.from_json(profile().to_json()) == profile()
    with pytest.raises(dataclasses.FrozenInstanceError):
        profile().city = "Elsewhere"  # type: ignore[misc]


@pytest.mark.parametrize(
    "name", ["Testy", "O'Testy", "Testy-Ann", "  Testy \t Ann ", "Tésty", "テスト", "T."]
)
def test_names(name: str) -> None:
    assert persons.checked_name(name, "first name") == " ".join(name.split())


@pytest.mark.parametrize("name", ["", "   ", "12", "--", "Testy2", "Tes\0ty", "Test\u202ey"])
def test_no_names(name: str) -> None:
    with pytest.raises(ValueError, match="Enter your legal first name"):
        persons.checked_name(name, "first name")


@pytest.mark.parametrize(("typed", "initial"), [("", ""), ("q", "Q"), ("Q.", "Q"), (" é ", "É")])
def test_initials(typed: str, initial: str) -> None:
    assert persons.checked_initial(typed) == initial


@pytest.mark.parametrize("typed", ["QQ", "1", "-"])
def test_no_initials(typed: str) -> None:
    with pytest.raises(ValueError, match="one letter"):
        persons.checked_initial(typed)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (("", "", ""), "month, day and year"),
        (("1986", "", "28"), "month, day and year"),
        (("86", "4", "28"), "four digits"),
        (("1986", "4", "31"), "no such date"),
        (("1986", "13", "1"), "no such date"),
        (("1986", "Apr", "1"), "no such date"),
        (("2027", "1", "1"), "future"),
        (("2026", "5", "21"), "future"),
        (("2010", "5", "21"), "at least 16"),
        (("1905", "1", "1"), "120 years"),
    ],
)
def test_no_dates_of_birth(parts: tuple[str, str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        persons.checked_birth_date(*parts, today=TODAY)


@pytest.mark.parametrize("parts", [("1986", "04", "28"), ("2010", "5", "20"), ("2008", "2", "29")])
def test_dates_of_birth(parts: tuple[str, str, str]) -> None:
    assert persons.checked_birth_date(*parts, today=TODAY).year == int(parts[0])


def test_addresses(app: Flask) -> None:
    assert persons.checked_email(" Testy@Sample.Example.ORG ") == "Testy@sample.example.org"
    assert persons.checked_email("testy@bücher.example.org") == "testy@xn--bcher-kva.example.org"
    for wrong in (
        "",
        "tésty@sample.example.org",
        "testy",
        "testy@",
        "testy@sample",
        "a b@sample.example.org",
        "a@b@example.org",
    ):
        with pytest.raises(ValueError, match=r"[Ee]-mail address|address"):
            persons.checked_email(wrong)


@pytest.mark.parametrize(
    ("email", "free"),
    [
        ("a@gmail.com", True),
        ("a@GMAIL.COM", True),
        ("a@gmail.com.example.org", False),
        ("a@example.org", False),
    ],
)
def test_free_mail(email: str, free: bool) -> None:
    assert persons.is_free_mail(email) is free


@pytest.mark.parametrize(
    ("typed", "in_us", "number"),
    [
        ("202-555-0123", True, "+12025550123"),
        ("(202) 555 0123", True, "+12025550123"),
        ("+1 202 555 0123", False, "+12025550123"),
        ("+49 30 123456", True, "+4930123456"),
    ],
)
def test_phones(typed: str, in_us: bool, number: str) -> None:
    assert persons.checked_phone(typed, in_us=in_us) == number


@pytest.mark.parametrize(
    ("typed", "in_us"), [("", True), ("555-0123", True), ("call me", True), ("202-555-0123", False)]
)
def test_no_phones(typed: str, in_us: bool) -> None:
    with pytest.raises(ValueError, match="phone number"):
        persons.checked_phone(typed, in_us=in_us)


def test_phone_as_it_is_shown() -> None:
    assert persons.shown_phone("+12025550123") == "(202) 555-0123"
    assert persons.shown_phone("+4930123456") == "+49 30 123456"


@pytest.mark.parametrize(
    ("typed", "code"), [("12345", "12345"), ("123456789", "12345-6789"), (" 12345 6789 ", "12345-6789")]
)
def test_zip_codes(typed: str, code: str) -> None:
    assert persons.checked_zip(typed) == code


@pytest.mark.parametrize("typed", ["", "1234", "12345-", "12345-67", "1234567890", "AB123"])
def test_no_zip_codes(typed: str) -> None:
    with pytest.raises(ValueError, match="5 digits"):
        persons.checked_zip(typed)


@pytest.fixture
def production(settings: Settings) -> Flask:
    return create_app(
        replace(settings, environment=Environment.PRODUCTION, site_url="https://iqies.example.org")
    )


@pytest.mark.parametrize("typed", ["900-12-3456", "900123456", " 900 12 3456 ", "000-12-3456", "999-99-9999"])
def test_a_demonstration_takes_numbers_never_issued(app: Flask, typed: str) -> None:
    assert persons.checked_ssn(typed) == "".join(digit for digit in typed if digit.isdigit())


@pytest.mark.parametrize("typed", ["001-12-3456", "899-12-3456", "666-12-3456"])
def test_a_demonstration_refuses_all_others(app: Flask, typed: str) -> None:
    with pytest.raises(ValueError, match="Never enter a real") as refused:
        persons.checked_ssn(typed)
    proposed = re.findall(r"[\d-]{11}", str(refused.value))
    assert [persons.checked_ssn(number) for number in proposed] == ["900123456"]
    assert typed not in str(refused.value)


@pytest.mark.parametrize("typed", ["900-00-3456", "900-12-0000"])
def test_impossible_groups_and_serials(app: Flask, typed: str) -> None:
    with pytest.raises(ValueError, match="There is no such"):
        persons.checked_ssn(typed)


@pytest.mark.parametrize("typed", ["", "90012345", "9001234567", "900-1-23456", "900-12-345X", "٩٠٠١٢٣٤٥٦"])
def test_not_nine_digits(app: Flask, typed: str) -> None:
    with pytest.raises(ValueError, match="9 digits"):
        persons.checked_ssn(typed)


@pytest.mark.parametrize("area", ["000", "666", "900", "999"])
def test_production_refuses_numbers_never_issued(production: Flask, area: str) -> None:
    with production.app_context(), pytest.raises(ValueError, match="There is no such"):
        persons.checked_ssn(f"{area}-12-3456")


@pytest.mark.parametrize("area", ["001", "665", "667", "899"])
def test_production_takes_others(production: Flask, area: str) -> None:
    with production.app_context():
        assert persons.checked_ssn(f"{area}-12-3456") == f"{area}123456"


def test_hash_is_keyed(app: Flask, settings: Settings) -> None:
    hashed = persons.ssn_hash("900123456")
    other = create_app(replace(settings, hash_key="o" * 48))
    with other.app_context():
        assert persons.ssn_hash("900123456") != hashed
    assert persons.ssn_hash("900123457") != hashed
