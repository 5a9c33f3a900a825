"""Security keys for the browser tests: Chromium's own, in software."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page

Credential = dict[str, Any]


class VirtualAuthenticator:
    """A security key or passkey provider of one page (tab). Nobody touches it until `touched` or `touch`."""

    def __init__(self, page: Page, *, internal: bool = False, verifies: bool = True) -> None:
        """Plug it in.

        Args:
            page: The page whose prompts it answers.
            internal: Whether it is part of the computer, so that its credentials are passkeys.
            verifies: Whether it checks its user, by PIN, fingerprint or face.
        """
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal" if internal else "usb",
            # Chromium keeps passkeys only where it is checked who uses them.
            "hasResidentKey": verifies,
            "hasUserVerification": verifies,
            "isUserVerified": verifies,
            "automaticPresenceSimulation": False,
        }
        made = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id: str = made["authenticatorId"]

    def touch(self, touched: bool = True) -> None:
        """Have somebody touch it whenever it blinks, or nobody any more."""
        self._send("setAutomaticPresenceSimulation", enabled=touched)

    @contextmanager
    def touched(self) -> Iterator[None]:
        """Have somebody touch it for a while."""
        self.touch()
        yield
        self.touch(False)

    @property
    def credentials(self) -> list[Credential]:
        """What it holds."""
        held: list[Credential] = self._send("getCredentials")["credentials"]
        return held

    def hold(self, credential: Credential) -> None:
        """Have it hold a credential, such as a copy of another authenticator's."""
        self._send("addCredential", credential=credential)

    def forget(self) -> None:
        """Have it hold nothing any more."""
        self._send("clearCredentials")

    def unplug(self) -> None:
        """Take it away."""
        self._send("removeVirtualAuthenticator")

    def _send(self, command: str, **arguments: Any) -> Any:
        return self._session.send(f"WebAuthn.{command}", {"authenticatorId": self._id, **arguments})
