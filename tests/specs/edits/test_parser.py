"""The grammar, its tree, and its messages; the document's examples among them."""

import re
from pathlib import Path

import pytest

from iqies_flask.model import EditType, Severity
from iqies_flask.plugin import SpecRegistry, bundled_packs
from iqies_flask.specs.edits import tree
from iqies_flask.specs.edits.parser import EditSyntaxError, expand_values, parse_edits

DOCUMENT = Path(__file__).parents[3] / "docs" / "edit-language.md"
POSITIVE = tree.Against(tree.Comparator.GREATER, 0)
LONG = tree.Length(2, None)
ORDER = ("A", "B1", "B2", "B3", "C", "D", "E")


def _one(text: str) -> tree.Clause:
    (edit,) = parse_edits(f"-1234 consistency fatal V1.0 {text}", ORDER)
    (clause,) = edit.clauses
    return clause


def _test(*values: str, negated: bool = False) -> tree.Among:
    return tree.Among(values, negated)


def test_head_of_an_edit() -> None:
    (edit,) = parse_edits("# remark\n-1234 skip warning V3.02.0 A = [1] # more", ORDER)
    assert (edit.id, edit.type, edit.severity, edit.since) == (
        "-1234",
        EditType.SKIP_PATTERN,
        Severity.WARNING,
        "V3.02.0",
    )


@pytest.mark.parametrize(
    ("text", "requirement"),
    [
        ("A = [0,^]", tree.ItemTest("A", _test("0", "^"))),
        ("A <> [-]", tree.ItemTest("A", _test("-", negated=True))),
        ("A = [--------]", tree.ItemTest("A", _test("--------"))),
        ("A = [08-10,NA]", tree.ItemTest("A", _test("08", "09", "10", "NA"))),
        ("A >= 3", tree.ItemTest("A", tree.Against(tree.Comparator.AT_LEAST, 3))),
        ("A starts with [V,W]", tree.ItemTest("A", tree.StartsWith(("V", "W")))),
        ("A starts not with [V]", tree.ItemTest("A", tree.StartsWith(("V",), negated=True))),
        ("all of B1 through B3 = [1]", tree.ListTest(tree.Quantity.ALL, ("B1", "B2", "B3"), _test("1"))),
        ("any of (A, B2 to B3) > 0", tree.ListTest(tree.Quantity.ANY, ("A", "B2", "B3"), POSITIVE)),
        (
            "one of (A, C) = [1], the rest = [0]",
            tree.ListTest(tree.Quantity.ONE, ("A", "C"), _test("1"), _test("0")),
        ),
        ("count of (A, C) = [0] in 1 to 2", tree.Counted(("A", "C"), _test("0"), 1, 2)),
        ("A has 1 to 10 characters", tree.ItemTest("A", tree.Length(1, 10))),
        ("A has at most 5 characters", tree.ItemTest("A", tree.Length(None, 5))),
        ("all of (A, C) has at least 2 characters", tree.ListTest(tree.Quantity.ALL, ("A", "C"), LONG)),
        ("A consists of digits", tree.ItemTest("A", tree.ConsistsOf(("digits",)))),
        ("A consists of (capitals, hyphens)", tree.ItemTest("A", tree.ConsistsOf(("capitals", "hyphens")))),
        ('A matches "A9-X"', tree.ItemTest("A", tree.Picture("A9-X"))),
        ("today >= 20260401", tree.Received(tree.Comparator.AT_LEAST, "20260401")),
        ("(A, C) are active", tree.Active(("A", "C"))),
        ("order A < C <= today", tree.Ordered(("A", "C", "today"), (True, False))),
        ("days A to today at most 30", tree.Days("A", "today", None, 30)),
        ("days A to C in 0 to 14", tree.Days("A", "C", 0, 14)),
        ("age of A at C in 18 to 140", tree.Age("A", "C", 18, 140)),
        ("A = sum of B1 through B3 times 9/8", tree.Equals("A", tree.Sum(("B1", "B2", "B3"), 9, 8))),
        ("A <= C", tree.Compared("A", tree.Comparator.AT_MOST, "C")),
        ("distinct (A, C)", tree.Distinct(("A", "C"))),
        ("A is known as submission-id", tree.Known(("A",), "submission-id")),
        ("(A, B1 to B3) are known as stored-record", tree.Known(("A", "B1", "B2", "B3"), "stored-record")),
        ("not A = [1]", tree.Not(tree.ItemTest("A", _test("1")))),
    ],
)  # fmt: skip
def test_each_kind_of_condition(text: str, requirement: tree.Condition) -> None:
    assert _one(text).requirement == requirement


def test_and_binds_closer_than_or() -> None:
    a, c, d = (tree.ItemTest(item, _test("1")) for item in "ACD")
    assert _one("A = [1] and C = [1] or D = [1]").requirement == tree.Either((tree.Both((a, c)), d))
    assert _one("A = [1] and (C = [1] or D = [1])").requirement == tree.Both((a, tree.Either((c, d))))


def test_lettered_clauses_know_their_lines() -> None:
    (edit,) = parse_edits("-1234 consistency fatal V1\n (a) if A = [1] then C = [1]\n (b) D = [1]\n", ORDER)
    assert [(clause.label, clause.line) for clause in edit.clauses] == [("a", 2), ("b", 3)]
    assert edit.clauses[1].condition is None
    assert edit.items == ("A", "C", "D")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-1234 consistency fatl V1 A = [1]", "line 1: “fatl” stands where fatal, warning or advice-only"),
        ("-1234 consistency fatal V1\nif A = [1", "line 2: the text ends where , or ] is expected"),
        ("-1234 consistency fatal V1\n\nNOPE = [1]", "line 3: there is no item NOPE"),
        ("-1234 consistency fatal V1 all of C to A = [1]", "line 1: A stands before C in the record"),
        ("-1234 consistency fatal V1 A = [9-1]", "line 1: the range 9-1 runs backwards"),
        (
            "-1234 consistency fatal V1 A = [1]\n-1234 consistency fatal V1 C = [1]",
            "-1234 stands there twice",
        ),
        ("-1234 consistency fatal V1", "line 1: the text ends where"),
        (
            "-1234 consistency fatal V1\nA is known as submision-id",
            "line 2: there is no predicate submision-id; there are submission-id, submitters-provider, ",
        ),
        ("-1234 consistency fatal V1 A is known as [1]", "“[” stands where the name of a predicate"),
        ("-1234 consistency fatal V1 A = [1] §", "“§” stands where"),
        ("-1234 consistency fatal V1 A = sum of B1 times 9/0", "line 1: a sum cannot be scaled by 9/0: both"),
        ("-1234 consistency fatal V1 A = sum of B1 times -9/8", "line 1: a sum cannot be scaled by -9/8"),
        ("-1234 consistency fatal V1 A = sum of B1 times 0/8", "line 1: a sum cannot be scaled by 0/8"),
        (
            "-1234 consistency fatal V1\nA starts with [V,Z79]",
            "line 2: “starts with” looks at one character, and Z79 has 3",
        ),
        ("-1234 consistency fatal V1 A starts not with [0-9]", "looks at one character, and 0-9 has 3"),
        (
            "-1234 consistency fatal V1 A [1]",
            "“[” stands where a comparison (=, <>, <, <=, >, >=, == or !=) or to or through "
            "or “are” or “consists” or “has” or “is” or “matches” or “starts” is expected",
        ),
        ("-1234 consistency fatal V1 if then A = [1]", "“then” stands where a condition is expected"),
        ("-1234 consistency fatal V1 A = [1] and", "the text ends where a condition is expected"),
        ("-1234 consistency fatal V1 distinct", "where an item, or several in parentheses, is expected"),
        ("-1234 consistency fatal V1 today > 20260230", "line 1: 20260230 is not a date of the calendar"),
        ("-1234 consistency fatal V1 A consists of runes", "“runes” stands where ( or digits, letters, "),
        ("-1234 consistency fatal V1 A matches 9", "“9” stands where a form in quotation marks is expected"),
        ("-1234 consistency fatal V1 order A", "the text ends where < or <= is expected"),
    ],
)
def test_mistakes_are_named_with_file_and_line(text: str, message: str) -> None:
    with pytest.raises(EditSyntaxError, match=re.escape(message)) as error:
        parse_edits(text, ORDER, "house.edits")
    assert str(error.value).startswith("house.edits, ")


def test_no_name_of_the_grammar_shows_in_a_message() -> None:
    """Every beginning of some rules that use the whole grammar, cut at each word."""
    rules = (
        "-1234 skip fatal V1 (a) if not (A = [1] or B1 <> [2]) and A starts not with [V] then A <= C",
        "-1234 skip fatal V1 if count of B1 to C = [1] in 0 to 2 then one of (A, C) = [1], the rest = [0]",
        "-1234 skip fatal V1 if order A < B1 <= today then days A to C at most 3 and age of A at C in 1 to 2",
        "-1234 skip fatal V1 A = sum of (B1, B2) times 9 / 8 distinct (A, C)",
        "-1234 skip fatal V1 today > 20260401 A has at most 5 characters A consists of (digits, letters)",
        "-1234 skip fatal V1 A is active (A, B1) are active C is known as provider-ccn",
    )
    for rule in rules:
        words = rule.split()
        for end in range(1, len(words)):
            for wrong in ("", " ]", " §", " VALUE"):
                expected = _expected(" ".join(words[:end]) + wrong)
                assert not re.search(r"[A-Z_]{2,}|anon", expected), (words[:end], expected)


def _expected(text: str) -> str:
    """What the message on some text says was expected; empty where it is in order."""
    try:
        parse_edits(text, ORDER)
    except EditSyntaxError as error:
        return str(error).partition(" where ")[2]
    return ""


def test_predicates_are_named_with_the_edit() -> None:
    (edit,) = parse_edits(
        "-1234 format fatal V1 (a) if not (A = [1] or A is known as provider-ccn) then C = [1]"
        " (b) C is known as stored-record and A is known as provider-ccn",
        ORDER,
    )
    assert edit.type is EditType.FORMAT
    assert edit.predicates == ("provider-ccn", "stored-record")
    assert edit.items == ("A", "C")


def test_ranges_of_values_keep_their_width() -> None:
    assert expand_values(["08-11", "-", "^", "X"]) == ("08", "09", "10", "11", "-", "^", "X")


def test_the_examples_of_the_document_are_read() -> None:
    (pack,) = SpecRegistry(bundled_packs("oasis")).packs
    examples = re.findall(r"```edits\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 7
    for example in examples:
        assert parse_edits(example, tuple(pack.items), "docs/edit-language.md")


def test_the_bundled_packs_hold_edits(oasis_edits: dict[str, tree.Edit]) -> None:
    assert len(oasis_edits) == 170
    assert {edit.severity for edit in oasis_edits.values()} == {Severity.FATAL, Severity.WARNING}
    warnings = {number for number, edit in oasis_edits.items() if edit.severity is Severity.WARNING}
    assert warnings == {"-3280", "-3290", "-3300", "-3310", "-3320", "-3330", "-4991"}
