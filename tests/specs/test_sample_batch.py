import io
import zipfile

import pytest
from lxml import etree

from iqies_flask.plugin import bundled_packs
from iqies_flask.specs.pack import Pack, load_pack
from iqies_flask.specs.sample import UnbreakableEditError
from iqies_flask.specs.sample_batch import sample_files, write_zip


@pytest.fixture(scope="module")
def oasis() -> Pack:
    return load_pack(bundled_packs("oasis")[-1])


def zipped(pack: Pack, seed: int) -> bytes:
    stream = io.BytesIO()
    write_zip(sample_files(pack, "01", 3, seed=seed), stream)
    return stream.getvalue()


def test_the_same_seed_gives_the_same_bytes(oasis: Pack) -> None:
    assert zipped(oasis, 1) == zipped(oasis, 1)
    assert zipped(oasis, 1) != zipped(oasis, 2)


def test_a_batch_holds_one_file_a_record(oasis: Pack) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(oasis, 1))) as archive:
        assert archive.namelist() == [f"oasis_01_{number:05d}.xml" for number in (1, 2, 3)]
        contents = {archive.read(name) for name in archive.namelist()}
    assert len(contents) == 3


def test_the_provider_is_as_asked_for(oasis: Pack) -> None:
    ((_, content),) = sample_files(oasis, "01", 1, seed=1, ccn="017001", facility_id="TESTHHA9", state="AL")
    root = etree.fromstring(content)
    assert root.findtext("M0010_CCN") == "017001"
    assert root.findtext("HHA_AGENCY_ID") == "TESTHHA9"
    assert root.findtext("STATE_CD") == "AL"


def test_a_broken_batch_says_so_in_its_names(oasis: Pack) -> None:
    ((name, _),) = sample_files(oasis, "01", 1, seed=1, break_edit="-3240")
    assert name == "oasis_01_00001_breaks_3240.xml"


def test_an_edit_that_cannot_be_broken_alone_is_refused(oasis: Pack) -> None:
    with pytest.raises(UnbreakableEditError):
        list(sample_files(oasis, "01", 1, seed=1, break_edit="-1"))
