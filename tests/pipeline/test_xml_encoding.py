import pytest

from iqies_flask.pipeline.xml_encoding import UnreadableXmlError, to_utf8


def declared(encoding: str, text: str = "é") -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n<A>{text}</A>'


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(UnreadableXmlError) as caught:
        to_utf8(data)
    return caught.value.finding.edit_id, caught.value.finding.message


@pytest.mark.parametrize("name", ["UTF-8", "utf-8", "utf8"])
def test_utf8_passes_as_it_is(name: str) -> None:
    data = declared(name).encode()
    assert to_utf8(data) == (data, [])


def test_no_declaration_means_utf8() -> None:
    assert to_utf8("<A>é</A>".encode()) == ("<A>é</A>".encode(), [])


@pytest.mark.parametrize(
    ("name", "codec"),
    [("ISO-8859-1", "iso-8859-1"), ("windows-1252", "cp1252"), ("ISO-8859-15", "iso-8859-15")],
)
def test_declared_single_byte_encodings_are_converted_with_a_warning(name: str, codec: str) -> None:
    text, notes = to_utf8(declared(name).encode(codec))
    assert text == declared(name).encode()
    assert [note.edit_id for note in notes] == ["IF-241"]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_converted_with_a_warning(codec: str) -> None:
    text, notes = to_utf8(declared("UTF-16").encode(codec))
    assert text == declared("UTF-16").encode()
    assert [note.edit_id for note in notes] == ["IF-241"]


def test_a_byte_order_mark_is_taken_off_with_a_warning() -> None:
    text, notes = to_utf8(b"\xef\xbb\xbf<A/>")
    assert text == b"<A/>"
    assert [note.edit_id for note in notes] == ["IF-242"]


def test_bytes_outside_the_encoding_are_named_with_their_place() -> None:
    edit_id, message = refusal(declared("UTF-8").encode("iso-8859-1"))
    assert edit_id == "IF-211"
    assert "Line 2" in message
    assert "byte 43 of" in message
    assert "0xE9" in message


def test_ascii_with_other_bytes_is_refused() -> None:
    assert refusal(declared("US-ASCII").encode())[0] == "IF-211"


def test_the_place_counts_the_byte_order_mark() -> None:
    assert "byte 7 of" in refusal(b"\xef\xbb\xbf<A>\xff</A>")[1]


@pytest.mark.parametrize(
    "data",
    [
        declared("utf-16").encode(),
        declared("UTF-8").encode("utf-16"),
        b"\xef\xbb\xbf" + declared("windows-1252").encode(),
    ],
)
def test_a_declaration_that_the_bytes_contradict_is_refused(data: bytes) -> None:
    assert refusal(data)[0] == "IF-212"


@pytest.mark.parametrize("name", ["EBCDIC-CP-US", "utf-7", "zip", "idna", "unicode_escape"])
def test_only_named_encodings_are_read(name: str) -> None:
    edit_id, message = refusal(declared(name, "e").encode())
    assert edit_id == "IF-213"
    assert name in message


@pytest.mark.parametrize(
    ("text", "edit_id"), [("<A>x\x00</A>", "IF-214"), ("\n<?xml version='1.0'?><A/>", "IF-215")]
)
def test_utf16_is_held_to_the_same_rules(text: str, edit_id: str) -> None:
    assert refusal(text.encode("utf-16"))[0] == edit_id


def test_utf32_is_refused() -> None:
    assert refusal(declared("UTF-32").encode("utf-32"))[0] == "IF-213"


def test_half_a_character_of_utf16_is_refused() -> None:
    assert refusal("<A/>".encode("utf-16") + b"\x00")[0] == "IF-211"


def test_nul_bytes_are_named_with_their_place() -> None:
    edit_id, message = refusal(b"<A>\nx\x00</A>")
    assert edit_id == "IF-214"
    assert "Line 2, byte 6 of" in message


@pytest.mark.parametrize("before", [b"\n", b"  ", b"\xef\xbb\xbf\r\n"])
def test_nothing_may_stand_before_the_declaration(before: bytes) -> None:
    assert refusal(before + declared("UTF-8").encode())[0] == "IF-215"
