from pathlib import Path

import pytest

from iqies_flask.model import ItemValue, Message, Severity
from iqies_flask.pipeline.messages import CATALOGUE, DTD, NESTED_ZIP

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "messages.md").read_text()


def row(message: Message) -> str:
    cells = (message.edit_id, message.severity, message.text, message.remedy)
    return "| " + " | ".join(cells).replace("<", "\\<") + " |"


@pytest.mark.parametrize("message", CATALOGUE, ids=lambda message: message.edit_id)
def test_each_message_is_documented_as_it_is(message: Message) -> None:
    assert row(message) in DOCUMENT


def test_the_document_lists_no_other_message_of_intake_and_chain() -> None:
    listed = [
        line.split("|")[1].strip() for line in DOCUMENT.splitlines() if line.startswith(("| IF-", "| -1"))
    ]
    own = [edit_id for edit_id in listed if edit_id.startswith(("-", "IF-1", "IF-2", "IF-4"))]
    assert sorted(own) == sorted(message.edit_id for message in CATALOGUE)


def test_ids_of_this_project_are_given_once() -> None:
    own = [message.edit_id for message in CATALOGUE if message.edit_id.startswith("IF-")]
    assert len(own) == len(set(own))


def test_numbers_of_cms_carry_its_system() -> None:
    assert {message.system for message in CATALOGUE if message.edit_id.startswith("-")} == {"MDS"}
    assert {message.system for message in CATALOGUE if not message.edit_id.startswith("-")} == {"iqies_flask"}


def test_details_and_items_are_filled_in() -> None:
    finding = DTD.finding(ItemValue("A"), line=7)
    assert finding.message.startswith("Line 7:")
    assert finding.items == (ItemValue("A"),)
    assert finding.severity is Severity.FATAL


def test_details_may_hold_braces() -> None:
    assert "{x}.zip" in NESTED_ZIP.finding(name="{x}.zip").message


def test_a_missing_detail_is_noticed() -> None:
    with pytest.raises(KeyError):
        DTD.finding()
