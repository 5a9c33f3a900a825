"""The submitted bytes: kept whole in the database, read back piece by piece."""

import hashlib
import io
from dataclasses import dataclass
from typing import IO

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from iqies_flask.extensions import db
from iqies_flask.submissions.models import SubmissionChunk

CHUNK_BYTES = 256 * 1024


class TooLargeError(ValueError):
    """The file has more bytes than are taken."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What was stored.

    Attributes:
        size: Bytes.
        sha256: Their hash in hexadecimal.
    """

    size: int
    sha256: str


def store_content(session: Session, submission_id: int, stream: IO[bytes], limit: int) -> Stored:
    """Copy a stream into the database.

    Args:
        session: A session in a writing transaction, which the caller commits.
        submission_id: Whose bytes they are.
        stream: Read to its end.
        limit: Bytes that are taken at most.

    Raises:
        TooLargeError: There are more; the caller rolls back.
    """
    digest = hashlib.sha256()
    size = number = 0
    while chunk := stream.read(CHUNK_BYTES):
        size += len(chunk)
        if size > limit:
            raise TooLargeError
        digest.update(chunk)
        session.execute(
            insert(SubmissionChunk), {"submission_id": submission_id, "number": number, "content": chunk}
        )
        number += 1
    return Stored(size=size, sha256=digest.hexdigest())


class _ChunkReader(io.RawIOBase):
    """Seekable reader that holds one chunk in memory and no transaction open."""

    def __init__(self, submission_id: int, size: int) -> None:
        self._submission_id = submission_id
        self._size = size
        self._position = 0
        self._number = -1
        self._chunk = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("A negative position cannot be sought.")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._position >= self._size:
            return 0
        number, offset = divmod(self._position, CHUNK_BYTES)
        if number != self._number:
            self._chunk, self._number = self._load(number), number
        piece = self._chunk[offset : offset + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _load(self, number: int) -> bytes:
        # A session of its own, closed at once: a batch may be read for minutes, a snapshot not live so long.
        with db.sessionmaker() as session:
            return session.scalars(
                select(SubmissionChunk.content).where(
                    SubmissionChunk.submission_id == self._submission_id, SubmissionChunk.number == number
                )
            ).one()


def open_content(submission_id: int, size: int) -> io.BufferedReader:
    """Open the bytes of a submission as a seekable stream, for use within the application context.

    Args:
        submission_id: Whose bytes.
        size: How many there are.
    """
    return io.BufferedReader(_ChunkReader(submission_id, size), buffer_size=64 * 1024)
