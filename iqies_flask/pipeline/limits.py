"""The bounds within which intake reads what was submitted."""

from dataclasses import dataclass

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """How much one submission may hold.

    The limits of an upload (5 MB) and of a PBJ file (50 MB) are CMS's; the others are this project's own,
    well above what MDS and OASIS files need.

    Attributes:
        upload_bytes: Size of the submitted file, zipped or not.
        record_bytes: Uncompressed size of one assessment.
        pbj_bytes: Uncompressed size of one PBJ file.
        total_bytes: Uncompressed size of all files of a zip together.
        ratio: How many times smaller than its content a zipped file may be.
        ratio_free_bytes: Files up to this uncompressed size may have any ratio.
        members: Number of files in a zip.
        elements: Number of elements in one assessment.
        value_characters: Length of one element's text.
    """

    upload_bytes: int = 5 * MEGABYTE
    record_bytes: int = 2 * MEGABYTE
    pbj_bytes: int = 50 * MEGABYTE
    total_bytes: int = 512 * MEGABYTE
    ratio: int = 200
    ratio_free_bytes: int = 1 * MEGABYTE
    members: int = 20_000
    elements: int = 5_000
    value_characters: int = 4_096


def size_in_words(size: int) -> str:
    """Write a number of bytes for a person.

    Args:
        size: In bytes.

    Returns:
        For example ``5 MB``, ``1.4 MB``, ``312 KB``, ``90 bytes``; one MB is 1,048,576 bytes.
    """
    if size >= MEGABYTE:
        return f"{size / MEGABYTE:,.1f}".removesuffix(".0") + " MB"
    if size >= KILOBYTE:
        return f"{size // KILOBYTE} KB"
    return f"{size} bytes"
