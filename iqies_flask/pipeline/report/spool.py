"""Keeping any number of records of a report until its header is known, in bounded memory."""

import pickle
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from iqies_flask.pipeline.report.model import RecordReport

_MEMORY_BYTES = 8 * 1024 * 1024


class RecordSpool:
    """Records in the order of their arrival: the first few in memory, more in a file.

    The file has no name and is readable by its owner only; it is gone when the spool is closed or the process
    ends. Only this class writes it, so reading pickles back from it is safe.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES)  # noqa: SIM115 - closed by close()
        self._count = 0

    def append(self, record: RecordReport) -> None:
        """Add a record. Not allowed while the records are being read."""
        pickle.dump(record, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._count += 1

    def __iter__(self) -> Iterator[RecordReport]:
        """Read the records back from the first, one at a time."""
        self._file.seek(0)
        for _ in range(self._count):
            yield pickle.load(self._file)  # noqa: S301 - written by append()

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Throw the records away."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
