"""Each clause of the advice on MDS records, broken alone and not broken by the nearest record."""

from iqies_flask.specs.pack import Pack
from tests.specs.edits.cases import assert_breaks_alone, read_cases


def test_each_clause_breaks_alone_and_says_why(mds: Pack) -> None:
    cases = list(read_cases("mds_advice_cases.txt", tuple(mds.items)))
    for case in cases:
        assert_breaks_alone(mds, [*mds.consistency_edits, *mds.advice_edits], case)
    clauses = {(edit.id, clause.label) for edit in mds.advice_edits for clause in edit.clauses}
    assert {(case.edit, case.clause) for case in cases} == clauses


def test_advice_does_not_repeat_what_an_edit_says(mds: Pack) -> None:
    rules = [
        {(clause.condition, clause.requirement) for edit in edits for clause in edit.clauses}
        for edits in (mds.consistency_edits, mds.advice_edits)
    ]
    assert all(rules)
    assert rules[0].isdisjoint(rules[1])
