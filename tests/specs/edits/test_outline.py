import pytest

from iqies_flask.specs.edits.outline import Outline, outline_condition, outline_requirement
from iqies_flask.specs.edits.parser import parse_edits
from iqies_flask.specs.edits.tree import Condition

ORDER = ("A1", "A2", "A3", "A4", "B1", "DT1", "DT2")
PLACES = {item: place for place, item in enumerate(ORDER)}


def read(condition: str) -> Condition:
    (edit,) = parse_edits(f"-1000 skip fatal V1 {condition}", ORDER)
    return edit.clauses[0].requirement


def flat(outline: Outline) -> list[str]:
    return [outline.text, *(f"  {line}" for part in outline.parts for line in flat(part))]


@pytest.mark.parametrize(
    ("condition", "is_so", "must_be_so"),
    [
        ("A1 = [0,^]", "A1 is 0 or blank (^)", "A1 must be 0 or blank (^)"),
        ("A1 <> [0]", "A1 is not 0", "A1 must not be 0"),
        ("not A1 <> [0]", "A1 is 0", "A1 must be 0"),
        (
            "A1 is known as submission-id",
            "A1 is the provider's submission ID",
            "A1 must be the provider's submission ID",
        ),
        (
            "A1 through A3 are known as stored-record",
            "A1 through A3 are those of a stored record that has not been inactivated",
            "A1 through A3 must be those of a stored record that has not been inactivated",
        ),
        ("A1 > 3", "A1 is greater than 3", "A1 must be greater than 3"),
        ("A1 starts with [V,W]", "A1 begins with V or W", "A1 must begin with V or W"),
        ("A1 starts not with [V]", "A1 does not begin with V", "A1 must not begin with V"),
        (
            "all of (A1 through A3, B1) = [^]",
            "each of A1 through A3 and B1 is blank (^)",
            "each of A1 through A3 and B1 must be blank (^)",
        ),
        (
            "none of (A1, A2) = [1]",
            "each of A1 and A2 is not 1",
            "each of A1 and A2 must not be 1",
        ),
        (
            "any of (A1, A2) = [1], the rest = [0]",
            "at least one of A1 and A2 is 1, and each of the others is 0",
            "at least one of A1 and A2 must be 1, and each of the others must be 0",
        ),
        ("one of (A1, A2) = [1]", "exactly one of A1 and A2 is 1", "exactly one of A1 and A2 must be 1"),
        (
            "count of (A1, A2) = [1] in 0 to 1",
            "at most 1 of A1 and A2 is 1",
            "at most 1 of A1 and A2 may be 1",
        ),
        ("A1 is active", "A1 is active", "A1 is active"),
        ("not A1 is active", "A1 is not active", "A1 is not active"),
        ("not (A1, A2) are active", "not all of A1 and A2 are active", "not all of A1 and A2 are active"),
        (
            "A1 has 1 to 10 characters",
            "A1 is 1 to 10 characters long",
            "A1 must be 1 to 10 characters long",
        ),
        (
            "A1 consists of (digits, spaces)",
            "A1 consists only of digits and spaces",
            "A1 must consist only of digits and spaces",
        ),
        (
            "not A1 consists of digits",
            "A1 does not consist only of digits",
            "A1 must not consist only of digits",
        ),
        (
            "today >= 20260401",
            "the record is received on or after Apr 1, 2026",
            "the record must be received on or after Apr 1, 2026",
        ),
        ("days DT1 to DT2 in 0 to 5", "DT2 is 0 to 5 days after DT1", "DT2 must be 0 to 5 days after DT1"),
        ("days DT1 to DT2 in 0 to 0", "DT2 is the same day as DT1", "DT2 must be the same day as DT1"),
        (
            "age of DT1 at today at least 18",
            "the age on the day of submission, born on DT1, is at least 18 years",
            "the age on the day of submission, born on DT1, must be at least 18 years",
        ),
        (
            "A1 = sum of A2 through A4 times 9/8",
            "A1 is the sum of A2 through A4, times 9/8 and rounded",
            "A1 must be the sum of A2 through A4, times 9/8 and rounded",
        ),
        ("A1 <= A2", "A1 is at most A2", "A1 must be at most A2"),
        (
            "distinct (A1, A2)",
            "no two of A1 and A2 hold the same value, blanks aside",
            "no two of A1 and A2 may hold the same value, blanks aside",
        ),
    ],
)
def test_a_condition_says_what_is_and_a_requirement_what_must_be(
    condition: str, is_so: str, must_be_so: str
) -> None:
    read_condition = read(condition)
    assert flat(outline_condition(read_condition, PLACES)) == [is_so]
    assert flat(outline_requirement(read_condition, PLACES, "must")) == [must_be_so]


def test_what_belongs_together_stands_together() -> None:
    condition = read("A1 = [1] and (A2 = [1] or not (A3 = [1] and A4 = [1]))")
    assert flat(outline_requirement(condition, PLACES, "should")) == [
        "all of this:",
        "  A1 should be 1",
        "  at least one of these:",
        "    A2 should be 1",
        "    this should not hold:",
        "      all of this:",
        "        A3 is 1",
        "        A4 is 1",
    ]


def test_dates_stand_one_below_the_other() -> None:
    assert flat(outline_requirement(read("order DT1 < DT2 <= today"), PLACES, "must")) == [
        "these dates must stand in order, blank and inactive ones passed over:",
        "  first: DT1",
        "  later than that: DT2",
        "  on that day or later: the day of submission",
    ]
