from pathlib import Path

import pytest

from iqies_flask.cli.sources import find_sources


def test_a_folder_means_every_xml_and_zip_below_it(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("b.zip", "a.XML", "inner/c.xml", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    found = [source.path.relative_to(tmp_path).as_posix() for source in find_sources([str(tmp_path)])]
    assert found == ["a.XML", "b.zip", "inner/c.xml"]


def test_a_folder_without_any_is_a_problem(tmp_path: Path) -> None:
    (source,) = find_sources([str(tmp_path)])
    assert source.problem == "there is no .zip or .xml file in this folder"


def test_a_missing_file_is_a_problem_and_hides_no_other(tmp_path: Path) -> None:
    present = tmp_path / "a.xml"
    present.write_bytes(b"<a/>")
    missing, found = find_sources([str(tmp_path / "b.xml"), str(present)])
    assert missing.problem == "there is no such file"
    assert found.problem == ""
    with found.opened() as stream:
        assert stream.read() == b"<a/>"


def test_an_empty_name_is_not_the_current_folder() -> None:
    (source,) = find_sources([""])
    assert source.problem == "this is no name of a file"


def test_a_file_of_any_name_is_taken_where_it_is_named_itself(tmp_path: Path) -> None:
    named = tmp_path / "notes.txt"
    named.write_bytes(b"")
    (source,) = find_sources([str(named)])
    assert source.problem == ""


def test_the_standard_input_is_read_where_it_cannot_be_sought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = tmp_path / "piped"
    piped.write_bytes(b"<a/>")
    (source,) = find_sources(["-"])
    with piped.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        with source.opened() as stream:
            assert stream.seekable()
            assert stream.read() == b"<a/>"
