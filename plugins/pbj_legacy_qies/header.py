"""The header of a PBJ file: the few bytes that say whose it is and for which quarter."""

from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

_CHUNK_BYTES = 4 * 1024
_MOST_BYTES = 64 * 1024
_MOST_CHARACTERS = 64
_FIELDS = frozenset({"facilityId", "stateCode", "reportQuarter", "federalFiscalYear"})


class HeaderError(Exception):
    """The header cannot be read; the text says why."""


@dataclass(slots=True)
class PbjHeader:
    """What the header says, as submitted; empty texts for what is missing.

    Attributes:
        version: ``fileSpecVersion``, such as ``4.10.0``.
        fields: Element name to text.
    """

    version: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def facility_id(self) -> str:
        """The facility's id with its state."""
        return self.fields.get("facilityId", "")

    @property
    def state(self) -> str:
        """State code."""
        return self.fields.get("stateCode", "")

    @property
    def in_words(self) -> str:
        """What the file is for, for a person."""
        parts = {
            "facility": self.facility_id,
            "state": self.state,
            "fiscal year": self.fields.get("federalFiscalYear", ""),
            "quarter": self.fields.get("reportQuarter", ""),
            "file specification": self.version,
        }
        return ", ".join(f"{name} {text}" for name, text in parts.items() if text) or "its header is empty"


def read_header(stream: BinaryIO) -> PbjHeader:
    """Read a PBJ file up to the end of its header, and no more than 64 KB.

    Args:
        stream: The file, at its start.

    Raises:
        HeaderError: The XML is broken before the end of the header, has a document type definition, or has no
            header.
    """
    reader = _HeaderReader()
    total = 0
    while total < _MOST_BYTES and (chunk := stream.read(_CHUNK_BYTES)):
        total += len(chunk)
        if reader.feed(chunk):
            return reader.header
    raise HeaderError("no complete header element stands at its beginning")


class _HeaderReader:
    def __init__(self) -> None:
        self.header = PbjHeader()
        self._complete = False
        self._path: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._on_start
        self._parser.EndElementHandler = self._on_end
        self._parser.CharacterDataHandler = self._on_text
        self._parser.StartDoctypeDeclHandler = self._on_doctype

    def feed(self, chunk: bytes) -> bool:
        """Read on; True once the header is complete."""
        try:
            self._parser.Parse(chunk, False)
        except expat.ExpatError as error:
            # A fault behind the header is for QIES to find.
            if not self._complete:
                raise HeaderError(f"line {error.lineno} is not well-formed XML") from None
        return self._complete

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if not self._complete and self._path[1:] == ["header"]:
            self.header.version = attributes.get("fileSpecVersion", "")[:_MOST_CHARACTERS]

    def _on_end(self, _name: str) -> None:
        self._complete = self._complete or self._path[1:] == ["header"]
        self._path.pop()

    def _on_text(self, text: str) -> None:
        if self._complete or len(self._path) != 3 or self._path[1] != "header":
            return
        name = self._path[2]
        if name in _FIELDS:
            known = self.header.fields.get(name, "")
            self.header.fields[name] = (known + text).strip()[:_MOST_CHARACTERS]

    def _on_doctype(self, *_declaration: object) -> None:
        raise HeaderError("it has a document type definition (<!DOCTYPE ...>), which is not allowed")
