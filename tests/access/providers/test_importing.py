import csv
import io
from datetime import date, timedelta

import pytest
from flask import Flask

from iqies_flask.access.errors import AccessError
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.providers.import_report import write_report
from iqies_flask.access.providers.importing import ImportResult, import_file
from iqies_flask.access.registry import list_providers
from iqies_flask.audit.search import Filter, find
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from tests.at_once import at_once

HEADER = "CCN,Provider Name,State,City/Town,Certification Date,Termination Date\r\n"
WITH_IDS = "CCN,Provider Name,State,FAC_ID\r\n"


def take(*rows: str, header: str = HEADER, skip_refused: bool = False, dry_run: bool = False) -> ImportResult:
    content = (header + "".join(f"{row}\r\n" for row in rows)).encode()
    return import_file(
        "file.csv",
        content,
        chosen={},
        skip_refused=skip_refused,
        dry_run=dry_run,
        progress=lambda done, total: None,
    )


def counts(result: ImportResult) -> tuple[int, int, int, int, bool]:
    return len(result.added), len(result.changed), result.unchanged, result.refused, result.stored


def imports() -> list[dict[str, object]]:
    return [entry.facts for entry in find(Filter(action="provider.imported"), 100).entries]


def test_providers_are_added(app: Flask) -> None:
    assert counts(take("015001,ÄLTER Home,AL,Testville,1970-01-01,", "28Z348,Swing,NE,,,")) == (
        2,
        0,
        0,
        0,
        True,
    )
    first, second = list_providers()
    assert (first.ccn, first.name, first.name_folded) == ("015001", "ÄLTER Home", "älter home")
    assert (first.kind, first.state, first.city) == (
        ProviderKind.SKILLED_NURSING_FACILITY,
        "AL",
        "Testville",
    )
    assert (first.certified_on, first.terminated_on) == (date(1970, 1, 1), None)
    assert (first.facility_id, first.npi, first.zip, first.email_domains) == ("", "", "", [])
    assert (second.kind, second.city, second.branches_known) == (ProviderKind.SWING_BED, "", False)


def test_providers_are_changed_where_the_file_says_something_else(app: Flask, provider: Provider) -> None:
    with write_transaction() as session:
        provider = session.get_one(Provider, provider.ccn)
        provider.city, provider.npi, provider.email_domains = "Testville", "1234567893", ["example.org"]
    take("995001,Other,OH,,,")
    result = take("997999,New Name,CT,,2001-01-01,", "995001,Other,OH,,,")
    assert counts(result) == (0, 1, 1, 0, True)
    (change,) = result.changed
    assert (change.line, change.ccn, change.name) == (2, "997999", "New Name")
    assert change.before == {"name": "Sample Home Health", "certified_on": None}
    assert change.after == {"name": "New Name", "certified_on": date(2001, 1, 1)}
    provider = db.session.get_one(Provider, "997999")
    assert (provider.name, provider.name_folded, provider.certified_on) == (
        "New Name",
        "new name",
        date(2001, 1, 1),
    )
    # What the file does not say stays as it is.
    assert (provider.city, provider.facility_id, provider.npi) == ("Testville", "SAMPLE001", "1234567893")
    assert provider.email_domains == ["example.org"]


def test_state_of_a_new_provider_comes_from_its_number_if_the_row_has_none(app: Flask) -> None:
    result = take("015001,N", "995001,N", header="CCN,Provider Name\r\n", skip_refused=True)
    assert counts(result) == (1, 0, 0, 1, True)
    assert list_providers()[0].state == "AL"
    assert result.refusals[0].why == (
        "This provider is not registered yet, and neither CCN nor row says its state."
    )


def test_nothing_is_taken_where_a_row_is_wrong(app: Flask, provider: Provider) -> None:
    rows = ("995001,Good,CT,,,", "15001,Bad,AL,,,", "997999,New Name,CT,,,")
    result = take(*rows)
    assert counts(result) == (1, 1, 0, 1, False)
    assert [entry.name for entry in list_providers()] == ["Sample Home Health"]
    assert imports() == []
    assert counts(take(*rows, skip_refused=True)) == (1, 1, 0, 1, True)
    assert [entry.name for entry in list_providers()] == ["Good", "New Name"]


def test_dry_run_changes_nothing(app: Flask) -> None:
    assert counts(take("995001,Good,CT,,,", dry_run=True)) == (1, 0, 0, 0, False)
    assert list_providers() == []
    assert imports() == []


def test_rows_that_do_not_fit_the_registry_are_refused_in_the_order_of_the_file(
    app: Flask, provider: Provider
) -> None:
    with write_transaction() as session:
        session.get_one(Provider, provider.ccn).certified_on = date(2001, 1, 2)
    result = take("997999,,,,,2001-01-01", "99X,N,CT,,,", "995001,,CT,,,")
    assert [(one.line, one.ccn) for one in result.refusals] == [(2, "997999"), (3, "99X"), (4, "995001")]
    assert "before it begins on Jan 2, 2001" in result.refusals[0].why
    assert "the row gives it no name" in result.refusals[2].why
    assert counts(take("997999,,,,,2001-01-02")) == (0, 1, 0, 0, True)


def test_many_changes_of_several_kinds_at_once(app: Flask) -> None:
    def rows(name: str, city: str) -> list[str]:
        return [
            f"99{number},{name if number % 2 else 'N'},CT,{city if number % 3 else 'C'},,"
            for number in range(5000, 5400)
        ]

    assert counts(take(*rows("N", "C"))) == (400, 0, 0, 0, True)
    assert counts(take(*rows("N", "C"))) == (0, 0, 400, 0, True)
    assert counts(take(*rows("M", "D"))) == (0, 334, 66, 0, True)
    for provider in list_providers():
        number = int(provider.ccn[2:])
        assert (provider.name, provider.name_folded, provider.city) == (
            "M" if number % 2 else "N",
            "m" if number % 2 else "n",
            "D" if number % 3 else "C",
        )


def test_each_import_is_in_the_audit_log(app: Flask) -> None:
    take("995001,Good,CT,,,", "15001,Bad,AL,,,", skip_refused=True)
    (facts,) = imports()
    assert len(str(facts.pop("sha256"))) == 64
    assert facts == {"file": "file.csv", "added": 1, "changed": 0, "unchanged": 0, "refused": 1}


def test_unreadable_file_changes_nothing(app: Flask) -> None:
    with pytest.raises(AccessError, match="known to hold the CCN"):
        take("x", header="Number\r\n")
    assert imports() == []


def test_report_names_every_row_that_is_not_unchanged(app: Flask, provider: Provider) -> None:
    result = take("995001,=Good,CT,,,", "997999,New Name,CT,T,,", "15001,Bad,AL,,,")
    stream = io.StringIO(newline="")
    write_report(result, stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert [(row["outcome"], row["line"], row["ccn"], row["column"]) for row in rows] == [
        ("added", "2", "995001", ""),
        ("changed", "3", "997999", "name"),
        ("changed", "3", "997999", "city"),
        ("refused", "4", "15001", "CCN"),
    ]
    assert [(row["before"], row["value"]) for row in rows] == [
        ("", "'=Good"),
        ("Sample Home Health", "New Name"),
        ("", "T"),
        ("", "15001"),
    ]
    assert "zero at the front" in rows[3]["why"]


def test_report_names_what_is_warned_of(app: Flask) -> None:
    stream = io.StringIO(newline="")
    write_report(take("015001,One,AL,ID1", "015002,Two,AL,ID1", header=WITH_IDS), stream)
    row = list(csv.DictReader(io.StringIO(stream.getvalue())))[-1]
    assert (row["outcome"], row["ccn"], row["value"]) == ("warning", "015001 015002", "ID1")
    assert "have the same facility ID" in row["why"]


def test_a_facility_id_of_two_providers_is_warned_of_and_both_are_kept(app: Flask) -> None:
    result = take("015002,Two,AL,ID1", "015001,One,AL,id1", "077001,Agency,CT,ID1", header=WITH_IDS)
    assert counts(result) == (3, 0, 0, 0, True)
    (shared,) = result.shared
    assert (shared.facility_id, shared.state, shared.ccns) == ("ID1", "AL", ("015001", "015002"))
    assert "015001 and 015002, in AL, have the same facility ID ID1." in shared.message
    assert [provider.facility_id for provider in list_providers()] == ["ID1", "ID1", "ID1"]


def test_a_facility_id_that_a_registered_provider_has_is_warned_of(app: Flask) -> None:
    take("015001,One,AL,ID1", "015002,Two,AL,ID2", "015003,Three,AL,", header=WITH_IDS)
    assert take("015003,Three,AL,ID1", header=WITH_IDS, dry_run=True).shared[0].ccns == ("015001", "015003")
    # Two that exchange theirs have none in common.
    assert take("015001,One,AL,ID2", "015002,Two,AL,ID1", header=WITH_IDS).shared == []
    (shared,) = take("015003,Three,AL,ID1", header=WITH_IDS).shared
    assert shared.ccns == ("015002", "015003")
    # As long as it is so, whatever else a file says of one of them.
    assert take("015003,Other,AL,,,").shared[0].ccns == ("015002", "015003")
    assert take("015001,Other,AL,,,").shared == []


def test_a_row_that_is_refused_has_no_facility_id_in_common(app: Flask) -> None:
    take("015001,One,AL,ID1", header=WITH_IDS)
    result = take("015002,,AL,ID1", "015003,Three,AL,", header=WITH_IDS, skip_refused=True)
    assert counts(result) == (1, 0, 0, 1, True)
    assert result.shared == []


def test_providers_without_a_facility_id_have_none_in_common(app: Flask) -> None:
    assert take("015001,One,AL,", "015002,Two,AL,-", header=WITH_IDS).shared == []


def test_names_that_are_longer_in_lower_case_are_kept(app: Flask) -> None:
    name = "ŉ" * 200
    assert len(name.casefold()) > 200
    assert take(f"015001,{name},AL,,,").stored
    assert take(f"015001,{name[1:]}ß,AL,,,").stored
    with write_transaction() as session:
        provider = session.get_one(Provider, "015001")
        assert provider.name == f"{name[1:]}ß"
        assert provider.name_folded == name.casefold()[:200]
        provider.name = name


def test_of_imports_at_once_one_is_taken_or_told_to_come_again(app: Flask) -> None:
    def act() -> str:
        try:
            take("015001,One,AL,,,", "015002,Two,AL,,,")
        except AccessError as error:
            return str(error)
        return "taken"

    others = {came_of for came_of in at_once(app, 3, act) if came_of != "taken"}
    assert all(came_of.endswith("Import the file again.") for came_of in others)
    assert [provider.name for provider in list_providers()] == ["One", "Two"]
    assert len(imports()) >= 1


def test_providers_that_are_in_the_file_again_after_their_end_are_named(app: Flask) -> None:
    take("015001,Old Name,AL,,1970-01-01,2024-05-06", "015002,Two,AL,,,", "015003,Three,AL,,,")
    with write_transaction() as session:
        session.get_one(Provider, "015003").terminated_on = utc_now().date() + timedelta(days=5)
    result = take("015001,New Name,AL,,,", "015002,Two,AL,,,", "015003,Three,AL,,,", "015004,Four,AL,,,")
    (returned,) = result.returned
    assert (returned.line, returned.ccn, returned.name) == (2, "015001", "New Name")
    assert "ended on May 6, 2024" in returned.message
    # The file may say so, too; and the registry keeps what it knows.
    assert take("015001,New Name,AL,,,2024-05-06").returned == []
    assert list_providers()[0].terminated_on == date(2024, 5, 6)
    stream = io.StringIO()
    write_report(result, stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert [
        (row["line"], row["ccn"], row["column"], row["before"]) for row in rows if row["outcome"] == "warning"
    ] == [("2", "015001", "terminated_on", "2024-05-06")]
