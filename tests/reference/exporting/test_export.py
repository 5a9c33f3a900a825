"""The exported pages, as files."""

import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from iqies_flask.catalogue import OWN_MESSAGES
from iqies_flask.reference.exporting.contents import contents_of
from iqies_flask.reference.exporting.export import LIST_OF_FILES, ExportError, export_reference
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.reference import edit_ids


class _Page(HTMLParser):
    """The links and ids of a page, and what a strict policy forbids in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.inline: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.links += [value for name in ("href", "src", "action") if (value := given.get(name))]
        self.ids.add(given.get("id") or "")
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.inline.append(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]


def pages(folder: Path) -> dict[Path, _Page]:
    return {path: _Page(path) for path in folder.rglob("*.html")}


def test_every_link_leads_to_a_file_of_the_export_and_every_page_is_led_to(exported: Path) -> None:
    every = pages(exported)
    reached = {exported / "index.html"}
    for path, page in every.items():
        assert page.inline == [], path
        assert 'http-equiv="Content-Security-Policy"' in path.read_text(encoding="utf-8")
        for link in page.links:
            parts = urlsplit(link)
            assert (parts.scheme, parts.netloc) == ("", ""), (path, link)
            assert not parts.path.startswith("/"), (path, link)
            target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            assert target.is_relative_to(exported), (path, link)
            assert target.is_file(), (path, link)
            assert not parts.fragment or parts.fragment in every[target].ids, (path, link)
            reached.add(target)
    assert reached >= set(every)


def test_every_item_and_edit_has_its_page(exported: Path, packs: list[Pack]) -> None:
    for contents in contents_of(packs, OWN_MESSAGES):
        pack = contents.pack
        assert list(contents.items) == list(pack.items)
        assert set(contents.edits) == set(edit_ids(pack, OWN_MESSAGES))
        for kind, paths in (("edit", contents.edits), ("item", contents.items)):
            for one, path in paths.items():
                html = (exported / path).read_text(encoding="utf-8")
                assert f"<h1>{pack.name}: {kind} {one}</h1>" in html


def test_the_lists_hold_everything_once(packs: list[Pack]) -> None:
    for contents in contents_of(packs, OWN_MESSAGES):
        for paths, parts in (
            (contents.edits, contents.edit_parts),
            (contents.items, contents.item_parts),
        ):
            listed = [entry.id for part in parts for entry in part.entries]
            assert sorted(listed) == sorted(paths)
            assert max(len(part.entries) for part in parts) <= 100
            assert len({part.title for part in parts}) == len(parts)


def test_no_two_files_are_one_where_case_does_not_count(exported: Path) -> None:
    paths = [path.relative_to(exported).as_posix() for path in exported.rglob("*")]
    assert len({path.casefold() for path in paths}) == len(paths)


def test_pages_show_what_the_site_shows(exported: Path) -> None:
    edit = (exported / "pack-oasis-3.02" / "edit-3300.html").read_text(encoding="utf-8")
    assert "M0090_INFO_COMPLETED_DT should be 0 to 5 days after M0030_START_CARE_DT" in edit
    assert '<div class="clause__box clause__box--then">' in edit
    assert "should be 0 to 5 days after M0030_START_CARE_DT (Start of care date) " in edit
    assert 'href="../pack-oasis-3.02/item-m0030_start_care_dt.html"' in edit
    item = (exported / "pack-oasis-3.02" / "item-m0100_assmt_reason.html").read_text(encoding="utf-8")
    assert "Recertification" in item
    assert 'href="../pack-oasis-3.02/edit-3280.html"' in item


def test_style_sheets_and_fonts_travel_along(exported: Path) -> None:
    sheets = list((exported / "assets").rglob("*.css"))
    assert len(sheets) == 3
    for sheet in sheets:
        for target in re.findall(r"url\(([^)]+)\)", sheet.read_text(encoding="utf-8")):
            assert target.startswith("data:") or (sheet.parent / target).is_file(), target


@pytest.fixture
def small(packs: list[Pack]) -> list[Pack]:
    """The smaller of the packs."""
    return [pack for pack in packs if pack.system == "OASIS"]


def test_an_earlier_export_is_replaced_and_nothing_of_it_stays(
    exported: Path, small: list[Pack], tmp_path: Path
) -> None:
    folder = tmp_path / "reference"
    shutil.copytree(exported, folder)
    told: list[tuple[int, int]] = []
    written = export_reference(small, OWN_MESSAGES, folder, lambda done, total: told.append((done, total)))
    assert told == [(done, written) for done in range(1, written + 1)]
    assert written == len(list(folder.rglob("*.html")))
    assert not (folder / "pack-mds-3.10").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["reference"]
    listed = (folder / LIST_OF_FILES).read_text(encoding="utf-8").splitlines()
    assert sorted(listed) == sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def test_what_is_not_of_an_export_is_left_alone(exported: Path, small: list[Pack], tmp_path: Path) -> None:
    occupied = tmp_path / "occupied"
    occupied.mkdir()
    (occupied / "notes.txt").write_text("mine")
    with pytest.raises(ExportError, match="is not empty, and holds no earlier export"):
        export_reference(small, OWN_MESSAGES, occupied)
    assert [path.name for path in occupied.iterdir()] == ["notes.txt"]
    with pytest.raises(ExportError, match="is a file"):
        export_reference(small, OWN_MESSAGES, occupied / "notes.txt")
    with pytest.raises(ExportError, match=r"beside its place, and .*notes\.txt cannot be written"):
        export_reference(small, OWN_MESSAGES, occupied / "notes.txt" / "reference")

    mixed = tmp_path / "mixed"
    shutil.copytree(exported, mixed)
    (mixed / "pack-mds-3.10" / "notes.txt").write_text("mine")
    with pytest.raises(
        ExportError, match=r"holds pack-mds-3.10/notes.txt, which is not of the earlier export"
    ):
        export_reference(small, OWN_MESSAGES, mixed)
    assert (mixed / "pack-mds-3.10" / "notes.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mixed", "occupied"]


def test_where_it_fails_the_earlier_export_stays(exported: Path, small: list[Pack], tmp_path: Path) -> None:
    folder = tmp_path / "reference"
    shutil.copytree(exported, folder)

    def fail(done: int, total: int) -> None:
        if done == total // 2:
            raise OSError(28, "No space left on device")

    with pytest.raises(ExportError, match="No space left on device"):
        export_reference(small, OWN_MESSAGES, folder, fail)
    assert (folder / "pack-mds-3.10" / "index.html").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["reference"]


def test_an_empty_folder_and_a_link_to_one_will_do(small: list[Pack], tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "web")
    export_reference(small, OWN_MESSAGES, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "web" / "index.html").is_file()
