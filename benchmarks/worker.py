"""Seconds and memory for whole submissions: upload, a real worker process, report. Needs Linux (/proc).

    python -m benchmarks.worker

Half of each zip are OASIS start-of-care records, half MDS NC records, all valid. The worker is `iqies worker`
with the settings of a new installation; only the upload limit is raised, as 10,000 records are more than
5 MB. Its peak memory is what the kernel counted (VmHWM).
"""

import io
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import describe
from iqies_flask import create_app
from iqies_flask.access.grants import grant
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.registry import add_provider
from iqies_flask.cli.hosts import load_host
from iqies_flask.config import Settings
from iqies_flask.extensions import db
from iqies_flask.identity.service import create_user
from iqies_flask.migrations import runner
from iqies_flask.pipeline.report.csv import write_csv
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.sample_batch import sample_files, write_zip
from iqies_flask.submissions.models import Submission
from iqies_flask.submissions.reports import Report
from iqies_flask.submissions.service import is_finished, receive

SIZES = (1_000, 10_000)
CCN = "997999"
LOOK_SECONDS = 0.05


def batch(packs: list[Pack], records: int) -> io.BytesIO:
    """Make a zip of valid records."""
    newest = {pack.system: pack for pack in packs}
    half = records // 2
    stream = io.BytesIO()
    write_zip(
        itertools.chain(
            sample_files(newest["OASIS"], "01", half, seed=1, ccn=CCN, facility_id="BENCH1"),
            sample_files(newest["MDS"], "NC", half, seed=1, ccn=CCN, facility_id="BENCH1"),
        ),
        stream,
    )
    stream.seek(0)
    return stream


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[int]:
    """Run a worker process that is ready, and give its process id."""
    with subprocess.Popen(
        [sys.executable, "-m", "iqies_flask.cli", "worker"],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "Worker ready." in process.stderr.readline()
        try:
            yield process.pid
        finally:
            process.terminate()


def peak_megabytes(pid: int) -> float:
    """Read the most memory that a process has had resident."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmHWM in /proc")


def measure(records: int, upload: io.BytesIO, folder: Path) -> str:
    """Send one batch through, and give its row of the table."""
    environment = {
        "IQIES_ENVIRONMENT": "demo",
        "IQIES_INSTANCE_FOLDER": str(folder),
        "IQIES_LIMITS_UPLOAD_BYTES": str(100 * 1024 * 1024),
    }
    settings = Settings.load(environment)
    runner.upgrade(settings.database_url)
    with create_app(settings).app_context(), worker(environment) as pid:
        add_provider(CCN, "Benchmark", "CT", "BENCH1", ProviderKind.HOME_HEALTH_AGENCY)
        user = create_user("benchmark", "only for benchmarks")
        grant(user, CCN)
        start = time.perf_counter()
        submission_id = receive(user, "benchmark.zip", upload).id
        uploaded = time.perf_counter()
        while True:
            db.session.rollback()
            submission = db.session.get_one(Submission, submission_id, populate_existing=True)
            if is_finished(submission):
                break
            time.sleep(LOOK_SECONDS)
        processed = time.perf_counter()
        report = Report(submission).whole()
        assert report.header.counts.accepted == records, report.header.counts
        write_csv(report, io.BytesIO())
        reported = time.perf_counter()
        peak = peak_megabytes(pid)
    size = len(upload.getvalue()) / 1024 / 1024
    return (
        f"| {records:,} | {size:.1f} MB | {uploaded - start:.2f} | {processed - uploaded:.1f} "
        f"| {reported - processed:.2f} | {records / (reported - start):.0f} | {peak:.0f} MB |"
    )


def main() -> None:
    """Measure, and print the table."""
    packs = load_host(None).specs.packs
    print(describe() + "\n")
    print(
        "| Records | Zip | Upload, s | Worker, s | CSV report, s | Records a second | Worker's peak memory |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|")
    for records in SIZES:
        upload = batch(packs, records)
        with tempfile.TemporaryDirectory() as folder:
            print(measure(records, upload, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
