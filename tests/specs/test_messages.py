"""The document for users lists the pack's messages word for word, and each rule of its advice."""

from pathlib import Path

from iqies_flask.model import EditType
from iqies_flask.specs.messages import CATALOGUE
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.subset_edits import REMEDIES

DOCUMENT = Path(__file__).parents[2] / "docs" / "messages.md"


def test_the_document_lists_each_message_as_it_is() -> None:
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| IF-3")
    ]
    assert rows == [(entry.edit_id, entry.text, entry.remedy) for entry in CATALOGUE]


def test_the_document_lists_the_advice(mds: Pack) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| IF-6")]
    assert [row[0].strip() for row in rows] == [edit.id for edit in mds.advice_edits]
    for (_, about, _), edit in zip(rows, mds.advice_edits, strict=True):
        assert about.split()[0] in edit.items
    assert REMEDIES[EditType.ADVICE] in " ".join(text.split())
