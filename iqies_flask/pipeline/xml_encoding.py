"""The encoding of an XML file: found out, checked against its declaration, brought to UTF-8."""

import re

from iqies_flask.model import Finding
from iqies_flask.pipeline.messages import (
    BEFORE_DECLARATION,
    BYTE_ORDER_MARK,
    ENCODING_CONTRADICTED,
    ENCODING_UNSUPPORTED,
    ENCODING_UNUSUAL,
    NUL_BYTE,
    UNDECODABLE,
)
from iqies_flask.pipeline.sniffing import UTF8_MARK, UTF16_MARKS

_DECLARED = re.compile(r"<\?xml\s[^>?]*?encoding\s*=\s*[\"']([^\"'>]{1,40})[\"']")
_UTF8_NAMES = frozenset({"utf-8", "utf8"})
_UTF16_NAMES = frozenset({"utf-16", "utf-16le", "utf-16be"})
# Names of Python's codecs, not all of which are encodings of text: so only these, never what a file says.
_SINGLE_BYTE_CODECS = {
    "ascii": "ascii",
    "us-ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "latin1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}


class UnreadableXmlError(Exception):
    """The XML cannot be read; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.edit_id)
        self.finding = finding


def line_at(data: bytes, position: int) -> int:
    """Number of the line, from 1, that a byte is in."""
    return data.count(b"\n", 0, position) + 1


def to_utf8(data: bytes) -> tuple[bytes, list[Finding]]:
    """Bring an XML file to UTF-8.

    Args:
        data: The file.

    Returns:
        The same text in UTF-8 without a byte order mark (its declaration stands as it was), and warnings.

    Raises:
        UnreadableXmlError: The bytes are not in the encoding declared, or in one that is not read here.
    """
    if data.startswith(UTF16_MARKS) or data.startswith((b"<\x00", b"\x00<")):
        return _from_utf16(data)
    if data.startswith(UTF8_MARK):
        mark, notes = len(UTF8_MARK), [BYTE_ORDER_MARK.finding()]
    else:
        mark, notes = 0, []
    _refuse_nul(data)
    _refuse_late_declaration(data[mark:])
    declared = _declared_encoding(data[mark : mark + 200].decode("latin-1"))
    codec = _codec(declared, has_mark=bool(mark))
    try:
        text = data[mark:].decode(codec)
    except UnicodeDecodeError as error:
        position = mark + error.start
        raise UnreadableXmlError(
            UNDECODABLE.finding(
                line=line_at(data, position),
                position=f"{position + 1:,}",
                byte=f"0x{data[position]:02X}",
                encoding=declared or "UTF-8",
            )
        ) from None
    if codec in {"utf-8", "ascii"}:
        return data[mark:], notes
    return text.encode("utf-8"), [*notes, ENCODING_UNUSUAL.finding(encoding=declared)]


def _declared_encoding(start: str) -> str:
    found = _DECLARED.match(start)
    return found[1] if found else ""


def _codec(declared: str, *, has_mark: bool) -> str:
    name = declared.lower()
    if not name or name in _UTF8_NAMES:
        return "utf-8"
    if name in _UTF16_NAMES or has_mark:
        raise UnreadableXmlError(
            ENCODING_CONTRADICTED.finding(
                declared=declared, actual="UTF-8" if has_mark else "one of single bytes, such as UTF-8"
            )
        )
    if name not in _SINGLE_BYTE_CODECS:
        raise UnreadableXmlError(ENCODING_UNSUPPORTED.finding(declared=declared))
    return _SINGLE_BYTE_CODECS[name]


def _from_utf16(data: bytes) -> tuple[bytes, list[Finding]]:
    if data.startswith((b"\xff\xfe\x00\x00", b"<\x00\x00\x00")):
        raise UnreadableXmlError(ENCODING_UNSUPPORTED.finding(declared="UTF-32"))
    codec = "utf-16-le" if data.startswith((b"\xff\xfe", b"<\x00")) else "utf-16-be"
    try:
        text = data.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise UnreadableXmlError(
            UNDECODABLE.finding(
                line=line_at(data, error.start),
                position=f"{error.start + 1:,}",
                byte=f"0x{data[error.start]:02X}",
                encoding="UTF-16",
            )
        ) from None
    declared = _declared_encoding(text[:200])
    if declared and declared.lower() not in _UTF16_NAMES:
        raise UnreadableXmlError(ENCODING_CONTRADICTED.finding(declared=declared, actual="UTF-16"))
    encoded = text.encode("utf-8")
    _refuse_nul(encoded)
    _refuse_late_declaration(encoded)
    return encoded, [ENCODING_UNUSUAL.finding(encoding="UTF-16")]


def _refuse_nul(data: bytes) -> None:
    position = data.find(b"\x00")
    if position >= 0:
        raise UnreadableXmlError(NUL_BYTE.finding(line=line_at(data, position), position=f"{position + 1:,}"))


def _refuse_late_declaration(data: bytes) -> None:
    stripped = data.lstrip()
    if len(stripped) < len(data) and stripped.startswith(b"<?xml "):
        raise UnreadableXmlError(BEFORE_DECLARATION.finding(line=line_at(data, len(data) - len(stripped))))
