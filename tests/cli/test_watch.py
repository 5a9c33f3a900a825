import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from lxml import etree

from tests.browser.installation import running

from .conftest import Invoke


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def once(iqies: Invoke, inbox: Path, outbox: Path) -> Callable[..., str]:
    """Let the command look into the folder once; gives what it said."""

    def run(*options: str, status: int = 0) -> str:
        arguments = (str(inbox), str(outbox), "--once", "--interval", "0.05", *options)
        return iqies("watch", *arguments, status=status).output

    return run


def results(path: Path) -> "etree._Element":
    return etree.fromstring(path.read_bytes())


def listed(outbox: Path) -> list[str]:
    return sorted(path.name for path in outbox.iterdir())


def test_each_file_gets_its_results(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path
) -> None:
    shutil.copytree(samples, inbox, dirs_exist_ok=True)
    said = once(status=1)
    assert listed(outbox) == ["broken_results.xml", "good_results.xml", "warned_results.xml"]
    assert results(outbox / "good_results.xml").text == "Accepted"
    broken = results(outbox / "broken_results.xml")
    assert broken.findtext("results/error_id") == "-3676"
    assert broken.findtext("results/severity") == "Fatal"
    assert results(outbox / "warned_results.xml").findtext("results/severity") == "Warning"
    assert said.splitlines() == [
        "broken.zip: 2 of 2 with fatal messages; broken_results.xml",
        "good.zip: accepted; good_results.xml",
        "warned.zip: 1 of 1 with warnings; warned_results.xml",
    ]


def test_a_file_that_cannot_be_read_keeps_no_other_from_its_check(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path
) -> None:
    (inbox / "loop.xml").symlink_to(inbox / "loop.xml")
    shutil.copy(samples / "good.zip", inbox)
    assert once(status=2).splitlines() == [
        "good.zip: accepted; good_results.xml",
        "loop.xml: Too many levels of symbolic links",
    ]
    assert listed(outbox) == ["good_results.xml"]


def test_files_may_be_beside_their_results(iqies: Invoke, samples: Path) -> None:
    for status in (1, 0):
        iqies("watch", str(samples), str(samples), "--once", "--interval", "0.05", status=status)
    assert [name for name in listed(samples) if name.endswith(".xml")] == [
        "broken_results.xml",
        "good_results.xml",
        "warned_results.xml",
    ]


def test_a_file_is_checked_once_until_its_content_changes(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path
) -> None:
    shutil.copy(samples / "good.zip", inbox / "a.zip")
    assert once() == "a.zip: accepted; a_results.xml\n"
    (inbox / "a.zip").touch()
    assert once() == ""
    shutil.copy(samples / "broken.zip", inbox / "a.zip")
    assert once(status=1) == "a.zip: 2 of 2 with fatal messages; a_results.xml\n"
    assert listed(outbox) == ["a_results.xml"]


def test_results_of_another_file_are_not_overwritten(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path
) -> None:
    with zipfile.ZipFile(samples / "good.zip") as archive:
        (inbox / "a.xml").write_bytes(archive.read(archive.namelist()[0]))
    shutil.copy(samples / "broken.zip", inbox / "a.zip")
    once(status=1)
    assert results(outbox / "a_results.xml").text == "Accepted"
    assert len(results(outbox / "a.zip_results.xml")) == 2
    assert once() == ""


def test_what_somebody_else_wrote_is_not_overwritten(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path
) -> None:
    outbox.mkdir()
    (outbox / "good_results.xml").write_text("mine")
    shutil.copy(samples / "good.zip", inbox)
    once()
    assert (outbox / "good_results.xml").read_text() == "mine"
    assert results(outbox / "good.zip_results.xml").text == "Accepted"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and nothing", b"<a><b>", bytes(6 * 1024 * 1024)])
def test_a_broken_file_gets_results_and_hinders_no_other(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path, content: bytes
) -> None:
    (inbox / "broken.zip").write_bytes(content)
    shutil.copy(samples / "good.zip", inbox)
    once(status=1)
    assert results(outbox / "broken_results.xml").findtext("results/severity") == "Fatal"
    assert results(outbox / "good_results.xml").text == "Accepted"


def test_results_that_cannot_be_written_are_told_and_leave_nothing(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path
) -> None:
    shutil.copytree(samples, inbox, dirs_exist_ok=True)
    # A folder where the results of one file belong.
    for name in ("good_results.xml", "good.zip_results.xml"):
        (outbox / name).mkdir(parents=True)
    said = once(status=2)
    assert "good.zip: it could not be checked: Is a directory" in said
    assert listed(outbox) == [
        "broken_results.xml",
        "good.zip_results.xml",
        "good_results.xml",
        "warned_results.xml",
    ]


def test_an_outbox_that_cannot_be_made_is_told(once: Callable[..., str], outbox: Path) -> None:
    outbox.write_text("a file")
    assert "is a file" in once(status=2)


def test_a_file_that_is_still_being_written_is_left_and_told(
    iqies: Invoke, inbox: Path, outbox: Path, samples: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        with (inbox / "growing.xml").open("w") as stream:
            while not stop.wait(0.01):
                stream.write("<a>")
                stream.flush()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        run = iqies("watch", str(inbox), str(outbox), "--once", "--interval", "0.5", status=2)
    finally:
        stop.set()
        writer.join()
    assert "growing.xml: it is still being written" in run.output
    assert listed(outbox) == []


class Watching:
    """The command in a process of its own."""

    def __init__(self, inbox: Path, outbox: Path) -> None:
        self.outbox = outbox
        self._process = subprocess.Popen(
            [sys.executable, "-m", "iqies_flask.cli", "watch", inbox, outbox, "--interval", "0.05"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        assert self._process.stdout.readline().startswith("Watching ")

    def wait_for(self, name: str) -> Path:
        for _ in range(600):
            if (self.outbox / name).exists():
                return self.outbox / name
            time.sleep(0.05)
        raise AssertionError(f"{name} never came.")

    def stop(self, how: signal.Signals) -> tuple[str, str]:
        self._process.send_signal(how)
        said = self._process.communicate(timeout=30)
        assert self._process.returncode == 0, said
        return said


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_files_are_checked_as_they_come_until_it_is_stopped(
    samples: Path, inbox: Path, outbox: Path, how: signal.Signals
) -> None:
    watching = Watching(inbox, outbox)
    shutil.copy(samples / "good.zip", inbox)
    watching.wait_for("good_results.xml")
    (inbox / "nonsense.xml").write_text("nonsense")
    watching.wait_for("nonsense_results.xml")
    shutil.copy(samples / "broken.zip", inbox)
    watching.wait_for("broken_results.xml")
    output, errors = watching.stop(how)
    assert errors == ""
    assert output.splitlines()[-1] == "Stopped."
    assert len([line for line in output.splitlines() if line.startswith("good.zip")]) == 1
    assert listed(outbox) == ["broken_results.xml", "good_results.xml", "nonsense_results.xml"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("installation")) as installation:
        yield installation.url


@pytest.mark.parametrize("ending", ["", "/", "/api/vut/v1/assessmentUpload"])
def test_a_server_gives_the_same_results(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path, site: str, ending: str
) -> None:
    shutil.copytree(samples, inbox, dirs_exist_ok=True)
    once("--server", site + ending, status=1)
    from_server = {path.name: path.read_bytes() for path in outbox.iterdir()}
    shutil.rmtree(outbox)
    once(status=1)
    assert {path.name: path.read_bytes() for path in outbox.iterdir()} == from_server


def test_names_that_are_no_text_are_shown_and_sent_as_such(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path, site: str
) -> None:
    shutil.copy(samples / "good.zip", inbox / "a\nb\x1b[2J\udcff.zip")
    shown = "a<U+000A>b<U+001B>[2J<U+DCFF>"
    (place,) = once("--server", site).removeprefix(f"{shown}.zip: accepted; ").splitlines()
    assert listed(outbox) == [place]
    assert re.fullmatch(rf"{re.escape(shown)}~[0-9a-f]{{8}}_results\.xml", place)


def test_long_names_that_differ_in_the_middle_have_results_of_their_own(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path
) -> None:
    for sample, middle in (("good", "1"), ("broken", "2")):
        shutil.copy(samples / f"{sample}.zip", inbox / f"{'a' * 110}{middle}{'b' * 110}.zip")
        # As long as a name may be, in bytes.
        shutil.copy(samples / f"{sample}.zip", inbox / f"{middle}{'é' * 125}.zip")
    once(status=1)
    assert len(listed(outbox)) == 4
    found = [results(outbox / name) for name in listed(outbox)]
    assert sorted(one.text == "Accepted" for one in found) == [False, False, True, True]
    assert once() == ""


def test_a_file_of_the_largest_size_is_sent(
    once: Callable[..., str], inbox: Path, outbox: Path, site: str
) -> None:
    (inbox / "a.zip").write_bytes(bytes(5 * 1024 * 1024))
    once("--server", site, status=1)
    assert listed(outbox) == ["a_results.xml"]


def test_a_server_that_is_not_there_is_told_once(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path
) -> None:
    shutil.copytree(samples, inbox, dirs_exist_ok=True)
    said = once("--server", "http://127.0.0.1:9", status=2)
    assert said.count("cannot be reached") == 1
    assert listed(outbox) == []


@pytest.mark.parametrize(
    "address",
    ["http://iqies.example.org", "HTTP://192.0.2.1:8000", "http://0.0.0.0:9", "http://localhost.test"],
)
def test_nothing_is_sent_in_clear_to_another_machine(once: Callable[..., str], address: str) -> None:
    said = once("--server", address, status=2)
    assert "not encrypted" in said
    assert "--in-clear" in said


def test_a_server_in_a_network_of_ones_own_is_taken_when_that_is_said(
    once: Callable[..., str], samples: Path, inbox: Path
) -> None:
    shutil.copytree(samples, inbox, dirs_exist_ok=True)
    # No address of this machine, and yet nothing leaves it.
    assert "cannot be reached" in once("--server", "http://0.0.0.0:9", "--in-clear", status=2)


@pytest.mark.parametrize("host", ["127.0.0.2:9", "[::1]:9", "LOCALHOST:9"])
def test_this_machine_is_taken_without_https(
    once: Callable[..., str], samples: Path, inbox: Path, host: str
) -> None:
    shutil.copytree(samples, inbox, dirs_exist_ok=True)
    assert "cannot be reached" in once("--server", f"http://{host}", status=2)


@pytest.mark.parametrize("address", ["iqies.example.org", "ftp://iqies.example.org", "file:///tmp"])
def test_an_address_that_is_none_is_told(once: Callable[..., str], address: str) -> None:
    assert "https://" in once("--server", address, status=2)


class Odd(BaseHTTPRequestHandler):
    """A server that answers with something else than the service."""

    answers: ClassVar[tuple[tuple[int, bytes, dict[str, str]], ...]]
    asked: ClassVar[list[str]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, content, headers = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(self.path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def odd_server() -> Iterator[tuple[type[Odd], str]]:
    handler = type("Handler", (Odd,), {"asked": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield handler, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "content", "headers", "told"),
    [
        (200, b"<html>", {}, "something else than the results"),
        (200, b'{"validationResults": [{"filename": "a"}]}', {}, "something else than the results"),
        (200, b'{"validationResults": null}', {}, "something else than the results"),
        (404, b"", {}, "404 Not Found"),
        (413, b'{"detail": "Too large."}', {}, "good.zip: the server refused it: Too large."),
        (500, b'{"detail": "Our fault."}', {}, "Our fault."),
        (302, b"", {"Location": "http://192.0.2.1/elsewhere"}, "302 Found"),
    ],
)
def test_a_server_that_answers_otherwise_is_told(
    once: Callable[..., str],
    samples: Path,
    inbox: Path,
    outbox: Path,
    odd_server: tuple[type[Odd], str],
    status: int,
    content: bytes,
    headers: dict[str, str],
    told: str,
) -> None:
    handler, address = odd_server
    handler.answers = ((status, content, headers),)
    shutil.copy(samples / "good.zip", inbox)
    said = once("--server", address, status=2)
    assert told in said
    assert listed(outbox) == []
    assert handler.asked == ["/api/vut/v1/assessmentUpload"]


def test_a_file_that_is_too_large_for_a_server_is_not_sent(
    once: Callable[..., str], inbox: Path, outbox: Path, odd_server: tuple[type[Odd], str]
) -> None:
    handler, address = odd_server
    (inbox / "a.zip").write_bytes(bytes(6 * 1024 * 1024))
    assert once("--server", address, status=2) == "a.zip: it has 6 MB; at most 5 MB are sent\n"
    assert handler.asked == []
    assert listed(outbox) == []


def test_a_busy_server_is_asked_again_when_it_says(
    once: Callable[..., str], samples: Path, inbox: Path, outbox: Path, odd_server: tuple[type[Odd], str]
) -> None:
    handler, address = odd_server
    clean = b'{"validationResults": [{"filename": "a.xml", "validationErrors": []}]}'
    handler.answers = ((429, b"", {"Retry-After": "1"}), (200, clean, {}))
    shutil.copy(samples / "good.zip", inbox)
    once("--server", address)
    assert results(outbox / "good_results.xml").text == "Accepted"
    assert len(handler.asked) == 2
