"""The files of a release as CMS publishes it: a zip, in it one zip of CSV tables and one of HTML pages.

Everything is read in memory and within bounds. `zipfile` hands out no byte beyond the size that a zip
declares for a file, and checks the sum at the end.
"""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, TypeVar

MEGABYTE = 1024 * 1024

_TABLES = ("itm_mstr", "itm_val", "isc_mstr", "isc_val")
_NEEDED_TABLES = ("itm_mstr", "itm_val")
_EDIT_PAGE = re.compile(r"[a-z]e_\d{4}\.html?", re.IGNORECASE)
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED_FLAG = 0x1
_COPY_BYTES = 64 * 1024
_Read = TypeVar("_Read")
# All that the standard library raises for damaged zips; what it does not know is a RuntimeError as well.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    OverflowError,
    ValueError,
)


class ReleaseError(Exception):
    """A release cannot be imported. The text says what is wrong with which of its files."""


@dataclass(frozen=True, slots=True)
class ReleaseLimits:
    """How much a release may hold. Those of CMS stay below a tenth of each.

    Attributes:
        release_bytes: Size of the release itself.
        file_bytes: Uncompressed size of one file in it.
        total_bytes: Uncompressed size of all that is read.
        ratio: How many times smaller than its content a zipped file may be.
        ratio_free_bytes: Files up to this uncompressed size may have any ratio.
        members: Number of files in one zip.
        rows: Number of rows in one table.
    """

    release_bytes: int = 100 * MEGABYTE
    file_bytes: int = 32 * MEGABYTE
    total_bytes: int = 256 * MEGABYTE
    ratio: int = 200
    ratio_free_bytes: int = 1 * MEGABYTE
    members: int = 20_000
    rows: int = 60_000


Row = dict[str, str]


@dataclass(slots=True)
class ReleaseFiles:
    """What a release holds, decoded.

    Attributes:
        name: Of the zip of tables, without ending: CMS says in it which release it is.
        tables: Name of a table (``itm_mstr``) to its rows.
        pages: Name of an edit's page to its HTML.
    """

    name: str = ""
    tables: dict[str, list[Row]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)


def read_archive(path: Path, limits: ReleaseLimits | None = None) -> ReleaseFiles:
    """Read the tables and the pages of edits of a release.

    Args:
        path: The zip as CMS publishes it.
        limits: Bounds on what is read; ample for CMS's releases by default.

    Raises:
        ReleaseError: It is no release, is damaged or incomplete, or holds more than any release does.
    """
    limits = limits or ReleaseLimits()
    try:
        size = path.stat().st_size
        if size > limits.release_bytes:
            raise ReleaseError(
                f"{path.name} has {_size(size)}; a release has {_size(limits.release_bytes)} at most"
            )
        with path.open("rb") as stream:
            files = _Reader(limits).read(path.name, stream)
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read: {error.strerror}") from None
    missing = [f"{name}.csv" for name in _NEEDED_TABLES if name not in files.tables]
    if not files.pages:
        missing.append("the pages of the edits (oe_NNNN.html, me_NNNN.html)")
    if missing:
        raise ReleaseError(f"{path.name} is no complete release: {' and '.join(missing)} not found in it")
    return files


class _Reader:
    """Counts, over all zips of a release, what was read."""

    def __init__(self, limits: ReleaseLimits) -> None:
        self._limits = limits
        self._total = 0
        self._files = ReleaseFiles()

    def read(self, name: str, stream: IO[bytes]) -> ReleaseFiles:
        with self._opened(name, stream) as archive:
            inner = [info for info in archive.infolist() if _ending(info) == ".zip"]
            if not inner:
                raise ReleaseError(f"{name} holds no zip of CSV tables and none of HTML pages")
            for info in inner:
                self._read_inner(PurePosixPath(info.filename).name, self._content(archive, name, info))
        return self._files

    def _read_inner(self, name: str, content: bytes) -> None:
        with self._opened(name, io.BytesIO(content)) as archive:
            for info in archive.infolist():
                file_name = PurePosixPath(info.filename).name
                table = _table_of(file_name)
                if _ending(info) == ".zip":
                    raise ReleaseError(
                        f"{name} holds another zip, {file_name}: too deep for a release of CMS"
                    )
                if table is not None:
                    text = self._text(file_name, self._content(archive, name, info))
                    _add(
                        self._files.tables,
                        table,
                        _rows(file_name, text, self._limits.rows),
                        f"the table {table}.csv",
                    )
                    self._files.name = self._files.name or name[: -len(".zip")]
                elif _EDIT_PAGE.fullmatch(file_name):
                    text = self._text(file_name, self._content(archive, name, info))
                    _add(self._files.pages, file_name.lower(), text, f"the page {file_name}")

    @contextmanager
    def _opened(self, name: str, stream: IO[bytes]) -> Iterator[zipfile.ZipFile]:
        archive = _guarded(f"{name} is no zip, or is damaged", lambda: zipfile.ZipFile(stream))
        with archive:
            count = len(archive.infolist())
            if count > self._limits.members:
                raise ReleaseError(
                    f"{name} holds {count:,} files; a release has {self._limits.members:,} at most"
                )
            yield archive

    def _content(self, archive: zipfile.ZipFile, zip_name: str, info: zipfile.ZipInfo) -> bytes:
        where = f"{PurePosixPath(info.filename).name} in {zip_name}"
        limits = self._limits
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise ReleaseError(f"{where} is encrypted")
        if info.compress_type not in _METHODS:
            raise ReleaseError(f"{where} is compressed in a way that CMS does not use")
        if info.file_size > limits.file_bytes:
            raise ReleaseError(f"{where} has {_size(info.file_size)}; {_size(limits.file_bytes)} is the most")
        if info.file_size > limits.ratio_free_bytes and info.file_size > info.compress_size * limits.ratio:
            raise ReleaseError(f"{where} grows more than {limits.ratio} times when it is unpacked")
        self._total += info.file_size
        if self._total > limits.total_bytes:
            raise ReleaseError(
                f"the files of the release have more than {_size(limits.total_bytes)} together"
            )
        return _guarded(f"{where} is damaged", lambda: archive.read(info))

    @staticmethod
    def _text(name: str, content: bytes) -> str:
        if b"\0" in content:
            raise ReleaseError(f"{name} is not in the encoding of CMS's releases, windows-1252")
        try:
            return content.decode("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "windows-1252")
        except UnicodeDecodeError as error:
            raise ReleaseError(
                f"{name} is not in the encoding of CMS's releases, windows-1252: byte {error.start + 1}"
            ) from None


def _guarded(problem: str, read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except _ZIP_ERRORS:
        raise ReleaseError(problem) from None


def _add(kept: dict[str, _Read], name: str, value: _Read, what: str) -> None:
    if name in kept:
        raise ReleaseError(f"{what} is in the release twice")
    kept[name] = value


def _ending(info: zipfile.ZipInfo) -> str:
    return PurePosixPath(info.filename).suffix.lower()


def _table_of(file_name: str) -> str | None:
    """Which table a file is: some releases write ``itm_mstr (V3.10.0) DRAFT 09-25-2024.csv``."""
    if not file_name.lower().endswith(".csv"):
        return None
    stem = file_name[: -len(".csv")].lower()
    return next((name for name in _TABLES if re.fullmatch(rf"{name}( .*)?", stem)), None)


def _rows(file_name: str, text: str, most: int) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        for values in reader:
            if not values:
                continue
            if len(rows) == most:
                raise ReleaseError(f"{file_name} has more than {most:,} rows, the most that a release has")
            if len(values) != len(header):
                raise ReleaseError(
                    f"{file_name}, line {reader.line_num}: {len(values)} columns instead of {len(header)}"
                )
            rows.append({name: " ".join(value.split()) for name, value in zip(header, values, strict=True)})
    except csv.Error as error:
        raise ReleaseError(f"{file_name}, line {reader.line_num}: {error}") from None
    return rows


def _size(size: int) -> str:
    return f"{size / MEGABYTE:,.1f} MB"
