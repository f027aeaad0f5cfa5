"""What must be kept but not be readable in the database: sealed with a key made of the installation's secret key.

Fernet (AES-128-CBC with HMAC-SHA256) of the ``cryptography`` package; its key comes from ``settings.secret_key`` by
HKDF-SHA256 (RFC 5869), with a purpose of its own, so that it is no other key that is made of the same secret.
"""

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"sojourn: secrets of channel providers"


class NotOurs(ValueError):
    """It was sealed with another secret key, or is damaged."""

    def __init__(self) -> None:
        super().__init__("its secrets were stored under another SOJOURN_SECRET_KEY: enter them again")


class Seal:
    """Seals and opens. ``secret``: the installation's secret key, the same in every process."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def close(self, values: Mapping[str, str]) -> bytes:
        """The values, unreadable."""
        return self._fernet().encrypt(json.dumps(dict(values)).encode())

    def open(self, sealed: bytes) -> dict[str, str]:
        """The values. Raises :class:`NotOurs`."""
        try:
            values: dict[str, str] = json.loads(self._fernet().decrypt(sealed))
        except InvalidToken:
            raise NotOurs from None
        return values

    def _fernet(self) -> Fernet:
        if not self._secret:
            raise NotOurs
        derived = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(self._secret.encode())
        return Fernet(base64.urlsafe_b64encode(derived))
