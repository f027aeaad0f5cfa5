"""A push service (RFC 8030) that is as strict as real ones: it checks whose the message is, and that it is readable.

Each subscription belongs to a :class:`~tests.rfc8291.Receiver`, by which a message is read as its browser would. The
sender's identity is checked from RFC 8292 (VAPID) on primitives of ``cryptography``, not with what it was made with.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.protocol_servers.http import HttpServer, Request, Response
from tests.rfc8291 import NotReadable, Receiver, decoded

MOST = 4_096
URGENCIES = {"very-low", "low", "normal", "high"}


@dataclass
class Subscription:
    """One browser's. ``key``: the application server's that it was made for; empty: the first that comes."""

    receiver: Receiver = field(default_factory=Receiver)
    key: str = ""
    gone: bool = False


@dataclass(frozen=True)
class Delivered:
    """What a browser was given."""

    subscription: str
    text: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class PushService(HttpServer):
    """Subscriptions by path: ``/send/<name>``."""

    def __init__(self) -> None:
        super().__init__()
        self.subscriptions: dict[str, Subscription] = {}
        self.delivered: list[Delivered] = []

    def subscribe(self, name: str) -> str:
        """A new subscription, as the browser's JSON."""
        self.subscriptions[name] = Subscription()
        return self.subscriptions[name].receiver.subscription(f"{self.url}/send/{name}")

    async def respond(self, request: Request) -> Response:
        name = request.path.removeprefix("/send/")
        subscription = self.subscriptions.get(name)
        if subscription is None:
            return Response({"errno": 102}, 404)
        if subscription.gone:
            return Response({"errno": 106}, 410)
        refused = self._refused(request, subscription)
        if refused is not None:
            return refused
        try:
            text = subscription.receiver.read(request.body)
        except NotReadable as fault:  # a real one cannot know; a browser would drop it
            return Response({"error": str(fault)}, 400)
        self.delivered.append(Delivered(name, text, dict(request.headers)))
        return Response({}, 201, {"location": f"{self.url}/message/{len(self.delivered)}"})

    def _refused(self, request: Request, subscription: Subscription) -> Response | None:
        headers = request.headers
        if request.method != "POST" or headers.get("content-encoding") != "aes128gcm":
            return Response({"error": "content-encoding"}, 400)
        if not headers.get("ttl", "").isdigit():  # RFC 8030, 5.2
            return Response({"error": "ttl"}, 400)
        if headers.get("urgency", "normal") not in URGENCIES or len(headers.get("topic", "")) > 32:
            return Response({"error": "urgency or topic"}, 400)
        if len(request.body) > MOST:
            return Response({"error": "too large"}, 413)
        try:
            key = identified(headers.get("authorization", ""), self.url)
        except ValueError as fault:
            return Response({"error": str(fault)}, 401)
        subscription.key = subscription.key or key
        return None if key == subscription.key else Response({"error": "another key"}, 403)


def identified(authorization: str, audience: str) -> str:
    """The public key of an application server that has proven itself (RFC 8292, 2 and 3). Raises ``ValueError``."""
    scheme, _, rest = authorization.partition(" ")
    parameters = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme.lower() != "vapid" or set(parameters) != {"t", "k"}:
        raise ValueError("not vapid")
    head, claims, signature = parameters["t"].split(".")
    if json.loads(decoded(head)).get("alg") != "ES256":
        raise ValueError("not ES256")
    raw = decoded(signature)
    if len(raw) != 64:
        raise ValueError("no signature")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(parameters["k"]))
    made = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        key.verify(made, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise ValueError("wrong signature") from None
    said = json.loads(decoded(claims))
    if said.get("aud") != audience:
        raise ValueError("another audience")
    if not time.time() < said.get("exp", 0) <= time.time() + 24 * 3600:
        raise ValueError("expired, or for longer than a day")
    if not str(said.get("sub", "")).startswith(("mailto:", "https:")):
        raise ValueError("no contact")
    return parameters["k"]
