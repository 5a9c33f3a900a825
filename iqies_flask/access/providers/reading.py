"""Reading a provider file: bytes in; rows, and what is wrong with others, out. Knows no database."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO

from iqies_flask.access.ccn import CCN, parse_ccn
from iqies_flask.access.errors import AccessError
from iqies_flask.access.models import Provider
from iqies_flask.access.npi import checked_npi
from iqies_flask.access.provider_values import (
    checked_facility_id,
    checked_name,
    checked_state,
    checked_text,
    checked_zip,
    read_day,
)
from iqies_flask.access.providers import columns

Value = str | date
Progress = Callable[[int, int], None]
"""Takes how many lines are read, and how many there are."""

_RULES: Mapping[str, Callable[[str], Value]] = {
    "name": checked_name,
    "zip": checked_zip,
    "npi": checked_npi,
    "facility_id": checked_facility_id,
    "certified_on": read_day,
    "terminated_on": read_day,
}
"""The rules of fields that are more than a text."""

_UNSAID = {"", "-", "N/A", "Not Available"}
"""What CMS's files hold where they say nothing."""

_ZERO_LOST = re.compile(r"[0-9]{1,5}")
_AS_A_NUMBER = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+|[0-9]+\.0+", re.IGNORECASE)
_SPREADSHEET = (
    " A spreadsheet may have taken it for a number. Import CMS's file as it is, or have the spreadsheet read "
    "this column as text."
)
_LINES_BETWEEN_PROGRESS = 500
_ZIP_SIGNATURE = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """Why a row of a file is not taken.

    Attributes:
        line: Line of the file on which the row begins, from 1.
        ccn: The row's CCN as it stands there.
        column: Name of the column that is wrong; empty for the row as a whole.
        value: What it holds.
        why: What is wrong with that.
    """

    line: int
    ccn: str
    column: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file that is in order.

    Attributes:
        line: Line of the file on which it begins, from 1.
        ccn: The provider's CCN.
        values: Field to value, as the registry keeps it; a field of which the row says nothing is missing.
    """

    line: int
    ccn: CCN
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file holds.

    Attributes:
        rows: Those that are in order; each CCN once.
        refusals: What is wrong with the others.
    """

    rows: Sequence[Row]
    refusals: Sequence[RowRefusal]


def read_file(content: bytes, chosen: Mapping[str, str], progress: Progress) -> Contents:
    """Read a provider file.

    Args:
        content: CSV with a header, in UTF-8 or Windows-1252.
        chosen: Field to name of its column, where the file's names are not those of CMS's files.
        progress: Is told how far it is.

    Raises:
        AccessError: The file as a whole cannot be read.
    """
    text = _decoded(content)
    lines = max(text.count("\n"), 1)
    records = _records(text)
    header = next(records, (1, []))[1]
    reader = _RowReader(header, columns.find_columns(header, chosen))
    for count, (line, cells) in enumerate(records, start=1):
        if cells:
            reader.take(line, cells)
        if count % _LINES_BETWEEN_PROGRESS == 0:
            progress(line, lines)
    progress(lines, lines)
    return Contents(reader.rows, reader.refusals)


def _decoded(content: bytes) -> str:
    if content.startswith(_ZIP_SIGNATURE):
        raise AccessError("The file is a zip file or a workbook. Unpack it, or save it as CSV.")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            _check_unmixed(content, error)
            continue
        if "\0" not in text:
            return text
    raise AccessError("The file is not text in UTF-8 or Windows-1252. Save it as CSV in UTF-8.")


def _check_unmixed(content: bytes, error: UnicodeDecodeError) -> None:
    """Refuse a file that was put together from two encodings: as either one, some names would be spoilt.

    Raises:
        AccessError: It was. What is Windows-1252 holds as good as no letters of UTF-8 by chance.
    """
    if not content.decode("utf-8", errors="ignore").isascii():
        line = content.count(b"\n", 0, error.start) + 1
        raise AccessError(
            f"Line {line} of the file is not UTF-8, and others are. Save the whole file as CSV in UTF-8."
        )


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record and the line on which it begins."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise AccessError(f"Line {begins} of the file is not CSV: {error}.") from None


class _RowReader:
    """Takes records one by one, and sorts them into rows and refusals."""

    def __init__(self, header: Sequence[str], places: Mapping[str, int]) -> None:
        self._header = header
        self._places = {field: place for field, place in places.items() if field != columns.CCN}
        self._ccn_place = places[columns.CCN]
        self._first_lines: dict[str, int] = {}
        self.rows: list[Row] = []
        self.refusals: list[RowRefusal] = []

    def take(self, line: int, cells: Sequence[str]) -> None:
        """Take a record."""
        if len(cells) != len(self._header):
            why = f"The row has {len(cells)} columns; the first line of the file has {len(self._header)}."
            self.refusals.append(RowRefusal(line, "", "", "", why))
            return
        written = cells[self._ccn_place]
        try:
            ccn = parse_ccn(written)
        except AccessError as error:
            self._refuse(line, written, self._ccn_place, written, f"{error}{_zero_hint(written)}")
            return
        first = self._first_lines.setdefault(ccn.text, line)
        if first != line:
            self._refuse(line, written, self._ccn_place, written, f"Line {first} has the same CCN.")
            return
        self._take_values(line, ccn, cells)

    def _take_values(self, line: int, ccn: CCN, cells: Sequence[str]) -> None:
        before = len(self.refusals)
        values: dict[str, Value] = {}
        for field, place in self._places.items():
            written = cells[place].strip()
            if written in _UNSAID:
                continue
            try:
                values[field] = _value(field, written, ccn)
            except AccessError as error:
                self._refuse(line, ccn.text, place, written, str(error))
        if len(self.refusals) == before:
            self.rows.append(Row(line, ccn, values))

    def _refuse(self, line: int, ccn: str, place: int, value: str, why: str) -> None:
        self.refusals.append(RowRefusal(line, ccn, self._header[place], value, why))


def _value(field: str, written: str, ccn: CCN) -> Value:
    if field == "state":
        return checked_state(written, ccn)
    if field in _RULES:
        return _RULES[field](written)
    return checked_text(written, getattr(Provider, field))


def _zero_hint(written: str) -> str:
    tidy = written.strip()
    return _SPREADSHEET if _ZERO_LOST.fullmatch(tidy) or _AS_A_NUMBER.fullmatch(tidy) else ""
