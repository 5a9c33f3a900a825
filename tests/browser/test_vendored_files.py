"""The files of others: whole, and of the versions that are written down."""

import re
from pathlib import Path

import pytest

from iqies_flask.resources import static_folder

VENDOR = static_folder() / "vendor"
STYLE_SHEETS = sorted(VENDOR.rglob("*.css"))


@pytest.mark.parametrize("style_sheet", STYLE_SHEETS, ids=lambda path: path.name)
def test_what_a_style_sheet_refers_to_is_there(style_sheet: Path) -> None:
    for target in re.findall(r"url\(([^)]+)\)", style_sheet.read_text(encoding="utf-8")):
        if not target.startswith("data:"):
            assert (style_sheet.parent / target.strip("'\"")).is_file(), target


def test_the_style_sheets_are_those_of_the_design_system() -> None:
    assert [path.name for path in STYLE_SHEETS] == ["core-theme.css", "index.css"]


def test_the_version_of_htmx_is_the_one_written_down() -> None:
    written = re.search(r"`htmx.org` \| ([\d.]+)", (VENDOR / "README.md").read_text(encoding="utf-8"))
    assert written is not None
    assert f'version:"{written[1]}"' in (VENDOR / "htmx" / "htmx.min.js").read_text(encoding="utf-8")


def test_licences_travel_along() -> None:
    assert "Zero-Clause BSD" in (VENDOR / "htmx" / "LICENSE").read_text(encoding="utf-8")
    assert "Open Font License" in (VENDOR / "cmsgov-design-system/fonts/LICENSE-bitter.txt").read_text(
        encoding="utf-8"
    )
