"""The XML of one record: bytes to items.

A plain file, as nearly all are, takes a fast way: lxml parses it, and a few searches through its bytes show
that it holds nothing which needs to be named. Every other file takes the explaining way of `xml_explainer`.
Both give the same items for a plain file.
"""

import re
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from iqies_flask.model import Finding, Message
from iqies_flask.pipeline.limits import KILOBYTE, IntakeLimits
from iqies_flask.pipeline.messages import EMPTY_XML, NOT_XML
from iqies_flask.pipeline.names_met import NamesMet, names_in
from iqies_flask.pipeline.sniffing import FileKind, kind_of
from iqies_flask.pipeline.xml_encoding import UnreadableXmlError, to_utf8
from iqies_flask.pipeline.xml_explainer import LONGEST_NAME, explain
from iqies_flask.plugin import ASSESSMENT_ROOT

_PLAIN_DECLARATION = re.compile(
    rb"<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'](?i:utf-8)[\"'])?(?: standalone=[\"']yes[\"'])? ?\?>"
)
_PLAIN_BYTES = 256 * KILOBYTE
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
)
_NAMES_MET = NamesMet()
_has_text_between = etree.XPath("boolean(text()[normalize-space()])")


@dataclass(slots=True)
class ReadXml:
    """The XML of a record, read.

    Attributes:
        root: Name of the root element; empty where nothing could be read.
        items: Element name to text, in the order of the file.
        findings: What was seen on the way.
        readable: False where the XML is broken or not allowed.
    """

    root: str
    items: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    readable: bool = True


def read_xml(data: bytes, limits: IntakeLimits) -> ReadXml:
    """Read the XML of one record.

    Args:
        data: The file, within ``limits.record_bytes``.
        limits: Bounds on elements and values.

    Returns:
        Its items, or the reason why there are none. Never raises for what is in the file.
    """
    plain = _read_plain(data, limits)
    if plain is not None:
        return plain
    if not data.strip():
        return _refused(EMPTY_XML)
    kind = kind_of(data)
    if kind is not FileKind.XML:
        return _refused(NOT_XML, content=kind)
    notes: list[Finding] = []
    try:
        text, notes = to_utf8(data)
        explained = explain(text, limits)
    except UnreadableXmlError as error:
        return ReadXml("", findings=[*notes, error.finding], readable=False)
    return ReadXml(explained.root, explained.items, [*notes, *explained.findings])


def _refused(message: Message, **details: object) -> ReadXml:
    return ReadXml("", findings=[message.finding(**details)], readable=False)


def _read_plain(data: bytes, limits: IntakeLimits) -> ReadXml | None:
    """Read a plain assessment; None where there is anything that needs a closer look."""
    if not _looks_plain(data, limits) or not _NAMES_MET.lets_through(data):
        return None
    xml = _parse_plain(data, limits)
    _NAMES_MET.note(names_in(data) if xml is None else xml.items.keys())
    return xml


def _looks_plain(data: bytes, limits: IntakeLimits) -> bool:
    """Tell by a few searches whether there can be anything in a file but elements and their text."""
    if len(data) > _PLAIN_BYTES or data.count(b"<") > 2 * limits.elements:
        return False
    # What begins otherwise may have a byte order mark, which decides the encoding.
    if not data.lstrip().startswith(b"<"):
        return False
    start = _declaration_end(data)
    # No attribute or namespace without "=", no DTD, comment or CDATA without "!", no instruction without "?",
    # no other encoding than UTF-8 without NUL.
    return all(data.find(sign, start) < 0 for sign in (b"=", b"!", b"?", b"\x00"))


def _declaration_end(data: bytes) -> int:
    declaration = _PLAIN_DECLARATION.match(data)
    return declaration.end() if declaration else 0


def _parse_plain(data: bytes, limits: IntakeLimits) -> ReadXml | None:
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError:
        return None
    flat_tags = (1 if _declaration_end(data) else 0) + 2 * (len(root) + 1) - data.count(b"/>")
    # More tags than a flat record has belong to nested elements.
    if root.tag != ASSESSMENT_ROOT or data.count(b"<") != flat_tags or _has_text_between(root):
        return None
    # Without comments and instructions all children are elements, and their tags text.
    items = cast("dict[str, str]", {child.tag: child.text or "" for child in root})
    if len(items) != len(root) or not _are_plain(items, limits):
        return None
    return ReadXml(root.tag, items)


def _are_plain(items: dict[str, str], limits: IntakeLimits) -> bool:
    names = "".join(items)
    return (
        names == names.upper()
        and max(map(len, items), default=0) <= LONGEST_NAME
        and max(map(len, items.values()), default=0) <= limits.value_characters
    )
