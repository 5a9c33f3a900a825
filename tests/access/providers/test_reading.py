import csv
import io
from datetime import date

import pytest

from iqies_flask.access.errors import AccessError
from iqies_flask.access.providers.reading import Contents, read_file

# The columns of CMS's files that matter, among others, in their order.
NURSING_HOMES = (
    "CMS Certification Number (CCN)",
    "Provider Name",
    "Provider Address",
    "City/Town",
    "State",
    "ZIP Code",
    "Telephone Number",
    "Ownership Type",
    "Legal Business Name",
    "Date First Approved to Provide Medicare and Medicaid Services",
    "Chain Name",
    "Overall Rating",
    "Processing Date",
)
NURSING_HOMES_EARLIER = (
    "Federal Provider Number",
    "Provider Name",
    "Provider Address",
    "Provider City",
    "Provider State",
    "Provider Zip Code",
    "Date First Approved to Provide Medicare and Medicaid services",
)
HOME_HEALTH = (
    "State",
    "CMS Certification Number (CCN)",
    "Provider Name",
    "Address",
    "City/Town",
    "ZIP Code",
    "Telephone Number",
    "Type of Ownership",
    "Certification Date",
    "Quality of patient care star rating",
)


def as_csv(header: tuple[str, ...], *rows: dict[str, str], encoding: str = "utf-8") -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, header, restval="x")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode(encoding)


def read(content: bytes, **chosen: str) -> Contents:
    return read_file(content, chosen, lambda done, total: None)


def refusals(content: bytes, **chosen: str) -> list[tuple[int, str, str, str]]:
    return [(one.line, one.column, one.value, one.why) for one in read(content, **chosen).refusals]


def test_file_of_nursing_homes() -> None:
    row = {
        "CMS Certification Number (CCN)": "015001",
        "Provider Name": "TESTVILLE  HOME, INC.",
        "Provider Address": "1 TEST STREET",
        "City/Town": "TESTVILLE",
        "State": "AL",
        "ZIP Code": "35653",
        "Date First Approved to Provide Medicare and Medicaid Services": "1969-09-01",
        "Chain Name": "TEST CHAIN",
    }
    contents = read(as_csv(NURSING_HOMES, row))
    assert contents.refusals == []
    (taken,) = contents.rows
    assert (taken.line, taken.ccn.text) == (2, "015001")
    assert taken.values == {
        "name": "TESTVILLE HOME, INC.",
        "street": "1 TEST STREET",
        "city": "TESTVILLE",
        "state": "AL",
        "zip": "35653",
        "certified_on": date(1969, 9, 1),
        "group_name": "TEST CHAIN",
    }


def test_earlier_file_of_nursing_homes() -> None:
    row = dict(
        zip(
            NURSING_HOMES_EARLIER,
            ("015001", "N", "S", "C", "AL", "35653", "1969-09-01"),
            strict=True,
        )
    )
    (taken,) = read(as_csv(NURSING_HOMES_EARLIER, row)).rows
    assert set(taken.values) == {"name", "street", "city", "state", "zip", "certified_on"}


def test_file_of_home_health_agencies() -> None:
    row = {
        "State": "CT",
        "CMS Certification Number (CCN)": "077001",
        "Provider Name": "TEST AGENCY",
        "Address": "2 TEST STREET",
        "City/Town": "-",
        "ZIP Code": "06101",
        "Certification Date": "7/1/1966",
    }
    (taken,) = read(as_csv(HOME_HEALTH, row)).rows
    assert taken.values == {
        "name": "TEST AGENCY",
        "street": "2 TEST STREET",
        "state": "CT",
        "zip": "06101",
        "certified_on": date(1966, 7, 1),
    }


def test_file_in_two_encodings_is_refused() -> None:
    first, second = "CCN,Name\n015001,CAFÉ ONE\n".encode(), "015002,CAFÉ TWO\n".encode("cp1252")
    with pytest.raises(AccessError, match=r"Line 3 of the file is not UTF-8, and others are\."):
        read(first + second, name="Name")
    contents = read(b"CCN,Name\n" + second, name="Name")
    assert [row.values["name"] for row in contents.rows] == ["CAFÉ TWO"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings(encoding: str) -> None:
    (taken,) = read("CCN,Provider Name\r\n995001,Résidence “Test”\r\n".encode(encoding)).rows
    assert taken.values["name"] == "Résidence “Test”"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04rest", "a zip file or a workbook"),
        (b"CCN\r\n995001\x81", "not text in UTF-8 or Windows-1252"),
        ("CCN\r\n995001\r\n".encode("utf-16"), "not text in UTF-8 or Windows-1252"),
        (b"", "No column of the file is known to hold the CCN"),
        (b"Facility ID,Facility Name\r\n010001,H\r\n", "The columns are: Facility ID, Facility Name"),
        (b'CCN,Name\r\n995001,"open\r\n', "Line 2 of the file is not CSV"),
        (b"CCN,State,State\r\n995001,CT,CT\r\n", "Two columns of the file are called “State”"),
    ],
)
def test_files_that_cannot_be_read(content: bytes, says: str) -> None:
    with pytest.raises(AccessError, match=says):
        read(content)


def test_columns_are_named_by_the_operator() -> None:
    content = b"Nummer;x,Facility,CCN\r\n997001,Own Name,015001\r\n"
    (taken,) = read(content, ccn="nummer;X", name="Facility").rows
    assert (taken.ccn.text, taken.values["name"]) == ("997001", "Own Name")
    with pytest.raises(AccessError, match="has no column “Name”, which"):
        read(content, name="Name")
    with pytest.raises(AccessError, match=r"There is no field nmae\. The fields are: ccn, name, street"):
        read(content, nmae="Facility")


def test_each_wrong_value_is_named_with_its_place() -> None:
    content = (
        b"CCN,Provider Name,State,ZIP Code,Certification Date,NPI\r\n"
        b'015001,"two\r\nlines",AL,35653,1969-09-01,1234567893\r\n'
        b"015002,N,CT,3565,soon,1234567890\r\n"
        b"\r\n"
        b"010001,Hospital,AL,35653,,\r\n"
        b"015003,N,AL\r\n"
        b"015001,N,AL,,,\r\n"
        b"015004,N,AL,,,\r\n"
    )
    contents = read(content)
    assert [(row.line, row.ccn.text) for row in contents.rows] == [(2, "015001"), (9, "015004")]
    assert contents.rows[0].values["name"] == "two lines"
    assert [(one.line, one.ccn, one.column, one.value) for one in contents.refusals] == [
        (4, "015002", "State", "CT"),
        (4, "015002", "ZIP Code", "3565"),
        (4, "015002", "Certification Date", "soon"),
        (4, "015002", "NPI", "1234567890"),
        (6, "010001", "CCN", "010001"),
        (7, "", "", ""),
        (8, "015001", "CCN", "015001"),
    ]
    assert contents.refusals[-1].why == "Line 2 has the same CCN."
    assert contents.refusals[-2].why == "The row has 3 columns; the first line of the file has 6."


@pytest.mark.parametrize("written", ["15001", "5001", "15001.0", "1.00E+123", "1E5"])
def test_number_that_a_spreadsheet_has_spoilt_is_refused_with_a_hint(written: str) -> None:
    ((line, column, value, why),) = refusals(f"CCN,Provider Name\r\n{written},N\r\n".encode())
    assert (line, column, value) == (2, "CCN", written)
    assert why.endswith(
        " A spreadsheet may have taken it for a number. Import CMS's file as it is, or have the spreadsheet"
        " read this column as text."
    )


def test_number_that_no_spreadsheet_has_spoilt_gets_no_such_hint() -> None:
    ((_, _, _, why),) = refusals(b"CCN,Provider Name\r\n0150011,N\r\n")
    assert "spreadsheet" not in why


def test_progress_goes_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    rows = "".join(f"99{number},N\r\n" for number in range(5000, 6100))
    read_file(f"CCN,Provider Name\r\n{rows}".encode(), {}, lambda done, total: told.append((done, total)))
    assert told == [(501, 1101), (1001, 1101), (1101, 1101)]
