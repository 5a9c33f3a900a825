"""Payroll Based Journal files: recognized, told of, and handed over once, whole and intact."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from iqies_flask.model import MemoryContent, Receipt, Record, Severity
from iqies_flask.pipeline.chain import Chain, RecordOutcome
from iqies_flask.pipeline.intake import open_batch
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.plugin import Context
from tests.pipeline.files import ASSESSMENT, PBJ, make_zip

RECEIVED = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def host() -> PluginHost:
    return PluginHost.load(entry_points=False)


@pytest.fixture
def offline(host: PluginHost) -> Context:
    return Context(host.specs, RECEIVED, date(2026, 6, 1))


@pytest.fixture
def online(offline: Context, tmp_path: Path) -> Context:
    options = {"pbj_legacy_qies": {"spool": str(tmp_path / "spool")}}
    return replace(offline, offline=False, submission_id=7, options=options)


def pbj(data: bytes = PBJ, number: int = 1, name: str = "../../etc/p.xml") -> Record:
    return Record(number, name, "nursingHomeData", {}, MemoryContent(data))


def check(host: PluginHost, context: Context, record: Record) -> RecordOutcome:
    return Chain(host).check(record, context)


def deliver(host: PluginHost, context: Context, *records: Record) -> list[Receipt] | None:
    chain = Chain(host)
    route = chain.check(records[0], context).route
    assert route is not None
    return chain.deliver(route, records, context)


def spooled(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "spool").iterdir())


def test_a_pbj_file_is_identified_by_its_header(host: PluginHost, offline: Context) -> None:
    outcome = check(host, offline, pbj())
    assert outcome.identification is not None
    assert outcome.identification.system == "PBJ"
    assert outcome.identification.summary.facility_id == "TEST1"
    assert outcome.identification.summary.state == "MD"
    assert outcome.route is not None
    assert outcome.route.destination == "pbj-legacy-qies"


def test_the_user_is_told_that_it_is_not_checked_here(host: PluginHost, offline: Context) -> None:
    [finding] = check(host, offline, pbj()).findings
    assert (finding.edit_id, finding.severity, finding.plugin) == (
        "PBJ-1",
        Severity.ADVICE,
        "pbj_legacy_qies",
    )
    for detail in ("TEST1", "fiscal year 2026", "quarter 2", "4.10.0", "not checked here"):
        assert detail in finding.message


@pytest.mark.parametrize("root", ["ASSESSMENT", "nursinghomedata", ""])
def test_other_files_are_left_to_others(host: PluginHost, offline: Context, root: str) -> None:
    outcome = check(host, offline, replace(pbj(), root=root))
    assert outcome.identification is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<nursingHomeData><employees/></nursingHomeData>", "no complete header"),
        (b"<nursingHomeData><header>", "no complete header"),
        (b"<nursingHomeData>" + b" " * 100_000 + b"<header></header>", "no complete header"),
        (b"<nursingHomeData><header></wrong>", "not well-formed"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><nursingHomeData><header/></nursingHomeData>", "type definition"),
        (b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><nursingHomeData><header/></nursingHomeData>", "type"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused(
    host: PluginHost, offline: Context, data: bytes, words: str
) -> None:
    outcome = check(host, offline, pbj(data))
    [finding] = outcome.findings
    assert finding.edit_id == "PBJ-3"
    assert words in finding.message
    assert outcome.route is None


def test_a_huge_value_in_the_header_is_cut(host: PluginHost, offline: Context) -> None:
    data = (
        b"<nursingHomeData><header><facilityId>" + b"x" * 50_000 + b"</facilityId></header></nursingHomeData>"
    )
    [finding] = check(host, offline, pbj(data)).findings
    assert len(finding.message) < 500


def test_faults_behind_the_header_are_for_qies_to_find(host: PluginHost, offline: Context) -> None:
    assert check(host, offline, pbj(PBJ + b"<<<")).accepted


def test_a_file_is_left_in_the_spool_whole_with_a_receipt(
    host: PluginHost, online: Context, tmp_path: Path
) -> None:
    data = PBJ + b"\r\n" * 100_000
    receipts = deliver(host, online, pbj(data))
    assert receipts is not None
    [receipt] = receipts
    file, slip = tmp_path / "spool" / receipt.reference, tmp_path / "spool" / spooled(tmp_path)[0]
    assert file.read_bytes() == data
    assert json.loads(slip.read_text()) == {
        "reference": receipt.reference,
        "submission_id": 7,
        "record_number": 1,
        "file_name": "../../etc/p.xml",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "delivered_at": receipt.delivered_at.isoformat(),
    }


def test_names_in_the_spool_are_made_of_numbers(host: PluginHost, online: Context, tmp_path: Path) -> None:
    deliver(host, online, pbj())
    name = "pbj-20260601T120000-0000000007-000001"
    assert spooled(tmp_path) == [f"{name}.receipt.json", f"{name}.xml"]


def test_the_spool_is_for_the_operator_alone(host: PluginHost, online: Context, tmp_path: Path) -> None:
    deliver(host, online, pbj())
    assert (tmp_path / "spool").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "spool").iterdir())


def test_the_same_record_is_delivered_once(host: PluginHost, online: Context, tmp_path: Path) -> None:
    first = deliver(host, online, pbj())
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "spool").iterdir()}
    assert deliver(host, online, pbj()) == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "spool").iterdir()} == before


def test_a_file_that_the_gateway_took_is_not_delivered_again(
    host: PluginHost, online: Context, tmp_path: Path
) -> None:
    receipts = deliver(host, online, pbj())
    assert receipts is not None
    (tmp_path / "spool" / receipts[0].reference).unlink()
    assert deliver(host, online, pbj()) == receipts
    assert len(spooled(tmp_path)) == 1


def test_a_file_without_its_receipt_is_delivered_again(
    host: PluginHost, online: Context, tmp_path: Path
) -> None:
    deliver(host, online, pbj())
    receipt, file = (tmp_path / "spool" / name for name in spooled(tmp_path))
    receipt.unlink()
    file.write_bytes(b"half")
    deliver(host, online, pbj())
    assert file.read_bytes() == PBJ
    assert receipt.exists()


def test_records_of_other_submissions_are_other_files(
    host: PluginHost, online: Context, tmp_path: Path
) -> None:
    deliver(host, online, pbj(), pbj(number=2))
    deliver(host, replace(online, submission_id=8), pbj())
    deliver(host, replace(online, received_at=datetime(2027, 1, 1, tzinfo=UTC)), pbj())
    assert len(spooled(tmp_path)) == 8


def test_a_failed_delivery_leaves_nothing_half_done(
    host: PluginHost, online: Context, tmp_path: Path
) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    assert deliver(host, online, pbj()) is None
    (tmp_path / "spool").unlink()
    assert deliver(host, online, pbj()) is not None


def test_the_message_says_what_to_watch_for(host: PluginHost, online: Context) -> None:
    receipts = deliver(host, online, pbj())
    assert receipts is not None
    for words in ("legacy QIES gateway", "not checked here", "Final File Validation Report"):
        assert words in receipts[0].message


def test_without_a_spool_the_file_is_refused_and_kept(host: PluginHost, online: Context) -> None:
    outcome = check(host, replace(online, options={}), pbj())
    assert [finding.edit_id for finding in outcome.findings] == ["PBJ-1", "PBJ-2"]
    assert not outcome.accepted
    assert "is kept" in outcome.findings[1].message


def test_offline_no_spool_is_needed_and_none_is_made(
    host: PluginHost, offline: Context, tmp_path: Path
) -> None:
    assert check(host, offline, pbj()).accepted
    assert not (tmp_path / "spool").exists()


def test_a_file_from_a_zip_is_handed_over_as_it_was(
    host: PluginHost, online: Context, tmp_path: Path
) -> None:
    data = PBJ + b" " * 3_000_000
    with open_batch(make_zip(("a.xml", ASSESSMENT), ("p.xml", data), method=0), "b.zip") as batch:
        [pbj_record] = batch.records(start=2)
        receipts = deliver(host, online, pbj_record)
    assert receipts is not None
    assert (tmp_path / "spool" / receipts[0].reference).read_bytes() == data
