from pathlib import Path

from .conftest import Invoke


def test_the_reference_of_one_pack_is_written(iqies: Invoke, tmp_path: Path) -> None:
    result = iqies("specs", "reference", "web/reference", "--pack", "oasis 3.02")
    pages = len(list((tmp_path / "web" / "reference").rglob("*.html")))
    assert result.stdout == (
        f"{pages:,} pages on OASIS 3.02 are written. Open {Path('web/reference/index.html')}.\n"
    )
    assert result.stderr == ""
    assert sorted(path.name for path in (tmp_path / "web" / "reference").iterdir()) == [
        "assets",
        "files-of-this-export.txt",
        "index.html",
        "pack-oasis-3.02",
        "search-index.js",
    ]


def test_a_folder_with_something_else_in_it_is_left_alone(iqies: Invoke, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    result = iqies("specs", "reference", ".", "--pack", "OASIS 3.02", status=1)
    assert result.stderr.startswith("Error: Nothing was written: ")
    assert "is not empty, and holds no earlier export" in result.stderr
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_pack_that_is_not_there_is_said_before_anything_is_written(iqies: Invoke, tmp_path: Path) -> None:
    result = iqies("specs", "reference", "web", "--pack", "PBJ", status=1)
    assert "Installed: MDS 3.10, OASIS 3.02" in result.stderr
    assert not (tmp_path / "web").exists()
