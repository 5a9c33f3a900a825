"""The slow and explaining way to read the XML of a record: every oddity is found and named with its line.

Expat tells of each comment, attribute and declaration when it meets it, so that reading can stop before a
definition of a document type takes effect. Nothing outside the file is ever opened.
"""

from dataclasses import dataclass, field
from xml.parsers import expat
from xml.parsers.expat import errors as expat_errors

from iqies_flask.model import Finding, ItemValue, Message
from iqies_flask.pipeline import messages
from iqies_flask.pipeline.limits import IntakeLimits
from iqies_flask.pipeline.xml_encoding import UnreadableXmlError, line_at
from iqies_flask.plugin import ASSESSMENT_ROOT

LONGEST_NAME = 64
"""Characters of an element's name; CMS's item ids have up to 25."""

_DEEPEST = 16
_LISTED_FAULTS = 20
_SHOWN_CHARACTERS = 60

_TRUNCATION_CODES = frozenset(
    expat_errors.codes[text]
    for text in (
        expat_errors.XML_ERROR_NO_ELEMENTS,
        expat_errors.XML_ERROR_UNCLOSED_TOKEN,
        expat_errors.XML_ERROR_PARTIAL_CHAR,
        expat_errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)
_AFTER_ROOT = expat_errors.codes[expat_errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]
_MISMATCH = expat_errors.codes[expat_errors.XML_ERROR_TAG_MISMATCH]
_FORBIDDEN_REFERENCE = expat_errors.codes[expat_errors.XML_ERROR_BAD_CHAR_REF]
_UNDEFINED_ENTITY = expat_errors.codes[expat_errors.XML_ERROR_UNDEFINED_ENTITY]


@dataclass(slots=True)
class Explained:
    """What the explaining way found.

    Attributes:
        root: Name of the root element, without a prefix.
        items: Element name to text, in the order of the file; of a doubled element the first.
        findings: Every oddity.
    """

    root: str
    items: dict[str, str]
    findings: list[Finding]


def explain(data: bytes, limits: IntakeLimits) -> Explained:
    """Read the XML of a record and name everything about it that is not plain.

    The rules that items are flat, named in capitals and not doubled are for assessments; of a document with
    another root only the texts straight below the root are read, for the plugin that knows it.

    Args:
        data: In UTF-8, whatever its declaration says; without a byte order mark.
        limits: Bounds on elements and values.

    Raises:
        UnreadableXmlError: The XML is broken or not allowed; the finding says where.
    """
    return _Explainer(data, limits).run()


def shorten(text: str) -> str:
    """Cut a long text for a message, naming its length."""
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return f"{text[:_SHOWN_CHARACTERS]}... ({len(text):,} characters)"


@dataclass(slots=True)
class _Element:
    """An element straight below the root, while it is read."""

    name: str
    line: int
    text: list[str] = field(default_factory=list)
    length: int = 0


@dataclass(slots=True)
class _Oddity:
    """A harmless kind of thing: where it was first met, and how often."""

    line: int
    name: str
    count: int = 0


class _Explainer:
    def __init__(self, data: bytes, limits: IntakeLimits) -> None:
        self._data = data
        self._limits = limits
        self._root = ""
        self._is_assessment = False
        self._path: list[str] = []
        self._elements = 0
        self._current: _Element | None = None
        self._items: dict[str, str] = {}
        self._first_lines: dict[str, int] = {}
        self._faults: dict[Message, list[Finding]] = {}
        self._faults_unlisted: dict[Message, int] = {}
        self._oddities: dict[Message, _Oddity] = {}
        self._lower_case: list[tuple[str, int, str]] = []
        self._parser = self._new_parser()

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.StartElementHandler = self._on_start
        parser.EndElementHandler = self._on_end
        parser.CharacterDataHandler = self._on_text
        parser.CommentHandler = self._on_comment
        parser.StartCdataSectionHandler = self._on_cdata
        parser.ProcessingInstructionHandler = self._on_instruction
        parser.StartDoctypeDeclHandler = self._on_doctype
        parser.EntityDeclHandler = self._on_entity
        parser.EndDoctypeDeclHandler = self._on_doctype_end
        return parser

    def run(self) -> Explained:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            raise UnreadableXmlError(self._broken(error)) from None
        return Explained(self._root, self._items, self._findings())

    # Elements and their text.

    @property
    def _line(self) -> int:
        return self._parser.CurrentLineNumber

    def _on_start(self, name: str, attributes: list[str]) -> None:
        self._elements += 1
        if self._elements > self._limits.elements:
            self._stop(messages.TOO_MANY_ELEMENTS, limit=f"{self._limits.elements:,}")
        if len(self._path) >= _DEEPEST:
            self._stop(messages.TOO_DEEP, limit=_DEEPEST)
        if attributes:
            self._note_attributes(name, attributes)
        prefix, _, local = name.rpartition(":")
        if prefix:
            self._fault(messages.NAMESPACE, name=shorten(name))
        depth = len(self._path)
        if depth == 0:
            self._root = local
            self._is_assessment = local.upper() == ASSESSMENT_ROOT
        elif depth == 1:
            self._current = _Element(local, self._line)
        elif self._is_assessment:
            outer = self._path[-1]
            self._fault(messages.NESTED_ELEMENT, inner=shorten(local), outer=shorten(outer))
        self._path.append(local)

    def _note_attributes(self, name: str, attributes: list[str]) -> None:
        names = attributes[::2]
        default_namespace = "xmlns" in names and attributes[names.index("xmlns") * 2 + 1]
        if default_namespace:
            self._fault(messages.NAMESPACE, name=shorten(name))
        if any(one != "xmlns" for one in names):
            self._oddity(messages.ATTRIBUTES, name)

    def _on_text(self, text: str) -> None:
        element = self._current
        if len(self._path) == 2 and element is not None:
            # Past the limit characters are counted, not kept.
            if element.length <= self._limits.value_characters:
                element.text.append(text)
            element.length += len(text)
        elif len(self._path) == 1 and self._is_assessment and not text.isspace():
            # Expat hands over text when it meets what follows, and is in that line then.
            first_line = self._line - text.lstrip().count("\n")
            self._fault_at(first_line, messages.TEXT_BETWEEN_ELEMENTS, text=shorten(text.strip()))

    def _on_end(self, name: str) -> None:
        self._path.pop()
        if len(self._path) == 1 and self._current is not None:
            self._take(self._current)
            self._current = None

    def _take(self, element: _Element) -> None:
        name, limit = element.name, self._limits.value_characters
        value = "".join(element.text)[:limit]
        if len(name) > LONGEST_NAME:
            self._fault_at(element.line, messages.NAME_TOO_LONG, name=shorten(name), length=f"{len(name):,}")
            return
        if element.length > limit:
            self._fault_at(
                element.line,
                messages.VALUE_TOO_LONG,
                ItemValue(name, value=f"{value[:_SHOWN_CHARACTERS]}..."),
                name=name,
                length=f"{element.length:,}",
                limit=f"{limit:,}",
            )
        if self._is_assessment and name != name.upper():
            self._lower_case.append((name, element.line, value))
        elif name not in self._items:
            self._items[name] = value
            self._first_lines[name] = element.line
        elif self._is_assessment:
            self._fault_at(
                element.line,
                messages.DOUBLED_ELEMENT,
                ItemValue(name, value=shorten(self._items[name])),
                ItemValue(name, value=shorten(value)),
                name=name,
                first=self._first_lines[name],
                second=element.line,
            )

    # What is not an element.

    def _on_comment(self, _text: str) -> None:
        self._oddity(messages.COMMENTS, "")

    def _on_cdata(self) -> None:
        self._oddity(messages.CDATA, "")

    def _on_instruction(self, target: str, _data: str) -> None:
        self._oddity(messages.PROCESSING_INSTRUCTIONS, target)

    def _on_doctype(
        self, _name: str, system_id: str | None, _public_id: str | None, _has_internal_subset: bool
    ) -> None:
        # XML has no public id without a system id.
        if system_id:
            self._stop(messages.EXTERNAL_REFERENCE)

    def _on_entity(
        self,
        name: str,
        _is_parameter_entity: bool,
        _value: str | None,
        _base: str | None,
        system_id: str | None,
        _public_id: str | None,
        _notation: str | None,
    ) -> None:
        if system_id:
            self._stop(messages.EXTERNAL_REFERENCE)
        self._stop(messages.ENTITY, name=shorten(name))

    def _on_doctype_end(self) -> None:
        self._stop(messages.DTD)

    # Findings.

    def _stop(self, message: Message, **details: object) -> None:
        raise UnreadableXmlError(message.finding(line=self._line, **details))

    def _fault(self, message: Message, **details: object) -> None:
        self._fault_at(self._line, message, **details)

    def _fault_at(self, line: int, message: Message, *items: ItemValue, **details: object) -> None:
        listed = self._faults.setdefault(message, [])
        if len(listed) < _LISTED_FAULTS:
            listed.append(message.finding(*items, line=line, **details))
        else:
            self._faults_unlisted[message] = self._faults_unlisted.get(message, 0) + 1

    def _oddity(self, message: Message, name: str) -> None:
        oddity = self._oddities.setdefault(message, _Oddity(self._line, name))
        oddity.count += 1

    def _findings(self) -> list[Finding]:
        findings = [one for listed in self._faults.values() for one in listed]
        findings += [
            messages.MORE_FAULTS.finding(count=f"{count:,}", edit_id=message.edit_id)
            for message, count in self._faults_unlisted.items()
        ]
        if self._lower_case:
            findings.append(self._lower_case_finding())
        findings += [
            message.finding(line=oddity.line, name=shorten(oddity.name), more=_and_more(oddity.count))
            for message, oddity in self._oddities.items()
        ]
        return findings

    def _lower_case_finding(self) -> Finding:
        first, line, _ = self._lower_case[0]
        items = [
            ItemValue(name, value=shorten(value)) for name, _, value in self._lower_case[:_LISTED_FAULTS]
        ]
        return messages.LOWER_CASE_ELEMENT.finding(
            *items, line=line, name=first, upper=first.upper(), more=_and_more(len(self._lower_case))
        )

    # Broken XML.

    def _broken(self, error: expat.ExpatError) -> Finding:
        line, column, position = error.lineno, error.offset + 1, self._parser.ErrorByteIndex
        if error.code == _AFTER_ROOT:
            rest = self._data[position : position + 2]
            second_root = rest[:1] == b"<" and rest[1:2].isalpha()
            return (messages.SECOND_ROOT if second_root else messages.TEXT_AFTER_ROOT).finding(line=line)
        if error.code in _TRUNCATION_CODES:
            end = line_at(self._data, len(self._data.rstrip()))
            return messages.TRUNCATED_XML.finding(line=end, place=self._place(", in the element {}"))
        if error.code == _UNDEFINED_ENTITY:
            return messages.UNDEFINED_ENTITY.finding(line=line, column=column)
        if error.code == _FORBIDDEN_REFERENCE:
            return self._forbidden_reference(line, column, position)
        if error.code == _MISMATCH:
            place = self._place(": the element that is open is {}")
            return messages.TAG_MISMATCH.finding(line=line, column=column, place=place)
        return self._not_well_formed(line, column, position)

    def _not_well_formed(self, line: int, column: int, position: int) -> Finding:
        ampersand = self._lone_ampersand(position)
        if ampersand is not None:
            line, column = self._line_and_column(ampersand)
            return messages.AMPERSAND.finding(line=line, column=column)
        culprit = self._data[position : position + 1]
        if culprit and culprit < b" " and culprit not in b"\t\r\n":
            return messages.FORBIDDEN_CHARACTER.finding(
                line=line, column=column, character=f"0x{culprit[0]:02X}"
            )
        place = self._place(", in or after the element {}")
        return messages.NOT_WELL_FORMED.finding(line=line, column=column, place=place)

    def _lone_ampersand(self, position: int) -> int | None:
        """Find the "&" that was taken for a reference; expat stops where the reference does not go on."""
        if self._data.startswith(b"&", position):
            return position
        last = max(self._data.rfind(sign, 0, position) for sign in (b"&", b";", b"<", b">"))
        return last if last >= 0 and self._data.startswith(b"&", last) else None

    def _line_and_column(self, position: int) -> tuple[int, int]:
        before = self._data[self._data.rfind(b"\n", 0, position) + 1 : position]
        return line_at(self._data, position), len(before.decode(errors="replace")) + 1

    def _forbidden_reference(self, line: int, column: int, position: int) -> Finding:
        end = self._data.find(b";", position) + 1
        reference = shorten(self._data[position:end].decode(errors="replace"))
        return messages.FORBIDDEN_CHARACTER.finding(line=line, column=column, character=reference)

    def _place(self, wording: str) -> str:
        return wording.format(shorten(self._path[-1])) if self._path else ""


def _and_more(count: int) -> str:
    return f" There are {count - 1:,} more like it." if count > 1 else ""
