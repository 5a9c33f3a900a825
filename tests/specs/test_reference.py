import pytest

from iqies_flask.catalogue import OWN_MESSAGES
from iqies_flask.model import EditType, Severity
from iqies_flask.specs.coverage import coverage_of
from iqies_flask.specs.messages import MISSING_ITEM
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.reference import EditPage, edit_ids, edit_page, item_page


def page_of(pack: Pack, edit: str) -> EditPage:
    page = edit_page(pack, edit, OWN_MESSAGES)
    assert page is not None
    return page


@pytest.mark.parametrize("system", ["oasis", "mds"])
def test_every_edit_has_a_page_that_says_what_it_asks_or_why_it_does_not_run(
    system: str, request: pytest.FixtureRequest
) -> None:
    pack: Pack = request.getfixturevalue(system)
    every = edit_ids(pack, OWN_MESSAGES)
    assert len(every) == len(set(every))
    counted = coverage_of(pack)
    assert {*counted.executable, *counted.database, *counted.left_out} <= set(every)
    for edit in every:
        page = page_of(pack, edit)
        assert page.id == edit
        if edit in pack.left_out:
            assert page.reason == pack.left_out[edit]
        else:
            # No sample breaks advice, or what needs a database: those pages show the rule and no example.
            needs_no_example = page.type is EditType.ADVICE or edit in counted.database
            assert page.messages or (needs_no_example and page.clauses), edit
            assert page.severity is not None


def test_a_consistency_edit_shows_rule_items_and_an_example(oasis: Pack) -> None:
    page = page_of(oasis, "-3300")
    assert (page.severity, page.type, page.since) == (Severity.WARNING, EditType.CONSISTENCY, "V3.02.0")
    (clause,) = page.clauses
    assert clause.condition is not None
    assert clause.condition.text == "M0100_ASSMT_REASON is 01"
    assert clause.requirement.text == (
        "M0090_INFO_COMPLETED_DT should be 0 to 5 days after M0030_START_CARE_DT"
    )
    assert page.text.startswith("-3300 consistency warning V3.02.0\n")
    assert [item.id for item in page.items] == [
        "M0100_ASSMT_REASON",
        "M0030_START_CARE_DT",
        "M0090_INFO_COMPLETED_DT",
    ]
    (message,) = page.messages
    assert message.example
    assert "should be 0 to 5 days after M0030_START_CARE_DT (Start of care date) " in message.text


def test_a_format_edit_shows_its_items_and_an_example(mds: Pack) -> None:
    page = page_of(mds, "-3676")
    assert page.rule
    assert page.items
    assert page.type is EditType.FORMAT
    assert page.messages[0].text.startswith(tuple(item.id for item in page.items))


def test_the_edits_on_the_whole_record_have_pages(oasis: Pack) -> None:
    assert [item.id for item in page_of(oasis, "-3240").items][:2] == ["ITM_SBST_CD", "TRANS_TYPE_CD"]
    assert "SPEC_VRSN_CD is" in page_of(oasis, "-5460").messages[0].text


def test_a_message_of_our_own_shows_its_form_and_weighs_what_the_pack_says(oasis: Pack) -> None:
    page = page_of(oasis, "IF-302")
    assert page.system == "iqies_flask"
    assert page.messages[0].text == MISSING_ITEM.text
    assert not page.messages[0].example
    assert page_of(oasis, "IF-304").severity is oasis.structure["inactive"]


def test_what_the_site_checks_with_its_database_shows_why_and_what_it_says(mds: Pack, oasis: Pack) -> None:
    page = page_of(mds, "-3693")
    assert page.reason.startswith("needs the database")
    assert page.standing == "Not run on a record by itself"
    assert page_of(mds, "-3831").standing == "Not run on a record"
    assert page_of(mds, "-3795").standing == ""
    assert "{user_id}" in page.messages[0].text
    assert [clause.requirement.text for clause in page.clauses] == [
        "FAC_ID must be the provider's submission ID",
        "FAC_ID must be that of a provider for which the submitter may submit",
    ]
    assert edit_page(oasis, "-3693", OWN_MESSAGES) is None


def test_an_item_lists_the_edits_that_name_it(oasis: Pack) -> None:
    page = item_page(oasis, "M0090_INFO_COMPLETED_DT")
    assert page is not None
    assert page.item.label == "Date assessment completed"
    assert {"-3070", "-3261", "-3300"} <= {edit.id for edit in page.edits}
    rules = {edit.id: edit.rule for edit in page.edits}
    assert rules["-3300"].startswith("If M0100_ASSMT_REASON is 01, then ")
    assert all(rules.values())
    assert item_page(oasis, "NO_SUCH_ITEM") is None
