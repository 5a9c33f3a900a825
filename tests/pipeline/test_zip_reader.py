"""The files of a zip: each hostile case gets its own message, and its neighbours are read."""

import io
import struct
import zipfile

import pytest

from iqies_flask.model import Finding, Severity
from iqies_flask.pipeline.limits import IntakeLimits
from iqies_flask.pipeline.zip_reader import UnreadableZipError, ZipReader
from tests.pipeline.files import (
    ASSESSMENT,
    PBJ,
    make_zip,
    overlapping_zip,
    patch_flag,
    patch_method,
)

LIMITS = IntakeLimits()


def reader(data: bytes, limits: IntakeLimits = LIMITS) -> ZipReader:
    return ZipReader(io.BytesIO(data), len(data), limits)


def refusal(data: bytes, limits: IntakeLimits = LIMITS) -> Finding:
    with pytest.raises(UnreadableZipError) as caught:
        reader(data, limits)
    return caught.value.finding


def read_all(archive: ZipReader) -> list[bytes | str]:
    """The bytes of each record, or the id of the reason why there are none."""
    return [
        data.edit_id if isinstance(data := archive.read(record), Finding) else data
        for record in archive.records
    ]


def ids(findings: list[Finding]) -> list[str]:
    return [finding.edit_id for finding in findings]


def test_each_xml_file_is_a_record_in_the_order_of_the_zip() -> None:
    archive = reader(make_zip(("b.xml", b"<B/>"), ("a.XML", b"<A/>")))
    assert [record.file_name for record in archive.records] == ["b.xml", "a.XML"]
    assert read_all(archive) == [b"<B/>", b"<A/>"]
    assert archive.findings == []


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_stored_and_deflated_files_are_read(method: int) -> None:
    assert read_all(reader(make_zip(("a.xml", ASSESSMENT), method=method))) == [ASSESSMENT]


def test_a_zip_without_files_is_refused_with_the_number_of_cms() -> None:
    finding = refusal(make_zip())
    assert (finding.edit_id, finding.system) == ("-1002", "MDS")


@pytest.mark.parametrize("lost", [5, 30])
def test_a_truncated_zip_is_refused_with_the_number_of_cms(lost: int) -> None:
    data = make_zip(("a.xml", ASSESSMENT))
    finding = refusal(data[:-lost])
    assert (finding.edit_id, finding.system) == ("-1001", "MDS")
    assert "its end is missing" in finding.message


def test_a_damaged_table_of_contents_is_refused_with_the_number_of_cms() -> None:
    data = bytearray(make_zip(("a.xml", ASSESSMENT)))
    position = data.rfind(b"PK\x01\x02")
    data[position : position + 4] = b"XXXX"
    finding = refusal(bytes(data))
    assert finding.edit_id == "-1001"
    assert "table of contents" in finding.message


def test_the_number_of_files_is_bounded() -> None:
    data = make_zip(*((f"{number}.xml", b"<A/>") for number in range(4)))
    assert refusal(data, IntakeLimits(members=3)).edit_id == "IF-104"
    assert len(reader(data, IntakeLimits(members=4)).records) == 4


def test_directories_are_passed_over_in_silence() -> None:
    archive = reader(make_zip(("folder/", b""), ("folder/a.xml", b"<A/>")))
    assert [record.file_name for record in archive.records] == ["folder/a.xml"]
    assert archive.findings == []


def test_zip64_is_read() -> None:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.xml", "w", force_zip64=True) as member,
    ):
        member.write(ASSESSMENT)
    assert read_all(reader(buffer.getvalue())) == [ASSESSMENT]


def test_files_that_are_not_xml_are_named_and_no_records() -> None:
    archive = reader(make_zip(("read me.txt", b"hello"), ("a.xml", b"<A/>"), ("scan.pdf", b"%PDF-1")))
    assert read_all(archive) == [b"<A/>"]
    assert ids(archive.findings) == ["IF-111", "IF-111"]
    assert "read me.txt" in archive.findings[0].message
    assert "a PDF document" in archive.findings[1].message


def test_thousands_of_files_that_are_not_xml_are_summed_up() -> None:
    archive = reader(make_zip(*((f"{number}.txt", b"x") for number in range(1020)), ("a.xml", b"<A/>")))
    assert len(archive.findings) == 21
    assert "1,000" in archive.findings[-1].message
    assert read_all(archive) == [b"<A/>"]


def test_thousands_of_zips_in_a_zip_are_summed_up() -> None:
    archive = reader(make_zip(*((f"{number}.zip", make_zip()) for number in range(1020))))
    assert len(archive.findings) == 21
    assert {finding.severity for finding in archive.findings} == {Severity.FATAL}


def test_a_zip_in_a_zip_is_named_and_not_opened() -> None:
    archive = reader(make_zip(("inner.zip", make_zip(("b.xml", b"<B/>"))), ("a.xml", b"<A/>")))
    assert ids(archive.findings) == ["IF-112"]
    assert "inner.zip" in archive.findings[0].message
    assert read_all(archive) == [b"<A/>"]


def test_xml_under_another_name_is_a_record_with_advice() -> None:
    archive = reader(make_zip(("record.dat", ASSESSMENT)))
    assert read_all(archive) == [ASSESSMENT]
    assert ids(list(archive.records[0].findings)) == ["IF-137"]


def test_what_macos_puts_beside_a_file_is_no_record() -> None:
    archive = reader(make_zip(("a.xml", ASSESSMENT), ("__MACOSX/._a.xml", b"\x00\x05\x16\x07")))
    assert read_all(archive) == [ASSESSMENT]
    assert ids(archive.findings) == ["IF-111"]
    assert archive.findings[0].severity is Severity.WARNING


def test_an_encrypted_file_is_refused() -> None:
    archive = reader(patch_flag(make_zip(("a.xml", b"<A/>")), 0x1))
    assert read_all(archive) == ["IF-121"]


def test_an_encrypted_file_that_is_not_named_like_xml_is_skipped() -> None:
    archive = reader(patch_flag(make_zip(("a.txt", b"<A/>")), 0x1))
    assert archive.records == []
    assert ids(archive.findings) == ["IF-111"]


@pytest.mark.parametrize(
    ("method", "name"), [(12, "BZIP2"), (14, "LZMA"), (9, "Deflate64"), (77, "method 77")]
)
def test_other_methods_of_compression_are_refused_by_name(method: int, name: str) -> None:
    archive = reader(patch_method(make_zip(("a.xml", b"<A/>")), method))
    refused = archive.read(archive.records[0])
    assert isinstance(refused, Finding)
    assert refused.edit_id == "IF-122"
    assert name in refused.message


def test_a_wrong_sum_costs_only_its_file() -> None:
    data = bytearray(make_zip(("a.xml", b"<A/>"), ("b.xml", b"<B/>"), method=zipfile.ZIP_STORED))
    data[data.find(b"<A/>") + 1] = ord("X")
    assert read_all(reader(bytes(data))) == ["IF-123", b"<B/>"]


def test_a_damaged_header_costs_only_its_file() -> None:
    data = bytearray(make_zip(("a.xml", b"<A/>"), ("b.xml", b"<B/>")))
    data[0:4] = b"XXXX"
    assert read_all(reader(bytes(data))) == ["IF-123", b"<B/>"]


def test_a_local_name_other_than_in_the_table_is_damage() -> None:
    data = bytearray(make_zip(("a.xml", b"<A/>"), ("b.xml", b"<B/>")))
    data[data.find(b"a.xml")] = ord("z")
    assert read_all(reader(bytes(data))) == ["IF-123", b"<B/>"]


def test_files_that_share_their_data_are_refused() -> None:
    archive = reader(overlapping_zip(["a.xml", "b.xml", "c.xml"], b"<A/>"))
    assert set(read_all(archive)) <= {"IF-124", "IF-123"}
    assert ids([record.refusal for record in archive.records if record.refusal]) == ["IF-124"] * 3


def test_files_beside_those_that_share_their_data_are_read() -> None:
    bomb = overlapping_zip(["a.xml", "b.xml"], b"<A/>")
    honest = make_zip(("c.xml", b"<C/>"))
    table = bomb.find(b"PK\x01\x02")
    honest_table, honest_end = honest.find(b"PK\x01\x02"), honest.find(b"PK\x05\x06")
    entry = bytearray(honest[honest_table:honest_end])
    entry[42:46] = struct.pack("<L", table)
    tables = bomb[table : bomb.find(b"PK\x05\x06")] + bytes(entry)
    end = bytearray(bomb[bomb.find(b"PK\x05\x06") :])
    end[8:12] = struct.pack("<HH", 3, 3)
    end[12:20] = struct.pack("<LL", len(tables), table + honest_table)
    archive = reader(bomb[:table] + honest[:honest_table] + tables + bytes(end))
    assert read_all(archive) == ["IF-124", "IF-124", b"<C/>"]


def test_a_bomb_is_refused_by_what_it_declares() -> None:
    archive = reader(make_zip(("a.xml", b" " * 2_000_000), ("b.xml", b"<B/>")))
    assert read_all(archive) == ["IF-126", b"<B/>"]


def test_a_small_file_may_have_any_ratio() -> None:
    data = b"<A>" + b" " * 500_000 + b"</A>"
    assert read_all(reader(make_zip(("a.xml", data)))) == [data]


def test_a_bomb_that_declares_little_gives_no_more_than_it_declares() -> None:
    honest = make_zip(("a.xml", b"<A/>" + b" " * 4_000_000))
    table = honest.rfind(b"PK\x01\x02")
    lying = bytearray(honest)
    for position in (22, table + 24):
        lying[position : position + 4] = struct.pack("<L", 100)
    archive = reader(bytes(lying))
    assert read_all(archive) == ["IF-123"]
    with archive.content(archive.records[0]).open() as stream, pytest.raises(zipfile.BadZipFile):
        stream.read()


def test_an_assessment_over_its_limit_is_refused() -> None:
    limits = IntakeLimits(record_bytes=len(ASSESSMENT) - 1)
    archive = reader(make_zip(("a.xml", ASSESSMENT), ("b.xml", b"<B/>")), limits)
    assert read_all(archive) == ["IF-125", b"<B/>"]
    assert read_all(reader(make_zip(("a.xml", ASSESSMENT)), IntakeLimits(record_bytes=len(ASSESSMENT)))) == [
        ASSESSMENT
    ]


def test_a_pbj_file_may_be_larger_and_only_its_beginning_is_held() -> None:
    data = PBJ + b" " * 20_000
    limits = IntakeLimits(record_bytes=5_000)
    archive = reader(make_zip(("p.xml", data)), limits)
    assert read_all(archive) == [data[:4096]]
    content = archive.content(archive.records[0])
    with content.open() as stream:
        assert stream.read() == data
    assert content.size == len(data)


def test_a_damaged_pbj_file_is_refused_though_its_beginning_is_whole() -> None:
    data = bytearray(make_zip(("p.xml", PBJ + b" " * 20_000), method=zipfile.ZIP_STORED))
    data[15_000] = ord("x")
    assert read_all(reader(bytes(data))) == ["IF-123"]


def test_a_pbj_file_has_its_limit_too() -> None:
    archive = reader(make_zip(("p.xml", PBJ), ("b.xml", b"<B/>")), IntakeLimits(pbj_bytes=len(PBJ) - 1))
    assert read_all(archive) == ["IF-125", b"<B/>"]


def test_all_files_together_are_bounded_in_the_order_of_the_zip() -> None:
    data = make_zip(("a.xml", b"<A/>"), ("b.xml", b"<BB/>"), ("c.xml", b"<C/>"))
    assert read_all(reader(data, IntakeLimits(total_bytes=8))) == [b"<A/>", "IF-127", "IF-127"]
    assert read_all(reader(data, IntakeLimits(total_bytes=13))) == [b"<A/>", b"<BB/>", b"<C/>"]


def test_refused_files_do_not_use_up_the_total() -> None:
    data = make_zip(("bomb.xml", b" " * 2_000_000), ("b.xml", b"<B/>"))
    assert read_all(reader(data, IntakeLimits(total_bytes=8))) == ["IF-126", b"<B/>"]


@pytest.mark.parametrize(
    ("name", "edit_ids"),
    [
        ("/a.xml", ["IF-131"]),
        ("../a.xml", ["IF-132"]),
        ("folder\\a.xml", ["IF-133"]),
        ("C:/a.xml", ["IF-134"]),
        ("a\x01.xml", ["IF-135"]),
    ],
)
def test_names_that_point_elsewhere_are_a_warning(name: str, edit_ids: list[str]) -> None:
    archive = reader(make_zip((name, b"<A/>")))
    assert read_all(archive) == [b"<A/>"]
    assert ids(list(archive.records[0].findings)) == edit_ids


def test_a_name_that_goes_on_behind_a_nul_is_seen_whole() -> None:
    data = make_zip(("a.xmlX.exe", b"<A/>")).replace(b"a.xmlX.exe", b"a.xml\x00.exe")
    archive = reader(data)
    assert archive.records[0].file_name == "a.xml<U+0000>.exe"


def test_files_of_one_name_are_both_read_with_a_warning() -> None:
    data = make_zip(("a.xml", b"<A/>"), ("b.xml", b"<B/>"), ("a.xml", b"<C/>"))
    archive = reader(data)
    assert read_all(archive) == [b"<A/>", b"<B/>", b"<C/>"]
    assert [ids(list(record.findings)) for record in archive.records] == [[], [], ["IF-136"]]
    assert "record 1" in archive.records[2].findings[0].message


def test_bytes_before_and_after_the_zip_are_a_warning() -> None:
    data = make_zip(("a.xml", b"<A/>"))
    assert ids(reader(b"#!/bin/sh\n" + data).findings) == ["IF-107"]
    assert ids(reader(data + b"tail").findings) == ["IF-108"]
    assert read_all(reader(b"head" + data + b"tail")) == [b"<A/>"]


def test_a_comment_is_no_byte_too_many() -> None:
    assert reader(make_zip(("a.xml", b"<A/>"), comment=b"made by hand")).findings == []


def test_a_link_is_not_followed() -> None:
    buffer = io.BytesIO()
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, "<etc/passwd")
    assert ids(reader(buffer.getvalue()).findings) == ["IF-111"]
