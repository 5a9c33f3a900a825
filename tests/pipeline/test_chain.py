"""A record's way through the hooks, beside vendors' plugins of every kind."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from iqies_flask.model import EditType, Finding, MemoryContent, Record, Route, Severity
from iqies_flask.pipeline.chain import Chain, RecordOutcome
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.plugin import Context
from iqies_flask.specs.sample import make_record, to_xml
from tests.pipeline.files import PBJ
from tests.pipeline.vendors import context, load, record, write_plugin

IDENTIFY = """
@hookimpl
def identify(record):
    return Identification("TEST") if record.root == "TEST" else None
"""
ROUTE = """
@hookimpl
def route(record, context):
    return Route("somewhere", "some place") if context.identification.system == "TEST" else None
"""
SEEN = Finding("IF-243", "iqies_flask", Severity.WARNING, EditType.STRUCTURE, "Seen by intake.")


def check(folder: Path, of: Record | None = None, seconds: float = 5.0) -> RecordOutcome:
    host = load(folder, seconds)
    return Chain(host).check(of or record(A="a"), context(host))


def ids(outcome: RecordOutcome) -> list[str]:
    return [finding.edit_id for finding in outcome.findings]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_plugin(tmp_path, "base", IDENTIFY + ROUTE)
    return tmp_path


def test_a_clean_record_is_routed(folder: Path) -> None:
    outcome = check(folder)
    assert outcome.identification is not None
    assert outcome.identification.system == "TEST"
    assert (outcome.findings, outcome.changes) == ((), ())
    assert outcome.route == Route("somewhere", "some place")
    assert outcome.stored_items == {"A": "a"}
    assert outcome.accepted


@pytest.mark.parametrize(("system", "subset"), [("OASIS", "01"), ("MDS", "NC")])
def test_a_synthetic_assessment_passes_the_built_in_plugins(system: str, subset: str) -> None:
    host = PluginHost.load(entry_points=False)
    pack = next(pack for pack in host.specs.packs if pack.system == system)
    items = make_record(pack, subset, seed=1, number=1)
    one = Record(1, "a.xml", "ASSESSMENT", items, MemoryContent(to_xml(items)))
    outcome = Chain(host).check(one, replace(context(host), today=date(2030, 1, 1)))
    assert outcome.accepted, outcome.findings
    assert outcome.route is not None
    assert outcome.route.destination == "assessments"


def test_the_built_in_advice_does_not_reject() -> None:
    host = PluginHost.load(entry_points=False)
    pack = next(pack for pack in host.specs.packs if pack.system == "MDS")
    today = date(2026, 5, 20)
    items = make_record(pack, "XX", seed=1, number=1, today=today) | {"X1050A": "0", "X1050Z": "0"}
    one = Record(1, "a.xml", "ASSESSMENT", items, MemoryContent(to_xml(items)))
    outcome = Chain(host).check(one, replace(context(host), today=today))
    assert [(one.edit_id, one.severity, one.plugin) for one in outcome.findings] == [
        ("IF-641", Severity.ADVICE, "scrub")
    ]
    assert outcome.accepted


def test_a_record_that_could_not_be_read_is_shown_to_nobody(folder: Path) -> None:
    write_plugin(folder, "curious", "@hookimpl\ndef validate(record):\n    return [finding('SEEN')]\n")
    broken = replace(record(), findings=[replace(SEEN, severity=Severity.FATAL)], readable=False)
    outcome = check(folder, broken)
    assert ids(outcome) == ["IF-243"]
    assert (outcome.identification, outcome.route, outcome.accepted) == (None, None, False)


@pytest.mark.parametrize(
    ("of", "edit_id", "words"),
    [
        (record(root="HTML"), "IF-401", "HTML"),
        (record(root="assessment"), "IF-401", "assessment"),
        (record(root="ASSESSMENT"), "IF-402", "not in the record"),
        (record(root="ASSESSMENT", ASMT_SYS_CD="LCDS"), "IF-402", '"LCDS"'),
    ],
)
def test_a_record_that_nobody_knows_is_rejected(of: Record, edit_id: str, words: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, of)
    assert ids(outcome) == [edit_id]
    assert words in outcome.findings[0].message
    assert not outcome.accepted


def test_what_intake_found_comes_first_and_checks_go_on(folder: Path) -> None:
    write_plugin(folder, "one", "@hookimpl\ndef validate(record):\n    return [finding('ONE')]\n")
    outcome = check(folder, replace(record(), findings=[replace(SEEN, severity=Severity.FATAL)]))
    assert ids(outcome) == ["IF-243", "ONE"]
    assert not outcome.accepted


def test_findings_come_in_the_order_of_registration_with_their_plugin(folder: Path) -> None:
    write_plugin(folder, "zz", "@hookimpl\ndef validate(record):\n    yield finding('Z')\n")
    write_plugin(
        folder, "aa", "@hookimpl\ndef validate(record):\n    return [finding('A1'), finding('A2')]\n"
    )
    outcome = check(folder)
    assert [(one.edit_id, one.plugin) for one in outcome.findings] == [
        ("A1", "aa"),
        ("A2", "aa"),
        ("Z", "zz"),
    ]
    assert outcome.accepted


def test_the_plugin_registered_last_identifies_first(folder: Path) -> None:
    write_plugin(folder, "later", "@hookimpl\ndef identify(record):\n    return Identification('LATER')\n")
    outcome = check(folder)
    assert outcome.identification is not None
    assert outcome.identification.system == "LATER"


def test_a_fatal_identification_ends_the_chain(tmp_path: Path) -> None:
    write_plugin(
        tmp_path,
        "base",
        "@hookimpl\ndef identify(record):\n"
        "    return Identification('TEST', findings=(finding('NO', Severity.FATAL),))\n"
        "@hookimpl\ndef validate(record):\n    return [finding('NEVER')]\n",
    )
    outcome = check(tmp_path)
    assert [(one.edit_id, one.plugin) for one in outcome.findings] == [("NO", "base")]
    assert outcome.route is None


def test_a_fatal_finding_ends_in_no_scrubbing_and_no_route(folder: Path) -> None:
    write_plugin(
        folder,
        "strict",
        "@hookimpl\ndef validate(record):\n    return [finding('NO', Severity.FATAL)]\n"
        "@hookimpl\ndef scrub(record):\n    return [Change('A', 'a', 'b', 'why')]\n",
    )
    outcome = check(folder)
    assert ids(outcome) == ["NO"]
    assert (outcome.route, outcome.changes, outcome.stored_items) == (None, (), {"A": "a"})


def test_a_record_that_nobody_routes_is_rejected(tmp_path: Path) -> None:
    write_plugin(tmp_path, "base", IDENTIFY)
    assert ids(check(tmp_path)) == ["IF-403"]


# Scrubbing.


def scrub(folder: Path, name: str, proposal: str) -> None:
    write_plugin(folder, name, f"@hookimpl\ndef scrub(record):\n    return [{proposal}]\n")


def test_changes_are_applied_beside_the_submitted_items(folder: Path) -> None:
    scrub(folder, "one", "Change('A', 'a', 'b', 'why')")
    of = record(A="a", B="x")
    outcome = check(folder, of)
    assert outcome.stored_items == {"A": "b", "B": "x"}
    assert of.items == {"A": "a", "B": "x"}
    assert [(change.item, change.plugin) for change in outcome.changes] == [("A", "one")]


def test_of_two_changes_the_later_wins_and_both_are_listed(folder: Path) -> None:
    scrub(folder, "one", "Change('A', record.items['A'], 'b', 'why')")
    scrub(folder, "two", "Change('A', record.items['A'], 'c', 'why')")
    outcome = check(folder)
    assert outcome.stored_items == {"A": "c"}
    assert [change.after for change in outcome.changes] == ["b", "c"]


@pytest.mark.parametrize(
    "proposal",
    ["Change('A', 'other', 'b', 'why')", "Change('X', '', 'b', 'why')", "Change('A', 'a', 'a', '')"],
)
def test_changes_of_what_was_not_submitted_are_passed_over(folder: Path, proposal: str) -> None:
    scrub(folder, "one", proposal)
    outcome = check(folder)
    assert (outcome.changes, outcome.stored_items) == ((), {"A": "a"})


def test_scrubbing_gives_advice_only(folder: Path) -> None:
    scrub(folder, "one", "finding('TIP', Severity.FATAL)")
    outcome = check(folder)
    assert [finding.severity for finding in outcome.findings] == [Severity.ADVICE]
    assert outcome.accepted


# Plugins that fail.

BAD_PLUGINS = {
    "raises": ("raise RuntimeError", ["IF-411"]),
    "raises in the middle": ("yield finding('LOST')\n    raise RuntimeError", ["IF-411"]),
    "answers with rubbish": ("return 42", ["IF-412"]),
    "answers with some rubbish": ("return [finding('KEPT'), 42]", ["KEPT", "IF-412"]),
    "spoils the record": ("record.items.clear()\n    record.root = ''\n    return []", []),
    "leaves": ("import sys\n    sys.exit()", ["IF-411"]),
}


@pytest.mark.parametrize(("body", "own"), BAD_PLUGINS.values(), ids=BAD_PLUGINS.keys())
def test_a_bad_plugin_changes_nothing_for_the_others(folder: Path, body: str, own: list[str]) -> None:
    write_plugin(folder, "aa_bad", f"@hookimpl\ndef validate(record):\n    {body}\n")
    write_plugin(
        folder,
        "good",
        "@hookimpl\ndef validate(record):\n    return [finding('GOOD:' + record.items['A'])]\n",
    )
    outcome = check(folder)
    assert ids(outcome) == [*own, "GOOD:a"]
    assert outcome.accepted
    assert outcome.route is not None


def test_a_plugin_that_never_ends_is_switched_off_and_said_so_once_a_record(folder: Path) -> None:
    hooks = "".join(
        f"@hookimpl\ndef {hook}(record):\n    threading.Event().wait(3)\n"
        for hook in ("validate", "scrub", "route")
    )
    write_plugin(folder, "sleeper", "import threading\n" + hooks)
    host = load(folder, seconds=0.05)
    chain = Chain(host)
    first, second = chain.check(record(), context(host)), chain.check(record(), context(host))
    assert ids(first) == ["IF-413", "IF-414"]
    assert ids(second) == ["IF-414"]
    assert first.accepted
    assert second.accepted
    assert [info.problem for info in host.names() if info.name == "sleeper"] != [""]


@pytest.mark.parametrize("body", ["raise RuntimeError", "return 42"])
def test_a_record_is_not_accepted_unchecked(tmp_path: Path, body: str) -> None:
    write_plugin(tmp_path, "base", IDENTIFY + ROUTE + f"@hookimpl\ndef validate(record):\n    {body}\n")
    outcome = check(tmp_path)
    assert ids(outcome)[-1] == "IF-404"
    assert not outcome.accepted


def test_where_identification_fails_the_next_plugin_is_asked(folder: Path) -> None:
    write_plugin(folder, "later", "@hookimpl\ndef identify(record):\n    raise KeyError\n")
    outcome = check(folder)
    assert ids(outcome) == ["IF-411"]
    assert outcome.accepted


# Delivery.


def deliver(folder: Path, count: int = 2) -> object:
    host = load(folder)
    records = [replace(record(), number=number) for number in range(1, count + 1)]
    return Chain(host).deliver(Route("somewhere", ""), records, context(host))


DELIVER = """
from datetime import UTC, datetime
@hookimpl
def deliver(route, records, context):
    return [Receipt(record.number, "r", "done", datetime.now(UTC)) for record in records{some}]
"""


def test_receipts_are_given_for_each_record(folder: Path) -> None:
    write_plugin(folder, "sender", DELIVER.format(some=""))
    receipts = deliver(folder)
    assert isinstance(receipts, list)
    assert [receipt.record_number for receipt in receipts] == [1, 2]


def test_nobody_delivers_an_unknown_route(folder: Path) -> None:
    assert deliver(folder) is None


def test_a_delivery_without_all_receipts_did_not_happen(folder: Path) -> None:
    write_plugin(folder, "sender", DELIVER.format(some="[:1]"))
    assert deliver(folder) is None


def test_a_delivery_that_raises_did_not_happen(folder: Path) -> None:
    write_plugin(folder, "sender", "@hookimpl\ndef deliver(route):\n    raise OSError\n")
    assert deliver(folder) is None


def test_an_operator_can_send_pbj_files_elsewhere(tmp_path: Path) -> None:
    write_plugin(
        tmp_path,
        "elsewhere",
        "@hookimpl\ndef route(record, context):\n"
        "    return Route('iqies', 'iQIES') if context.identification.system == 'PBJ' else None\n",
    )
    host = load(tmp_path)
    pbj = Record(1, "p.xml", "nursingHomeData", {}, MemoryContent(PBJ))
    outcome = Chain(host).check(pbj, Context(host.specs, context(host).received_at, date(2026, 6, 1)))
    assert outcome.route == Route("iqies", "iQIES")
