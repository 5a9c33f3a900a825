import pytest
from flask.testing import FlaskClient

OASIS = "/reference/OASIS/3.02"


def test_everybody_may_read_it(client: FlaskClient) -> None:
    page = client.get("/reference")
    assert page.status_code == 200
    assert "OASIS 3.02" in page.text
    assert "MDS 3.10" in page.text


def test_an_edit_has_its_page_with_links_to_its_items(client: FlaskClient) -> None:
    page = client.get(f"{OASIS}/edits/-3300")
    assert page.status_code == 200
    assert "M0090_INFO_COMPLETED_DT should be 0 to 5 days after M0030_START_CARE_DT" in page.text
    assert f'href="{OASIS}/items/M0030_START_CARE_DT"' in page.text
    assert "Start of care date" in page.text


def test_an_edit_that_does_not_run_says_why(client: FlaskClient) -> None:
    assert "deleted by CMS in V3.02.0" in client.get(f"{OASIS}/edits/-3190").text


def test_an_item_has_its_page_with_links_to_its_edits(client: FlaskClient) -> None:
    page = client.get(f"{OASIS}/items/M0100_ASSMT_REASON")
    assert page.status_code == 200
    assert f'href="{OASIS}/edits/-3280"' in page.text
    assert "Recertification" in page.text


@pytest.mark.parametrize(
    "address",
    [
        f"{OASIS}/edits/-9999",
        f"{OASIS}/items/NO_SUCH_ITEM",
        "/reference/OASIS/9.99/edits/-3300",
        "/reference/PBJ/3.02/items/M0090_INFO_COMPLETED_DT",
        f"{OASIS}/edits/%3Cscript%3E",
    ],
)
def test_what_is_not_there_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_search_leads_to_edits_and_items(client: FlaskClient) -> None:
    page = client.get("/reference", query_string={"q": "3261"})
    assert f'href="{OASIS}/edits/-3261"' in page.text
    page = client.get("/reference", query_string={"q": "M0090", "pack": "MDS 3.10"})
    assert "Nothing matches" in page.text


def test_long_lists_come_in_pages(client: FlaskClient) -> None:
    first = client.get("/reference", query_string={"pack": "OASIS 3.02"})
    second = client.get("/reference", query_string={"pack": "OASIS 3.02", "page": 2})
    assert "pack=OASIS+3.02" in first.text
    assert first.text.count('role="rowheader"') == second.text.count('role="rowheader"') == 50
    assert first.text != second.text


def test_what_was_searched_for_is_no_markup(client: FlaskClient) -> None:
    page = client.get("/reference", query_string={"q": "<script>alert(1)</script>"})
    assert "<script>alert" not in page.text
