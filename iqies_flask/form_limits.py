"""How many parts a form may have, told apart from how large a file in it may be."""

from typing import IO

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from iqies_flask.confidential import MemoryRequest

MOST_PARTS = 50
"""Well above what any form of ours has."""


class FormTooLargeError(RequestEntityTooLarge):
    """A form has too many parts, or too much text in one that is no file; its size as a whole is in order."""


class _FormParser(FormDataParser):
    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        try:
            return super().parse(stream, mimetype, content_length, options)
        except RequestEntityTooLarge:
            # A body of unknown length may also have run over the limit of the whole.
            if content_length is None:
                raise
            raise FormTooLargeError from None


class FormRequest(MemoryRequest):
    """A request that says which limit its form broke."""

    form_data_parser_class = _FormParser
