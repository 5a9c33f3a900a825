from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iqies_flask.specs.dates import is_birth_date, parse_date


@given(st.dates())
def test_every_date_is_read_back(day: date) -> None:
    assert parse_date(f"{day.year:04d}{day.month:02d}{day.day:02d}") == day


@given(st.text(max_size=10))
def test_nothing_but_eight_digits_is_a_date(text: str) -> None:
    if not (len(text) == 8 and text.isascii() and text.isdigit()):
        assert parse_date(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "20230229",
        "19000229",
        "00000101",
        "20231301",
        "20230100",
        "\uff12\uff10\uff12\uff13\uff10\uff11\uff10\uff11",
    ],
)
def test_days_that_never_were_are_refused(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize("text", ["1940", "194002", "19400229"])
def test_partial_birth_dates(text: str) -> None:
    assert is_birth_date(text)


@pytest.mark.parametrize("text", ["", "194", "0000", "194000", "194013", "19410229", "1940-02", "^"])
def test_what_is_no_birth_date(text: str) -> None:
    assert not is_birth_date(text)
