"""The plugin documentation against the code: its example runs, and it tells every hook as it is."""

import inspect
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from iqies_flask.model import MemoryContent, Record, Severity
from iqies_flask.pipeline import hookspecs
from iqies_flask.pipeline.chain import Chain, Outcome
from iqies_flask.pipeline.messages import CATALOGUE
from iqies_flask.pipeline.plugins import DELIVERY_SECONDS, PluginHost, hook_names
from iqies_flask.plugin import Context
from iqies_flask.specs.sample import make_record, to_xml

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "plugins.md").read_text()


@pytest.fixture
def host(tmp_path: Path) -> PluginHost:
    example = re.search(r"^```python\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    assert example is not None
    (tmp_path / "house_rules.py").write_text(example.group(1))
    return PluginHost.load([tmp_path], entry_points=False)


def check(host: PluginHost, **options: object) -> Outcome:
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
