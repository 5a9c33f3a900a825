import email
import email.policy
import socket
import ssl
import stat
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from iqies_flask.config import Settings
from iqies_flask.database import utc_now
from iqies_flask.mail.delivery import (
    DeliveryError,
    DeliveryFault,
    FolderTransport,
    SmtpTransport,
    compose,
    file_name,
    transport_of,
)
from iqies_flask.mail.models import OutboxMessage
from tests.mail import servers

REMOTE = "mail.example.org"
"""A name that is not this machine's, and leads to it."""


def written(**content: str) -> OutboxMessage:
    return OutboxMessage(
        id=17,
        template="test",
        created_at=utc_now(),
        content={
            "to": "person@example.org",
            "subject": "A subject",
            "text": "Words.\n",
            "html": "<p>Words.</p>",
            **content,
        },
    )


def mail(**content: str) -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = "site@example.org", "person@example.org", "S"
    message.set_content("Words.")
    return message


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'unused.db'}"


def test_composed_mail(app: Flask, settings: Settings) -> None:
    message = written()
    composed = compose(message, settings)
    read = email.message_from_bytes(composed.as_bytes(), policy=email.policy.default)
    assert read["From"] == "iQIES Flask <no-reply@localhost>"
    assert read["To"] == "person@example.org"
    assert read["Subject"] == "A subject"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Message-ID"].endswith(f"@{settings.site_host}>")
    assert abs((read["Date"].datetime - message.created_at).total_seconds()) < 1
    assert read.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    text, page = (part.get_content() for part in read.iter_parts())
    assert text.strip() == "Words."
    assert ">Words.</p>" in page


def test_mail_is_the_same_each_time_it_is_composed(app: Flask, settings: Settings) -> None:
    message = written()
    assert compose(message, settings).as_bytes() == compose(message, settings).as_bytes()
    other = written()
    other.id = 18
    assert compose(other, settings)["Message-ID"] != compose(message, settings)["Message-ID"]


@pytest.mark.parametrize(
    "content",
    [
        {"to": "person@example.org\r\nBcc: other@example.org"},
        {"to": "person@example.org, other@example.org"},
        {"to": "nobody"},
        {"to": "Person <person@example.org>"},
        {"subject": "A subject\r\nBcc: other@example.org"},
        {"subject": "A subject\nBcc: other@example.org"},
    ],
)
def test_headers_take_no_further_line_and_one_address(
    app: Flask, settings: Settings, content: dict[str, str]
) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own kinds and words
        compose(written(**content), settings)


def test_unusual_words_are_encoded(app: Flask, settings: Settings) -> None:
    composed = compose(written(subject="Bestätigung ✓", text="Grüße\n"), settings)
    read = email.message_from_bytes(composed.as_bytes(), policy=email.policy.default)
    assert read["Subject"] == "Bestätigung ✓"
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["Grüße"]


def test_folder_holds_each_mail_for_its_owner_only(app: Flask, settings: Settings) -> None:
    message = written()
    for _ in range(2):
        transport_of(settings).deliver(compose(message, settings), file_name(message))
    folder = settings.instance_folder / "mail"
    (path,) = folder.iterdir()
    assert path.name == f"{message.created_at:%Y%m%dT%H%M%S}-17.eml"
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(path.stat().st_mode)) == (0o700, 0o600)
    read = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert read["To"] == "person@example.org"


def test_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("A file in its place.")
    with pytest.raises(DeliveryError, match="folder") as raised:
        FolderTransport(tmp_path / "mail").deliver(mail(), "1")
    assert raised.value.fault is DeliveryFault.SERVER


def test_server_on_this_machine_is_sent_to_without_encryption() -> None:
    with servers.running() as server:
        SmtpTransport(server.url, "site.example.org").deliver(mail(), "1")
        assert [taken["To"] for taken in server.taken] == ["person@example.org"]


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo

    def led_here(host: Any, *arguments: Any, **options: Any) -> Any:
        return resolve(servers.HOST if host == REMOTE else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", led_here)


@pytest.fixture
def server_certificate(tmp_path: Path) -> Path:
    return servers.certificate(tmp_path, REMOTE)


@pytest.fixture
def trusted(server_certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """A certificate that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(server_certificate))
    return servers.server_context(server_certificate)  # type: ignore[return-value]


def test_other_machines_are_not_sent_to_without_encryption(remote: None) -> None:
    with servers.running() as server:
        with pytest.raises(DeliveryError, match="STARTTLS") as raised:
            SmtpTransport(server.url.replace(servers.HOST, REMOTE), "site").deliver(mail(), "1")
        assert raised.value.fault is DeliveryFault.SERVER
        assert (server.taken, server.asked) == ([], 0)


def test_other_machines_are_sent_to_with_encryption_and_password(
    remote: None, trusted: ssl.SSLContext
) -> None:
    with servers.running(trusted, require_tls=True, login=("us/er", "p@ss")) as server:
        url = server.url.replace(f"//{servers.HOST}", f"//us%2Fer:p%40ss@{REMOTE}")
        SmtpTransport(url, "site").deliver(mail(), "1")
        assert (server.encrypted, server.users) == ([True], ["us/er"])


def test_certificate_that_nobody_vouches_for_is_refused(remote: None, server_certificate: Path) -> None:
    context = servers.server_context(server_certificate)
    with servers.running(context) as server:
        with pytest.raises(DeliveryError, match="cannot be reached") as raised:
            SmtpTransport(server.url.replace(servers.HOST, REMOTE), "site").deliver(mail(), "1")
        assert raised.value.fault is DeliveryFault.SERVER
        assert server.taken == []


def test_wrong_password_is_no_fault_of_the_message(remote: None, trusted: ssl.SSLContext) -> None:
    with servers.running(trusted, login=("user", "right")) as server:
        url = server.url.replace(f"//{servers.HOST}", f"//user:wrong@{REMOTE}")
        with pytest.raises(DeliveryError, match="535") as raised:
            SmtpTransport(url, "site").deliver(mail(), "1")
        assert raised.value.fault is DeliveryFault.SERVER


@pytest.mark.parametrize("asked", ["person@example.org", "DATA"])
@pytest.mark.parametrize(
    ("answer", "fault", "shown"),
    [
        ("550 5.1.1 <person@example.org> is unknown here", DeliveryFault.REFUSED, "550 5.1.1"),
        ("554 No person@example.org", DeliveryFault.REFUSED, "554"),
        ("450 4.2.1 person@example.org: later", DeliveryFault.DEFERRED, "450 4.2.1"),
    ],
)
def test_refusals_are_told_apart_and_told_without_the_address(
    asked: str, answer: str, fault: DeliveryFault, shown: str
) -> None:
    with servers.running() as server:
        server.answers[asked] = answer
        with pytest.raises(DeliveryError) as raised:
            SmtpTransport(server.url, "site").deliver(mail(), "1")
    assert raised.value.fault is fault
    assert str(raised.value).endswith(f": {shown}.")
    assert "person" not in str(raised.value)


def test_no_server(settings: Settings) -> None:
    with socket.create_server((servers.HOST, 0)) as taken:
        port = taken.getsockname()[1]
    transport = transport_of(replace(settings, mail_url=f"smtp://{servers.HOST}:{port}"))
    with pytest.raises(DeliveryError, match="cannot be reached") as raised:
        transport.deliver(mail(), "1")
    assert raised.value.fault is DeliveryFault.SERVER
