"""What edits compute."""

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iqies_flask.specs.edits import values


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("99", 99)])
def test_numbers(text: str, number: int) -> None:
    assert values.number(text) == number


@pytest.mark.parametrize("text", [None, "", "^", "-", "1.", "+1", "-1", " 1", "\u0661"])
def test_what_is_no_number_compares_with_nothing(text: str | None) -> None:
    assert math.isnan(values.number(text))


@pytest.mark.parametrize(
    ("dates", "strict", "verdict"),
    [
        (["20260101", "20260101"], [False], True),
        (["20260101", "20260101"], [True], False),
        (["20260102", "20260101"], [False], False),
        (["20260101", "^", "20260102"], [False, False], True),
        (["20260101", "^", "20260101"], [True, False], False),
        (["20260101", "^", "20260101"], [False, True], False),
        (["^", "20260101", None], [True, False], True),
        (["--------", "20260101"], [True], True),
        (["1940", "19400101"], [False], True),
        (["194002", "19400201"], [True], False),
        (["20260231", "20260301"], [False], False),
        (["x", "^"], [False], False),
        ([], [], True),
    ],
)
def test_order_of_dates(dates: list[str | None], strict: list[bool], verdict: bool) -> None:
    assert values.in_order(dates, strict) is verdict


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-400, 400))
def test_days_between(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    assert values.days_between(first.strftime("%Y%m%d"), last.strftime("%Y%m%d")) == days


def test_days_of_what_is_no_date() -> None:
    assert values.days_between("^", "20260101") is None
    assert values.days_between("20260101", None) is None


@pytest.mark.parametrize(
    ("birth", "at", "age"),
    [
        ("20000615", "20180614", 17),
        ("20000615", "20180615", 18),
        ("200006", "20180614", 17),  # an unknown day is the 15th
        ("200006", "20180615", 18),
        ("2000", "20180701", 17),  # an unknown month and day are July 2
        ("2000", "20180702", 18),
        ("20000229", "20180228", 17),
        ("18860101", "20260101", 140),
        ("^", "20260101", None),
        ("2000", "2026", None),
    ],
)
def test_age(birth: str, at: str, age: int | None) -> None:
    assert values.age_at(birth, at) == age


@pytest.mark.parametrize(
    ("texts", "times", "over", "total"),
    [
        (["1", "02", "^", None], 1, 1, 3),
        (["3"] * 8, 9, 8, 27),
        (["1", "1", "2"], 9, 8, 5),  # 4.5 is rounded up
        (["1"] * 7, 9, 7, 9),
        (["1"], 9, 8, 1),
        ([], 9, 8, 0),
    ],
)
def test_scaled_sums(texts: list[str | None], times: int, over: int, total: int) -> None:
    assert values.scaled_sum(texts, times, over) == total


def test_distinct_values() -> None:
    assert values.all_distinct(["^", "^", None, "A", "B"])
    assert not values.all_distinct(["a10.^^^^", "A10.^^^^"])


def test_forms_of_a_number() -> None:
    assert values.submitted_forms("00", 2) == {"0", "00"}
    assert values.submitted_forms("1", 3) == {"1", "01", "001"}
    assert values.submitted_forms("^", 2) == {"^"}
