"""Milliseconds to check one valid record, against three baselines.

    python -m benchmarks.validate

(a) parses with lxml; (b) parses and validates with libxml2 against our XML Schema; (c) validates with
xmlschema against the same schema; (d) runs the whole chain as `iqies validate` does: intake, identification,
structure and every edit of every plugin, scrubbing, routing. All see the same bytes of the same records, on
one core. A round checks every record once; the fastest round counts, as what slows a round down is not ours.
"""

import gc
import io
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import xmlschema
from lxml import etree

from benchmarks.machine import describe, use_one_core
from iqies_flask.cli.hosts import load_host
from iqies_flask.pipeline.chain import Chain
from iqies_flask.pipeline.intake import IntakeLimits, open_batch
from iqies_flask.plugin import Context
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.sample_batch import sample_files
from iqies_flask.specs.xsd import FOLDER

RECORDS = 25
ROUNDS = 12
ROUNDS_OF_XMLSCHEMA = 3
KINDS = (("OASIS", "01"), ("MDS", "NC"))

Check = Callable[[bytes], bool]


@dataclass(frozen=True)
class Contender:
    """A way to check a record: it answers whether the record is good."""

    name: str
    check: Check
    rounds: int = ROUNDS


def milliseconds(contender: Contender, records: Sequence[bytes]) -> float:
    """Measure one contender.

    Raises:
        AssertionError: It refuses a record: the contenders must all do the same, successful, work.
    """
    assert all(contender.check(record) for record in records), f"{contender.name} refuses a valid record"
    rounds = []
    for _ in range(contender.rounds):
        gc.collect()
        start = time.perf_counter()
        for record in records:
            contender.check(record)
        rounds.append((time.perf_counter() - start) / len(records) * 1000)
    spread = statistics.median(rounds) / min(rounds)
    if spread > 1.25:
        print(f"(unquiet machine: {contender.name}, median / fastest round = {spread:.2f})\n")
    return min(rounds)


def contenders(pack: Pack, subset: str, chain: Chain, context: Context) -> list[Contender]:
    """Make the three baselines and the chain ready."""
    schema = str(pack.folder / FOLDER / f"{subset}.xsd")
    libxml2_schema = etree.XMLSchema(etree.parse(schema))
    python_schema = xmlschema.XMLSchema(schema)
    limits = IntakeLimits()

    def parse(record: bytes) -> bool:
        return etree.fromstring(record) is not None

    def parse_and_validate(record: bytes) -> bool:
        return bool(libxml2_schema.validate(etree.fromstring(record)))

    def validate_in_python(record: bytes) -> bool:
        return bool(python_schema.is_valid(io.BytesIO(record)))

    def whole_chain(record: bytes) -> bool:
        with open_batch(record, "record.xml", limits) as batch:
            return all(chain.check(read, context).accepted for read in batch.records())

    return [
        Contender("(a) lxml: parse", parse),
        Contender("(b) lxml: parse and XSD", parse_and_validate),
        Contender("(c) xmlschema: XSD", validate_in_python, ROUNDS_OF_XMLSCHEMA),
        Contender("(d) iqies_flask: whole chain", whole_chain),
    ]


def main() -> None:
    """Measure, and print the table."""
    use_one_core()
    host = load_host(None)
    now = datetime.now(UTC)
    context = Context(specs=host.specs, received_at=now, today=now.date())
    chain = Chain(host)
    print(describe() + "\n")
    print("| Record | Size | Way | ms a record | against (b) | against (c) |")
    print("|---|--:|---|--:|--:|--:|")
    for system, subset in KINDS:
        pack = [pack for pack in host.specs.packs if pack.system == system][-1]
        records = [content for _, content in sample_files(pack, subset, RECORDS, seed=1)]
        ways = contenders(pack, subset, chain, context)
        times = [milliseconds(way, records) for way in ways]
        size = statistics.mean(map(len, records)) / 1024
        for way, taken in zip(ways, times, strict=True):
            print(
                f"| {pack.name} {subset} | {size:.1f} KB | {way.name} | {taken:.3f} "
                f"| {taken / times[1]:.2f} x | 1/{times[2] / taken:.1f} |"
            )


if __name__ == "__main__":
    main()
