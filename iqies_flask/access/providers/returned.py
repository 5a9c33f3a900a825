"""Providers that stand in CMS's file again although the registry says that their certification has ended."""

from dataclasses import dataclass
from datetime import date

from iqies_flask.dates import date_in_words


@dataclass(frozen=True, slots=True)
class Returned:
    """Such a provider.

    Attributes:
        line: Line of the file on which its row begins.
        ccn: Its CCN.
        name: Its name, as it is now.
        terminated_on: Day on which its certification has ended, as the registry says.
    """

    line: int
    ccn: str
    name: str
    terminated_on: date

    @property
    def message(self) -> str:
        """What does not fit, what comes of it, and what to do."""
        return (
            f"{self.ccn} {self.name} is in the file, but in the registry its certification ended on"
            f" {date_in_words(self.terminated_on)}, so no roles are given for it. If it is certified again,"
            " take that day away on its page under Providers."
        )
