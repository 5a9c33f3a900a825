from datetime import date

import pytest
from flask import Flask

from iqies_flask.access.branches import (
    Branches,
    ListedBranch,
    branches_of,
    checked_branch_id,
    list_branches,
    read_branches,
    write_branches,
)
from iqies_flask.access.errors import AccessError
from iqies_flask.access.models import Branch, Provider
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db


@pytest.mark.parametrize("typed", ["99Q7001001", " a0q70a1999 ", "B2QZZZZ000"])
def test_branch_ids_have_the_form_that_cms_gives_them(typed: str) -> None:
    assert checked_branch_id(typed) == typed.strip().upper()


@pytest.mark.parametrize(
    "typed",
    ["", "N", "P", "99Q700100", "99Q70010011", "99R7001001", "99Q700100A", "9-Q7001001", "99Q7001 01"],
)
def test_other_texts_are_no_branch_ids(typed: str) -> None:
    with pytest.raises(AccessError, match="is no branch ID"):
        checked_branch_id(typed)


def test_a_list_is_read_as_it_is_written() -> None:
    branches = [ListedBranch("99Q7001001"), ListedBranch("99Q7001002", date(2026, 1, 31))]
    assert read_branches(write_branches(branches)) == branches
    assert read_branches("\n 99q7001001\r\n\n99Q7001002, 2026-01-31\n") == branches
    assert read_branches(" \n") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("99Q7001001 soon", "Behind 99Q7001001 only the day"),
        ("99Q7001001 2026-02-30", "“2026-02-30”"),
        ("99Q7001001 2026-01-31 2026-02-01", "“2026-01-31 2026-02-01”"),
        ("99Q7001001\n99q7001001", "stands in the list twice"),
        ("99Q7001001\nX", "X is no branch ID"),
    ],
)
def test_wrong_lists_are_refused(text: str, says: str) -> None:
    with pytest.raises(AccessError, match=says):
        read_branches(text)


def test_registry_says_what_it_knows(app: Flask, provider: Provider) -> None:
    assert branches_of(db.session, provider.ccn) == Branches(known=False)
    assert branches_of(db.session, "015001") == Branches(known=False)
    with write_transaction() as session:
        session.get_one(Provider, provider.ccn).branches_known = True
    assert branches_of(db.session, provider.ccn) == Branches(True, frozenset(), frozenset())
    with write_transaction() as session:
        for branch_id, day in (("99Q7999003", date(2025, 1, 1)), ("99Q7999002", None), ("99Q7999001", None)):
            session.add(Branch(ccn=provider.ccn, branch_id=branch_id, ended_on=day))
    known = branches_of(db.session, provider.ccn)
    assert known == Branches(True, frozenset({"99Q7999001", "99Q7999002"}), frozenset({"99Q7999003"}))
    listed = list_branches(db.session, provider.ccn)
    assert [branch.branch_id for branch in listed] == ["99Q7999001", "99Q7999002", "99Q7999003"]
