"""Handing one e-mail over: to a mail server, or to a folder."""

import ipaddress
import os
import re
import secrets
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from enum import Enum, auto
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from iqies_flask.config import Settings
from iqies_flask.encryption import current_vault
from iqies_flask.mail.looks import styled
from iqies_flask.mail.models import OutboxMessage

FOLDER = "mail"
"""Name of the folder for e-mail, in the instance folder."""

_SECONDS = 20
"""Longest wait for one answer of a mail server."""

_SUBMISSION_PORT = 587
_TLS_PORT = 465
_ENHANCED_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class DeliveryFault(Enum):
    """What an e-mail could not be handed over for."""

    REFUSED = auto()
    """The server does not want this message, now or later."""
    DEFERRED = auto()
    """The server does not want this message now."""
    SERVER = auto()
    """The server cannot be used: no message would fare better."""


class DeliveryError(Exception):
    """An e-mail could not be handed over. The text tells why, without address and contents.

    Attributes:
        fault: What it failed for.
    """

    def __init__(self, fault: DeliveryFault, problem: str) -> None:
        super().__init__(problem)
        self.fault = fault


class Transport(Protocol):
    """A way to hand an e-mail over."""

    def deliver(self, message: EmailMessage, name: str) -> None:
        """Hand an e-mail over.

        Args:
            message: The e-mail.
            name: What it is told apart by, of letters, digits and hyphens.

        Raises:
            DeliveryError: It could not be handed over.
        """


class SmtpTransport:
    """A mail server. What leaves this machine is encrypted, and the server's certificate is checked."""

    def __init__(self, url: str, own_name: str) -> None:
        """Choose the server.

        Args:
            url: ``smtp://`` (STARTTLS) or ``smtps://``, with user, password, host and port.
            own_name: The name by which this site greets the server.
        """
        parts = urlsplit(url)
        self._tls_from_the_start = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = parts.port or (_TLS_PORT if self._tls_from_the_start else _SUBMISSION_PORT)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._own_name = own_name

    def deliver(self, message: EmailMessage, name: str) -> None:
        """Send an e-mail."""
        with self._server() as server:
            try:
                server.send_message(message)
            except smtplib.SMTPRecipientsRefused as error:
                ((code, words),) = error.recipients.values()
                raise _refused("the recipient", code, words) from None
            except smtplib.SMTPDataError as error:
                raise _refused("the message", error.smtp_code, error.smtp_error) from None

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        try:
            with self._connection() as server:
                if not self._tls_from_the_start and not _is_loopback(self._host):
                    server.starttls(context=ssl.create_default_context())
                if self._user:
                    server.login(self._user, self._password)
                yield server
        except smtplib.SMTPResponseException as error:
            # What is wrong with signing in or with the sender is wrong for every message, and can be mended.
            code = _code(error.smtp_code, error.smtp_error)
            raise DeliveryError(DeliveryFault.SERVER, f"The mail server answered {code}.") from None
        except smtplib.SMTPNotSupportedError:
            raise DeliveryError(
                DeliveryFault.SERVER,
                "The mail server offers no encryption (STARTTLS), or lacks another extension.",
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            kind = type(error).__name__
            raise DeliveryError(
                DeliveryFault.SERVER, f"The mail server cannot be reached ({kind})."
            ) from None

    def _connection(self) -> smtplib.SMTP:
        if self._tls_from_the_start:
            return smtplib.SMTP_SSL(
                self._host,
                self._port,
                self._own_name,
                timeout=_SECONDS,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(self._host, self._port, self._own_name, timeout=_SECONDS)


class FolderTransport:
    """A folder in which each e-mail is left as a file that mail programs open."""

    def __init__(self, folder: Path) -> None:
        """Choose the folder; it is made when the first e-mail comes."""
        self._folder = folder

    def deliver(self, message: EmailMessage, name: str) -> None:
        """Leave an e-mail, whole or not at all."""
        # Hidden, and of another ending: whoever looks for e-mail does not see it before it is whole.
        part = self._folder / f".{secrets.token_hex(8)}.part"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            try:
                with open(part, "xb", opener=_for_its_owner_only) as stream:
                    stream.write(message.as_bytes(policy=SMTP))
                part.replace(self._folder / f"{name}.eml")
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise DeliveryError(
                DeliveryFault.SERVER, f"The folder for e-mail cannot be written: {error.strerror}."
            ) from None


def transport_of(settings: Settings) -> Transport:
    """Choose the way that an installation's settings name."""
    if settings.mail_url:
        return SmtpTransport(settings.mail_url, settings.site_host)
    return FolderTransport(settings.instance_folder / FOLDER)


def compose(message: OutboxMessage, settings: Settings) -> EmailMessage:
    """Make the e-mail of a message in the outbox. Made again, it is the same to the letter.

    A server that gets it twice, because a worker died right after sending it, can see that by its Message-ID.

    Args:
        message: The message, with its content.
        settings: For the sender's address and the site's host.

    Raises:
        ValueError: An address is none, or a header would hold more than one line.
    """
    content = message.content
    assert content is not None
    mail = EmailMessage(policy=SMTP)
    name, address = parseaddr(settings.mail_from)
    mail["From"] = Address(name, addr_spec=address)
    mail["To"] = one_address(content["to"])
    mail["Subject"] = content["subject"]
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{_identifier(message)}@{settings.site_host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(content["text"])
    mail.add_alternative(styled(content["html"]), subtype="html")
    # Never the same twice if left to the library.
    mail.set_boundary(f"part-{_identifier(message)}")
    return mail


def one_address(text: str) -> Address:
    """Read an address that stands alone: no list, no name, no further line.

    Raises:
        ValueError: It is something else.
    """
    try:
        return Address(addr_spec=text)
    except IndexError:
        # How the library answers an empty one.
        raise ValueError(text) from None


def file_name(message: OutboxMessage) -> str:
    """Name a message so that a folder shows the oldest first."""
    return f"{message.created_at:%Y%m%dT%H%M%S}-{message.id}"


def _identifier(message: OutboxMessage) -> str:
    key = current_vault().keyed_hash("message-id", str(message.id), message.created_at.isoformat())
    return key.hex()[:40]


def _refused(what: str, code: int, words: bytes | str) -> DeliveryError:
    fault = DeliveryFault.REFUSED if code >= 500 else DeliveryFault.DEFERRED
    return DeliveryError(fault, f"The mail server refused {what}: {_code(code, words)}.")


def _code(code: int, words: bytes | str) -> str:
    """The numbers of a server's answer; its words often repeat the address."""
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    enhanced = _ENHANCED_STATUS.match(text)
    return f"{code} {enhanced[0]}" if enhanced else str(code)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _for_its_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
