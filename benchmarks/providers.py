"""Seconds for importing a provider file, and milliseconds for searching the registry, on SQLite.

    python -m benchmarks.providers

The file has as many rows and columns as CMS's files of nursing homes and home health agencies have together.
"""

import csv
import io
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from statistics import median

from benchmarks.machine import describe
from iqies_flask import create_app
from iqies_flask.access.ccn import CCNError, parse_ccn
from iqies_flask.access.providers.importing import ImportResult, import_file
from iqies_flask.access.providers.search import Asked, find_providers
from iqies_flask.config import Settings
from iqies_flask.extensions import db
from iqies_flask.migrations import runner

PROVIDERS = 30_000
OTHER_COLUMNS = 80
ROUNDS = 25
WORDS = ("OAK", "HILL", "RIVER", "CARE", "HOME", "MANOR", "VALLEY", "SUNRISE", "HEALTH", "CENTER", "REHAB")


def numbers() -> Iterator[tuple[str, str]]:
    """Give CCNs of nursing homes and agencies, and their states."""
    for number, code in itertools.product(range(5000, 8500), range(1, 54)):
        try:
            ccn = parse_ccn(f"{code:02}{number}")
        except CCNError:
            continue
        yield ccn.text, ccn.state


def provider_file(city: str) -> bytes:
    """Make a file in the form of CMS's, in which each second provider is in one city."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    columns = ["CMS Certification Number (CCN)", "Provider Name", "Provider Address", "City/Town", "State"]
    columns += ["ZIP Code", "Certification Date", "Chain Name"]
    writer.writerow([*columns, *(f"Measure {number}" for number in range(OTHER_COLUMNS))])
    for place, (ccn, state) in enumerate(itertools.islice(numbers(), PROVIDERS)):
        name = " ".join(WORDS[(place * step) % len(WORDS)] for step in (1, 3, 7)) + f" {place % 1000}"
        where = city if place % 2 else "TESTVILLE"
        row = [ccn, name, f"{place} TEST STREET", where, state, f"{place:05}", "2001-02-03", ""]
        writer.writerow([*row, *(["3.5"] * OTHER_COLUMNS)])
    return stream.getvalue().encode()


def timed_import(content: bytes) -> tuple[float, ImportResult]:
    """Import a file, and give the seconds that it took."""
    start = time.perf_counter()
    result = import_file(
        "benchmark.csv",
        content,
        chosen={},
        skip_refused=False,
        dry_run=False,
        progress=lambda done, total: None,
    )
    return time.perf_counter() - start, result


def milliseconds(call: Callable[[], object]) -> float:
    """The median of some rounds, each in a transaction of its own."""
    taken = []
    for _ in range(ROUNDS):
        db.session.rollback()
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1000)
    return median(taken)


def measure_imports() -> None:
    """Import a file three times, and print the table."""
    print("| Import | Rows | MB | Seconds |\n|---|--:|--:|--:|")
    for title, city in (("all new", "A"), ("nothing changed", "A"), ("every second changed", "B")):
        content = provider_file(city)
        seconds, result = timed_import(content)
        rows = len(result.added) + len(result.changed) + result.unchanged
        assert result.stored
        assert rows == PROVIDERS
        print(f"| {title} | {rows:,} | {len(content) / 1024 / 1024:.1f} | {seconds:.1f} |", flush=True)


def measure_searches() -> None:
    """Search in several ways, and print the table."""
    far = find_providers(Asked()).after
    for _ in range(300):
        far = find_providers(Asked(), after=far).after
    print("\n| Search | ms |\n|---|--:|")
    for title, asked, after in (
        ("first page of all", Asked(), ""),
        ("page 302 of all", Asked(), far),
        ("two words of the name", Asked("hill river"), ""),
        ("beginning of a CCN", Asked("0150"), ""),
        ("a name in one state", Asked("oak", "CT"), ""),
        ("nothing matches", Asked("nowhere to be found"), ""),
    ):
        print(f"| {title} | {milliseconds(lambda a=asked, e=after: find_providers(a, after=e)):.1f} |")  # type: ignore[misc]


def main() -> None:
    """Measure, and print the tables."""
    print(describe() + "\n")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load({"IQIES_ENVIRONMENT": "demo", "IQIES_INSTANCE_FOLDER": folder})
        settings.make_instance_folder()
        runner.upgrade(settings.database_url)
        with create_app(settings).app_context():
            measure_imports()
            measure_searches()


if __name__ == "__main__":
    main()
