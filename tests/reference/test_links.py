from datetime import date

from flask import Flask, get_template_attribute

from iqies_flask.model import EditType, Finding, ItemValue, Severity
from iqies_flask.reference.links import edit_address, item_address

DAY = date(2026, 5, 1)


def table(app: Flask, system: str) -> str:
    finding = Finding(
        "-3300",
        "OASIS",
        Severity.WARNING,
        EditType.CONSISTENCY,
        "Late.",
        items=(ItemValue("M0090_INFO_COMPLETED_DT", "Date", "20260501"), ItemValue("NO_ITEM", "", "1")),
    )
    with app.test_request_context():
        macro = get_template_attribute("macros/finding.html", "findings_table")
        return str(macro([finding], "Messages", system=system, day=DAY))


def test_a_finding_leads_to_its_edit_and_its_items(app: Flask) -> None:
    text = table(app, "OASIS")
    assert '<a href="/reference/OASIS/3.02/edits/-3300">-3300</a>' in text
    assert '<a href="/reference/OASIS/3.02/items/M0090_INFO_COMPLETED_DT">' in text
    assert text.count("<a ") == 2


def test_without_a_pack_nothing_is_linked(app: Flask) -> None:
    assert "<a " not in table(app, "")
    assert "<a " not in table(app, "PBJ")


def test_the_newest_pack_stands_in_where_no_date_is_known(app: Flask) -> None:
    with app.test_request_context():
        for day in (None, date(1999, 1, 1)):
            assert edit_address("OASIS", day, "IF-302") == "/reference/OASIS/3.02/edits/IF-302"
            assert item_address("MDS", day, "A0310A") == "/reference/MDS/3.10/items/A0310A"
        assert edit_address("OASIS", DAY, "X-1") == ""
