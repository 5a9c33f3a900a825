"""A client of the Validation Utility Tool's web service, this product's or any that answers alike."""

import json
from typing import Any

import urllib3

from iqies_flask.pipeline.report.vut import VutEntry

PATH = "/api/vut/v1/assessmentUpload"
_PART = "assessmentFile"
_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 300.0
_BUSY = frozenset({429, 503})


class ServerError(Exception):
    """The server does not answer as the service does; the text says how it does. Worth another attempt."""


class RefusedFileError(Exception):
    """The server does not take this file; the text says why. Another attempt would end the same."""


class VutClient:
    """Sends files to a server, one at a time."""

    def __init__(self, server: str) -> None:
        """Choose the server.

        Args:
            server: Its address, ``https://host`` or ``https://host/path``, or that of the service itself.
        """
        self._address = server.rstrip("/").removesuffix(PATH) + PATH
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_ANSWER_SECONDS),
            # Another attempt only where the server is busy, when it asks for it. No redirects: assessments go
            # where the user said, and nowhere else.
            retries=urllib3.Retry(
                total=2,
                connect=0,
                read=0,
                redirect=False,
                status_forcelist=_BUSY,
                allowed_methods=None,
                backoff_factor=1,
                raise_on_status=False,
            ),
        )

    def check(self, content: bytes, file_name: str) -> list[VutEntry]:
        """Have one file checked.

        Args:
            content: A zip or an XML file.
            file_name: Its name.

        Raises:
            ServerError: The server cannot be reached, is busy, or answers with something else.
            RefusedFileError: The server does not take this file.
        """
        try:
            answer = self._http.request("POST", self._address, fields={_PART: (file_name, content)})
        except urllib3.exceptions.HTTPError as error:
            raise ServerError(f"{self._address} cannot be reached: {_reason(error)}") from None
        if answer.status == 200:
            return self._entries(answer.data)
        if 400 <= answer.status < 500 and answer.status not in _BUSY | {404, 405}:
            raise RefusedFileError(f"the server refused it: {_detail(answer)}")
        raise ServerError(f"{self._address} answered: {_detail(answer)}")

    def _entries(self, data: bytes) -> list[VutEntry]:
        try:
            entries: list[VutEntry] = json.loads(data)["validationResults"]
            for entry in entries:
                str(entry["filename"])
                for error in entry["validationErrors"]:
                    str(error["results"]["severity"])
        except (KeyError, TypeError, ValueError):
            raise ServerError(
                f"{self._address} answered with something else than the results of a Validation Utility Tool"
            ) from None
        return entries


def _detail(answer: urllib3.BaseHTTPResponse) -> str:
    try:
        problem: Any = json.loads(answer.data)
        return str(problem["detail"])
    except (KeyError, TypeError, ValueError):
        return f"{answer.status} {answer.reason or ''}".strip()


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", None) or error
    return type(cause).__name__
