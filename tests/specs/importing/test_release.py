from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from iqies_flask.model import EditType, Severity
from iqies_flask.specs.importing.archive import ReleaseError
from iqies_flask.specs.importing.release import read_release

from .releases import Page, ReleaseMaker, table, tiny_release


def _problem(maker: ReleaseMaker, folder: Path) -> str:
    with pytest.raises(ReleaseError) as caught:
        read_release(maker.write(folder))
    return str(caught.value)


def test_a_release_says_which_it_is(tmp_path: Path) -> None:
    release = read_release(tiny_release().write(tmp_path))
    assert (release.system, release.version, release.spec_version) == ("OASIS", "V3.03.0", "3.03")
    assert release.name == "V3.03.0 FINAL (10-14-2027)"


def test_an_edit_is_read_from_its_page(tmp_path: Path) -> None:
    maker = tiny_release()
    maker.pages.append(Page("-9902", "Z0100A < Z0100B & so on", ["Z0100B"], "Skip pattern", "Warning"))
    edit = read_release(maker.write(tmp_path)).edits["-9902"]
    assert (edit.type, edit.severity, edit.version) == (EditType.SKIP_PATTERN, Severity.WARNING, "V3.03.0")
    assert edit.text == "Z0100A < Z0100B & so on"
    assert edit.items == ("Z0100B",)
    assert edit.executable


def test_what_is_no_check_is_known(tmp_path: Path) -> None:
    maker = tiny_release()
    maker.pages += [
        Page("-9903", "*** THIS EDIT WAS DELETED IN V3.02.0***"),
        Page("-9904", "Stored in upper case.", (), "Information", "None"),
    ]
    edits = read_release(maker.write(tmp_path)).edits
    assert [number for number, edit in edits.items() if edit.executable] == ["-9901"]
    assert [number for number, edit in edits.items() if edit.deleted] == ["-9903"]


def test_scripts_and_comments_of_a_page_are_no_text(tmp_path: Path) -> None:
    maker = tiny_release()
    page = maker.page(maker.pages[0])
    maker.more_pages["oe_9901.html"] = page.replace(
        b"If Z0100A", b"<script>alert('[2]')</script><style>td {}</style><!-- [3] -->If Z0100A"
    )
    assert read_release(maker.write(tmp_path)).edits["-9901"].text == maker.pages[0].text


def test_items_stand_in_the_order_of_the_record_and_values_in_that_of_the_items(tmp_path: Path) -> None:
    maker = tiny_release()
    maker.items[0][2] = "250"
    release = read_release(maker.write(tmp_path))
    assert [row["itm_id"] for row in release.items] == ["Z0100B", "Z0100A", "SPEC_VRSN_CD"]
    assert [row["itm_id"] for row in release.values] == ["Z0100B", "Z0100A", "SPEC_VRSN_CD", "SPEC_VRSN_CD"]


@pytest.mark.parametrize(
    ("label", "dates"),
    [
        ("Data Specs V3.03: effective for records on or after 10/01/2027", (date(2027, 10, 1), None)),
        ("effective for records from 01/01/2027 through 09/30/2027", (date(2027, 1, 1), date(2027, 9, 30))),
        ("Fifteenth update (effective 10/01/2025)", (date(2025, 10, 1), None)),
        ("Item set", (None, None)),
    ],
)
def test_labels_say_when_a_version_is_in_force(
    tmp_path: Path, label: str, dates: tuple[date | None, date | None]
) -> None:
    maker = tiny_release()
    maker.values[-1][4] = label
    assert read_release(maker.write(tmp_path)).effective_dates("SPEC_VRSN_CD", "3.03") == dates


def test_what_contradicts_itself_is_refused_with_the_place(tmp_path: Path) -> None:
    maker = tiny_release()
    maker.more_pages["oe_9905.html"] = replace(maker, version="V3.04.0").page(Page("-9905", "x"))
    assert "more than one version of the data specifications: V3.03.0, V3.04.0" in _problem(maker, tmp_path)

    maker = tiny_release()
    maker.more_pages["oe_9905.html"] = b"<HTML>nothing of use</HTML>"
    assert "page oe_9905.html has no Data System" in _problem(maker, tmp_path)

    maker = tiny_release()
    maker.more_pages["oe_9905.html"] = b""
    assert "page oe_9905.html is not readable as HTML" in _problem(maker, tmp_path)

    maker = tiny_release()
    maker.pages.append(Page("-9906", "x", ["Z0999"]))
    assert _problem(maker, tmp_path) == "the page of edit -9906 lists Z0999, which is not in itm_mstr.csv"

    assert "name the version 'next year'" in _problem(replace(tiny_release(), version="next year"), tmp_path)

    maker = tiny_release()
    maker.add_value("Z0999", "1")
    assert _problem(maker, tmp_path) == "itm_val.csv has values of Z0999, which is not in itm_mstr.csv"

    maker = tiny_release()
    maker.items[0][1] = "MDS"
    assert _problem(maker, tmp_path) == "itm_mstr.csv has items of MDS in a release of OASIS"

    maker = tiny_release()
    maker.items[0][8] = "one"
    assert "fixed_rec_strt_byte of Z0100A is no number" in _problem(maker, tmp_path)

    maker = tiny_release()
    maker.items[0][8] = "9" * 5_000
    assert "fixed_rec_strt_byte of Z0100A is no number" in _problem(maker, tmp_path)

    maker = tiny_release()
    maker.items[0][3] = "../Z0100A"
    assert "no name of an item" in _problem(maker, tmp_path)

    maker = tiny_release()
    maker.more_tables["itm_val.csv"] = table(["itm_id", "val_id"], [["Z0100A", "1"]])
    assert _problem(maker, tmp_path) == "itm_val.csv has no column val_srt_id and no column val_txt"

    maker = tiny_release()
    maker.values[-1][4] = "effective 13/45/2027"
    release = read_release(maker.write(tmp_path))
    with pytest.raises(ReleaseError, match="names the day 13/45/2027"):
        release.effective_dates("SPEC_VRSN_CD", "3.03")


def test_an_item_of_too_many_values_is_refused(tmp_path: Path) -> None:
    maker = tiny_release()
    for value in range(2_001):
        maker.add_value("Z0100B", f"{value}")
    with pytest.raises(ReleaseError, match=r"itm_val\.csv has 2,002 values of Z0100B; 2,000 is the most"):
        read_release(maker.write(tmp_path))
