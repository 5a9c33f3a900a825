import unicodedata

import pytest

from iqies_flask.identity import passwords

WORDS = ("jtestperson", "testy.testperson@sample-care.example.org", "Testy", "Testperson")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", "fewer than 8"),
        ("seven77", "fewer than 8"),
        ("x1" * 129, "more than 256"),
        ("password1", "most often used"),
        ("PassWord1", "most often used"),
        ("JTestPerson", "made of"),
        ("testperson1986!", "made of"),
        ("Testy-Testperson", "made of"),
        ("sample-care-2026", "made of"),
        ("iQIES2026!", "made of"),
        ("iqies flask 1", "made of"),
    ],
)
def test_refused(password: str, said: str) -> None:
    (problem,) = passwords.problems(password, words_of_person=WORDS)
    assert said in problem
    assert not password or password not in problem


@pytest.mark.parametrize(
    "password",
    [
        "eightch8",
        "x1" * 128,
        "ünïcödé…",
        "testperson likes tea",
        "wwwwwwwwwwww",
        "only lower case letters",
        "🗝" * 8,
    ],
)
def test_taken(password: str) -> None:
    assert passwords.problems(password, words_of_person=WORDS) == []


def test_characters_are_counted_not_bytes() -> None:
    assert passwords.problems("ü" * 7)
    assert not passwords.problems("ü" * 7 + "x")
    # Letter and accent as two code points are one character once they are joined.
    assert passwords.problems(unicodedata.normalize("NFD", "ü" * 7))


def test_words_may_come_from_a_generator() -> None:
    assert passwords.problems("testperson1", words_of_person=(word for word in WORDS))


def test_the_same_letters_from_another_keyboard_match() -> None:
    stored = passwords.hashed("café au lait")
    assert passwords.matches(stored, unicodedata.normalize("NFD", "café au lait"))
    assert not passwords.matches(stored, "cafe au lait")


def test_strength_rises() -> None:
    weak, strong = passwords.strength("abcdefgh1"), passwords.strength("wombats juggle nine teapots")
    assert weak.score < strong.score == 4
    assert strong.label == "Strong"
    assert weak.advice


def test_strength_says_what_is_refused() -> None:
    rated = passwords.strength("Testperson1", WORDS)
    assert (rated.score, rated.label) == (0, "Cannot be used yet")
    assert "made of" in rated.problems[0]


@pytest.mark.parametrize("length", [256, 257, 100_000])
def test_rating_looks_at_no_more_than_it_can(length: int) -> None:
    assert passwords.strength("l1|!" * (length // 4)).label
