import io
from typing import Any

import pytest
from lxml import etree

from iqies_flask.pipeline.report.vut_results import CheckedFile, Tally, read_checked_file, write_results

FILE = CheckedFile("batch.zip", "ab" * 32)


def entry(file_name: str, *severities: str, text: str = "What is wrong.") -> dict[str, Any]:
    return {
        "filename": file_name,
        "validationErrors": [
            {
                "results": {
                    "message_number": number,
                    "error_id": "-3110",
                    "severity": severity,
                    "text": text,
                    "item": "M0064_SSN",
                    "item_value": "987-65-4320",
                }
            }
            for number, severity in enumerate(severities, start=1)
        ],
        "jsonPayload": {},
    }


def written(*entries: dict[str, Any], file: CheckedFile = FILE) -> tuple["etree._Element", Tally]:
    stream = io.BytesIO()
    tally = write_results(file, entries, stream)
    return etree.fromstring(stream.getvalue()), tally


def test_a_file_without_messages_is_accepted() -> None:
    root, tally = written(entry("a.xml"), entry("b.xml"))
    assert (root.tag, root.text, len(root)) == ("validation_results", "Accepted", 0)
    assert tally == Tally(entries=2, fatal=0, warned=0)


def test_messages_of_a_single_file_have_the_elements_of_the_example_client() -> None:
    root, tally = written(entry("a.xml", "Fatal", "Warning"), file=CheckedFile("a.xml", "00"))
    assert [child.tag for child in root] == ["results", "results"]
    assert {child.tag: child.text for child in root[0]} == {
        "message_number": "1",
        "error_id": "-3110",
        "severity": "Fatal",
        "text": "What is wrong.",
        "item": "M0064_SSN",
        "item_value": "987-65-4320",
    }
    assert root[1].findtext("message_number") == "2"
    assert tally == Tally(entries=1, fatal=1, warned=0)


def test_messages_of_a_zip_name_their_record() -> None:
    root, tally = written(entry("a.xml", "Fatal"), entry("b.xml"), entry("c.xml", "Warning"))
    assert [child.findtext("filename") for child in root] == ["a.xml", "c.xml"]
    assert "Accepted" not in "".join(root.itertext())
    assert tally == Tally(entries=3, fatal=1, warned=1)


def test_texts_cannot_break_the_document() -> None:
    root, _ = written(entry("<&>.xml", "Fatal", text='<b> & "\x00\x1f'), file=CheckedFile("\"<&>'", "00"))
    assert root.get("file") == "\"<&>'"
    assert root.findtext("results/text") == '<b> & "\ufffd\ufffd'


@pytest.mark.parametrize("entries", [[], [entry("a.xml", "Fatal")]])
def test_it_can_be_read_whose_results_they_are(entries: list[dict[str, Any]]) -> None:
    stream = io.BytesIO()
    write_results(FILE, entries, stream)
    stream.seek(0)
    assert read_checked_file(stream) == FILE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no XML",
        b"<validation_results>Accepted</validation_results>",
        b'<other file="batch.zip" sha256="00"/>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
    ],
)
def test_other_files_are_nobody_s_results(content: bytes) -> None:
    assert read_checked_file(io.BytesIO(content)) is None
