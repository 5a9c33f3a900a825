import pytest

from iqies_flask.identity import user_ids


@pytest.mark.parametrize("user_id", ["abcdef", "x" * 30, "A.b_c-1"])
def test_user_ids_that_do(user_id: str) -> None:
    assert user_ids.problem(user_id) == ""


@pytest.mark.parametrize(
    ("user_id", "said"),
    [
        ("", "Enter a user ID"),
        ("short", "has 5 characters"),
        ("x" * 31, "at most 30"),
        ("user#1", "may not contain #."),
        ("user&co", "may not contain &."),
        ("user&co#1", "may not contain # or &."),
        ("with space", "spaces"),
        ("müller", "ü"),
        ("a\0bcdef", "control characters"),
        ("usersd", ""),
        ("user٣id", "٣"),
    ],
)
def test_each_fault_is_named(user_id: str, said: str) -> None:
    problem = user_ids.problem(user_id)
    assert said in problem
    assert bool(problem) == bool(said)


@pytest.mark.parametrize(
    "user_id",
    [
        "sunnycare",
        "Sunny.Care",
        "valley_rehab1",
        "home.health.7",
        "oakSNF",
        "st-mary-manor",
        "hha2026",
        "SunriseManor1",
        "oakgardens",
        "goldenvillage",
        "StMarysHome",
        "st.marys.home",
        "HappyHomesInc",
        "meadowbrook.hh",
        "OakHill_rehab",
    ],
)
def test_names_of_facilities(user_id: str) -> None:
    assert user_ids.looks_like_facility(user_id)


@pytest.mark.parametrize(
    "user_id",
    [
        "jtestperson",
        "carey.mccarey",
        "moorhouse",
        "testcareer",
        "lincoln",
        "t.homer",
        "jane.house",
        "JaneHouse",
        "j.q.house",
        "theresa.home",
        "jcenters",
        "j.centers7",
        "JaneMcHealy",
    ],
)
def test_names_of_persons(user_id: str) -> None:
    assert not user_ids.looks_like_facility(user_id)
