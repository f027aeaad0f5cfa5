"""Message encryption for web push, the receiver's side, written from the RFCs: 8291 (keys) and 8188 (aes128gcm).

Independent of what the product encrypts with: nothing but the primitives of ``cryptography``. Receives what a browser
would, so that what a push service is given can be read as a browser would read it.
"""

import base64
import json
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HEADER = 16 + 4 + 1
"""RFC 8188, 2.1: salt, record size, length of the key id."""


class NotReadable(ValueError):
    """The message is none that a browser could read."""


def decoded(text: str) -> bytes:
    """Base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(data: bytes) -> str:
    """The inverse."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _hmac(key: bytes, data: bytes) -> bytes:
    made = HMAC(key, SHA256())
    made.update(data)
    return made.finalize()


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key in uncompressed form (RFC 8291, 3.1)."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def private_key(scalar: bytes) -> ec.EllipticCurvePrivateKey:
    """A P-256 key of its number."""
    return ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1())


@dataclass
class Receiver:
    """A browser's end of a subscription: its key pair and its authentication secret."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def subscription(self, endpoint: str) -> str:
        """As ``PushSubscription.toJSON()`` gives it."""
        keys = {"p256dh": encoded(point(self.key.public_key())), "auth": encoded(self.auth)}
        return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys})

    def read(self, body: bytes) -> bytes:
        """The text of a message. Raises :class:`NotReadable`."""
        if len(body) < HEADER:
            raise NotReadable("shorter than a header")
        salt, record_size, id_length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender = body[HEADER : HEADER + id_length]
        record = body[HEADER + id_length :]
        # RFC 8291, 4: one record, and the sender's public key as its key id.
        if id_length != 65 or record_size < 18 or len(record) > record_size:
            raise NotReadable("not a single record with a public key")
        try:
            shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
            content_key, nonce = self._keys(shared, sender, salt)
            padded = AESGCM(content_key).decrypt(nonce, record, None)
        except Exception as fault:
            raise NotReadable(type(fault).__name__) from None
        return _unpadded(padded)

    def _keys(self, shared: bytes, sender: bytes, salt: bytes) -> tuple[bytes, bytes]:
        """RFC 8291, 3.4, spelled out as there: HKDF with one block of output is two HMACs."""
        info = b"WebPush: info\x00" + point(self.key.public_key()) + sender
        secret = _hmac(_hmac(self.auth, shared), info + b"\x01")
        prk = _hmac(salt, secret)
        content_key = _hmac(prk, b"Content-Encoding: aes128gcm\x00\x01")[:16]
        return content_key, _hmac(prk, b"Content-Encoding: nonce\x00\x01")[:12]


def _unpadded(padded: bytes) -> bytes:
    """RFC 8188, 2: the delimiter of the last record is 2, and only zeros follow it."""
    text = padded.rstrip(b"\x00")
    if not text.endswith(b"\x02"):
        raise NotReadable("no delimiter of a last record")
    return text[:-1]
