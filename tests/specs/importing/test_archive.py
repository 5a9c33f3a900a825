import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from iqies_flask.specs.importing.archive import ReleaseError, ReleaseLimits, read_archive

from .releases import PAGES_ZIP, TABLES_ZIP, table, tiny_release, zipped


def _refused(content: bytes, folder: Path, limits: ReleaseLimits | None = None) -> str:
    path = folder / "release.zip"
    path.write_bytes(content)
    with pytest.raises(ReleaseError) as caught:
        read_archive(path, limits)
    return str(caught.value)


def test_tables_and_pages_are_found_wherever_they_lie(tmp_path: Path) -> None:
    maker = tiny_release()
    tables = {
        f"a folder/{name[:-4]} (V3.03.0) DRAFT.CSV": content for name, content in maker.tables().items()
    }
    path = tmp_path / "release.zip"
    path.write_bytes(
        zipped(
            {f"x/{TABLES_ZIP}": zipped(tables), "pages.ZIP": zipped(maker.html_pages()), "readme.txt": b"?"}
        )
    )
    files = read_archive(path)
    assert [row["itm_id"] for row in files.tables["itm_mstr"]] == ["Z0100A", "Z0100B", "SPEC_VRSN_CD"]
    assert list(files.pages) == ["oe_9901.html"]
    assert files.name == TABLES_ZIP.removesuffix(".zip")


def test_windows_1252_and_utf_8_with_its_mark_are_read(tmp_path: Path) -> None:
    maker = tiny_release()
    maker.items[0][4] = "Resident\N{RIGHT SINGLE QUOTATION MARK}s item"
    assert (
        read_archive(maker.write(tmp_path)).tables["itm_mstr"][0]["itm_shrt_label"]
        == "Resident\N{RIGHT SINGLE QUOTATION MARK}s item"
    )
    marked = maker.tables()["itm_mstr.csv"].decode("windows-1252").encode("utf-8-sig")
    path = replace(maker, more_tables={"itm_mstr.csv": marked}).write(tmp_path)
    assert (
        read_archive(path).tables["itm_mstr"][0]["itm_shrt_label"]
        == "Resident\N{RIGHT SINGLE QUOTATION MARK}s item"
    )


@pytest.mark.parametrize("content", [b"\x81", "é".encode("utf-16")])
def test_another_encoding_is_named_with_its_file(tmp_path: Path, content: bytes) -> None:
    path = replace(tiny_release(), more_tables={"itm_mstr.csv": content}).write(tmp_path)
    with pytest.raises(ReleaseError, match=r"^itm_mstr\.csv is not in the encoding"):
        read_archive(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "release.zip is no zip, or is damaged"),
        (b"PK\x03\x04 and then nothing", "release.zip is no zip, or is damaged"),
        (zipped({"readme.txt": b"?"}), "holds no zip of CSV tables"),
        (zipped({TABLES_ZIP: b"no zip"}), f"{TABLES_ZIP} is no zip, or is damaged"),
        (zipped({TABLES_ZIP: zipped({"x": b""})}), "itm_mstr.csv and itm_val.csv and the pages of the edits"),
        (
            zipped({TABLES_ZIP: zipped({"deeper.zip": zipped({"x": b""})})}),
            f"{TABLES_ZIP} holds another zip, deeper.zip: too deep",
        ),
    ],
)
def test_what_is_no_release_is_refused_with_the_reason(tmp_path: Path, content: bytes, expected: str) -> None:
    assert expected in _refused(content, tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="cannot be read: No such file"):
        read_archive(tmp_path / "none.zip")


def test_a_release_cut_short_is_refused(tmp_path: Path) -> None:
    content = tiny_release().write(tmp_path).read_bytes()
    assert "is no zip, or is damaged" in _refused(content[: len(content) // 2], tmp_path)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    maker = tiny_release()
    pages = bytearray(zipped(maker.html_pages()))
    start = pages.index(b"oe_9901.html") + len("oe_9901.html")
    pages[start + 20 : start + 60] = bytes(40)
    content = zipped({TABLES_ZIP: zipped(maker.tables()), PAGES_ZIP: bytes(pages)})
    assert _refused(content, tmp_path) == f"oe_9901.html in {PAGES_ZIP} is damaged"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zipped({"itm_mstr.csv": bytes(3_000_000)})
    assert f"itm_mstr.csv in {TABLES_ZIP} grows more than 200 times" in _refused(
        zipped({TABLES_ZIP: bomb}), tmp_path
    )
    assert f"{TABLES_ZIP} in release.zip grows more" in _refused(
        zipped({TABLES_ZIP: bytes(3_000_000)}), tmp_path
    )


def test_a_file_that_is_longer_than_it_says_is_refused(tmp_path: Path) -> None:
    honest = zipped({"itm_mstr.csv": bytes(900_000)})
    size = (900_000).to_bytes(4, "little")
    assert honest.count(size) == 2
    lying = honest.replace(size, (900).to_bytes(4, "little"))
    assert _refused(zipped({TABLES_ZIP: lying}), tmp_path) == f"itm_mstr.csv in {TABLES_ZIP} is damaged"


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (ReleaseLimits(release_bytes=100), "release.zip has 0.0 MB; a release has 0.0 MB at most"),
        (ReleaseLimits(file_bytes=100), f"{TABLES_ZIP} in release.zip has 0.0 MB; 0.0 MB is the most"),
        (ReleaseLimits(total_bytes=1_000), "the files of the release have more than 0.0 MB together"),
        (ReleaseLimits(members=1), "release.zip holds 2 files; a release has 1 at most"),
    ],
)
def test_every_bound_is_kept(tmp_path: Path, limits: ReleaseLimits, expected: str) -> None:
    assert _refused(tiny_release().write(tmp_path).read_bytes(), tmp_path, limits) == expected


def test_encrypted_and_unusual_files_are_refused(tmp_path: Path) -> None:
    encrypted = bytearray(zipped({TABLES_ZIP: zipped(tiny_release().tables())}))
    encrypted[encrypted.rindex(b"PK\x01\x02") + 8] |= 1
    assert f"{TABLES_ZIP} in release.zip is encrypted" in _refused(bytes(encrypted), tmp_path)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(TABLES_ZIP, b"x")
    assert "compressed in a way that CMS does not use" in _refused(stream.getvalue(), tmp_path)


def test_the_same_table_twice_is_refused(tmp_path: Path) -> None:
    tables = tiny_release().tables()
    twice = zipped({TABLES_ZIP: zipped(tables), "again.zip": zipped(tables)})
    assert _refused(twice, tmp_path) == "the table itm_mstr.csv is in the release twice"


def test_a_ragged_table_is_named_with_its_line(tmp_path: Path) -> None:
    path = replace(tiny_release(), more_tables={"itm_val.csv": table(["a", "b"], [["1", "2"], ["3"]])}).write(
        tmp_path
    )
    with pytest.raises(ReleaseError, match=r"^itm_val\.csv, line 3: 1 columns instead of 2$"):
        read_archive(path)


def test_a_table_of_too_many_rows_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tiny_release().write(tmp_path)
    with pytest.raises(ReleaseError, match=r"itm_\w+.csv has more than 2 rows, the most that a release has"):
        read_archive(path, ReleaseLimits(rows=2))
