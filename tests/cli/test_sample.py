import zipfile
from pathlib import Path

import pytest

from .conftest import Invoke


@pytest.mark.parametrize(
    ("system", "subset"), [("mds", "nc"), ("mds", "XX"), ("oasis", "09"), ("oasis", "XX")]
)
def test_samples_are_valid(iqies: Invoke, tmp_path: Path, system: str, subset: str) -> None:
    target = str(tmp_path / "out.zip")
    iqies("sample", "--system", system, "--subset", subset, "--count", "2", "--out", target)
    iqies("validate", target)


def test_a_broken_sample_breaks_just_that_edit(iqies: Invoke, tmp_path: Path) -> None:
    target = str(tmp_path / "out.zip")
    edits = iqies("sample", "--system", "oasis", "--subset", "01", "--list-edits").stdout.split()
    assert "-3060" in edits
    iqies("sample", "--system", "oasis", "--subset", "01", "--break", "-3060", "--out", target)
    rows = iqies("validate", target, "--format", "csv", status=1).stdout.splitlines()[1:]
    assert len(rows) == 1
    assert ",-3060,OASIS,Fatal," in rows[0]


def test_what_is_broken_with_an_edit_is_said(iqies: Invoke, tmp_path: Path) -> None:
    arguments = ("--system", "oasis", "--subset", "01", "--out", str(tmp_path / "out.zip"))
    said = iqies("sample", *arguments, "--break", "3490").stdout
    assert "Broken with it: -4730 in 1 record." in said
    assert "Broken with it" not in iqies("sample", *arguments, "--break", "3060").stdout


def test_the_list_of_edits_marks_those_that_are_not_broken_alone(iqies: Invoke) -> None:
    listed = iqies("sample", "--system", "oasis", "--subset", "01", "--list-edits").stdout.splitlines()
    assert "-3490 (with -4730)" in listed
    assert "-3060" in listed


def test_an_edit_is_named_with_or_without_its_dash(iqies: Invoke, tmp_path: Path) -> None:
    made = [tmp_path / "1.zip", tmp_path / "2.zip"]
    for target, edit in zip(made, ("3060", "-3060"), strict=True):
        iqies("sample", "--system", "oasis", "--subset", "01", "--break", edit, "--out", str(target))
    assert made[0].read_bytes() == made[1].read_bytes()


def test_the_same_seed_gives_the_same_file(iqies: Invoke, tmp_path: Path) -> None:
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    for target in (first, second):
        iqies("sample", "--system", "mds", "--subset", "NT", "--seed", "7", "--out", str(target))
    assert first.read_bytes() == second.read_bytes()


def test_the_provider_can_be_chosen(iqies: Invoke, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    iqies("sample", "--system", "mds", "--subset", "NQ", "--ccn", "995001", "--out", str(target))
    with zipfile.ZipFile(target) as archive:
        assert b"<A0100B>995001</A0100B>" in archive.read(archive.namelist()[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--system", "oasis", "--subset", "02", "--out", "o.zip"], "OASIS 3.02 has no item subset 02"),
        (
            ["--system", "oasis", "--subset", "01", "--spec", "9", "--out", "o.zip"],
            "Installed: MDS 3.10, OASIS",
        ),
        (
            ["--system", "oasis", "--subset", "01", "--break", "-9999", "--out", "o.zip"],
            "OASIS 3.02 has no edit -9999. --list-edits",
        ),
        (
            ["--system", "oasis", "--subset", "01", "--break", "3190", "--out", "o.zip"],
            "OASIS 3.02 does not run -3190: deleted by CMS in V3.02.0.",
        ),
        (
            ["--system", "oasis", "--subset", "01", "--break", "-3160", "--out", "o.zip"],
            "No record alone can break -3160: it needs the database: the provider's submission ID.",
        ),
        (["--system", "mds", "--subset", "nc", "--break", "if-601", "--out", "o.zip"], "IF-601 is advice"),
        (
            ["--system", "oasis", "--subset", "XX", "--break", "-7045", "--out", "o.zip"],
            "item subset XX can break -7045 and no other edit",
        ),
        (["--system", "oasis", "--subset", "01", "--out", "no/o.zip"], "no/o.zip cannot be written"),
    ],
)
def test_what_cannot_be_made_is_said(
    iqies: Invoke, tmp_path: Path, arguments: list[str], message: str
) -> None:
    assert message in iqies("sample", *arguments, status=1).stderr
    assert not (tmp_path / "o.zip").exists()


def test_a_file_is_kept_where_its_replacement_cannot_be_made(iqies: Invoke, tmp_path: Path) -> None:
    target = tmp_path / "out.zip"
    target.write_bytes(b"precious")
    iqies("sample", "--system", "oasis", "--subset", "01", "--break", "-1", "--out", str(target), status=1)
    assert target.read_bytes() == b"precious"
