import pytest

from iqies_flask.pipeline import messages
from iqies_flask.pipeline.file_names import display_name, name_faults


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("a.xml", []),
        ("folder/a.xml", []),
        ("a..b.xml", []),
        ("/etc/a.xml", [messages.ABSOLUTE_NAME]),
        ("../a.xml", [messages.PARENT_NAME]),
        ("folder/../../a.xml", [messages.PARENT_NAME]),
        ("folder\\a.xml", [messages.BACKSLASH_NAME]),
        ("..\\a.xml", [messages.BACKSLASH_NAME, messages.PARENT_NAME]),
        ("C:\\mds\\a.xml", [messages.BACKSLASH_NAME, messages.DRIVE_NAME]),
        ("c:a.xml", [messages.DRIVE_NAME]),
        ("\\\\server\\a.xml", [messages.BACKSLASH_NAME, messages.ABSOLUTE_NAME]),
        ("a\x00.xml", [messages.CONTROL_CHARACTER_NAME]),
        ("a\n.xml", [messages.CONTROL_CHARACTER_NAME]),
        ("a\u202elmx.exe", [messages.CONTROL_CHARACTER_NAME]),
    ],
)
def test_each_fault_of_a_name_is_found(name: str, faults: list[messages.Message]) -> None:
    assert name_faults(name) == faults


def test_what_cannot_be_seen_is_shown_as_its_code() -> None:
    assert display_name("a\u202elmx\n.exe") == "a<U+202E>lmx<U+000A>.exe"


def test_ordinary_names_stay_as_they_are() -> None:
    assert display_name("folder/número 1.xml") == "folder/número 1.xml"


def test_long_names_keep_their_beginning_and_end() -> None:
    shown = display_name("x" * 5000 + ".xml")
    assert len(shown) <= 200
    assert shown.startswith("xxx")
    assert shown.endswith("x.xml")
