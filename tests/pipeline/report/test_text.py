import io
import re
from dataclasses import replace

from iqies_flask.pipeline.report.model import FinalValidationReport, ProviderName
from iqies_flask.pipeline.report.text import WIDTH, write_summary, write_text

from .examples import SSN_FINDING, record


def written(report: FinalValidationReport) -> str:
    stream = io.StringIO()
    write_text(report, stream)
    return stream.getvalue()


def test_header_lines_stand_in_the_order_of_cms_s_report(report: FinalValidationReport) -> None:
    provider = ProviderName(ccn="999001", name="Testville", facility_id="TESTHHA1", state="IA")
    text = written(replace(report, header=replace(report.header, provider=provider)))
    names = [
        "Submitter Final Validation Report",
        "Submission Date/Time:",
        "Processing Completion Date/Time:",
        "Submission ID:",
        "Submission File Name:",
        "Submission File Status:",
        "State Code:",
        "Facility ID:",
        "Facility Name:",
        "Submitter User ID:",
        "# Records in Submission File:",
        "# Records Processed:",
        "# Records Accepted:",
        "# Records Rejected:",
        "# Duplicate Records:",
        "# Records Submitted Without Facility Authority:",
    ]
    places = [text.index(name) for name in names]
    assert places == sorted(places)


def test_every_record_shows_what_became_of_it_and_its_messages(report: FinalValidationReport) -> None:
    first, second = written(report).split("Record 2:")
    assert "Record 1: Accepted" in first
    assert "No messages." in first
    assert 'M0040_PAT_LNAME: "Testperson" is stored as "TESTPERSON"' in first
    assert second.startswith(" Rejected")
    assert "1. Fatal  OASIS -3110  Format" in second
    assert 'M0064_SSN (Social Security number): "987-65-4320"' in second
    assert "M0064_SSN_UK (Social Security number unknown): not in the record" in second
    assert "What to do: Enter nine digits without dashes." in second


def test_messages_on_the_file_come_before_the_records(report: FinalValidationReport) -> None:
    text = written(report)
    assert text.index("notes.txt is not an XML file") < text.index("Record 1:")


def test_a_validation_offline_says_that_nothing_was_submitted(report: FinalValidationReport) -> None:
    header = replace(report.header, submission_id=None, submitter="")
    text = written(replace(report, header=header))
    assert "none: not submitted" in text
    assert "Submitter User ID" not in text


def test_control_characters_in_a_value_cannot_forge_a_line(report: FinalValidationReport) -> None:
    item = replace(SSN_FINDING.items[0], value="1\nRecord 9: Accepted\x1b[2J")
    finding = replace(SSN_FINDING, items=(item,))
    text = written(replace(report, records=iter([record(1, finding)])))
    assert '"1\\nRecord 9: Accepted\\x1b[2J"' in text
    assert "\x1b" not in text


def test_lines_are_folded_to_the_width(report: FinalValidationReport) -> None:
    finding = replace(SSN_FINDING, message="word " * 200)
    text = written(replace(report, records=iter([record(1, finding)])))
    assert max(len(line) for line in text.splitlines()) <= WIDTH


def test_the_summary_has_one_line_a_record(report: FinalValidationReport) -> None:
    stream = io.StringIO()
    write_summary(report, stream)
    *header, first, second = stream.getvalue().splitlines()
    assert ["#", "Records", "Accepted:", "1"] in [line.split() for line in header]
    assert first.split() == ["1", "record1.xml", "OASIS", "01", "Accepted"]
    assert second.split() == ["2", "record2.xml", "OASIS", "Rejected", "(Fatal", "-3110)"]


def test_every_value_in_the_header_stands_apart_from_its_name(report: FinalValidationReport) -> None:
    counted = [line for line in written(report).splitlines() if line.startswith("#")]
    assert all(re.fullmatch(r"# [^:]+: +\d+", line) for line in counted)
    assert len(counted) == 9
