"""Files to submit, made for tests: synthetic records of obviously invented persons."""

import io
import zipfile
from collections.abc import Mapping
from functools import cache

from lxml import etree

from iqies_flask.identity.models import User
from iqies_flask.plugin import bundled_packs
from iqies_flask.specs.locator import own_locator
from iqies_flask.specs.pack import BLANK, Pack
from iqies_flask.specs.registry import SpecRegistry
from iqies_flask.specs.sample import make_record, to_xml
from iqies_flask.submissions.models import Submission
from iqies_flask.submissions.service import receive

PBJ = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<nursingHomeData><header fileSpecVersion="4.00.0">'
    b"<facilityId>SAMPLE001</facilityId><stateCode>CT</stateCode><reportQuarter>1</reportQuarter>"
    b"<federalFiscalYear>2026</federalFiscalYear></header></nursingHomeData>"
)
BROKEN = b"<ASSESSMENT><ASMT_SYS_CD>OASIS"


@cache
def _pack(system: str, version: str) -> Pack:
    pack = SpecRegistry(bundled_packs(system.lower())).get(system, version)
    assert pack is not None
    return pack


def oasis(number: int, seed: int = 1, fixed: Mapping[str, str] | None = None) -> bytes:
    return to_xml(make_record(_pack("OASIS", "3.02"), "01", seed=seed, number=number, fixed=fixed or {}))


def mds(number: int, seed: int = 1, fixed: Mapping[str, str] | None = None) -> bytes:
    return to_xml(make_record(_pack("MDS", "3.10"), "NC", seed=seed, number=number, fixed=fixed or {}))


def record_of(content: bytes) -> dict[str, str]:
    """The items of a record."""
    return {str(item.tag): item.text or "" for item in etree.fromstring(content)}


def correction_of(original: bytes, kind: str, number: str, **change: str) -> bytes:
    """A modification (2) or inactivation (3) of a record, with some items changed against it."""
    items = record_of(original)
    system = items["ASMT_SYS_CD"]
    pack = _pack(system, {"MDS": "3.10", "OASIS": "3.02"}[system])
    named = {
        rule.correction_item: value or BLANK
        for rule, value in zip(pack.locator, own_locator(items, pack), strict=True)
    }
    (kind_item,), (number_item,) = (
        next(iter(pack.roles[role])) for role in ("transaction", "correction_number")
    )
    fixed = {**named, kind_item: kind, number_item: number, **change}
    if kind == "2" and system == "OASIS":
        return to_xml({**items, **fixed})
    subset = "XX" if kind == "3" else items["ITM_SBST_CD"]
    given = fixed if kind == "3" else {**_without_section_x(items), **fixed}
    return to_xml(make_record(pack, subset, seed=1, number=1, fixed=given))


def _without_section_x(items: Mapping[str, str]) -> dict[str, str]:
    """In section X a new record has nothing, and a modification much."""
    return {item: value for item, value in items.items() if not item.startswith("X")}


def zip_of(*members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members, start=1):
            archive.writestr(f"record{number:05}.xml", member)
    return stream.getvalue()


def submit(user: User, content: bytes, file_name: str = "batch.zip") -> Submission:
    return receive(user, file_name, io.BytesIO(content))
