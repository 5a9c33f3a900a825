import pytest

from iqies_flask.pipeline.limits import size_in_words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KB"),
        (5 * 1024 * 1024, "5 MB"),
        (1_500_000, "1.4 MB"),
        (10 * 1024**3, "10,240 MB"),
    ],
)
def test_sizes_are_written_for_people(size: int, words: str) -> None:
    assert size_in_words(size) == words
