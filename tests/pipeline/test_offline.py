import io
import zipfile
from datetime import UTC, datetime

import pytest

from iqies_flask.pipeline.intake import IntakeLimits
from iqies_flask.pipeline.offline import OfflineValidator
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.pipeline.report.model import Disposition
from iqies_flask.specs.sample_batch import sample_files, write_zip

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def host() -> PluginHost:
    return PluginHost.load()


@pytest.fixture
def validator(host: PluginHost) -> OfflineValidator:
    return OfflineValidator(host, IntakeLimits(), NOW)


@pytest.fixture(scope="module")
def mixed(host: PluginHost) -> bytes:
    """A zip of a good record, one cut off, and one that nobody knows."""
    pack = host.specs.get("OASIS", "3.02")
    assert pack is not None
    ((name, content),) = sample_files(pack, "01", 1, seed=1)
    stream = io.BytesIO()
    write_zip([(name, content), ("cut.xml", content[:500]), ("other.xml", b"<other/>")], stream)
    return stream.getvalue()


def test_every_record_is_in_the_report_and_counted(validator: OfflineValidator, mixed: bytes) -> None:
    seen: list[tuple[int, int]] = []
    with validator.report(io.BytesIO(mixed), "mixed.zip", lambda *step: seen.append(step)) as report:
        records = list(report.records)
    assert [entry.disposition for entry in records] == [
        Disposition.ACCEPTED,
        Disposition.REJECTED,
        Disposition.REJECTED,
    ]
    assert report.header.submission_id is None
    assert report.header.counts.in_file == report.header.counts.processed == 3
    assert report.header.counts.fatal == sum(len(entry.findings) for entry in records)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert validator.verdict.fatal
    assert not validator.verdict.unusable


def test_the_entries_of_the_vut_agree_with_the_report(validator: OfflineValidator, mixed: bytes) -> None:
    entries = list(validator.vut_entries(io.BytesIO(mixed), "mixed.zip"))
    with validator.report(io.BytesIO(mixed), "mixed.zip") as report:
        expected = [[finding.edit_id for finding in entry.findings] for entry in report.records]
    listed = [[error["results"]["error_id"] for error in entry["validationErrors"]] for entry in entries]
    assert listed == expected
    assert [entry["jsonPayload"]["systemCode"] for entry in entries] == ["OASIS", "", ""]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and nothing", b"plain text"])
def test_a_file_without_records_is_unusable_and_says_why(validator: OfflineValidator, content: bytes) -> None:
    with validator.report(io.BytesIO(content), "batch.zip") as report:
        assert report.header.file_status == "Completed: file could not be read"
        assert report.file_findings
        assert list(report.records) == []
    assert validator.verdict.unusable


def test_a_file_without_records_has_an_entry_of_the_vut(validator: OfflineValidator) -> None:
    (entry,) = validator.vut_entries(io.BytesIO(b"plain text"), "batch.zip")
    assert entry["filename"] == "batch.zip"
    assert entry["validationErrors"]
    assert validator.verdict.unusable


def test_a_message_on_a_usable_file_is_in_both(validator: OfflineValidator) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("notes.txt", "no record")
        archive.writestr("record.xml", "<other/>")
    with validator.report(stream, "batch.zip") as report:
        noted = [finding.edit_id for finding in report.file_findings]
    entries = list(validator.vut_entries(stream, "batch.zip"))
    assert noted
    assert [error["results"]["error_id"] for error in entries[-1]["validationErrors"]] == noted
