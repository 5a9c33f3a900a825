import pytest

from iqies_flask.access.errors import AccessError
from iqies_flask.access.reasons import MOST_CHARACTERS, checked_reason


def test_a_reason_is_taken_without_the_spaces_around_it() -> None:
    longest = "x" * MOST_CHARACTERS
    assert checked_reason(f"\n {longest} ") == longest


@pytest.mark.parametrize(
    ("text", "words"), [("", "Give a reason"), (" \n", "Give a reason"), ("x" * 2001, "at most 2,000")]
)
def test_none_and_too_long_a_one_are_refused(text: str, words: str) -> None:
    with pytest.raises(AccessError, match=words):
        checked_reason(text)
