"""Each clause of each OASIS edit, broken alone and not broken by the nearest record."""

import random
import re
from collections.abc import Sequence

import pytest

from iqies_flask.specs.edits.compiler import as_submitted, compile_edits
from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.pack import Pack
from tests.specs.edits.cases import RECEIVED, Case, assert_breaks_alone, read_cases
from tests.specs.edits.mutations import mutations

MUTATIONS = 300
"""How many slips are tried, out of about 4,200."""

EQUIVALENT = {
    r".*: then (part \d )?rest without [1-]": "the rest are those that hold another value than this one anyway",
    r"-4431: then without M2005_MDCTN_INTRVTN": "M2005 has no value for blank",
    r"-5630b: then part 2 list with \^": "the first half says that none is blank",
    r"-(5610|5620|5630|5790|7020)b: if \w+ with -": "(c) asks for dashes then, which are not blank either",
    r"-5800[ab]: if (without part 1|part 1 .*)": "the BIMS items are active all, or none",
    r"-5800[ab]: if part 3 count with [-^]": "neither dashes nor blanks are left to be counted",
    r"-5800b: if (without part 3|part 3 low -1|part 3 count with 1)": "(a) asks for more than (b)",
    r"-5800b: if part 2 list without -": "(c) asks for 99 then",
    r"-7060d: if part \d part \d \w+ with [23-]": "(e) and (f) ask for the same",
    r"-7060[ef]: if part \d \w+ with [3-]": "(f) and (e) ask for the same",
    r"-7061c: if part 1 not part \d \w+ with -": "by -7070 and -7071, A2 or B2 is blank then, and not a number",
    r"-7061c: if part 2 .* with [-^]": "all nine must be numbers",
    r"-707\db: if \w+ with 0": "(a) asks for 0, which is one of the values of (b)",
}
"""Slips that make no difference to any record, and why."""


@pytest.fixture(scope="module")
def cases(oasis: Pack) -> list[Case]:
    return list(read_cases("oasis_cases.txt", tuple(oasis.items)))


def test_each_clause_breaks_alone_and_says_why(oasis: Pack, cases: list[Case]) -> None:
    for case in cases:
        assert_breaks_alone(oasis, oasis.consistency_edits, case)
    clauses = {(edit.id, clause.label) for edit in oasis.consistency_edits for clause in edit.clauses}
    assert {(case.edit, case.clause) for case in cases} == clauses


def test_the_cases_catch_what_a_slip_would_make_of_an_edit(oasis: Pack, cases: list[Case]) -> None:
    slips = [slip for edit in oasis.consistency_edits for slip in mutations(edit, oasis.items)]
    tried = random.Random(1).sample(slips, MUTATIONS)
    missed = [what for what, edit in tried if not _caught(edit, cases, oasis)]
    assert [what for what in missed if not _makes_no_difference(what)] == []


def _makes_no_difference(slip: str) -> bool:
    return any(re.fullmatch(pattern, slip) for pattern in EQUIVALENT)


def _caught(edit: Edit, cases: Sequence[Case], pack: Pack) -> bool:
    """Whether some case does not come out as its line says."""
    today = as_submitted(RECEIVED)
    for case in cases:
        if case.edit != edit.id and edit.id not in case.others:
            continue
        check = compile_edits([edit], pack.items, case.record)
        broken = {edit.clauses[clause].label for _, clause in check({**case.record, **case.change}, today)}
        right = case.clause in broken if case.edit == edit.id else bool(broken)
        if check(case.record, today) or not right:
            return True
    return False
