import pytest

from iqies_flask.pipeline.sniffing import Kind, is_pbj, kind_of, root_name
from tests.pipeline.files import ASSESSMENT, PBJ, make_zip


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"", Kind.EMPTY),
        (make_zip(("a", b"")), Kind.ZIP),
        (make_zip(), Kind.ZIP),
        (ASSESSMENT, Kind.XML),
        (b"\n\n  <A/>", Kind.XML),
        (b"\xef\xbb\xbf<A/>", Kind.XML),
        ("<A/>".encode("utf-16"), Kind.XML),
        ("<A/>".encode("utf-16-be"), Kind.XML),
        (b"%PDF-1.7", Kind.PDF),
        (b"\x1f\x8b\x08", Kind.GZIP),
        (b"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
        (b"Rar!\x1a\x07", Kind.RAR),
        (b"\xd0\xcf\x11\xe0\xa1", Kind.OFFICE),
        (b"\x89PNG\r\n", Kind.IMAGE),
        (b"MZ\x00\x01", Kind.BINARY),
        (b"M0010,M0014", Kind.TEXT),
    ],
)
def test_files_are_known_by_their_first_bytes(head: bytes, kind: Kind) -> None:
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
