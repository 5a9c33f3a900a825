"""Each clause of each MDS edit, broken alone and not broken by the nearest record."""

from iqies_flask.specs.pack import Pack
from tests.specs.edits.cases import assert_breaks_alone, read_cases


def test_each_clause_breaks_alone_and_says_why(mds: Pack) -> None:
    cases = list(read_cases("mds_cases.txt", tuple(mds.items)))
    for case in cases:
        assert_breaks_alone(mds, mds.consistency_edits, case)
    clauses = {(edit.id, clause.label) for edit in mds.consistency_edits for clause in edit.clauses}
    assert {(case.edit, case.clause) for case in cases} == clauses
