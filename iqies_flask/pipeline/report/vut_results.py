"""The results file that a folder listener leaves for each file, as CMS's example client writes it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.sax.saxutils import quoteattr

from lxml import etree

from iqies_flask.pipeline.report.vut import VutEntry
from iqies_flask.pipeline.report.wording import xml_text

ACCEPTED = "Accepted"
"""Stands for the messages where there are none."""

_ROOT = "validation_results"
_MESSAGE = "results"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """Which file results are of.

    Attributes:
        name: Its name.
        sha256: Hash of its content, in hexadecimal.
    """

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What the results of a file came to.

    Attributes:
        entries: One for each record, and one for the file as a whole if that has messages.
        fatal: How many of them have a fatal message.
        warned: How many have warnings only.
    """

    entries: int
    fatal: int
    warned: int


def write_results(file: CheckedFile, entries: Iterable[VutEntry], stream: BinaryIO) -> Tally:
    """Write the results of one file.

    Args:
        file: Named in the attributes of the root, for `read_checked_file`.
        entries: Of the VUT's answer; gone through once, one in memory at a time.
        stream: Open for bytes.

    Returns:
        What was written.
    """
    count = fatal = warned = messages = 0
    identity = f"file={quoteattr(xml_text(file.name))} sha256={quoteattr(file.sha256)}"
    stream.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<{_ROOT} {identity}>'.encode())
    for count, entry in enumerate(entries, start=1):  # noqa: B007 - the last number is how many there were
        severities = {error["results"]["severity"] for error in entry["validationErrors"]}
        fatal += "Fatal" in severities
        warned += bool(severities) and "Fatal" not in severities
        for piece in _messages(file, entry):
            stream.write(piece)
            messages += 1
    stream.write(f"{'' if messages else ACCEPTED}</{_ROOT}>\n".encode())
    return Tally(count, fatal, warned)


def read_checked_file(stream: BinaryIO) -> CheckedFile | None:
    """Read whose results a file holds.

    Args:
        stream: Open for bytes.

    Returns:
        None where the file is no results file of ours.
    """
    try:
        for _, root in etree.iterparse(stream, events=("start",), resolve_entities=False, no_network=True):
            if root.tag == _ROOT and "file" in root.attrib and "sha256" in root.attrib:
                return CheckedFile(root.attrib["file"], root.attrib["sha256"])
            return None
    except etree.XMLSyntaxError:
        pass
    return None


def _messages(file: CheckedFile, entry: VutEntry) -> Iterator[bytes]:
    """Write the messages of one entry, each with the record's name where that is not the file's."""
    name = str(entry["filename"])
    for error in entry["validationErrors"]:
        element = etree.Element(_MESSAGE)
        if name != file.name:
            etree.SubElement(element, "filename").text = xml_text(name)
        for key, value in error["results"].items():
            etree.SubElement(element, key).text = xml_text(str(value))
        text = etree.tostring(element, encoding="utf-8", xml_declaration=False, pretty_print=True)
        yield b"\n" + text.rstrip()
