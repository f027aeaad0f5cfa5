"""Push to browsers: Web Push (RFC 8030), messages encrypted for the browser (RFC 8291), ours by VAPID (RFC 8292).

The address of a push service comes out of a browser, and so from anybody: it is called like every address that others
name (``guarded_http``). A browser that has unsubscribed answers 404 or 410; it is dropped.

What the service worker is given is JSON: ``id`` (the send's), ``title``, ``body``, ``lang``, and where there is one
``url`` (where a click leads), ``image``, ``actions`` and ``data``. Its ``id`` is also the notification's tag and, as
RFC 8030's topic, the push service's: a message that comes a second time takes the place of the first.
"""

import base64
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from pydantic import BaseModel, Field, SecretStr, field_validator
from pywebpush import WebPusher

from activities.channels.contract import (
    Ambiguous,
    Callback,
    Capabilities,
    ConfigFault,
    DefinitionError,
    OutgoingMessage,
    Receipt,
    Services,
    Temporary,
    Unreachable,
)
from activities.channels.rest import LONGEST_WAIT
from activities.http.guarded import Refused, TooLarge, guarded_client
from activities.http.retry_after import retry_after
from orchestrator.core.labels import labelled
from orchestrator.core.text import Text
from orchestrator.settings import Settings
from orchestrator.store.intake.devices import Devices, device_id

TITLE = Text("Web push")
CARRIES = frozenset({"web_push"})
MOST_BYTES = 3_993
"""Of a message before it is encrypted: what push services must take, 4,096 (RFC 8030, 7.2), less the header of 86, the
delimiter and the authentication tag of 16 (RFC 8291, 4)."""
TOKEN_LASTS = 12 * 3600
"""Seconds; RFC 8292, 2, allows at most a day."""
TOKEN_RENEWED = 6 * 3600
URGENCIES = {
    "very-low": Text("Very low: on power and Wi-Fi"),
    "low": Text("Low: on power or Wi-Fi"),
    "normal": Text("Normal"),
    "high": Text("High: even on low battery"),
}
_ORDER = int("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
"""Of the curve P-256 (FIPS 186-5; SEC 2, 2.4.2)."""


class Config(BaseModel):
    """Who we are to push services, and how messages wait."""

    contact: str = Field(
        pattern=r"^(mailto:[^\s@]+@[^\s@]+|https://\S+)$",
        json_schema_extra=labelled(
            Text("Contact"),
            help=Text("For the push services: mailto:you@shop.example or an https address."),
        ),
    )
    urgency: Literal["very-low", "low", "normal", "high"] = Field(
        "normal",
        json_schema_extra=labelled(
            Text("Urgency of advertising"),
            options=URGENCIES,
            help=Text("Informational messages are always sent as high."),
        ),
    )
    hours: int = Field(
        24,
        ge=0,
        le=672,
        json_schema_extra=labelled(
            Text("Waits for the browser (hours)"),
            help=Text("A browser that is closed gets it when it opens."),
        ),
    )
    private_key: SecretStr = Field(
        SecretStr(""),
        json_schema_extra=labelled(
            Text("Private key (VAPID)"),
            help=Text(
                "Base64url, if browsers have subscribed with one elsewhere. Empty: one of this installation's own."
            ),
            advanced=True,
        ),
    )

    @field_validator("private_key")
    @classmethod
    def _number(cls, value: SecretStr) -> SecretStr:
        written = value.get_secret_value()
        try:
            number = int.from_bytes(_decoded(written))
        except ValueError:
            number = 0
        if written and not 0 < number < _ORDER:
            raise ConfigFault(Text("This is not a P-256 private key in Base64url."))
        return value


def defaults(settings: Settings) -> dict[str, Any]:
    """The contact is where the shop is."""
    https = settings.public_url.startswith("https://")
    return {"contact": settings.public_url if https else "mailto:push@" + (_host(settings) or "localhost")}


def _host(settings: Settings) -> str:
    return urlsplit(settings.public_url).hostname or ""


def vapid_key(config: Config, settings: Settings) -> ec.EllipticCurvePrivateKey:
    """The key that browsers subscribe with: the configuration's, or one that follows from the secret key.

    The latter by HKDF-SHA256 (RFC 5869), so that it is the same in every process and need not be kept; 48 bytes reduced
    by the curve's order leave no bias to speak of (FIPS 186-5, A.2.1).
    """
    own = config.private_key.get_secret_value()
    if own:
        number = int.from_bytes(_decoded(own))
    else:
        secret = settings.secret_key.get_secret_value().encode()
        made = HKDF(SHA256(), 48, salt=None, info=b"sojourn: key of web push").derive(secret)
        number = int.from_bytes(made) % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def public_key(key: ec.EllipticCurvePrivateKey) -> str:
    """As browsers take it: ``applicationServerKey``, in base64url."""
    return _encoded(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


class WebPush:
    """Every browser's push service."""

    name = "web_push"
    capabilities = Capabilities(channels=CARRIES, extras=frozenset({"link", "image", "data", "buttons", "expires_at"}))

    def __init__(
        self,
        config: Config,
        key: ec.EllipticCurvePrivateKey,
        devices: Devices,
        allow: tuple[str, ...] = (),
        seconds: float = 20.0,
    ) -> None:
        self._config = config
        self._vapid = Vapid02(key, conf={"no-strict": True})  # its own idea of a contact's form is narrower
        self._devices = devices
        self._client = guarded_client(allow, seconds=seconds, most=16 * 1024)
        self._tokens: dict[str, tuple[float, str]] = {}

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        """Encrypt it for the browser and hand it to the browser's push service."""
        self.capabilities.refuse(message)
        text = payload(message, key)
        if len(text) > MOST_BYTES:
            raise DefinitionError(f"over {MOST_BYTES} bytes: {len(text)}")
        endpoint, subscription = _subscription(message.recipient)
        try:
            body = WebPusher(subscription).encode(text, "aes128gcm")["body"]
            headers = self._headers(endpoint, message, key)
        except Exception:  # keys that are no keys, an address that is none: whatever the libraries make of them
            raise await self._gone(message, "the subscription cannot be read") from None
        try:
            answer = await self._client.post(endpoint, content=body, headers=headers)
        except (Refused, httpx2.InvalidURL, httpx2.UnsupportedProtocol) as refused:
            raise await self._gone(message, f"no push service: {type(refused).__name__}") from None
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise Temporary(type(error).__name__) from None
        except (httpx2.HTTPError, TooLarge) as error:
            raise Ambiguous(type(error).__name__) from None
        return await self._receipt(message, key, answer)

    async def _receipt(self, message: OutgoingMessage, key: UUID, answer: httpx2.Response) -> Receipt:
        """What the answer means (RFC 8030, 5, 7.2 and 8.4; RFC 8292, 4.2)."""
        match answer.status_code:
            case 200 | 201 | 202 | 204:
                return Receipt(answer.headers.get("location") or str(key), datetime.now(UTC))
            case 404 | 410 as status:
                raise await self._gone(message, f"HTTP {status}")
            case 429 | 503 as status:
                raise Temporary(f"HTTP {status}", retry_after(answer.headers.get("retry-after", ""), LONGEST_WAIT))
            case status if status >= 500:
                raise Ambiguous(f"HTTP {status}")
            case status:  # 400 malformed, 401 and 403 not our key, 413 too large: the same for everybody
                raise DefinitionError(f"HTTP {status}")

    async def _gone(self, message: OutgoingMessage, why: str) -> Unreachable:
        """Nobody is there, or not any more: the device is dropped."""
        await self._devices.drop(device_id("web_push", message.recipient), message.at)
        return Unreachable(why)

    def _headers(self, endpoint: str, message: OutgoingMessage, key: UUID) -> dict[str, str]:
        lasts = timedelta(hours=self._config.hours)
        if message.expires_at is not None:
            lasts = min(lasts, max(message.expires_at - message.at, timedelta(0)))
        return {
            "authorization": self._token(endpoint),
            "content-type": "application/octet-stream",
            "content-encoding": "aes128gcm",
            "ttl": str(int(lasts.total_seconds())),
            "urgency": "high" if message.message_class == "informational" else self._config.urgency,
            "topic": _encoded(key.bytes),
        }

    def _token(self, endpoint: str) -> str:
        """For one push service; signed anew a few times a day."""
        parts = urlsplit(endpoint)
        audience, now = f"{parts.scheme}://{parts.netloc}", time.time()
        made = self._tokens.get(audience)
        if made is None or made[0] < now:
            claims = {"aud": audience, "exp": int(now) + TOKEN_LASTS, "sub": self._config.contact}
            if len(self._tokens) > 1_000:
                self._tokens.clear()
            made = self._tokens[audience] = now + TOKEN_RENEWED, self._vapid.sign(claims)["Authorization"]
        return made[1]

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """Push services do not call; the service worker does (``web/static/sojourn-sw.js``)."""
        raise ValueError("web push has no callbacks")

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()


def payload(message: OutgoingMessage, key: UUID) -> bytes:
    """What the service worker reads."""
    actions = [
        {"action": str(n), "title": one.name, "url": one.url} for n, one in enumerate(message.buttons) if one.url
    ]
    said = {
        "id": str(key),
        "title": message.subject,
        "body": message.body,
        "lang": message.locale,
        "url": message.link,
        "image": message.image,
        "actions": actions,
        "data": dict(message.data),
    }
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False).encode()


def _subscription(recipient: str) -> tuple[str, dict[str, Any]]:
    """The push service's address and the subscription; nonsense stays nonsense, and fails where it is used."""
    try:
        found = json.loads(recipient)
        keys = {name: str(found["keys"][name]) for name in ("p256dh", "auth")}
        return str(found["endpoint"]), {"endpoint": str(found["endpoint"]), "keys": keys}
    except (ValueError, LookupError, TypeError):
        return "", {}


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def build(config: Config, services: Services) -> WebPush:
    """With this installation's key, unless it was given another."""
    settings = services.settings
    return WebPush(config, vapid_key(config, settings), Devices(services.engine), settings.outgoing_allow)
