"""Intake: what was submitted becomes records, whatever it is.

A zip gives a record for each XML file in it, an XML file gives one. Nothing that is in the bytes raises:
faults of the file are ``Batch.findings``, faults of one record are that record's, and the others are read as
if it were not there.
"""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from iqies_flask.model import Content, Finding, MemoryContent, Record
from iqies_flask.pipeline import messages
from iqies_flask.pipeline.file_names import display_name
from iqies_flask.pipeline.limits import IntakeLimits, size_in_words
from iqies_flask.pipeline.sniffing import HEAD_BYTES, PBJ_ROOT, FileKind, is_pbj, kind_of
from iqies_flask.pipeline.xml_reader import read_xml
from iqies_flask.pipeline.zip_reader import UnreadableZipError, ZipReader, ZipRecord

__all__ = ["Batch", "IntakeLimits", "open_batch"]


class Batch:
    """The records of one submission. To be closed, or used in a ``with`` statement.

    Attributes:
        findings: On the file as a whole.
    """

    def __init__(self, file: BinaryIO, file_name: str, limits: IntakeLimits, *, owns_file: bool) -> None:
        self.findings: list[Finding] = []
        self._file_name = display_name(file_name)
        self._limits = limits
        self._resources = contextlib.ExitStack()
        self._zip: ZipReader | None = None
        self._xml: bytes | None = None
        if owns_file:
            self._resources.callback(file.close)
        try:
            self._open(file)
        except BaseException:
            self._resources.close()
            raise

    @property
    def record_count(self) -> int:
        """Number of records, readable or not."""
        if self._zip is not None:
            return len(self._zip.records)
        return 0 if self._xml is None else 1

    @property
    def usable(self) -> bool:
        """Whether there is any record; if not, ``findings`` says why."""
        return self.record_count > 0

    def records(self, start: int = 1) -> Iterator[Record]:
        """Read the records one by one, in the order of the file.

        Args:
            start: Number of the first record wanted; those before it are not read.

        Returns:
            Records, each read when it is asked for. The content of a PBJ file can be opened only while the
            batch is open.
        """
        if self._xml is not None and start <= 1:
            yield self._record(1, self._file_name, self._xml, MemoryContent(self._xml))
        if self._zip is not None:
            for number in range(start, len(self._zip.records) + 1):
                yield self._zip_record(number, self._zip, self._zip.records[number - 1])

    def close(self) -> None:
        """Close the file, unless it was handed over open."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, file: BinaryIO) -> None:
        size = file.seek(0, io.SEEK_END)
        if size > self._limits.upload_bytes:
            self.findings.append(
                messages.UPLOAD_TOO_BIG.finding(
                    size=size_in_words(size), limit=size_in_words(self._limits.upload_bytes)
                )
            )
            return
        file.seek(0)
        kind = kind_of(file.read(HEAD_BYTES))
        if kind is FileKind.XML:
            self._note_name(FileKind.XML, ".zip")
            file.seek(0)
            self._xml = file.read()
        elif kind is FileKind.EMPTY:
            self.findings.append(messages.EMPTY_FILE.finding())
        else:
            # Whatever it begins with: a zip that unpacks itself begins as a program.
            self._open_zip(file, size, kind)

    def _open_zip(self, file: BinaryIO, size: int, kind: FileKind) -> None:
        try:
            self._zip = ZipReader(file, size, self._limits)
        except UnreadableZipError as error:
            self.findings.append(error.finding if kind is FileKind.ZIP else self._not_readable(kind))
            return
        self._resources.callback(self._zip.close)
        self._note_name(FileKind.ZIP, ".xml")
        self.findings += self._zip.findings
        if not self._zip.records:
            self.findings.append(messages.NO_XML_MEMBERS.finding())

    def _note_name(self, kind: FileKind, wrong_ending: str) -> None:
        if self._file_name.lower().endswith(wrong_ending):
            self.findings.append(messages.NAME_AND_CONTENT_DIFFER.finding(ending=wrong_ending, content=kind))

    def _not_readable(self, kind: FileKind) -> Finding:
        if self._file_name.lower().endswith(".zip"):
            return messages.NOT_A_ZIP.finding(content=kind)
        return messages.NEITHER_ZIP_NOR_XML.finding(content=kind)

    def _zip_record(self, number: int, archive: ZipReader, member: ZipRecord) -> Record:
        data = archive.read(member)
        if isinstance(data, Finding):
            findings = [*member.findings, data]
            # No content: opening it would undo the refusal.
            return Record(number, member.file_name, "", {}, MemoryContent(b""), findings, readable=False)
        content: Content = archive.content(member) if is_pbj(data) else MemoryContent(data)
        record = self._record(number, member.file_name, data, content)
        record.findings[:0] = member.findings
        return record

    def _record(self, number: int, file_name: str, data: bytes, content: Content) -> Record:
        if is_pbj(data[:HEAD_BYTES]):
            return Record(number, file_name, PBJ_ROOT, {}, content)
        if len(data) > self._limits.record_bytes:
            finding = messages.MEMBER_TOO_BIG.finding(
                size=size_in_words(len(data)),
                limit=size_in_words(self._limits.record_bytes),
                kind="an assessment",
            )
            return Record(number, file_name, "", {}, content, [finding], readable=False)
        xml = read_xml(data, self._limits)
        if xml.readable and xml.root == PBJ_ROOT:
            # Its beginning did not show it, and the rules for assessments are not for it.
            return Record(number, file_name, PBJ_ROOT, {}, content)
        return Record(number, file_name, xml.root, xml.items, content, xml.findings, xml.readable)


def open_batch(source: Path | BinaryIO | bytes, file_name: str, limits: IntakeLimits | None = None) -> Batch:
    """Open what was submitted.

    Args:
        source: A path, a seekable file (left open at the end), or the bytes.
        file_name: As the submitter named it; shown, and never used as a path.
        limits: Bounds; CMS's and the project's own by default.

    Returns:
        The batch, whatever the bytes are; ``usable`` says whether there is anything in it.

    Raises:
        OSError: The file itself cannot be read from the disk.
    """
    limits = limits or IntakeLimits()
    if isinstance(source, bytes):
        return Batch(io.BytesIO(source), file_name, limits, owns_file=True)
    if isinstance(source, Path):
        return Batch(source.open("rb"), file_name, limits, owns_file=True)
    return Batch(source, file_name, limits, owns_file=False)
