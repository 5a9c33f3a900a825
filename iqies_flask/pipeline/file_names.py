"""Names of files as a zip has them: how to show them, and what is wrong with them.

Nothing is ever written under such a name. It is shown to people, and that is enough to need care.
"""

import re
import unicodedata

from iqies_flask.model import Message
from iqies_flask.pipeline.messages import (
    ABSOLUTE_NAME,
    BACKSLASH_NAME,
    CONTROL_CHARACTER_NAME,
    DRIVE_NAME,
    PARENT_NAME,
)

LONGEST_SHOWN = 200
_DRIVE = re.compile(r"[A-Za-z]:")


def _is_hidden(character: str) -> bool:
    """Whether a character is a control or format character, a surrogate or unassigned: none can be seen."""
    return unicodedata.category(character)[0] == "C"


def display_name(name: str) -> str:
    """Make a name fit to be shown.

    Args:
        name: As the zip or the browser has it.

    Returns:
        The name with hidden characters as ``<U+202E>``, and shortened in its middle to 200 characters.
    """
    if not name.isprintable():
        name = "".join(f"<U+{ord(one):04X}>" if _is_hidden(one) else one for one in name)
    if len(name) <= LONGEST_SHOWN:
        return name
    half = (LONGEST_SHOWN - 3) // 2
    return f"{name[:half]}...{name[-half:]}"


def name_faults(name: str) -> list[Message]:
    """Find out what is wrong with the name of a file in a zip.

    Args:
        name: As the zip has it.

    Returns:
        A message for each fault; none for a plain relative path.
    """
    faults = []
    if any(_is_hidden(one) for one in name):
        faults.append(CONTROL_CHARACTER_NAME)
    if "\\" in name:
        faults.append(BACKSLASH_NAME)
    path = name.replace("\\", "/")
    if _DRIVE.match(path):
        faults.append(DRIVE_NAME)
    elif path.startswith("/"):
        faults.append(ABSOLUTE_NAME)
    if ".." in path.split("/"):
        faults.append(PARENT_NAME)
    return faults
