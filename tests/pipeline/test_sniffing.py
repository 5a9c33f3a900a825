import pytest

from iqies_flask.pipeline.sniffing import FileKind, is_pbj, kind_of, root_name
from tests.pipeline.files import ASSESSMENT, PBJ, make_zip


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"", FileKind.EMPTY),
        (make_zip(("a", b"")), FileKind.ZIP),
        (make_zip(), FileKind.ZIP),
        (ASSESSMENT, FileKind.XML),
        (b"\n\n  <A/>", FileKind.XML),
        (b"\xef\xbb\xbf<A/>", FileKind.XML),
        ("<A/>".encode("utf-16"), FileKind.XML),
        ("<A/>".encode("utf-16-be"), FileKind.XML),
        (b"%PDF-1.7", FileKind.PDF),
        (b"\x1f\x8b\x08", FileKind.GZIP),
        (b"7z\xbc\xaf\x27\x1c", FileKind.SEVEN_ZIP),
        (b"Rar!\x1a\x07", FileKind.RAR),
        (b"\xd0\xcf\x11\xe0\xa1", FileKind.OFFICE),
        (b"\x89PNG\r\n", FileKind.IMAGE),
        (b"MZ\x00\x01", FileKind.BINARY),
        (b"M0010,M0014", FileKind.TEXT),
    ],
)
def test_files_are_known_by_their_first_bytes(head: bytes, kind: FileKind) -> None:
    assert kind_of(head) is kind


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (ASSESSMENT, b"ASSESSMENT"),
        (PBJ, b"nursingHomeData"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- <B> --><?p <C> ?>\n<A x='1'>", b"A"),
        (b"<A/>", b"A"),
        (b"<!DOCTYPE A><A/>", b""),
        (b"<!-- never closed <A>", b""),
        (b"<A", b""),
        (b"text", b""),
        (b"", b""),
    ],
)
def test_the_root_is_found_without_parsing(head: bytes, name: bytes) -> None:
    assert root_name(head) == name


def test_only_its_root_makes_a_file_pbj() -> None:
    assert is_pbj(PBJ)
    assert not is_pbj(b"<ASSESSMENT><nursingHomeData/></ASSESSMENT>")
    assert not is_pbj(b"<nursingHomeDataX/>")
