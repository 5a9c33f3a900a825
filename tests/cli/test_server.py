"""`iqies web` behind a reverse proxy, as a process of its own."""

import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ATTEMPTS = 300
WRONG = 422


def environment(tmp_path: Path, trusted_proxies: int) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("IQIES_")}
    return others | {
        "IQIES_ENVIRONMENT": "demo",
        "IQIES_INSTANCE_FOLDER": str(tmp_path / "instance"),
        "IQIES_TRUSTED_PROXIES": str(trusted_proxies),
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "iqies_flask.cli", *arguments]


@contextmanager
def site(environ: dict[str, str]) -> Iterator[str]:
    """Run `iqies web` on a new database, and give its address."""
    subprocess.run(command("db", "upgrade"), env=environ, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    with subprocess.Popen(command("web", "--port", str(port)), env=environ) as process:
        try:
            for _ in range(ATTEMPTS):
                assert process.poll() is None
                try:
                    urllib.request.urlopen(url + "/healthz").close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def sign_in(url: str, forwarded_for: str) -> None:
    """Give a wrong password, through a proxy that tells whose request it passes on."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = opener.open(url + "/sign-in").read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token[1], "user_id": "test.nobody", "password": "not the right one"}
    request = urllib.request.Request(
        url + "/sign-in",
        urllib.parse.urlencode(form).encode(),
        {"X-Forwarded-For": forwarded_for, "Referer": url},
    )
    with pytest.raises(urllib.error.HTTPError) as answer:
        opener.open(request)
    assert answer.value.code == WRONG


@pytest.mark.parametrize(
    ("trusted_proxies", "address"),
    [
        # The last address is what the own proxy has seen; those before it can be made up by anybody.
        (1, "203.0.113.7"),
        (0, "127.0.0.1"),
    ],
)
def test_address_is_what_the_trusted_proxies_say_and_nobody_else(
    tmp_path: Path, trusted_proxies: int, address: str
) -> None:
    environ = environment(tmp_path, trusted_proxies)
    with site(environ) as url:
        sign_in(url, "198.51.100.1, 203.0.113.7")
    log = subprocess.run(
        command("audit", "list", "--action", "sign_in"),
        env=environ,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert address in log
    assert {"198.51.100.1", "203.0.113.7", "127.0.0.1"} - {address} == {
        other for other in ("198.51.100.1", "203.0.113.7", "127.0.0.1") if other not in log
    }
