"""Zips of synthetic records, as a vendor's software would send them."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import BinaryIO

from iqies_flask.specs.pack import Pack
from iqies_flask.specs.sample import edits_broken, make_record, to_xml

_NO_DATE = (1980, 1, 1, 0, 0, 0)


def sample_files(
    pack: Pack,
    subset: str,
    count: int,
    *,
    seed: int,
    break_edit: str | None = None,
    ccn: str = "",
    facility_id: str = "",
    state: str = "",
    accompanied: Callable[[frozenset[str]], object] = frozenset,
) -> Iterator[tuple[str, bytes]]:
    """Make the files of a batch, one at a time.

    Args:
        pack: The data specification to satisfy.
        subset: Item subset code.
        count: Number of records.
        seed: The same seed gives the same files.
        break_edit: Id of the one edit that every record breaks.
        ccn: Provider's CCN; empty for the samples' own.
        facility_id: Provider's submission id, likewise.
        state: Provider's state, likewise.
        accompanied: Told for each record what it breaks beside `break_edit`.

    Raises:
        KeyError: The pack has no such item subset.
        UnbreakableEditError: No record of the subset can break the edit alone.
    """
    given = {"ccn": ccn, "facility_id": facility_id, "state": state}
    fixed = {
        item: value for role, value in given.items() if value for part in pack.roles[role] for item in part
    }
    for number in range(1, count + 1):
        items = make_record(pack, subset, seed=seed, number=number, break_edit=break_edit, fixed=fixed)
        if break_edit:
            accompanied(edits_broken(pack, subset, items, date.today()) - {break_edit})
        broken = f"_breaks_{break_edit.lstrip('-')}" if break_edit else ""
        yield f"{pack.system.lower()}_{subset.lower()}_{number:05d}{broken}.xml", to_xml(items)


def write_zip(files: Iterable[tuple[str, bytes]], stream: BinaryIO) -> None:
    """Zip files so that the same files always give the same bytes.

    Args:
        files: Name and content.
        stream: Open for bytes.
    """
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            member = zipfile.ZipInfo(name, _NO_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
