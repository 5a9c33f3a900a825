"""National Provider Identifiers. Knows no database."""

import re

from iqies_flask.access.errors import AccessError

_FORM = re.compile(r"[12][0-9]{9}")
_PREFIX_SUM = 24
"""What the prefix 80840 adds to the sum: CMS computes the check digit as if it came first."""


def checked_npi(text: str) -> str:
    """Read an NPI: ten digits, the last of which checks the others (Luhn).

    Args:
        text: As typed; spaces and hyphens do no harm.

    Raises:
        AccessError: It is none.
    """
    npi = re.sub(r"[\s\-]", "", text)
    if not _FORM.fullmatch(npi):
        raise AccessError(f"{text.strip()} is no NPI: it has ten digits, of which the first is 1 or 2.")
    if _luhn_sum(npi) % 10:
        raise AccessError(f"{npi} is no NPI: its last digit does not fit the others. Check each digit.")
    return npi


def _luhn_sum(npi: str) -> int:
    doubled = (2 * int(digit) for digit in npi[-2::-2])
    return _PREFIX_SUM + sum(map(int, npi[-1::-2])) + sum(number // 10 + number % 10 for number in doubled)
