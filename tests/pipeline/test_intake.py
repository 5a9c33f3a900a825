"""From a submitted file to records: nothing in it raises, takes much memory or harms its neighbours."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iqies_flask.model import Finding, Record, Severity
from iqies_flask.pipeline import messages
from iqies_flask.pipeline.intake import IntakeLimits, open_batch
from tests.pipeline.files import ASSESSMENT, ITEMS, PBJ, make_zip


def read(data: bytes, name: str = "batch.zip", limits: IntakeLimits | None = None) -> list[Record]:
    with open_batch(data, name, limits or IntakeLimits()) as batch:
        records = list(batch.records())
        assert batch.record_count == len(records)
        assert batch.usable == bool(records)
        return records


def file_findings(data: bytes, name: str = "batch.zip", limits: IntakeLimits | None = None) -> list[Finding]:
    with open_batch(data, name, limits or IntakeLimits()) as batch:
        assert batch.usable or batch.findings
        return batch.findings


def ids(findings: list[Finding]) -> list[str]:
    return [finding.edit_id for finding in findings]


def as_path(data: bytes, folder: Path) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "source",
    [lambda data, _: data, lambda data, _: io.BytesIO(data), as_path],
    ids=["bytes", "open file", "path"],
)
@pytest.mark.parametrize("data", [ASSESSMENT, make_zip(("a.xml", ASSESSMENT))], ids=["XML", "zip"])
def test_all_kinds_of_source_are_read(
    source: Callable[[bytes, Path], Path | bytes | io.BytesIO], data: bytes, tmp_path: Path
) -> None:
    with open_batch(source(data, tmp_path), "upload") as batch:
        [record] = batch.records()
    assert (record.number, record.root, record.items, record.readable) == (1, "ASSESSMENT", ITEMS, True)
    assert record.content.open().read() == ASSESSMENT


def test_an_open_file_is_left_open() -> None:
    file = io.BytesIO(make_zip(("a.xml", ASSESSMENT)))
    with open_batch(file, "a.zip") as batch:
        list(batch.records())
    assert not file.closed


def test_a_missing_path_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_batch(tmp_path / "none.zip", "none.zip")


def test_records_can_be_read_again_from_any_of_them() -> None:
    data = make_zip(*((f"{number}.xml", ASSESSMENT) for number in range(1, 6)))
    with open_batch(data, "a.zip") as batch:
        assert [record.file_name for record in batch.records(start=4)] == ["4.xml", "5.xml"]
        assert [record.number for record in batch.records(start=2)] == [2, 3, 4, 5]
        assert list(batch.records(start=6)) == []


def test_a_single_xml_file_is_one_record_under_its_own_name() -> None:
    with open_batch(ASSESSMENT, "record.xml") as batch:
        assert [record.file_name for record in batch.records()] == ["record.xml"]
        assert list(batch.records(start=2)) == []
        assert batch.findings == []


@pytest.mark.parametrize(
    ("data", "name", "edit_id"),
    [
        (b"", "a.zip", "IF-101"),
        (b"hello", "a.txt", "IF-102"),
        (b"\x1f\x8b\x08\x00", "a.tar.gz", "IF-102"),
        (b"hello", "a.zip", "-1001"),
        (b"Rar!\x1a\x07\x00", "A.ZIP", "-1001"),
        (b"PK\x03\x04", "a.zip", "-1001"),
        (make_zip(("a.xml", ASSESSMENT))[:-10], "a.zip", "-1001"),
        (make_zip(), "a.zip", "-1002"),
        (make_zip(("folder/", b"")), "a.zip", "IF-105"),
    ],
)
def test_files_without_any_record_say_why(data: bytes, name: str, edit_id: str) -> None:
    findings = file_findings(data, name)
    assert ids(findings) == [edit_id]
    assert findings[0].severity is Severity.FATAL
    assert read(data, name) == []


def test_a_zip_of_other_files_names_them_and_that_there_is_no_record() -> None:
    assert ids(file_findings(make_zip(("a.txt", b"x")))) == ["IF-111", "IF-105"]


@pytest.mark.parametrize("data", [ASSESSMENT, make_zip(("a.xml", ASSESSMENT))], ids=["XML", "zip"])
def test_the_size_of_an_upload_is_bounded(data: bytes) -> None:
    assert ids(file_findings(data, limits=IntakeLimits(upload_bytes=len(data) - 1))) == ["IF-103"]
    assert len(read(data, limits=IntakeLimits(upload_bytes=len(data)))) == 1


@pytest.mark.parametrize(
    ("data", "name"), [(ASSESSMENT, "a.zip"), (make_zip(("a.xml", ASSESSMENT)), "a.xml")], ids=["XML", "zip"]
)
def test_a_file_with_the_wrong_ending_is_read_with_a_warning(data: bytes, name: str) -> None:
    assert ids(file_findings(data, name)) == ["IF-106"]
    assert read(data, name)[0].items == ITEMS


@pytest.mark.parametrize("stub", [b"MZ\x00\x01program", b"#!/bin/sh\nexit\n"])
def test_a_zip_that_unpacks_itself_is_read(stub: bytes) -> None:
    data = stub + make_zip(("a.xml", ASSESSMENT))
    assert ids(file_findings(data)) == ["IF-107"]
    assert read(data)[0].items == ITEMS


def test_a_broken_record_costs_its_neighbours_nothing() -> None:
    data = make_zip(("1.xml", ASSESSMENT), ("2.xml", b"<A>"), ("3.xml", b""), ("4.xml", ASSESSMENT))
    records = read(data)
    assert [record.readable for record in records] == [True, False, False, True]
    assert records[0].items == records[3].items == ITEMS
    assert ids(records[1].findings) == ["IF-221"]
    assert ids(records[2].findings) == ["IF-201"]


def test_what_is_odd_about_the_name_stands_before_what_is_odd_inside() -> None:
    assert ids(read(make_zip(("../a.xml", b"<A>")))[0].findings) == ["IF-132", "IF-221"]


def test_a_refused_record_has_no_content_that_could_be_opened() -> None:
    [record] = read(make_zip(("a.xml", b" " * 3_000_000)))
    assert ids(record.findings) == ["IF-126"]
    assert record.content.size == 0


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pbj_file_is_recognized_and_never_parsed(zipped: bool) -> None:
    data = PBJ + b"<not closed"
    with open_batch(make_zip(("p.xml", data)) if zipped else data, "p") as batch:
        [record] = batch.records()
        assert (record.root, record.items, record.findings) == ("nursingHomeData", {}, [])
        with record.content.open() as stream:
            assert stream.read() == data


@pytest.mark.parametrize(
    "data",
    [b"<!--" + b"x" * 5000 + b"-->" + PBJ[PBJ.index(b"<nursing") :], PBJ[39:].decode().encode("utf-16")],
)
def test_a_pbj_file_that_is_recognized_late_is_not_held_to_the_rules_for_assessments(data: bytes) -> None:
    (record,) = read(data, "pbj.xml")
    assert (record.root, record.items, record.findings) == ("nursingHomeData", {}, [])
    with record.content.open() as stream:
        assert stream.read() == data


def test_a_single_assessment_has_its_limit_too() -> None:
    [record] = read(ASSESSMENT, "a.xml", IntakeLimits(record_bytes=100))
    assert ids(record.findings) == ["IF-125"]
    assert not record.readable


def test_a_name_that_cannot_be_shown_is_made_fit() -> None:
    assert read(ASSESSMENT, "a\n.xml")[0].file_name == "a<U+000A>.xml"


# Whatever comes.

NOISE = st.binary(max_size=300)
KNOWN = {message.edit_id for message in messages.CATALOGUE}


def check_bounds(data: bytes) -> list[Record]:
    limits = IntakeLimits(value_characters=50, record_bytes=2_000, total_bytes=10_000)
    with open_batch(data, "noise.zip", limits) as batch:
        records = list(batch.records())
        assert batch.record_count == len(records)
        assert batch.usable or any(finding.severity is Severity.FATAL for finding in batch.findings)
        assert set(ids(batch.findings)) <= KNOWN
    for record in records:
        assert set(ids(record.findings)) <= KNOWN
        assert record.readable or any(finding.severity is Severity.FATAL for finding in record.findings)
        assert all(len(value) <= 50 for value in record.items.values())
        assert all(len(finding.message) < 700 for finding in record.findings)
    assert sum(record.content.size for record in records) <= 10_000
    return records


@given(NOISE)
def test_any_bytes_are_answered(data: bytes) -> None:
    check_bounds(data)


@given(st.lists(st.tuples(st.text(min_size=1, max_size=20), NOISE), max_size=5))
def test_any_files_in_a_zip_are_answered_and_harm_no_neighbour(members: list[tuple[str, bytes]]) -> None:
    encodable = [(name, data) for name, data in members if name.isprintable()]
    data = make_zip(("first.xml", ASSESSMENT), *encodable, ("last.xml", ASSESSMENT))
    records = check_bounds(data)
    assert records[0].items == records[-1].items == ITEMS


@given(st.data())
def test_any_damage_to_a_zip_is_answered(data: st.DataObject) -> None:
    damaged = bytearray(
        make_zip(
            ("a.xml", ASSESSMENT), ("folder/", b""), ("b.txt", b"text"), ("é.xml", ASSESSMENT), comment=b"c"
        )
    )
    for _ in range(data.draw(st.integers(1, 8))):
        position = data.draw(st.integers(0, len(damaged) - 1))
        damaged[position] = data.draw(st.integers(0, 255))
    check_bounds(bytes(damaged[: data.draw(st.integers(len(damaged) - 60, len(damaged)))]))
