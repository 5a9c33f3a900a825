import pytest
from hypothesis import given
from hypothesis import strategies as st

from iqies_flask.access.errors import AccessError
from iqies_flask.access.npi import checked_npi


@pytest.mark.parametrize("typed", ["1234567893", " 1234567893 ", "123-456-7893"])
def test_npi_with_the_right_check_digit_is_taken(typed: str) -> None:
    assert checked_npi(typed) == "1234567893"


@pytest.mark.parametrize("typed", ["1234567890", "1234567839", "2134567893"])
def test_check_digit_finds_wrong_and_exchanged_digits(typed: str) -> None:
    with pytest.raises(AccessError, match="its last digit does not fit"):
        checked_npi(typed)


@pytest.mark.parametrize(
    "typed", ["", "123456789", "12345678931", "3234567893", "123456789X", "\uff11234567893"]
)
def test_what_has_not_the_form_of_an_npi_is_refused(typed: str) -> None:
    with pytest.raises(AccessError, match="ten digits"):
        checked_npi(typed)


@given(st.integers(1, 2), st.integers(0, 99_999_999))
def test_each_nine_digits_have_exactly_one_check_digit(first: int, others: int) -> None:
    def taken(check: int) -> bool:
        try:
            checked_npi(f"{first}{others:08}{check}")
        except AccessError:
            return False
        return True

    (check,) = filter(taken, range(10))
    # The same by the rule as it is written for cards, over the whole number with its prefix.
    digits = [int(digit) for digit in f"80840{first}{others:08}{check}"]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits)]
    assert sum(doubled) % 10 == 0
