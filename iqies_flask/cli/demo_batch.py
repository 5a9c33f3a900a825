"""The sample batch of the demonstration: good records, records broken on purpose, and a PBJ file."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iqies_flask.access.kinds import ProviderKind
from iqies_flask.specs.messages import INACTIVE_ITEM
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.sample_batch import sample_files, write_zip

FILE_NAME = "demo-batch.zip"
_SEED = 2026


@dataclass(frozen=True, slots=True)
class DemoProvider:
    """A provider of the demonstration. State code 99 in a CCN is no state of the United States."""

    ccn: str
    name: str
    facility_id: str
    kind: ProviderKind
    state: str = "CT"


NURSING_HOME = DemoProvider("995001", "Demo Nursing Home", "DEMONH1", ProviderKind.SKILLED_NURSING_FACILITY)
SWING_BED = DemoProvider("99U001", "Demo Swing Bed Hospital", "DEMOSB1", ProviderKind.SWING_BED)
HOME_HEALTH = DemoProvider("997001", "Demo Home Health Agency", "DEMOHHA1", ProviderKind.HOME_HEALTH_AGENCY)
OTHER_HOME = DemoProvider("995002", "Another Nursing Home", "DEMONH2", ProviderKind.SKILLED_NURSING_FACILITY)
PROVIDERS = (NURSING_HOME, SWING_BED, HOME_HEALTH, OTHER_HOME)


@dataclass(frozen=True, slots=True)
class _Part:
    system: str
    subset: str
    provider: DemoProvider
    count: int = 1
    break_edit: str | None = None


_PARTS = (
    _Part("MDS", "NC", NURSING_HOME, count=2),
    _Part("MDS", "NQ", NURSING_HOME, count=2),
    _Part("MDS", "ND", NURSING_HOME),
    _Part("MDS", "NT", NURSING_HOME),
    _Part("MDS", "SP", SWING_BED),
    _Part("MDS", "NC", NURSING_HOME, break_edit="-3676"),
    _Part("MDS", "NQ", NURSING_HOME, break_edit="-3796"),
    _Part("MDS", "ND", NURSING_HOME, break_edit=INACTIVE_ITEM.edit_id),
    _Part("MDS", "NP", OTHER_HOME),
    _Part("OASIS", "01", HOME_HEALTH, count=2),
    _Part("OASIS", "03", HOME_HEALTH),
    _Part("OASIS", "04", HOME_HEALTH),
    _Part("OASIS", "06", HOME_HEALTH),
    _Part("OASIS", "09", HOME_HEALTH),
    _Part("OASIS", "01", HOME_HEALTH, break_edit="-3240"),
    _Part("OASIS", "03", HOME_HEALTH, break_edit="-5710"),
    _Part("OASIS", "01", HOME_HEALTH, break_edit="-7045"),
    _Part("OASIS", "01", HOME_HEALTH, break_edit="-3261"),
    _Part("MDS", "NQ", NURSING_HOME, break_edit="-3511"),
)

_PBJ = b"""<?xml version="1.0" encoding="ASCII"?>
<nursingHomeData>
  <header fileSpecVersion="4.10.0">
    <facilityId>DEMONH1</facilityId>
    <stateCode>CT</stateCode>
    <reportQuarter>1</reportQuarter>
    <federalFiscalYear>2027</federalFiscalYear>
  </header>
  <employees>
    <employee><employeeId>TEST1</employeeId></employee>
  </employees>
  <staffingHours processType="merge">
    <staffHours>
      <employeeId>TEST1</employeeId>
      <workDays>
        <workDay>
          <date>2026-10-01</date>
          <hourEntries>
            <hourEntry><hours>7.5</hours><jobTitleCode>7</jobTitleCode><payTypeCode>1</payTypeCode></hourEntry>
          </hourEntries>
        </workDay>
      </workDays>
    </staffHours>
  </staffingHours>
</nursingHomeData>
"""


def demo_batch(packs: Sequence[Pack]) -> bytes:
    """Make the zip. On one day the same packs always give the same bytes.

    Args:
        packs: The installed packs; of each system the newest is used.
    """
    stream = io.BytesIO()
    write_zip(_files({pack.system: pack for pack in packs}), stream)
    return stream.getvalue()


def _files(packs: dict[str, Pack]) -> Iterator[tuple[str, bytes]]:
    good: list[tuple[str, bytes]] = []
    for place, part in enumerate(_PARTS):
        files = sample_files(
            packs[part.system],
            part.subset,
            part.count,
            # Another seed for each part: of two parts of one subset no record is the other's duplicate.
            seed=_SEED + place,
            break_edit=part.break_edit,
            ccn=part.provider.ccn,
            facility_id=part.provider.facility_id,
            state=part.provider.state,
        )
        for file in files:
            good.append(file)
            yield file
    name, content = good[0]
    yield f"duplicate_of_{name}", content
    yield f"cut_off_{name}", content[: len(content) // 2]
    yield "pbj_2027_q1.xml", _PBJ
