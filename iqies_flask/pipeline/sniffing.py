"""What a file is, by its first bytes. Names lie more often than bytes."""

from enum import StrEnum

HEAD_BYTES = 4096
"""How much of a file its recognition looks at."""

PBJ_ROOT = "nursingHomeData"
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_UTF16_XML = (b"<\x00", b"\x00<")
_SPACE = b" \t\r\n"


class FileKind(StrEnum):
    """What a file can be, in words for a person."""

    EMPTY = "nothing at all"
    ZIP = "a zip file"
    XML = "XML"
    PDF = "a PDF document"
    GZIP = "a gzip file"
    SEVEN_ZIP = "a 7z archive"
    RAR = "a RAR archive"
    OFFICE = "an old Office document"
    IMAGE = "a picture"
    BINARY = "binary data"
    TEXT = "plain text"


_MAGICS = (
    (b"%PDF", FileKind.PDF),
    (b"\x1f\x8b", FileKind.GZIP),
    (b"7z\xbc\xaf\x27\x1c", FileKind.SEVEN_ZIP),
    (b"Rar!", FileKind.RAR),
    (b"\xd0\xcf\x11\xe0", FileKind.OFFICE),
    (b"\x89PNG", FileKind.IMAGE),
    (b"\xff\xd8\xff", FileKind.IMAGE),
    (b"GIF8", FileKind.IMAGE),
)


def kind_of(head: bytes) -> FileKind:
    """Say what a file is.

    Args:
        head: Its first bytes, `HEAD_BYTES` or all that there are.
    """
    if not head:
        return FileKind.EMPTY
    if head.startswith(_ZIP_MAGICS):
        return FileKind.ZIP
    text = head.removeprefix(UTF8_MARK).lstrip(_SPACE)
    if text.startswith((b"<", *_UTF16_XML)) or head.startswith(UTF16_MARKS):
        return FileKind.XML
    for magic, kind in _MAGICS:
        if head.startswith(magic):
            return kind
    return FileKind.BINARY if b"\x00" in head else FileKind.TEXT


def is_pbj(head: bytes) -> bool:
    """Whether a file is a Payroll Based Journal, by its root element.

    Args:
        head: Its first bytes.
    """
    return root_name(head) == PBJ_ROOT.encode()


def root_name(head: bytes) -> bytes:
    """Find the name of the root element without parsing.

    Args:
        head: The file's first bytes.

    Returns:
        The name; empty where a document type comes first or the root is not among these bytes.
    """
    position = len(UTF8_MARK) if head.startswith(UTF8_MARK) else 0
    while True:
        while position < len(head) and head[position] in _SPACE:
            position += 1
        if head.startswith(b"<?", position):
            end = head.find(b"?>", position)
            position = end + 2
        elif head.startswith(b"<!--", position):
            end = head.find(b"-->", position)
            position = end + 3
        else:
            break
        if end < 0:
            return b""
    if not head.startswith(b"<", position) or head.startswith(b"<!", position):
        return b""
    start = position + 1
    stop = start
    while stop < len(head) and head[stop] not in b" \t\r\n/>":
        stop += 1
    return head[start:stop] if stop < len(head) else b""
