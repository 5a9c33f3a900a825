"""The plugin documentation against the code: its example runs, and it tells every hook as it is."""

import inspect
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from iqies_flask.model import MemoryContent, Record, Severity
from iqies_flask.pipeline import hookspecs
from iqies_flask.pipeline.chain import Chain, RecordOutcome
from iqies_flask.pipeline.circuit_breaker import CALLS_AT_ONCE, PAUSE_SECONDS, WAIT_SECONDS
from iqies_flask.pipeline.messages import CATALOGUE
from iqies_flask.pipeline.plugins import DELIVERY_SECONDS, PROOFING_SECONDS, PluginHost, hook_names
from iqies_flask.plugin import AskQuestions, Context, Failed, ProofingRequest, Proved
from iqies_flask.specs.sample import make_record, to_xml
from tests.persons import applicant

REQUEST = ProofingRequest(
    applicant(last_name="Sample"),
    "900010001",
    case_number=1,
    attempt=1,
)
DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "plugins.md").read_text()


@pytest.fixture
def host(tmp_path: Path) -> PluginHost:
    house_rules, acme = re.findall(r"^```python\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    (tmp_path / "house_rules.py").write_text(house_rules)
    (tmp_path / "acme.py").write_text(acme)
    return PluginHost.load([tmp_path], entry_points=False)


def check(host: PluginHost, **options: object) -> RecordOutcome:
    [pack] = [pack for pack in host.specs.packs if pack.system == "OASIS"]
    items = make_record(pack, "01", seed=1, number=1, today=date(2030, 1, 1))
    items |= {"SFW_PROD_NAME": "House Charts", "SFW_PROD_VRSN_CD": "1"}
    record = Record(1, "a.xml", "ASSESSMENT", items, MemoryContent(to_xml(items)))
    context = Context(host.specs, datetime(2030, 1, 1, tzinfo=UTC), date(2030, 1, 1))
    return Chain(host).check(record, replace(context, options={"house_rules": options}))


def test_the_example_is_loaded(host: PluginHost) -> None:
    [info] = [info for info in host.names() if info.name == "house_rules"]
    assert (info.hooks, info.problem) == (("validate", "scrub"), "")


def test_the_example_warns_of_other_providers(host: PluginHost) -> None:
    outcome = check(host)
    [finding] = [finding for finding in outcome.findings if finding.plugin == "house_rules"]
    assert (finding.edit_id, finding.severity) == ("HOUSE-1", Severity.WARNING)
    assert outcome.accepted
    assert outcome.identification is not None
    ccn = outcome.identification.summary.ccn
    assert not check(host, ccns=[ccn]).findings


def test_the_example_changes_what_is_stored(host: PluginHost) -> None:
    outcome = check(host)
    assert outcome.stored_items["SFW_PROD_NAME"] == "HOUSECHARTS"
    assert [change.after for change in outcome.changes if change.item == "SFW_PROD_NAME"][-1] == "HOUSECHARTS"


def prove(host: PluginHost, **details: Any) -> Any:
    call = host.calls("prove_identity")[0]
    assert call.plugin == "acme"
    answer = call({"request": replace(REQUEST, **details)})
    assert answer.failure is None
    return answer.value


def test_the_example_of_a_proofing_service_proves_who_answers_right(host: PluginHost) -> None:
    asked = prove(host)
    assert isinstance(asked, AskQuestions)
    right, wrong = (prove(host, ssn=None, state=asked.state, answers={"phone": id_}) for id_ in ("0", "1"))
    assert right == Proved("A-1")
    assert isinstance(wrong, Failed)
    assert wrong.may_retry


def test_the_example_of_a_proofing_service_leaves_others(host: PluginHost) -> None:
    assert prove(host, ssn="900010002").may_retry is False
    assert prove(host, applicant=replace(REQUEST.applicant, in_us=False)) is None


def test_hooks_are_documented_with_their_arguments_in_the_order_of_the_chain() -> None:
    documented = re.findall(r"^### `(\w+)\((.*?)\)", DOCUMENT, re.MULTILINE)
    specified = [
        (name, ", ".join(inspect.signature(getattr(hookspecs, name)).parameters)) for name in hook_names()
    ]
    assert documented == specified


def test_messages_that_it_names_exist() -> None:
    named = set(re.findall(r"IF-\d+", DOCUMENT))
    assert named
    assert named <= {message.edit_id for message in CATALOGUE}


def test_times_that_it_names_are_right() -> None:
    default = inspect.signature(PluginHost.load).parameters["seconds"].default
    assert f"more than {default:g} seconds" in DOCUMENT
    assert f"to deliver, {DELIVERY_SECONDS:g}" in DOCUMENT
    assert f"A call may take {PROOFING_SECONDS:g} seconds" in DOCUMENT
    assert f"it is not called for {PAUSE_SECONDS:g}" in DOCUMENT
    assert f"up to {CALLS_AT_ONCE} at the same time" in DOCUMENT
    assert f"waits for {WAIT_SECONDS:g} seconds at most" in DOCUMENT
