from dataclasses import replace

import pytest

from iqies_flask.specs.edits.parser import parse_edits
from iqies_flask.specs.edits.printer import write_edit
from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.registry import SpecRegistry

ORDER = ("A1", "A2", "A3", "A4", "B1", "B2", "DT1", "DT2")
PLACES = {item: place for place, item in enumerate(ORDER)}


def read(text: str) -> Edit:
    (edit,) = parse_edits(text, ORDER)
    return without_lines(edit)


def without_lines(edit: Edit) -> Edit:
    return replace(edit, clauses=tuple(replace(clause, line=0) for clause in edit.clauses))


def test_every_bundled_edit_is_read_back_as_it_was(specs: SpecRegistry) -> None:
    for pack in specs.packs:
        order = tuple(pack.items)
        places = {item: place for place, item in enumerate(order)}
        assert pack.consistency_edits
        for edit in (*pack.consistency_edits, *pack.database_edits):
            (again,) = parse_edits(write_edit(edit, places), order, edit.id)
            assert without_lines(again) == without_lines(edit)


@pytest.mark.parametrize(
    "rule",
    [
        "A1 = [^]",
        "A1 <> [01-09,^,-]",
        "(a) if A1 = [1] then A2 = [2] (b) if A1 = [2] then A2 = [1]",
        "if (A1 = [1] or A2 = [1]) and not (A3 = [1] and A4 = [1]) then B1 = [0]",
        "if A1 = [1] or A2 = [1] and A3 = [1] then not B1 starts not with [V,W]",
        "if (A1 = [1] or A2 = [1]) or A3 = [1] then (A4 = [1] and B1 = [1]) and B2 = [1]",
        "if not not A1 > -3 then A2 >= 4",
        "any of (A1 through A4, B2) = [1], the rest = [0,-]",
        "one of A1 through A4 = [1]",
        "none of (A1, A3) = [1]",
        "count of A1 through B2 = [1] in 2 to 3",
        "if A1 through A4 are active and B1 is active then distinct (A1, A2)",
        "order DT1 < DT2 <= today",
        "days DT1 to today in -3 to 5",
        "days DT1 to DT2 at most 5",
        "age of DT1 at today at least 18",
        "A1 = sum of A2 through A4 times 9/8",
        "A1 = sum of (A2, A4)",
        "A1 != A2",
        "A1 has 1 to 10 characters",
        "any of A1 through A4 has at most 5 characters, the rest has at least 7 characters",
        "if today >= 20260401 then not A1 consists of digits",
        'A1 consists of (letters, spaces) or A1 matches "999-99-XXAA"',
        "if A1 is known as agency-with-branches then not (A2, B1) are known as stored-record",
    ],
)
def test_the_text_says_the_same_as_the_tree(rule: str) -> None:
    edit = read(f"-1000 none-of-above advice-only V1.2 {rule}")
    assert read(write_edit(edit, PLACES)) == edit


def test_lists_are_written_in_short_and_long_clauses_on_several_lines() -> None:
    edit = read("-1000 skip fatal V1 all of (A1, A2, A3, B1, B2) = [01,02,03,5,^]")
    assert write_edit(edit, PLACES) == ("-1000 skip fatal V1\n  all of (A1 through A3, B1, B2) = [01-03,5,^]")
    long = read("-1000 skip fatal V1 if " + " and ".join(["A1 = [1]"] * 20) + " then A2 = [1]")
    assert max(map(len, write_edit(long, PLACES).splitlines())) <= 100
