import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from iqies_flask import create_app
from iqies_flask.cli.demo_batch import demo_batch
from iqies_flask.cli.hosts import load_host
from iqies_flask.config import Settings
from iqies_flask.identity.service import create_user
from iqies_flask.migrations import runner
from iqies_flask.pipeline.report.model import Disposition

ATTEMPTS = 1200


def environment(tmp_path: Path) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("IQIES_")}
    return others | {
        "IQIES_ENVIRONMENT": "demo",
        "IQIES_INSTANCE_FOLDER": str(tmp_path / "instance"),
    }


def production(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path) | {
        "IQIES_ENVIRONMENT": "production",
        "IQIES_SITE_URL": "https://iqies.example.org",
        "IQIES_SECRET_KEY": "k" * 40,
        "IQIES_HASH_KEY": "h" * 40,
        "IQIES_ENCRYPTION_KEYS": "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "iqies_flask.cli", *arguments]


@contextmanager
def running(tmp_path: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        command(*arguments),
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_the_batch_has_everything_in_it_and_is_always_the_same() -> None:
    packs = load_host(None).specs.packs
    batch = demo_batch(packs)
    assert batch == demo_batch(packs)
    with zipfile.ZipFile(io.BytesIO(batch)) as archive:
        names = archive.namelist()
    assert {name.split("_")[1] for name in names if name.startswith("mds_")} >= {"nc", "nq", "nd", "nt", "sp"}
    assert {name.split("_")[1] for name in names if name.startswith("oasis_")} >= {
        "01",
        "03",
        "04",
        "06",
        "09",
    }
    assert [name for name in names if name.startswith("pbj_")]


def test_the_demonstration_shows_every_disposition_and_can_be_run_again(tmp_path: Path) -> None:
    first, second = (
        subprocess.run(
            command("demo", "--once"),
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    )
    for disposition in Disposition:
        assert f"  {disposition.value}" in first
    with zipfile.ZipFile(io.BytesIO(demo_batch(load_host(None).specs.packs))) as archive:
        count = len(archive.namelist())
    assert re.search(rf"# Records Processed: +{count}\n", first)
    assert first == second


def test_the_demonstration_is_refused_in_production(tmp_path: Path) -> None:
    run = subprocess.run(
        command("demo", "--once"),
        cwd=tmp_path,
        env=production(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "not in production" in run.stderr
    assert not (tmp_path / "instance").exists()


def test_accounts_of_a_demonstration_are_refused_in_production(tmp_path: Path, port: int) -> None:
    earnest = production(tmp_path)
    settings = Settings.load({**earnest, "IQIES_ENVIRONMENT": "demo"})
    settings.make_instance_folder()
    runner.upgrade(settings.database_url)
    with create_app(settings).app_context():
        create_user("demo.person", "a sentence for tests", of_demonstration=True)
    for process in (["up", "--port", str(port)], ["web", "--port", str(port)], ["worker"]):
        run = subprocess.run(
            command(*process), cwd=tmp_path, env=earnest, capture_output=True, text=True, check=False
        )
        assert run.returncode == 1
        assert run.stdout == ""
        assert re.fullmatch(r"Error: .* demo\.person\. .*iqies user deactivate-demo\n", run.stderr)
    subprocess.run(command("user", "deactivate-demo"), cwd=tmp_path, env=earnest, check=True)


def test_web_and_worker_run_together_and_one_signal_stops_both(tmp_path: Path, port: int) -> None:
    subprocess.run(command("db", "upgrade"), cwd=tmp_path, env=environment(tmp_path), check=True)
    with running(tmp_path, "up", "--port", str(port)) as process:
        for _ in range(ATTEMPTS):
            if answers(f"http://127.0.0.1:{port}/healthz"):
                break
            assert process.poll() is None
            time.sleep(0.1)
        else:
            pytest.fail("the site did not come up")
        assert process.stdout is not None
        output = ""
        while "Worker ready." not in output:
            line = process.stdout.readline()
            assert line, output
            output += line
        process.send_signal(signal.SIGINT)
        output += process.communicate()[0]
    assert process.returncode == 0, output
    assert f"http://127.0.0.1:{port}/" in output
    assert "Worker stopped." in output
    assert not answers(f"http://127.0.0.1:{port}/healthz")


def test_without_a_database_nothing_is_started(tmp_path: Path) -> None:
    with running(tmp_path, "up") as process:
        output, _ = process.communicate()
    assert process.returncode == 1
    assert re.fullmatch(r"Error: The database is empty, .* Run: iqies db upgrade\n", output)


def test_a_port_that_is_taken_stops_everything_and_is_said_plainly(tmp_path: Path) -> None:
    subprocess.run(command("db", "upgrade"), cwd=tmp_path, env=environment(tmp_path), check=True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with running(tmp_path, "up", "--port", str(taken.getsockname()[1])) as process:
            output, _ = process.communicate()
    assert process.returncode == 1
    assert "Cannot listen on 127.0.0.1" in output
    assert "--port" in output
    assert "The web process ended by itself" in output
    assert "Traceback" not in output


def test_a_port_that_is_taken_stops_the_demonstration_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running(tmp_path, "demo", "--port", str(port)) as process:
            output, _ = process.communicate()
    assert process.returncode == 1
    assert f"Cannot listen on port {port}" in output
    assert "make demo PORT=8001" in output
    assert not list((tmp_path / "instance").glob("*.sqlite*"))


def test_make_hands_the_port_on(tmp_path: Path) -> None:
    shown = subprocess.run(
        ["make", "--dry-run", "demo", "PORT=8001"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "iqies demo  --port 8001\n" in shown
