"""Keeping what is confidential off the disk, where deleted files can be read for a long time.

Submissions and reports are encrypted in the database. On their way in and out they stay in memory, or are
encrypted as well.
"""

import os
from io import BytesIO, RawIOBase
from typing import IO, BinaryIO, TypedDict

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from flask import Request

from iqies_flask.config import Settings

_KEY_BYTES = 32
_COUNTER_BYTES = 16
_MOST_BODIES = 2
"""Request bodies beyond the limit are read up to this multiple of it, so that their page can be shown."""

_MOST_PENDING_BYTES = 1024 * 1024
_LARGEST_PIECE_BYTES = 64 * 1024 * 1024


class MemoryRequest(Request):
    """A request whose uploaded files stay in memory. ``MAX_CONTENT_LENGTH`` bounds them."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


class ScratchFile(RawIOBase):
    """Encrypts what is written to a file, with a key that nobody keeps.

    Written once from start to end, rewound, then read once likewise.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Take an empty file, and close it in the end.

        Args:
            file: Where the encrypted bytes are kept.
        """
        cipher = Cipher(AES(os.urandom(_KEY_BYTES)), CTR(os.urandom(_COUNTER_BYTES)))
        self._encryptor = cipher.encryptor()
        self._decryptor = cipher.decryptor()
        self._file = file

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def writable(self) -> bool:
        """Whether it can be written: yes."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Append bytes."""
        self._file.write(self._encryptor.update(data))
        return len(data)

    def rewind(self) -> None:
        """Turn from writing to reading."""
        self._file.seek(0)

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read the next bytes."""
        piece = self._decryptor.update(self._file.read(len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class WaitressBuffers(TypedDict):
    """Arguments of waitress: sizes in bytes."""

    max_request_body_size: int
    inbuf_overflow: int
    outbuf_high_watermark: int
    outbuf_overflow: int


def waitress_buffers(settings: Settings) -> WaitressBuffers:
    """Give the arguments by which waitress keeps requests and answers out of temporary files.

    Args:
        settings: For the size of an upload.
    """
    largest_body = _MOST_BODIES * settings.request_bytes
    return {
        "max_request_body_size": largest_body,
        "inbuf_overflow": largest_body,
        # An answer waits for its reader once so much of it is pending, so a buffer holds at most that and
        # the largest piece, a whole page.
        "outbuf_high_watermark": _MOST_PENDING_BYTES,
        "outbuf_overflow": _MOST_PENDING_BYTES + _LARGEST_PIECE_BYTES,
    }
