"""Which column of a provider file holds what."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from iqies_flask.access.errors import AccessError

CCN = "ccn"


def find_columns(header: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """Find the columns of a file by their names.

    Args:
        header: The names of its columns, in their order.
        chosen: What the operator says: field to name of its column. It goes before the names
            in CMS's files.

    Returns:
        Field to number of its column, from 0. There is one for the CCN.

    Raises:
        AccessError: A field or a column that the operator names does not exist, a name stands in the header
            twice, or no column holds the CCN.
    """
    names = [_folded(name) for name in header]
    unknown = set(chosen) - set(known_columns())
    if unknown:
        raise AccessError(f"There is no field {min(unknown)}. The fields are: {', '.join(known_columns())}.")
    found: dict[str, int] = {}
    for field, spellings in known_columns().items():
        column = _chosen_column(field, chosen[field], names) if field in chosen else _column(spellings, names)
        if column is None:
            continue
        if names.count(names[column]) > 1:
            raise AccessError(f"Two columns of the file are called “{header[column]}”. Rename one of them.")
        found[field] = column
    if CCN not in found:
        raise AccessError(
            f"No column of the file is known to hold the CCN. Name it: --map ccn=COLUMN. The columns are: "
            f"{', '.join(header)[:500]}."
        )
    return found


@cache
def known_columns() -> Mapping[str, Sequence[str]]:
    """Each field that can be imported, and what its column may be called."""
    known: Mapping[str, Sequence[str]] = tomllib.loads(
        files(__package__).joinpath("columns.toml").read_text("utf-8")
    )
    return known


def _chosen_column(field: str, name: str, names: Sequence[str]) -> int:
    try:
        return names.index(_folded(name))
    except ValueError:
        raise AccessError(f"The file has no column “{name}”, which was to hold {field}.") from None


def _column(spellings: Sequence[str], names: Sequence[str]) -> int | None:
    folded = (_folded(spelling) for spelling in spellings)
    return next((names.index(name) for name in folded if name in names), None)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
