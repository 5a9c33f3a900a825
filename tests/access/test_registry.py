from datetime import date

import pytest
from flask import Flask

from iqies_flask.access.errors import AccessError
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.registry import add_provider, list_providers, provider_name, provider_of
from iqies_flask.audit import chain
from iqies_flask.audit.search import Filter, find
from iqies_flask.database import write_transaction
from iqies_flask.model import RecordSummary


@pytest.fixture
def other(app: Flask) -> Provider:
    return add_provider("995002", "Sample Nursing", "OH", "SAMPLE002")


@pytest.mark.parametrize(
    ("ccn", "name", "state"),
    [("12345", "N", "CT"), ("12-3456", "N", "CT"), ("123456", " ", "CT"), ("123456", "N", "Connecticut")],
)
def test_providers_that_do_not_do(app: Flask, ccn: str, name: str, state: str) -> None:
    with pytest.raises(AccessError):
        add_provider(ccn, name, state, "F", ProviderKind.SWING_BED)


def test_adding_a_provider_again_changes_it(provider: Provider) -> None:
    add_provider(provider.ccn.lower(), "New Name", "ct", "f2", provider.kind)
    (listed,) = list_providers()
    assert (listed.name, listed.state, listed.facility_id) == ("New Name", "CT", "F2")


def test_provider_is_found_by_ccn(provider: Provider) -> None:
    found = provider_of(RecordSummary(ccn=provider.ccn, state="", facility_id="UNKNOWN"))
    assert found == provider_name(provider)


def test_provider_is_found_by_state_and_facility_id(provider: Provider) -> None:
    found = provider_of(RecordSummary(state="ct", facility_id=" sample001 "))
    assert found == provider_name(provider)


def test_facility_id_counts_in_its_state_only(provider: Provider) -> None:
    assert provider_of(RecordSummary(state="OH", facility_id=provider.facility_id)).ccn == ""


def test_record_that_names_two_providers_belongs_to_neither(provider: Provider, other: Provider) -> None:
    found = provider_of(RecordSummary(ccn=provider.ccn, state=other.state, facility_id=other.facility_id))
    assert found.ccn == ""


def test_facility_with_two_ccns_is_told_apart_by_the_ccn(provider: Provider) -> None:
    swing = add_provider("99Z999", "Sample Swing", "CT", "SAMPLE001", ProviderKind.SWING_BED)
    facility = RecordSummary(state="CT", facility_id="SAMPLE001")
    assert provider_of(facility).ccn == ""
    assert provider_of(RecordSummary(ccn=swing.ccn, state="CT", facility_id="SAMPLE001")).ccn == swing.ccn


def test_what_changes_a_provider_is_in_the_audit_log(provider: Provider) -> None:
    before = chain.length()
    add_provider(provider.ccn, "New Name", "CT", "F", provider.kind)
    (entry,) = find(Filter(), 100).entries[: chain.length() - before]
    assert (entry.action, entry.actor, entry.object_type, entry.object_id) == (
        "provider.changed",
        "command line",
        "provider",
        provider.ccn,
    )
    assert entry.facts == {
        "before": {"name": "Sample Home Health", "facility_id": "SAMPLE001"},
        "after": {"name": "New Name", "facility_id": "F"},
    }
    length = chain.length()
    add_provider(provider.ccn, "New Name", "CT", "F", provider.kind)
    assert chain.length() == length


def test_changing_a_provider_leaves_what_is_not_named(provider: Provider) -> None:
    with write_transaction() as session:
        known = session.get_one(Provider, provider.ccn)
        known.npi, known.terminated_on = "1234567893", date(2026, 1, 31)
    add_provider(provider.ccn, "New Name", "CT", "F", provider.kind)
    (listed,) = list_providers()
    assert (listed.name, listed.npi, listed.terminated_on) == ("New Name", "1234567893", date(2026, 1, 31))
    assert listed.name_folded == "new name"
