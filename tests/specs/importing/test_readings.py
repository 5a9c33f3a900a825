import shutil
from pathlib import Path

import pytest

from iqies_flask.specs.importing.archive import ReleaseError
from iqies_flask.specs.importing.readings import READINGS_FILE, Reading, load_readings, read_text
from iqies_flask.specs.pack import Pack, load_pack

READING = Reading("-9901", "J0599=[1]", "J0510=[1]", "There is no J0599.")
SOUND = '[[reading]]\nedit = "-9901"\ncms = "one\\n two"\nread = ""\nreason = "It says nothing."\n'


@pytest.fixture
def pack(oasis: Pack, tmp_path: Path) -> Pack:
    shutil.copytree(oasis.folder, tmp_path / "pack")
    return load_pack(tmp_path / "pack")


def test_what_is_read_takes_the_place_of_what_cms_writes() -> None:
    text = "If\nJ0599=[1], then J0520 must equal [1]."
    assert read_text(text, "-9901", [READING]) == ("If J0510=[1], then J0520 must equal [1].", (READING,))


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("If J0599=[1], then J0520 must equal [1].", "-9902"),
        ("If J0599=[2], then J0520 must equal [1].", "-9901"),
    ],
)
def test_a_reading_counts_for_its_edit_and_those_very_words(text: str, edit: str) -> None:
    assert read_text(text, edit, [READING]) == (text, ())


def test_readings_are_loaded_from_beside_the_pack(pack: Pack) -> None:
    (pack.folder / READINGS_FILE).write_text(SOUND)
    assert load_readings(pack) == (Reading("-9901", "one two", "", "It says nothing."),)
    (pack.folder / READINGS_FILE).unlink()
    assert load_readings(pack) == ()


@pytest.mark.parametrize(
    "damaged",
    [
        SOUND.replace("reason", "why"),
        SOUND + "more = 1",
        SOUND.replace('"It says nothing."', '""'),
        SOUND.replace('""', "1"),
        SOUND.replace("[[reading]]", "[reading]"),
        "reading = 1",
        "[[reading",
    ],
)
def test_a_damaged_file_is_named(pack: Pack, damaged: str) -> None:
    (pack.folder / READINGS_FILE).write_text(damaged)
    with pytest.raises(ReleaseError, match=r"readings\.toml cannot be read"):
        load_readings(pack)


@pytest.mark.parametrize("name", ["oasis", "mds"])
def test_the_readings_at_hand_are_of_edits_that_are_written(
    request: pytest.FixtureRequest, name: str
) -> None:
    pack: Pack = request.getfixturevalue(name)
    readings = load_readings(pack)
    assert readings
    assert {reading.edit for reading in readings} <= {edit.id for edit in pack.consistency_edits}
