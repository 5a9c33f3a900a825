from datetime import date

import pytest
from flask import Flask, get_template_attribute

from iqies_flask.pipeline.report.model import Disposition, RecordReport
from iqies_flask.reference.words import Reason, edit_owner, reasons

DAY = date(2026, 11, 7)


def given(app: Flask, system: str, subset: str, joined: str) -> tuple[Reason, ...]:
    with app.app_context():
        return reasons(system, DAY, subset, joined)


def test_reasons_of_a_nursing_home_assessment(app: Flask) -> None:
    assert given(app, "MDS", "NC", "05/01/99/0") == (
        Reason("A0310A", "05", "Significant correction to prior comprehensive assessment"),
        Reason("A0310B", "01", "5-day scheduled assessment"),
        Reason("A0310F", "99", ""),
        Reason("A0310H", "0", ""),
    )


def test_an_item_that_is_answered_with_yes_is_the_reason_itself(app: Flask) -> None:
    *_, discharge = given(app, "MDS", "NPE", "99/99/99/1")
    assert discharge == Reason("A0310H", "1", "SNF PPS Part A Discharge (End of Stay) Assessment")


def test_an_inactivation_has_its_reasons_in_items_of_its_own(app: Flask) -> None:
    assert [reason.item for reason in given(app, "MDS", "XX", "01/99/99/0")] == [
        "X0600A",
        "X0600B",
        "X0600F",
        "X0600H",
    ]


def test_parts_that_are_missing_are_left_out(app: Flask) -> None:
    assert [reason.item for reason in given(app, "MDS", "NT", "//01/")] == ["A0310F"]


def test_reason_of_home_health(app: Flask) -> None:
    assert given(app, "OASIS", "01", "01") == (
        Reason("M0100_ASSMT_REASON", "01", "Start of care - further visits planned"),
    )


@pytest.mark.parametrize(
    ("system", "joined"), [("PBJ", "1"), ("", "05/01/99/0"), ("MDS", "05/01"), ("OASIS", "01/99/99/0")]
)
def test_what_no_pack_knows_is_not_taken_apart(app: Flask, system: str, joined: str) -> None:
    assert given(app, system, "NC", joined) == ()


def test_code_that_the_item_does_not_have_has_no_meaning(app: Flask) -> None:
    assert given(app, "OASIS", "01", "77") == (Reason("M0100_ASSMT_REASON", "77", ""),)


@pytest.mark.parametrize(
    ("edit_system", "record_system", "owner"),
    [
        ("MDS", "MDS", "MDS"),
        ("OASIS", "OASIS", "OASIS"),
        ("iqies_flask", "MDS", "this site"),
        ("iqies_flask", "", "this site"),
        ("MDS", "", "CMS"),
        ("pbj_legacy_qies", "PBJ", "PBJ"),
        ("house_rules", "MDS", "plugin house_rules"),
        ("house_rules", "", "plugin house_rules"),
    ],
)
def test_whose_number_an_edit_has(app: Flask, edit_system: str, record_system: str, owner: str) -> None:
    with app.app_context():
        assert edit_owner(edit_system, record_system) == owner


def test_report_shows_words_and_codes(app: Flask) -> None:
    record = RecordReport(
        1, "a.xml", "MDS", Disposition.REJECTED, subset="NC", reason="05/01/99/0", target_date=DAY
    )
    with app.test_request_context():
        text = str(get_template_attribute("macros/record.html", "record_report")(record))
    assert "Significant correction to prior comprehensive assessment; 5-day scheduled assessment" in text
    assert (
        "A0310A <code>05</code>, A0310B <code>01</code>, A0310F <code>99</code>, A0310H <code>0</code>"
        in text
    )
    assert "05/01/99/0" not in text
