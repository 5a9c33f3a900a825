import re
from datetime import date

import pytest
from flask import Flask

from iqies_flask.access import provider_values
from iqies_flask.access.errors import AccessError
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.registry import add_provider


@pytest.mark.parametrize(
    ("ccn", "state", "kind", "says"),
    [
        ("015001", "CT", None, "015001 is the number of a provider in Alabama (AL), not in Connecticut (CT)"),
        ("015001", "Alabama", None, "Alabama is no two-letter code of a state"),
        ("995001", "ZZ", None, "ZZ is no two-letter code of a state"),
        ("995001", "", None, "is no two-letter code"),
        (
            "015001",
            "AL",
            ProviderKind.SWING_BED,
            "skilled nursing facility (snf), not of a swing-bed hospital",
        ),
        ("999999", "CT", None, "another kind of provider (opioid treatment program)"),
        ("888888", "TN", None, "rural health clinic"),
        ("15001", "AL", None, "Did a zero at the front get lost?"),
    ],
)
def test_provider_whose_values_contradict_its_ccn_is_not_registered(
    app: Flask, ccn: str, state: str, kind: ProviderKind | None, says: str
) -> None:
    with pytest.raises(AccessError, match=re.escape(says)):
        add_provider(ccn, "N", state, "F", kind)


@pytest.mark.parametrize(
    ("ccn", "state", "kind"),
    [
        ("015001", "al", ProviderKind.SKILLED_NURSING_FACILITY),
        ("99-5001", "CT", ProviderKind.SKILLED_NURSING_FACILITY),
        ("99z001", "OH", ProviderKind.SWING_BED),
        ("A07001", "CA", ProviderKind.HOME_HEALTH_AGENCY),
    ],
)
def test_provider_is_registered_with_the_kind_of_its_ccn(
    app: Flask, ccn: str, state: str, kind: ProviderKind
) -> None:
    for given in (None, kind):
        added = add_provider(ccn, " Name  of it ", state, "", given)
        assert (added.kind, added.state, added.name) == (kind, state.upper(), "Name of it")


def test_registering_again_keeps_what_it_does_not_say(app: Flask, provider: Provider) -> None:
    provider.npi = "1234567893"
    add_provider(provider.ccn, "New", "CT", "F")
    assert (provider.name, provider.name_folded, provider.npi) == ("New", "new", "1234567893")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", ""),
        ("06101", "06101"),
        ("061012345", "06101-2345"),
        (" 06101-2345 ", "06101-2345"),
        ("06101 2345", "06101-2345"),
    ],
)
def test_zip_codes(typed: str, expected: str) -> None:
    assert provider_values.checked_zip(typed) == expected


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("6101", "6101 is no ZIP Code: it has five digits, or nine. Did a zero at the front get lost?"),
        ("0610A", "0610A is no ZIP Code: it has five digits, or nine."),
        ("-2345", "no ZIP Code"),
        ("06101-23", "no ZIP Code"),
    ],
)
def test_what_is_no_zip_code(typed: str, says: str) -> None:
    with pytest.raises(AccessError, match=re.escape(says)):
        provider_values.checked_zip(typed)


@pytest.mark.parametrize("typed", ["2026-01-31", "01/31/2026", "1/31/2026", "20260131", " 2026-01-31 "])
def test_days_are_read_in_the_forms_of_cms(typed: str) -> None:
    assert provider_values.read_day(typed) == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("31/01/2026", "is no date. Write it as"),
        ("2026-02-29", "is no date"),
        ("1964-01-01", "Give a day from 1965-07-30 to 2099-12-31; this is 1964-01-01"),
        ("2100-01-01", "this is 2100-01-01"),
        ("", "is no date"),
    ],
)
def test_what_is_no_day(typed: str, says: str) -> None:
    with pytest.raises(AccessError, match=says):
        provider_values.read_day(typed)


def test_certification_cannot_end_before_it_begins() -> None:
    day, before = date(2026, 1, 2), date(2026, 1, 1)
    for good in ((day, day), (before, day), (None, day), (day, None)):
        provider_values.check_span(*good)
    with pytest.raises(AccessError, match="would end on Jan 1, 2026, before it begins on Jan 2, 2026"):
        provider_values.check_span(day, before)


def test_domains_are_read_once_each() -> None:
    assert provider_values.read_domains("@Example.org, home.example.org\nexample.org;") == [
        "example.org",
        "home.example.org",
    ]
    assert provider_values.read_domains(" ") == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("gmail.com", "Everybody can have an address at gmail.com"),
        ("someone@example.org", "someone@example.org is no domain"),
        ("example", "example is no domain"),
        ("exa_mple.org", "is no domain"),
        ("-example.org", "is no domain"),
        (" ".join(f"d{number}.example.org" for number in range(51)), "at most 50"),
    ],
)
def test_what_is_no_domain_of_a_provider(typed: str, says: str) -> None:
    with pytest.raises(AccessError, match=re.escape(says)):
        provider_values.read_domains(typed)


@pytest.mark.parametrize("typed", ["A B", "12345678901234567", "É1", "A-1"])
def test_what_is_no_facility_id(typed: str) -> None:
    with pytest.raises(AccessError, match="up to 16 digits and letters"):
        provider_values.checked_facility_id(typed)
    assert provider_values.checked_facility_id(" test1 ") == "TEST1"
    assert provider_values.checked_facility_id(" ") == ""


def test_texts_fit_their_columns() -> None:
    assert provider_values.checked_text("x" * 100, Provider.city) == "x" * 100
    for wrong, says in (("x" * 101, "101 characters; at most 100"), ("a\0b", "cannot be shown")):
        with pytest.raises(AccessError, match=says):
            provider_values.checked_text(wrong, Provider.city)
    with pytest.raises(AccessError, match="needs a name"):
        provider_values.checked_name("  ")
