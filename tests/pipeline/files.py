"""Building the files that intake must stand: zips and XML, honest and hostile."""

import io
import warnings
import zipfile

ASSESSMENT = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<ASSESSMENT>\n  <ASMT_SYS_CD>OASIS</ASMT_SYS_CD>\n"
    b"  <M0040_PAT_LNAME>TESTPERSON</M0040_PAT_LNAME>\n</ASSESSMENT>\n"
)
ITEMS = {"ASMT_SYS_CD": "OASIS", "M0040_PAT_LNAME": "TESTPERSON"}
PBJ = (
    b'<?xml version="1.0" encoding="ASCII"?>\n'
    b'<nursingHomeData><header fileSpecVersion="4.10.0"><facilityId>TEST1</facilityId>'
    b"<stateCode>MD</stateCode><reportQuarter>2</reportQuarter>"
    b"<federalFiscalYear>2026</federalFiscalYear></header></nursingHomeData>\n"
)


def make_zip(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """Make an honest zip; names and their order are as given, doubled ones too."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.filterwarnings("ignore", "Duplicate name")
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
        archive.comment = comment
    return buffer.getvalue()


def assessment(body: str, root: str = "ASSESSMENT") -> bytes:
    """Make a record with this inside its root element."""
    return f"<{root}>\n{body}\n</{root}>\n".encode()


def patch_flag(data: bytes, flag: int) -> bytes:
    """Set a flag in every local header and table entry of a zip."""
    return _patch(data, local_offset=6, central_offset=8, value=flag)


def patch_method(data: bytes, method: int) -> bytes:
    """Set the compression method of every file of a zip."""
    return _patch(data, local_offset=8, central_offset=10, value=method)


def _patch(data: bytes, local_offset: int, central_offset: int, value: int) -> bytes:
    patched = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", local_offset), (b"PK\x01\x02", central_offset)):
        position = data.find(signature)
        while position >= 0:
            patched[position + offset : position + offset + 2] = value.to_bytes(2, "little")
            position = data.find(signature, position + 4)
    return bytes(patched)


def overlapping_zip(names: list[str], data: bytes) -> bytes:
    """Make a zip whose files all share the data of the first, as bombs without nesting do."""
    honest = make_zip((names[0], data))
    end = honest.rfind(b"PK\x05\x06")
    table = honest.rfind(b"PK\x01\x02")
    entries = b"".join(
        honest[table : table + 28]
        + len(name).to_bytes(2, "little")
        + honest[table + 30 : table + 46]
        + name.encode()
        for name in names
    )
    record = bytearray(honest[end:])
    record[8:10] = record[10:12] = len(names).to_bytes(2, "little")
    record[12:16] = len(entries).to_bytes(4, "little")
    return honest[:table] + entries + bytes(record)
