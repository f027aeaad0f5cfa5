"""Who may send events: a write key, as Segment's client libraries send it."""

import base64
import binascii
import hmac
from collections.abc import Iterable

from api.http.problems import ApiProblem


class WriteKeys:
    """The keys that open intake."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = [key.encode() for key in keys]

    def check_header(self, authorization: str | None) -> bool:
        """Checks the user name of basic authentication; False where there is none, and the body has to tell."""
        scheme, _, value = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            user = base64.b64decode(value.strip(), validate=True).partition(b":")[0]
        except (binascii.Error, ValueError):
            raise ApiProblem("unknown_write_key", "Authorization") from None
        self._check(user, "Authorization")
        return True

    def check_body(self, key: object) -> None:
        """Checks the key in a body."""
        if key is None or key == "":
            raise ApiProblem("missing_write_key", "writeKey")
        self._check(key.encode() if isinstance(key, str) else b"", "writeKey")

    def _check(self, key: bytes, field: str) -> None:
        """In a time that tells nothing about the keys."""
        if not max([hmac.compare_digest(key, ours) for ours in self._keys], default=False):
            raise ApiProblem("unknown_write_key", field)
