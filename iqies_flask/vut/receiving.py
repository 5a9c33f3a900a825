"""What the page and the service ask of a request alike: not too many, not at once, not too much in one."""

from collections.abc import Callable

from flask import abort
from werkzeug.datastructures import FileStorage

from iqies_flask.current import current_settings
from iqies_flask.extensions import limiter, network_of_request
from iqies_flask.vut.places import current_places


def content_of(file: FileStorage) -> bytes:
    """Read an uploaded file.

    Raises:
        RequestEntityTooLarge: It is larger than an upload may be.
    """
    limit = current_settings().limits.upload_bytes
    content = file.stream.read(limit + 1)
    if len(content) > limit:
        abort(413)
    return content


def take_place() -> Callable[[], None]:
    """Take a place for the check of the request at hand; what is returned gives it back.

    Raises:
        ServiceUnavailable: No place is free.
    """
    return current_places().take(network_of_request())


limited_by_address = limiter.shared_limit(
    lambda: current_settings().vut_limit_address, scope="vut", methods=["POST"]
)
"""Decorator of the views that check files. One address has one allowance for all of them."""
