"""Files to submit, made for tests: synthetic records of obviously invented persons."""

import io
import zipfile
from collections.abc import Mapping
from functools import cache

from iqies_flask.identity.models import User
from iqies_flask.plugin import bundled_packs
from iqies_flask.specs.pack import Pack
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


def zip_of(*members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members, start=1):
            archive.writestr(f"record{number:05}.xml", member)
    return stream.getvalue()


def submit(user: User, content: bytes, file_name: str = "batch.zip") -> Submission:
    return receive(user, file_name, io.BytesIO(content))
