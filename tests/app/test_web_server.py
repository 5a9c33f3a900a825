import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, Response
from waitress.server import BaseWSGIServer

from iqies_flask.config import Settings
from iqies_flask.web_server import ImpatientChannel, make_server

PIECE = b"x" * 256 * 1024
THREADS = 2


def endless() -> Response:
    def pieces() -> Iterator[bytes]:
        while True:
            yield PIECE

    return Response(pieces())


@pytest.fixture
def site(settings: Settings) -> Iterator[BaseWSGIServer]:
    """A server of two threads, with an answer that has no end."""
    app = Flask("slow")
    app.add_url_rule("/endless", view_func=endless)
    app.add_url_rule("/short", endpoint="short", view_func=lambda: "here")
    server = make_server(app, settings, "127.0.0.1", 0, THREADS)
    assert isinstance(server, BaseWSGIServer)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    server.trigger.pull_trigger(server.close)
    server.task_dispatcher.shutdown()
    thread.join(10)


def ask(site: BaseWSGIServer, seconds: float) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", int(site.effective_port), timeout=seconds)
    try:
        connection.request("GET", "/short")
        return connection.getresponse().read()
    finally:
        connection.close()


def slow_readers(site: BaseWSGIServer) -> list[socket.socket]:
    """As many connections as there are threads, each waiting for what has no end."""
    readers = []
    for _ in range(THREADS):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.settimeout(10)
        reader.connect(("127.0.0.1", int(site.effective_port)))
        reader.sendall(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        reader.recv(100)
        readers.append(reader)
    return readers


def until_answered(site: BaseWSGIServer, meanwhile: Callable[[], None]) -> None:
    for _ in range(20):
        meanwhile()
        try:
            assert ask(site, 1) == b"here"
            return
        except TimeoutError:
            continue
    pytest.fail("The site has not answered.")


def test_readers_who_take_nothing_are_cut_off_and_the_site_answers(
    site: BaseWSGIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = slow_readers(site)
    # As it is, the site stands still.
    with pytest.raises(TimeoutError):
        ask(site, 1.5)
    monkeypatch.setattr(ImpatientChannel, "still_seconds", 1.0)
    until_answered(site, lambda: None)
    for reader in readers:
        reader.close()


def test_readers_who_take_a_little_now_and_then_are_cut_off_in_the_end(
    site: BaseWSGIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = slow_readers(site)
    monkeypatch.setattr(ImpatientChannel, "whole_seconds", 2.0)

    def sip() -> None:
        for reader in readers:
            try:
                reader.recv(64 * 1024)
            except OSError:
                continue

    until_answered(site, sip)
    for reader in readers:
        reader.close()


def test_a_reader_who_keeps_up_is_left_alone(site: BaseWSGIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImpatientChannel, "still_seconds", 0.5)
    (reader, *others) = slow_readers(site)
    for other in others:
        other.close()
    until = time.monotonic() + 3
    while time.monotonic() < until:
        assert reader.recv(1024 * 1024)
    reader.close()
