"""What stands in the query of an address."""

from flask import request

from iqies_flask.database import LARGEST_NUMBER


def entry_asked(name: str) -> int | None:
    """The number of an entry beside which to look; None if there is none.

    Args:
        name: Of the argument.
    """
    asked = request.args.get(name, type=int)
    return None if asked is None else max(0, min(asked, LARGEST_NUMBER))
