"""Each clause of each OASIS edit, broken alone and not broken by the nearest record."""

import random
from collections.abc import Sequence

import pytest

from iqies_flask.specs.edits.compiler import as_submitted, compile_edits
from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.pack import Pack
from tests.specs.edits.cases import RECEIVED, Case, assert_breaks_alone, read_cases
from tests.specs.edits.mutations import makes_no_difference, mutations

MUTATIONS = 300
"""How many slips are tried, out of about 4,200."""


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
    assert [what for what in missed if not makes_no_difference(what)] == []


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
