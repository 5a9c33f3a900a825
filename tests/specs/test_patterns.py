import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from iqies_flask.specs import patterns
from iqies_flask.specs.dates import is_birth_date, parse_date
from iqies_flask.specs.formats import is_mmddyyyy

DATE = re.compile(patterns.date_pattern())
BIRTH_DATE = re.compile(patterns.birth_date_pattern())
MMDDYYYY = re.compile(patterns.mmddyyyy_pattern())
DIGITS = st.text("0123456789", max_size=9)
NEAR_DATES = st.builds(
    "{:04d}{:02d}{:02d}".format, st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32)
)


@given(NEAR_DATES | DIGITS)
def test_date_pattern_is_the_calendar(text: str) -> None:
    assert bool(DATE.fullmatch(text)) == (parse_date(text) is not None)
    assert bool(BIRTH_DATE.fullmatch(text)) == is_birth_date(text)
    assert bool(MMDDYYYY.fullmatch(text)) == is_mmddyyyy(text)


@given(st.dates())
def test_every_date_matches(day: date) -> None:
    assert DATE.fullmatch(f"{day.year:04d}{day.month:02d}{day.day:02d}")


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 4000), st.integers(0, 3))
def test_integer_range_is_the_range(one: int, other: int, number: int, zeroes: int) -> None:
    low, high = sorted((one, other))
    matches = re.fullmatch(patterns.integer_range(low, high), "0" * zeroes + str(number)) is not None
    assert matches == (low <= number <= high)


WORDS = st.lists(st.text("ab.^", min_size=1, max_size=3), min_size=1, max_size=4)


@given(WORDS, st.text("ab.^c\n", max_size=5))
def test_avoiding_words(words: list[str], text: str) -> None:
    starts = re.fullmatch(patterns.not_starting_with(words), text) is not None
    assert starts == (not text.startswith(tuple(words)))
    equals = re.fullmatch(patterns.not_equal_to(words), text) is not None
    assert equals == (text not in words)
