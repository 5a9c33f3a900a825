"""The document for users lists the pack's messages word for word."""

from pathlib import Path

from iqies_flask.specs.messages import CATALOGUE

DOCUMENT = Path(__file__).parents[2] / "docs" / "messages.md"


def test_the_document_lists_each_message_as_it_is() -> None:
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| IF-3")
    ]
    assert rows == [(entry.edit_id, entry.text, entry.remedy) for entry in CATALOGUE]
