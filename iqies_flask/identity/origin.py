"""Where a request comes from, as far as services need to know it."""

from typing import NamedTuple


class Origin(NamedTuple):
    """Where a request comes from, for the audit log and for e-mails.

    Attributes:
        address: The address; empty for none.
        browser: The browser in a few words; empty for none.
    """

    address: str = ""
    browser: str = ""


NOWHERE = Origin()
