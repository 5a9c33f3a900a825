"""A security key in software: it makes the answers that a browser gets from one in hardware."""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from iqies_flask.database import write_transaction
from iqies_flask.identity.models import User
from iqies_flask.identity.security_keys import service
from iqies_flask.identity.security_keys.models import SecurityKey

ORIGIN = "http://localhost:8000"
RP_ID = "localhost"
_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Authenticator:
    """One security key with one credential.

    Attributes:
        origin: Origin of the page that the browser says it is on.
        rp_id: Domain that the credential is bound to.
        counts: Whether it counts its uses; many passkeys do not.
        verifies: Whether it checks its user, by PIN, fingerprint or face.
        backed_up: Whether the credential is copied between a person's devices.
        transports: How it says that it is reached.
    """

    origin: str = ORIGIN
    rp_id: str = RP_ID
    counts: bool = True
    verifies: bool = True
    backed_up: bool = False
    transports: tuple[str, ...] = ("usb",)
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    count: int = 0
    user_handle: bytes = b""

    def register(self, options: str) -> str:
        """Answer `navigator.credentials.create`."""
        asked = json.loads(options)
        self.user_handle = base64url_to_bytes(asked["user"]["id"])
        client_data = self._client_data("webauthn.create", asked["challenge"])
        attestation = cbor2.dumps(
            {"fmt": "none", "attStmt": {}, "authData": self._data(_ATTESTED) + self._attested()}
        )
        return self._answer(
            clientDataJSON=client_data, attestationObject=attestation, transports=list(self.transports)
        )

    def sign(self, options: str, *, tell_user: bool = True) -> str:
        """Answer `navigator.credentials.get`.

        Args:
            options: The options of the site.
            tell_user: Whether to say whose the credential is, as a passkey does.
        """
        client_data = self._client_data("webauthn.get", json.loads(options)["challenge"])
        data = self._data()
        signature = self.private_key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=signature,
            **({"userHandle": self.user_handle} if tell_user else {}),
        )

    def copy(self) -> "Authenticator":
        """Make a clone, with the same private key and the same counter."""
        return Authenticator(**vars(self))

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        ).encode()

    def _data(self, flags: int = 0) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        flags |= _ELIGIBLE | _BACKED_UP if self.backed_up else 0
        self.count += 1 if self.counts else 0
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _attested(self) -> bytes:
        numbers = self.private_key.public_key().public_numbers()
        public_key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        length = struct.pack(">H", len(self.credential_id))
        return bytes(16) + length + self.credential_id + cbor2.dumps(public_key)

    def _answer(self, **response: Any) -> str:
        credential_id = bytes_to_base64url(self.credential_id)
        return json.dumps(
            {
                "id": credential_id,
                "rawId": credential_id,
                "type": "public-key",
                "authenticatorAttachment": "cross-platform",
                "clientExtensionResults": {},
                "response": {
                    name: bytes_to_base64url(value) if isinstance(value, bytes) else value
                    for name, value in response.items()
                },
            }
        )


def add_key(user: User, authenticator: Authenticator, name: str = "", *, first: bool = False) -> SecurityKey:
    """Add a key to an account, in the application context at hand."""
    with write_transaction() as session:
        token, options = service.registration_options(session, user)
    return service.add_key(user, token, authenticator.register(options), name, first=first)
