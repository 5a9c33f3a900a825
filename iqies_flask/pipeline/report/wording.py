"""Words and numbers that every written form of the report prints in the same way."""

import re
from datetime import date

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def day(value: date | None) -> str:
    """Write a date for programs, as ``YYYY-MM-DD``; no date as an empty text."""
    return value.isoformat() if value else ""


def visible(text: str) -> str:
    r"""Make control characters visible (``\x1b``).

    Submitted values and file names reach terminals and text files: an escape sequence or a line break in
    them must not be able to forge a line of the report.
    """
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def xml_text(text: str) -> str:
    """Replace the characters that XML 1.0 cannot hold (a zip's file names may have them) by U+FFFD."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
