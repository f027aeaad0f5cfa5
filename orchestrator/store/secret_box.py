"""What must be kept but not be readable in the database: sealed with a key made of the installation's secret key.

Fernet (AES-128-CBC with HMAC-SHA256) of the ``cryptography`` package; its key comes from ``settings.secret_key`` by
HKDF-SHA256 (RFC 5869), with a purpose of its own, so that it is no other key that is made of the same secret.
:class:`TextSeal` is for what stands in a file that people take away and bring back.
"""

import base64
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PROVIDERS = "secrets of channel providers"


class NotOurs(ValueError):
    """It was sealed with another secret key, or is damaged."""

    def __init__(self) -> None:
        super().__init__("its secrets were stored under another SOJOURN_SECRET_KEY: enter them again")


class Seal:
    """Seals and opens. ``secret``: the installation's secret key, the same in every process."""

    def __init__(self, secret: str, purpose: str = PROVIDERS) -> None:
        self._secret = secret
        self._purpose = purpose

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
        return Fernet(base64.urlsafe_b64encode(_derived(self._secret, self._purpose, 32)))


class TextSeal:
    """Seals a text as a word of letters, digits, ``-`` and ``_``: the same text as the same word (AES-SIV, RFC 5297),
    so that two files of one meaning stay equal. ``bound_to``: what it was sealed for, and can only be opened for."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._cipher = AESSIV(_derived(secret, purpose, 64)) if secret else None

    def close(self, text: str, bound_to: str) -> str:
        """The text, unreadable."""
        if self._cipher is None:
            raise NotOurs
        sealed = self._cipher.encrypt(text.encode(errors="replace"), [bound_to.encode(errors="replace")])
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, word: str, bound_to: str) -> str:
        """The text. Raises :class:`NotOurs`."""
        if self._cipher is None:
            raise NotOurs
        try:
            sealed = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
            return self._cipher.decrypt(sealed, [bound_to.encode(errors="replace")]).decode()
        except (InvalidTag, ValueError):
            raise NotOurs from None


def _derived(secret: str, purpose: str, length: int) -> bytes:
    info = f"sojourn: {purpose}".encode()
    return HKDF(SHA256(), length=length, salt=None, info=info).derive(secret.encode())
