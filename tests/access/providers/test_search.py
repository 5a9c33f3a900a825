import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from iqies_flask.access.models import Provider
from iqies_flask.access.providers import search
from iqies_flask.access.providers.search import Asked, Found, find_providers
from iqies_flask.access.registry import add_provider


@pytest.fixture
def registry(app: Flask) -> None:
    for ccn, name, state in (
        ("015001", "Oak Hill Nursing", "AL"),
        ("077001", "Hill Home Health", "CT"),
        ("075002", "ÄLTERE 100% Home", "CT"),
        ("075003", "Oak Hill Nursing", "CT"),
        ("01A193", "1st Home of 075", "AL"),
    ):
        add_provider(ccn, name, state, "")


def ccns(found: Found) -> list[str]:
    return [provider.ccn for provider in found.items]


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(), ["01A193", "077001", "015001", "075003", "075002"]),
        (Asked("HILL oak"), ["015001", "075003"]),
        (Asked("hill", "CT"), ["077001", "075003"]),
        (Asked("ältere"), ["075002"]),
        (Asked("100%"), ["075002"]),
        (Asked("%"), ["075002"]),
        (Asked("_"), []),
        (Asked("075"), ["01A193", "075003", "075002"]),
        (Asked("01a-193"), ["01A193"]),
        (Asked("01a 193"), ["01A193"]),
        (Asked("0750031"), []),
        (Asked("oak", within=["075003", "077001"]), ["075003"]),
        (Asked(within=[]), []),
        (Asked("hill\0"), ["077001", "015001", "075003"]),
    ],
)
def test_providers_are_found_by_name_number_and_state(asked: Asked, expected: list[str]) -> None:
    found = find_providers(asked)
    assert sorted(ccns(found)) == sorted(expected)
    assert (found.before, found.after) == ("", "")


@pytest.fixture
def many(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Seven providers, three on a page; some of the same name."""
    monkeypatch.setattr(search, "PAGE_ENTRIES", 3)
    for number, name in enumerate(("D", "B", "B", "A", "C", "B", "E"), start=5001):
        add_provider(f"99{number}", name, "CT", "")
    return ["995004", "995002", "995003", "995006", "995005", "995001", "995007"]


def test_pages_lead_forth_and_back(many: list[str]) -> None:
    first = find_providers(Asked())
    second = find_providers(Asked(), after=first.after)
    third = find_providers(Asked(), after=second.after)
    assert [ccns(page) for page in (first, second, third)] == [many[:3], many[3:6], many[6:]]
    assert (first.before, third.before, third.after) == ("", "995007", "")
    assert find_providers(Asked(), before=third.before) == second
    assert find_providers(Asked(), before=second.before) == first


@pytest.mark.parametrize("edge", ["000000", "x", "99\0001", "x" * 5_000])
def test_edge_that_does_not_exist_leads_to_the_first_page(many: list[str], edge: str) -> None:
    assert ccns(find_providers(Asked(), after=edge)) == many[:3]


def test_nothing_lies_behind_the_last(many: list[str]) -> None:
    assert find_providers(Asked(), after=many[-1]) == Found([])
    assert find_providers(Asked(), before=many[0]) == Found([])


@hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=110))
def test_any_text_can_be_searched_for(provider: Provider, text: str) -> None:
    assert set(ccns(find_providers(Asked(text)))) <= {provider.ccn}
