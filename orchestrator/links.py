"""The links that we put into messages: signed, short, each good for one purpose and nothing else.

A token is ``<payload>.<signature>``: the base64url of sixteen bytes of an id and a short detail, and 96 bits of an
HMAC-SHA-256 whose key is derived from the installation's secret and the purpose. A link to open a survey can therefore
not be turned into one that unsubscribes. It holds no address and no name; where a click leads stands in the ledger, so
that nobody can make us lead anywhere. Tokens do not expire by themselves: a way to opt out has to work for as long as
the message lies in somebody's inbox. What they name may be gone, and then the page says so.
"""

import binascii
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args
from uuid import UUID

from itsdangerous import BadSignature, HMACAlgorithm, Signer

Purpose = Literal["unsubscribe", "preferences", "click", "open", "survey", "survey_answer"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
PATHS: dict[Purpose, str] = {
    "unsubscribe": "/u/{}",
    "preferences": "/p/{}",
    "click": "/l/{}",
    "open": "/o/{}.gif",
    "survey": "/s/{}",
    "survey_answer": "/a/{}",
}
PREVIEW = UUID(int=0)
"""Stands for no send and no customer: such a link shows its page as a customer would see it, and changes nothing."""

_MOST_TOKEN = 200
"""Characters; what is longer is nobody's link."""
_SIGNATURE = 16
_END = "x"


class _Short(HMACAlgorithm):
    """96 bits, as in the truncated HMACs of RFC 4868: a forger would have to ask this server 2^95 times."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:12]

    def verify_signature(self, key: bytes, value: bytes, sig: bytes) -> bool:
        return len(sig) == 12 and super().verify_signature(key, value, sig)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a link says. ``id``: of the send, or of the customer for ``preferences``. ``detail``: channel, number of the
    link, or answer."""

    id: UUID
    detail: str = ""

    @property
    def is_preview(self) -> bool:
        """Whether a marketer looks at how it would be."""
        return self.id == PREVIEW


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links. ``public_url`` without a slash at its end; ``secret`` is ``settings.secret_key``."""

    secret: str
    public_url: str

    def unsubscribe(self, send_id: UUID, channel: str) -> str:
        """Where one opts out of the channel by which this send came. GET asks, POST does (RFC 8058 too)."""
        return self._link("unsubscribe", send_id, channel)

    def preferences(self, customer_id: UUID) -> str:
        """Where a customer sees and changes all that they consented to."""
        return self._link("preferences", customer_id)

    def click(self, send_id: UUID, n: int) -> str:
        """Leads to the ``n``-th target in the send's ledger row (``content["links"]``), and counts."""
        return self._link("click", send_id, str(n))

    def open(self, send_id: UUID) -> str:
        """An image that tells that the message was shown."""
        return self._link("open", send_id)

    def survey(self, send_id: UUID) -> str:
        """The page of the survey for which this send asks."""
        return self._link("survey", send_id)

    def survey_answer(self, send_id: UUID, value: str) -> str:
        """The same with an answer chosen in the message."""
        return self._link("survey_answer", send_id, value)

    def token(self, purpose: Purpose, signed: Signed) -> str:
        """The token alone."""
        payload = urlsafe_b64encode(signed.id.bytes + signed.detail.encode()).rstrip(b"=")
        token = _signer(self.secret, purpose).sign(payload).decode()
        # Telephones find links in plain text by themselves, and take a dash at the end for punctuation.
        return token + _END if token[-1] in "-_" else token

    def read(self, purpose: Purpose, token: str) -> Signed | None:
        """What a token of this purpose says; None for every other text whatsoever."""
        if len(token) > _MOST_TOKEN:
            return None
        if len(token.rpartition(".")[2]) == _SIGNATURE + 1:
            token = token.removesuffix(_END)
        try:
            payload = _signer(self.secret, purpose).unsign(token)
            raw = urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
            return Signed(UUID(bytes=raw[:16]), raw[16:].decode())
        except (BadSignature, binascii.Error, ValueError):
            return None

    def _link(self, purpose: Purpose, identity: UUID, detail: str = "") -> str:
        return self.public_url + PATHS[purpose].format(self.token(purpose, Signed(identity, detail)))


@lru_cache(maxsize=64)
def _signer(secret: str, purpose: Purpose) -> Signer:
    """One for each purpose: itsdangerous derives its key from the secret and the salt."""
    return Signer(
        secret,
        salt=f"sojourn.link.{purpose}",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
        algorithm=_Short(hashlib.sha256),
    )
