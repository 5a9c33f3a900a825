import os
from pathlib import Path

import pytest

from iqies_flask.cli.inbox import Inbox


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_a_file_is_complete_when_it_is_the_same_at_two_looks(inbox: Inbox) -> None:
    file = inbox.folder / "a.xml"
    file.write_text("<a>")
    assert inbox.look() == []
    assert names(inbox.arriving) == ["a.xml"]
    with file.open("a") as stream:
        stream.write("</a>")
    assert inbox.look() == []
    assert inbox.look() == [file]
    assert inbox.arriving == []


def test_a_file_is_found_until_it_is_settled_and_again_when_it_changes(inbox: Inbox) -> None:
    file = inbox.folder / "a.zip"
    file.write_text("1")
    inbox.look()
    assert inbox.look() == inbox.look() == [file]
    inbox.settle(file)
    assert inbox.look() == []
    # Of the same size, and of the same time: only the change itself shows.
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    file.unlink()
    (inbox.folder / "other").write_text("2")
    (inbox.folder / "other").rename(file)
    os.utime(file, ns=times)
    inbox.look()
    assert inbox.look() == [file]


def test_a_file_that_went_and_came_is_new(inbox: Inbox) -> None:
    file = inbox.folder / "a.zip"
    file.write_text("1")
    inbox.look()
    inbox.look()
    inbox.settle(file)
    file.unlink()
    assert inbox.look() == []
    file.write_text("1")
    inbox.look()
    assert inbox.look() == [file]


def test_only_xml_and_zip_files_are_looked_at(inbox: Inbox) -> None:
    for name in ("b.ZIP", "a.xml", "a.xml.part", ".hidden.xml", "a_results.xml", "notes.txt"):
        (inbox.folder / name).write_text("1")
    (inbox.folder / "folder.xml").mkdir()
    (inbox.folder / "lost.xml").symlink_to("nowhere")
    inbox.look()
    assert names(inbox.look()) == ["a.xml", "b.ZIP"]


def test_a_folder_that_is_gone_is_told(inbox: Inbox) -> None:
    inbox.folder.rmdir()
    with pytest.raises(FileNotFoundError):
        inbox.look()
