"""The files of a zip, read in place: never written to disk, never more at once than one record.

What the zip's table of contents declares decides at opening which files are read at all; reading then counts
again, since `zipfile` hands out no byte beyond the declared size and checks the sum at the end.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from iqies_flask.model import Finding
from iqies_flask.pipeline import messages
from iqies_flask.pipeline.file_names import display_name, name_faults
from iqies_flask.pipeline.limits import IntakeLimits, size_in_words
from iqies_flask.pipeline.sniffing import HEAD_BYTES, FileKind, is_pbj, kind_of

# All that the standard library raises for damaged zips; what it does not know is a RuntimeError as well.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    OSError,
    OverflowError,
    ValueError,
)
_METHOD_NAMES = {
    1: "Shrink",
    6: "Implode",
    9: "Deflate64",
    12: "BZIP2",
    14: "LZMA",
    93: "Zstandard",
    95: "XZ",
}
# Others than these two may ask for gigabytes of memory before the first byte.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED_FLAG = 0x1
_LOCAL_HEADER_BYTES = 30
_END_RECORD = b"PK\x05\x06"
_END_RECORD_BYTES = 22
_LONGEST_COMMENT = 65_535
_COPY_BYTES = 64 * 1024
_LISTED_MEMBERS = 20


class UnreadableZipError(Exception):
    """Nothing in the zip can be read; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.edit_id)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class ZipRecord:
    """A file of the zip that is a record, perhaps one that cannot be read.

    Attributes:
        info: Where it is in the zip.
        file_name: Its name, fit to be shown.
        findings: What is odd about its name or its place in the zip.
        refusal: Why it must not be read; None where it may.
    """

    info: zipfile.ZipInfo
    file_name: str
    findings: tuple[Finding, ...]
    refusal: Finding | None


@dataclass(frozen=True, slots=True)
class ZipContent:
    """The bytes of one file in a zip, for as long as the zip is open."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    @property
    def size(self) -> int:
        """Length in bytes, uncompressed."""
        return self.info.file_size

    def open(self) -> BinaryIO:
        """Open the bytes from their start; the caller closes."""
        return cast(BinaryIO, self.archive.open(self.info))


class ZipReader:
    """An open zip.

    Attributes:
        findings: On the zip and on those of its files that are no records.
        records: The files that are records, in the order of the zip.
    """

    def __init__(self, file: IO[bytes], size: int, limits: IntakeLimits) -> None:
        """Open a zip.

        Args:
            file: Seekable; stays open as long as the reader is used.
            size: Its length in bytes.
            limits: Bounds on sizes and counts.

        Raises:
            UnreadableZipError: Nothing in it can be read.
        """
        self._limits = limits
        self._archive = _open_archive(file)
        try:
            members = self._archive.infolist()
            if not members:
                raise UnreadableZipError(messages.EMPTY_ZIP.finding())
            if len(members) > limits.members:
                raise UnreadableZipError(
                    messages.TOO_MANY_MEMBERS.finding(count=f"{len(members):,}", limit=f"{limits.members:,}")
                )
            self.findings = _surroundings(file, size, members)
            self.records: list[ZipRecord] = []
            self._sort_members(members)
        except BaseException:
            self._archive.close()
            raise

    def close(self) -> None:
        """Close the zip; the file that it was read from stays open."""
        self._archive.close()

    def content(self, record: ZipRecord) -> ZipContent:
        """Give access to the bytes of a record that has no refusal."""
        return ZipContent(self._archive, record.info)

    def read(self, record: ZipRecord) -> bytes | Finding:
        """Read one record.

        Args:
            record: One of ``records``.

        Returns:
            The bytes of an assessment; of a PBJ file, which may be far larger, its beginning, once all of it
            was found intact; or why it cannot be read.
        """
        if record.refusal is not None:
            return record.refusal
        try:
            with self._archive.open(record.info) as stream:
                head = stream.read(HEAD_BYTES)
                if is_pbj(head):
                    while stream.read(_COPY_BYTES):
                        pass
                    return head
                if record.info.file_size > self._limits.record_bytes:
                    return messages.MEMBER_TOO_BIG.finding(
                        size=size_in_words(record.info.file_size),
                        limit=size_in_words(self._limits.record_bytes),
                        kind="an assessment",
                    )
                return head + stream.read()
        except _ZIP_ERRORS:
            return messages.DAMAGED_MEMBER.finding()

    # Sorting the members at opening.

    def _sort_members(self, members: list[zipfile.ZipInfo]) -> None:
        overlapping = _overlapping(members)
        first_of_name: dict[str, int] = {}
        total = 0
        no_records: list[tuple[str, FileKind]] = []
        for info in members:
            if info.is_dir() and not info.file_size:
                continue
            named_xml = info.orig_filename.lower().endswith(".xml")
            is_xml = named_xml and not _is_mac_metadata(info.orig_filename)
            kind = FileKind.XML if is_xml else self._kind(info, overlapping)
            if kind is not FileKind.XML:
                no_records.append((display_name(info.orig_filename), kind))
                continue
            refusal = self._refusal(info, overlapping)
            if refusal is None:
                total += info.file_size
                if total > self._limits.total_bytes:
                    refusal = messages.TOTAL_TOO_BIG.finding(limit=size_in_words(self._limits.total_bytes))
            findings = [fault.finding() for fault in name_faults(info.orig_filename)]
            if not named_xml:
                findings.append(messages.NAME_WITHOUT_XML.finding())
            number = len(self.records) + 1
            first = first_of_name.setdefault(info.orig_filename, number)
            if first != number:
                findings.append(messages.DUPLICATE_NAME.finding(first=first))
            self.records.append(ZipRecord(info, display_name(info.orig_filename), tuple(findings), refusal))
        self.findings += _no_record_findings(no_records)

    def _kind(self, info: zipfile.ZipInfo, overlapping: set[int]) -> FileKind:
        """Say what a file is that is not named like XML."""
        if info.flag_bits & _ENCRYPTED_FLAG or info.compress_type not in _METHODS:
            return FileKind.BINARY
        if id(info) in overlapping or stat.S_ISLNK(info.external_attr >> 16):
            return FileKind.BINARY
        try:
            with self._archive.open(info) as stream:
                return kind_of(stream.read(HEAD_BYTES))
        except _ZIP_ERRORS:
            return FileKind.BINARY

    def _refusal(self, info: zipfile.ZipInfo, overlapping: set[int]) -> Finding | None:
        """Say why a file must not be read, by what the zip's table of contents declares."""
        limits = self._limits
        if info.flag_bits & _ENCRYPTED_FLAG:
            return messages.ENCRYPTED.finding()
        if info.compress_type not in _METHODS:
            method = _METHOD_NAMES.get(info.compress_type, f"method {info.compress_type}")
            return messages.COMPRESSION_METHOD.finding(method=method)
        if id(info) in overlapping:
            return messages.OVERLAPPING_MEMBER.finding()
        if info.file_size > limits.pbj_bytes:
            return messages.MEMBER_TOO_BIG.finding(
                size=size_in_words(info.file_size),
                limit=size_in_words(limits.pbj_bytes),
                kind="any file",
            )
        if info.file_size > limits.ratio_free_bytes and info.file_size > info.compress_size * limits.ratio:
            return messages.RATIO_TOO_HIGH.finding(
                compressed=size_in_words(info.compress_size), size=size_in_words(info.file_size)
            )
        return None


def _is_mac_metadata(name: str) -> bool:
    """Whether a name is one under which macOS puts what it knows of another file beside it."""
    return name.rpartition("/")[2].startswith("._")


def _open_archive(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _ZIP_ERRORS:
        truncated = not _has_end_record(file)
        message = messages.TRUNCATED_ZIP if truncated else messages.DAMAGED_ZIP
        raise UnreadableZipError(message.finding()) from None


def _tail(file: IO[bytes]) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(size - _LONGEST_COMMENT - _END_RECORD_BYTES, 0))
    return file.read()


def _has_end_record(file: IO[bytes]) -> bool:
    tail = _tail(file)
    return 0 <= tail.rfind(_END_RECORD) <= len(tail) - _END_RECORD_BYTES


def _surroundings(file: IO[bytes], size: int, members: list[zipfile.ZipInfo]) -> list[Finding]:
    """Name what stands before and after the zip."""
    findings = []
    before = min(info.header_offset for info in members)
    if before > 0:
        findings.append(messages.BYTES_BEFORE_ZIP.finding(size=size_in_words(before)))
    tail = _tail(file)
    end = tail.rfind(_END_RECORD)
    comment_bytes = int.from_bytes(tail[end + 20 : end + 22], "little")
    after = len(tail) - end - _END_RECORD_BYTES - comment_bytes
    if 0 < after < size:
        findings.append(messages.BYTES_AFTER_ZIP.finding(size=size_in_words(after)))
    return findings


def _overlapping(members: Iterable[zipfile.ZipInfo]) -> set[int]:
    """Find the members, by identity, whose data are also another's.

    Bombs without nesting let thousands of members share one block of data; no honest zip does.
    """
    overlapping: set[int] = set()
    last: zipfile.ZipInfo | None = None
    last_end = 0
    for info in sorted(members, key=lambda one: one.header_offset):
        name_bytes = len(info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437"))
        end = info.header_offset + _LOCAL_HEADER_BYTES + name_bytes + info.compress_size
        if last is not None and info.header_offset < last_end:
            overlapping |= {id(last), id(info)}
        if end > last_end:
            last, last_end = info, end
    return overlapping


def _no_record_findings(no_records: list[tuple[str, FileKind]]) -> Iterator[Finding]:
    zips = [name for name, kind in no_records if kind is FileKind.ZIP]
    others = [(name, kind) for name, kind in no_records if kind is not FileKind.ZIP]
    for name in zips[:_LISTED_MEMBERS]:
        yield messages.NESTED_ZIP.finding(name=name)
    if len(zips) > _LISTED_MEMBERS:
        yield messages.MORE_NESTED_ZIPS.finding(count=f"{len(zips) - _LISTED_MEMBERS:,}")
    for name, kind in others[:_LISTED_MEMBERS]:
        yield messages.MEMBER_NOT_XML.finding(name=name, content=kind)
    if len(others) > _LISTED_MEMBERS:
        yield messages.MORE_MEMBERS_SKIPPED.finding(count=f"{len(others) - _LISTED_MEMBERS:,}")
