import io
from dataclasses import replace

import pytest
import xmlschema
from lxml import etree

from iqies_flask.pipeline.report.model import Disposition, FinalValidationReport, ProviderName
from iqies_flask.pipeline.report.xml import SCHEMA, write_xml, write_xml_reports

from .examples import SSN_FINDING, record


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(SCHEMA)


def written(report: FinalValidationReport) -> bytes:
    stream = io.BytesIO()
    write_xml(report, stream)
    return stream.getvalue()


def test_a_report_follows_its_schema(report: FinalValidationReport, schema: xmlschema.XMLSchema) -> None:
    data = written(report)
    schema.validate(io.BytesIO(data))
    root = etree.fromstring(data)
    assert root.findtext("header/submission_id") == "41"
    assert root.findtext("header/counts/accepted") == "1"
    assert root.findtext("file_messages/message/edit_id") == "member-not-xml"
    assert [found.get("number") for found in root.iterfind("records/record")] == ["1", "2"]
    assert root.findtext("records/record[1]/provider/ccn") == "999001"
    assert root.findtext("records/record[1]/change/after") == "TESTPERSON"
    items = root.findall("records/record[2]/message/item")
    assert [(item.get("id"), item.text, item.get("missing")) for item in items] == [
        ("M0064_SSN", "987-65-4320", None),
        ("M0064_SSN_UK", None, "true"),
    ]


@pytest.mark.parametrize("disposition", Disposition)
def test_every_disposition_is_in_the_schema(
    disposition: Disposition, report: FinalValidationReport, schema: xmlschema.XMLSchema
) -> None:
    changed = replace(record(1), disposition=disposition)
    schema.validate(io.BytesIO(written(replace(report, records=iter([changed])))))


def test_a_report_offline_and_still_running_follows_the_schema(
    report: FinalValidationReport, schema: xmlschema.XMLSchema
) -> None:
    header = replace(
        report.header,
        submission_id=None,
        completed_at=None,
        submitter="",
        provider=ProviderName(ccn="999001"),
    )
    data = written(replace(report, header=header, file_findings=(), records=iter(())))
    schema.validate(io.BytesIO(data))
    assert etree.fromstring(data).find("header/submission_id") is None


def test_several_reports_make_one_document(
    report: FinalValidationReport, schema: xmlschema.XMLSchema
) -> None:
    second = replace(report, records=iter([record(1)]))
    stream = io.BytesIO()
    write_xml_reports([report, second], stream)
    schema.validate(io.BytesIO(stream.getvalue()))
    assert len(etree.fromstring(stream.getvalue()).findall("final_validation_report")) == 2


def test_characters_that_xml_cannot_hold_are_replaced(
    report: FinalValidationReport, schema: xmlschema.XMLSchema
) -> None:
    item = replace(SSN_FINDING.items[0], value="a\x00b\ud800<&>")
    changed = replace(record(1, replace(SSN_FINDING, items=(item,))), file_name="a\x1b.xml")
    data = written(replace(report, records=iter([changed])))
    schema.validate(io.BytesIO(data))
    root = etree.fromstring(data)
    assert root.findtext("records/record/file_name") == "a\ufffd.xml"
    assert root.findtext("records/record/message/item") == "a\ufffdb\ufffd<&>"
