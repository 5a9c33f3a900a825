"""The spool folder: where files wait for the gateway, each with a receipt beside it.

A file counts as delivered when its receipt is there, which is written last. A gateway takes a file only when
it sees the receipt, and leaves the receipt in place: that is what keeps the same record from being delivered
twice.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from iqies_flask.plugin import Content, Record

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class SubmissionKey:
    """Names a submission for ever: by its time too, since a new database begins to count anew.

    Attributes:
        number: The submission's id.
        received_at: When it was received, UTC.
    """

    number: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Slip:
    """The receipt as it is stored.

    Attributes:
        reference: Name of the file in the spool folder, made of numbers only.
        submission_id: The submission's number.
        record_number: The record's number in it.
        file_name: As the submitter named it; for people, never a path.
        size: In bytes.
        sha256: Of the file, hexadecimal.
        delivered_at: UTC.
    """

    reference: str
    submission_id: int
    record_number: int
    file_name: str
    size: int
    sha256: str
    delivered_at: datetime


class Spool:
    """A spool folder."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which is made if it is not there.

        Args:
            folder: Readable for the operator and the gateway alone.
        """
        self._folder = folder

    def put(self, submission: SubmissionKey, record: Record, now: datetime) -> Slip:
        """Store a file and its receipt; of one that is there already, only give back the receipt.

        Args:
            submission: Which submission it belongs to.
            record: The record.
            now: The time of the receipt, UTC.

        Raises:
            OSError: The folder cannot be written to.
        """
        name = f"pbj-{submission.received_at:%Y%m%dT%H%M%S}-{submission.number:010d}-{record.number:06d}"
        receipt = self._folder / f"{name}.receipt.json"
        if receipt.exists():
            return _read_slip(receipt)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        reference = f"{name}.xml"
        size, sha256 = self._write(self._folder / reference, _chunks(record.content))
        slip = Slip(reference, submission.number, record.number, record.file_name, size, sha256, now)
        self._write(receipt, iter([_slip_bytes(slip)]))
        return slip

    def _write(self, path: Path, chunks: Iterator[bytes]) -> tuple[int, str]:
        """Write a file so that it is there whole or not at all, also after a loss of power."""
        digest, size = hashlib.sha256(), 0
        descriptor, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in chunks:
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        self._flush_folder()
        return size, digest.hexdigest()

    def _flush_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _chunks(content: Content) -> Iterator[bytes]:
    with content.open() as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


def _slip_bytes(slip: Slip) -> bytes:
    fields = {**asdict(slip), "delivered_at": slip.delivered_at.isoformat()}
    return json.dumps(fields, indent=2).encode("utf-8")


def _read_slip(path: Path) -> Slip:
    fields = json.loads(path.read_bytes())
    return Slip(**{**fields, "delivered_at": datetime.fromisoformat(fields["delivered_at"])})
