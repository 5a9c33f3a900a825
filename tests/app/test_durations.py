from datetime import timedelta

import pytest

from iqies_flask.durations import duration_in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (1, "1 second"),
        (30, "30 seconds"),
        (59.5, "1 minute"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (3600, "60 minutes"),
        (7200, "2 hours"),
        (7201, "3 hours"),
    ],
)
def test_duration_in_words(seconds: float, words: str) -> None:
    assert duration_in_words(timedelta(seconds=seconds)) == words
