"""What ``docs/security.md`` says of OWASP ASVS 5.0 is complete, and the tests that it names exist."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENT = (REPOSITORY / "docs" / "security.md").read_text()

LEVEL_1 = (
    "6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2"
    " 7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2"
)
LEVEL_2 = (
    "6.1.2 6.1.3 6.2.9 6.2.10 6.2.11 6.2.12 6.3.3 6.3.4 6.4.3 6.4.4 6.5.1 6.5.2 6.5.3 6.5.4 6.5.5"
    " 6.6.1 6.6.2 6.6.3 6.8.1 6.8.2 6.8.3 6.8.4 7.1.1 7.1.2 7.1.3 7.3.1 7.3.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2"
    " 7.6.1 7.6.2"
)
"""Requirements of the chapters V6 and V7 of OWASP ASVS 5.0.0 by their level. V6.7 has none below level 3."""

REQUIREMENTS = {f"V{number}": "1" for number in LEVEL_1.split()} | {
    f"V{number}": "2" for number in LEVEL_2.split()
}
STATES = {"Met", "In part", "Does not apply"}
LINE = re.compile(
    r"^\| (V[67]\.\d+\.\d+) \| ([123]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE
)
LINES = {found[1]: found for found in LINE.finditer(DOCUMENT)}
REFERENCE = re.compile(r"`((?:[\w/]+\.py)?)::(\w+)`")


def anchors() -> set[str]:
    headings = re.findall(r"^#+ (.+)$", DOCUMENT, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_each_requirement_has_its_line() -> None:
    assert {number: found[2] for number, found in LINES.items()} == REQUIREMENTS
    assert len(LINE.findall(DOCUMENT)) == len(REQUIREMENTS)


@pytest.mark.parametrize("number", REQUIREMENTS)
def test_what_is_met_names_its_test_or_its_section(number: str) -> None:
    _, _, asks, state, here, shown = (part.strip() for part in LINES[number].groups())
    assert state in STATES
    assert asks
    assert here
    if state != "Does not apply":
        sections = re.findall(r"\]\(#([^)]+)\)", shown)
        assert REFERENCE.search(shown) or sections
        assert set(sections) <= anchors()


def test_tests_that_are_named_exist() -> None:
    file, named, missing = "", 0, []
    for path, name in REFERENCE.findall(DOCUMENT):
        file = path or file
        named += 1
        source = REPOSITORY / "tests" / file
        if not source.is_file() or not re.search(rf"^\s*def {name}\(", source.read_text(), re.MULTILINE):
            missing.append(f"{file}::{name}")
    assert named >= len(REQUIREMENTS)
    assert missing == []
