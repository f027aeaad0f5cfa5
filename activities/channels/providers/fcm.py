"""Push to apps by Firebase Cloud Messaging, HTTP v1.

Sources: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages (the message),
https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode and
https://firebase.google.com/docs/cloud-messaging/error-codes (what went wrong: a wrong token and a wrong message bear
the same code, and are told apart by the type of their details). Access tokens by RFC 7523 with google-auth.

A message carries the send's id as ``data.sojourn_id``, and as the tag and collapse id by which a second copy takes the
place of the first on the device.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
from google.auth import exceptions, transport
from google.oauth2 import service_account
from pydantic import BaseModel, Field, SecretStr, field_validator

from activities.channels.contract import (
    Callback,
    Capabilities,
    ConfigFault,
    DefinitionError,
    DeliveryError,
    Misconfigured,
    OutgoingMessage,
    Receipt,
    Services,
    Temporary,
    Unreachable,
)
from activities.channels.rest import TIMEOUT, Answer, Rest
from orchestrator.core.labels import labelled
from orchestrator.core.text import Text
from orchestrator.store.intake.devices import Devices, device_id

TITLE = Text("Firebase Cloud Messaging")
CARRIES = frozenset({"push"})
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
MOST_BYTES = 4_096
"""Of what a message says, names and values together."""
_RESERVED = ("google.", "gcm.")
_RESERVED_NAMES = frozenset({"from", "message_type", "notification", "collapse_key"})


class Config(BaseModel):
    """A Firebase project."""

    service_account: SecretStr = Field(
        min_length=1,
        json_schema_extra=labelled(
            Text("Service account (JSON)"),
            help=Text("The whole file from Firebase: Project settings, Service accounts, Generate new private key."),
        ),
    )
    hours: int = Field(
        24,
        ge=0,
        le=672,
        json_schema_extra=labelled(
            Text("Waits for the device (hours)"),
            help=Text("A device that is off gets it when it is on again."),
        ),
    )
    project: str = Field(
        "",
        pattern=r"^[a-z0-9-]*$",
        json_schema_extra=labelled(
            Text("Project"),
            help=Text("Leave empty to use the service account's."),
            advanced=True,
        ),
    )
    rate_per_second: float | None = Field(
        None, gt=0, json_schema_extra=labelled(Text("Messages per second at most"), advanced=True)
    )
    address: str = Field(
        "https://fcm.googleapis.com",
        pattern=r"^https?://[^\s/]+$",
        json_schema_extra=labelled(Text("Address of the API"), advanced=True),
    )

    @field_validator("service_account")
    @classmethod
    def _readable(cls, value: SecretStr) -> SecretStr:
        try:
            _credentials(value)
        except (ValueError, LookupError, TypeError, AttributeError, exceptions.GoogleAuthError):
            raise ConfigFault(Text("This is not a service account key file.")) from None
        return value


def _credentials(account: SecretStr) -> Any:
    info = json.loads(account.get_secret_value())
    return service_account.Credentials.from_service_account_info(info, scopes=[SCOPE])  # type: ignore[no-untyped-call]


class Fcm:
    """One project."""

    name = "fcm"

    def __init__(self, config: Config, devices: Devices, timeout: httpx2.Timeout = TIMEOUT) -> None:
        credentials = _credentials(config.service_account)
        self.capabilities = Capabilities(
            channels=CARRIES,
            extras=frozenset({"link", "image", "data", "expires_at"}),
            rate_per_second=config.rate_per_second,
        )
        self._hours = timedelta(hours=config.hours)
        self._path = f"/v1/projects/{config.project or credentials.project_id}/messages:send"
        self._rest = Rest(config.address, timeout, connections=50)
        self._tokens = _Tokens(credentials)
        self._devices = devices

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        """Hand it to Google."""
        self.capabilities.refuse(message)
        wire = {"message": wire_of(message, key, self._hours)}
        answer = await self._rest.submit(self._path, wire, await self._tokens.header())
        if (
            answer.status == 401 and _code(answer) != "THIRD_PARTY_AUTH_ERROR"
        ):  # surely not sent, and may be a stale token
            answer = await self._rest.submit(self._path, wire, await self._tokens.header(renew=True))
        if not answer.ok:
            raise await self._meaning(message, answer)
        return Receipt(str(answer.body.get("name") or key), datetime.now(UTC))

    async def _meaning(self, message: OutgoingMessage, answer: Answer) -> DeliveryError:
        code = _code(answer)
        wrong_token = code == "INVALID_ARGUMENT" and _blames_token(answer)
        if answer.status == 404 or code in {"UNREGISTERED", "SENDER_ID_MISMATCH"} or wrong_token:
            await self._devices.drop(device_id("push_token", message.recipient), message.at)
            return Unreachable(code or f"HTTP {answer.status}")
        return DefinitionError(f"HTTP {answer.status} {code}".strip())

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """Google does not call."""
        raise ValueError("FCM has no callbacks")

    async def close(self) -> None:
        """Give the connections back."""
        await self._rest.close()
        self._tokens.close()


def wire_of(message: OutgoingMessage, key: UUID, hours: timedelta) -> dict[str, Any]:
    """The message as Google takes it. Raises :class:`DefinitionError`."""
    notification = {"title": message.subject, "body": message.body, "image": message.image}
    data = {**message.data, "sojourn_id": str(key), "url": message.link}
    said = {
        "notification": {name: value for name, value in notification.items() if value},
        "data": {name: value for name, value in data.items() if value},
    }
    for name in message.data:
        if name.startswith(_RESERVED) or name in _RESERVED_NAMES:
            raise DefinitionError(f"not supported: data called {name}")
    size = sum(len(name.encode()) + len(value.encode()) for part in said.values() for name, value in part.items())
    if size > MOST_BYTES:
        raise DefinitionError(f"over {MOST_BYTES} bytes: {size}")
    lasts = hours
    if message.expires_at is not None:
        lasts = min(lasts, max(message.expires_at - message.at, timedelta(0)))
    urgent = message.message_class == "informational"
    until = int((datetime.now(UTC) + lasts).timestamp()) if lasts else 0
    return {
        "token": message.recipient,
        **said,
        "android": {
            "priority": "HIGH" if urgent else "NORMAL",
            "ttl": f"{int(lasts.total_seconds())}s",
            "collapse_key": str(key),
            "notification": {"tag": str(key)},
        },
        "apns": {
            "headers": {
                "apns-collapse-id": str(key),
                "apns-expiration": str(until),
                "apns-priority": "10" if urgent else "5",
            },
        },
    }


def _details(answer: Answer) -> list[Mapping[str, Any]]:
    error = answer.body.get("error")
    found = error.get("details") if isinstance(error, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _code(answer: Answer) -> str:
    """FCM's own code, else the general status."""
    own = [
        one["errorCode"]
        for one in _details(answer)
        if str(one.get("@type", "")).endswith("FcmError") and "errorCode" in one
    ]
    error = answer.body.get("error")
    status = error.get("status") if isinstance(error, dict) else None
    return str(own[0] if own else status or "")


def _blames_token(answer: Answer) -> bool:
    """Whether an argument called invalid is the token: FCM says so itself, the general check names the field."""
    fields = [
        str(violation.get("field"))
        for one in _details(answer)
        if str(one.get("@type", "")).endswith("BadRequest")
        for violation in one.get("fieldViolations") or ()
        if isinstance(violation, dict)
    ]
    if fields:
        return all(field.startswith("message.token") for field in fields)
    return any(str(one.get("@type", "")).endswith("FcmError") for one in _details(answer))


class _Tokens:
    """Access tokens, an hour each. google-auth knows how, synchronously; so a thread waits for Google."""

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials
        self._lock = asyncio.Lock()
        self._http = _Http()

    async def header(self, *, renew: bool = False) -> dict[str, str]:
        """Raises ``Temporary`` or ``DefinitionError``: without a token nothing is sent."""
        stale = self._credentials.token
        async with self._lock:
            if not self._credentials.valid or (renew and self._credentials.token == stale):
                try:
                    await asyncio.to_thread(self._credentials.refresh, self._http)
                except exceptions.TransportError:
                    raise Temporary("no access token: Google cannot be reached") from None
                except exceptions.GoogleAuthError as refused:
                    if getattr(refused, "retryable", False):
                        raise Temporary("no access token: Google asks to come later") from None
                    raise Misconfigured("Google refuses the service account") from None
        return {"authorization": f"Bearer {self._credentials.token}"}

    def close(self) -> None:
        self._http.close()


class _Http(transport.Request):
    """google-auth's idea of an HTTP library."""

    def __init__(self) -> None:
        self._client = httpx2.Client(timeout=10.0, trust_env=False)

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> "_HttpAnswer":
        """One request. ``timeout`` is the client's own."""
        try:
            return _HttpAnswer(self._client.request(method, url, content=body, headers=dict(headers or {})))
        except httpx2.HTTPError as error:
            raise exceptions.TransportError(type(error).__name__) from None  # type: ignore[no-untyped-call]

    def close(self) -> None:
        self._client.close()


class _HttpAnswer(transport.Response):
    def __init__(self, answer: httpx2.Response) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.content


def build(config: Config, services: Services) -> Fcm:
    """With the service account's project, unless another is named."""
    return Fcm(config, Devices(services.engine))
