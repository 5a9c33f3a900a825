"""Names of files for ids, on every file system."""

import re
from collections.abc import Iterable

_UNFIT = re.compile(r"[^a-z0-9._]+")


def file_names(prefix: str, ids: Iterable[str], ending: str = ".html") -> dict[str, str]:
    """Name a file for each id.

    Names are of lower-case letters, digits and signs that need no quoting in an address, so that no two of
    them are one where upper and lower case count the same. Behind a prefix no name is one that Windows
    reserves.

    Args:
        prefix: What every name begins with.
        ids: The ids, in an order that stays the same.
        ending: What every name ends with.

    Returns:
        Id to name. Where two ids would have the same name, the later one is numbered.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for one in ids:
        stem = f"{prefix}-{_UNFIT.sub('-', one.lower()).strip('-.')}"
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name)
        names[one] = name + ending
    return names
