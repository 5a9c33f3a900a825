"""The document for users lists the messages after the checks word for word."""

import re
from pathlib import Path

from iqies_flask.submissions.messages import CATALOGUE

DOCUMENT = Path(__file__).parents[2] / "docs" / "messages.md"


def test_the_document_lists_each_message_as_it_is() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").split("## After the checks\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\S+) \| (\S+) \| (.*) \| (.*) \|$", section, flags=re.MULTILINE)
    assert rows[1:] == [(entry.edit_id, entry.system, entry.text, entry.remedy) for entry in CATALOGUE]
