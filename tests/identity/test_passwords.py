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
        "wombats juggle nine teapots " * 9 + "x1",
        "ünïcödé…",
        "testperson likes tea",
        "only lower case letters",
        "🗝🌧🐌🧦🪁🍋🎈🦉",
    ],
)
def test_taken(password: str) -> None:
    assert passwords.problems(password, words_of_person=WORDS) == []


@pytest.mark.parametrize(
    "password",
    [
        "987654321",
        "87654321",
        "00000000",
        "88888888",
        "111111111",
        "123123123",
        "121212121",
        "abcabcab",
        "letmein123",
        "password1!",
        "19800229",
        "12341234",
        "12121212",
        "0123456789",
        "12345678901234567890",
        "aaaaaaaa",
        "wwwwwwwwwwww",
        "abcabcabc",
        "abcdefgh",
        "ABCDEFGH",
        "asdfghjkl;",
        "qwertyuiop[]",
        "x1" * 128,
        "🗝" * 8,
    ],
)
def test_what_attackers_try_first_is_refused_though_no_list_has_it(password: str) -> None:
    (problem,) = passwords.problems(password)
    assert "the first that attackers try" in problem


def test_characters_are_counted_not_bytes() -> None:
    assert passwords.problems("ü" * 7)
    assert "fewer than 8" not in "".join(passwords.problems("ü" * 7 + "x"))
    # Letter and accent as two code points are one character once they are joined.
    assert passwords.problems(unicodedata.normalize("NFD", "ü" * 7))


def test_words_may_come_from_a_generator() -> None:
    assert passwords.problems("testperson1", words_of_person=(word for word in WORDS))


def test_the_same_letters_from_another_keyboard_match() -> None:
    stored = passwords.hashed("café au lait")
    assert passwords.matches(stored, unicodedata.normalize("NFD", "café au lait"))
    assert not passwords.matches(stored, "cafe au lait")


def test_strength_rises() -> None:
    weak, strong = passwords.strength("summer2024"), passwords.strength("wombats juggle nine teapots")
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


def test_each_character_counts_as_it_was_typed() -> None:
    password = "Wombats Juggle " + "x" * (passwords.MOST_CHARACTERS - 16) + "y"
    assert len(password) == passwords.MOST_CHARACTERS
    assert passwords.problems(password) == []
    hashed = passwords.hashed(password)
    assert passwords.matches(hashed, password)
    for other in (password.lower(), password[:-1], password[:72], password[:-1] + "z", f" {password}"):
        assert not passwords.matches(hashed, other)
    assert "more than 256" in passwords.problems(password + "z")[0]


def test_common_passwords_are_many() -> None:
    """At least 3,000 that are long enough to be chosen at all (OWASP ASVS 5.0, 6.2.4)."""
    long_enough = [each for each in passwords._common() if len(each) >= passwords.LEAST_CHARACTERS]
    assert len(long_enough) >= 3000
    assert all(passwords.problems(each) for each in long_enough)
