"""Solapi (CoolSMS): text messages, Kakao's Alimtalk and Brand Message, up to 10,000 in a call.

Sources: https://developers.solapi.com (authentication by API key, messages/v4/send-many/detail, messages/v4/list,
webhooks) and the official clients. Nothing is ever scheduled with Solapi: a date in the past would send at once, and it
is we who hold. Nor does Solapi fall back to a text message by itself (``disableSms``): that is decided here, anew.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

import httpx2
from pydantic import BaseModel, Field, SecretStr, model_validator

from activities.channels.batching import OneByMany, results_of
from activities.channels.contract import (
    Ambiguous,
    Button,
    Callback,
    CallRefused,
    Capabilities,
    ConfigFault,
    DefinitionError,
    DeliveryError,
    Misconfigured,
    OutgoingMessage,
    Receipt,
    Rejected,
    Result,
    Services,
    SubmittedMessage,
    Temporary,
    WrongSignature,
)
from activities.channels.kakao_checks import bubble_of, check_alimtalk, check_brand, is_long_text, kept_name
from activities.channels.phone_numbers import KOREA, national
from activities.channels.picture_uploads import PictureUploads, Purpose
from activities.channels.providers.solapi.bubbles import bubble_of_message
from activities.channels.providers.solapi.codes import TOP_UP, callback_kind, error_of, lasting, opted_out
from activities.channels.rest import TIMEOUT, Answer, Rest
from orchestrator.core.channels.kinds.bubbles.rules import SENDS_BODY
from orchestrator.core.channels.kinds.kakao_limits import TARGETING_TEXT, Targeting
from orchestrator.core.channels.sms_text import as_carried
from orchestrator.core.labels import labelled
from orchestrator.core.media.pictures import Picture
from orchestrator.core.text import Text
from orchestrator.store.media.storage import Storage, open_storage

TITLE = Text("Solapi (CoolSMS)")
CARRIES = frozenset({"sms", "alimtalk", "kakao_brand"})
SENDER = "sender"
MOST = 10_000
KEY = "sojourn"
"""Among a message's own fields at Solapi: the send's id, which comes back in lists and reports."""
_FILE_TYPES: Mapping[Purpose, str] = {
    "image": "BMS",
    "wide": "BMS_WIDE",
    "first_item": "BMS_WIDE_MAIN_ITEM_LIST",
    "item": "BMS_WIDE_SUB_ITEM_LIST",
    "feed": "BMS_CAROUSEL_FEED_LIST",
    "commerce": "BMS_CAROUSEL_COMMERCE_LIST",
    "mms": "MMS",
}
"""As Solapi's storage calls what a picture is for (the official clients' examples)."""
_BUTTONS = frozenset({"WL", "AL", "BK", "MD", "BC", "BT", "BF", "AC"})
_EXTRAS = {
    "sms": frozenset({"image"}),
    "alimtalk": frozenset({"template_code", "template_variables", "buttons", "parts"}),
    "kakao_brand": frozenset({"image", "link", "buttons", "coupon", "bubble", "parts", "targeting"}),
}


class Config(BaseModel):
    """An account at Solapi."""

    api_key: str = Field(min_length=1, json_schema_extra=labelled(Text("API key")))
    api_secret: SecretStr = Field(min_length=1, json_schema_extra=labelled(Text("API secret")))
    sender: str = Field(
        "",
        pattern=r"^[0-9-]*$",
        json_schema_extra=labelled(
            Text("Sender number"),
            help=Text("Registered with Solapi. Needed for text messages."),
        ),
    )
    pf_id: str = Field(
        "",
        json_schema_extra=labelled(
            Text("Kakao channel (pfId)"),
            help=Text("Needed for Alimtalk and Brand Message."),
        ),
    )
    targeting: Targeting = Field(
        "I",
        json_schema_extra=labelled(
            Text("Brand Message goes to"),
            options=TARGETING_TEXT,
            help=Text("M and N only for channels that Kakao has approved, with evidence of consent."),
        ),
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""),
        json_schema_extra=labelled(
            Text("Webhook secret"),
            help=Text("As entered at Solapi with the callback address. Without it reports are refused."),
        ),
    )
    rate_per_second: float | None = Field(
        None,
        gt=0,
        json_schema_extra=labelled(Text("Messages per second at most"), advanced=True),
    )
    address: str = Field(
        "https://api.solapi.com",
        pattern=r"^https?://[^\s/]+$",
        json_schema_extra=labelled(Text("Address of the API"), advanced=True),
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.sender and not self.pf_id:
            raise ConfigFault(Text("A sender number or a Kakao channel is needed."))
        return self


class Solapi(OneByMany):
    """One account."""

    name = "solapi"

    def __init__(
        self, config: Config, timeout: httpx2.Timeout = TIMEOUT, storage: Callable[[], Storage] | None = None
    ) -> None:
        self._config = config
        self._rest = Rest(config.address, timeout)
        self._pictures = PictureUploads(storage, self._upload)
        channels = {"sms"} if config.sender else set()
        channels |= {"alimtalk", "kakao_brand"} if config.pf_id else set()
        self.capabilities = Capabilities(
            channels=frozenset(channels),
            extras=frozenset[str]().union(*_EXTRAS.values()),
            extras_of=_EXTRAS,
            most_at_once=MOST,
            rate_per_second=config.rate_per_second,
            callbacks=True,
            asks=True,
        )

    async def send_many(self, messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
        """What became of each. A number that occurs twice is called for twice: in one call the second would fail."""
        results: dict[UUID, Result] = {}
        rounds: list[dict[str, tuple[OutgoingMessage, UUID]]] = []
        for given, key in messages:
            try:
                message = await self._pictures.exchanged(given)
                self._wire(message, key)
            except DeliveryError as refused:
                results[key] = refused
                continue
            place = next((one for one in rounds if message.recipient not in one), None)
            if place is None:
                rounds.append(place := {})
            place[message.recipient] = message, key
        for together in rounds:
            sent = list(together.values())
            for (_, key), result in zip(sent, await results_of(self._call, sent), strict=True):
                results[key] = result
        return [results[key] for _, key in messages]

    async def _call(self, messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
        body = {
            "messages": [self._wire(message, key) for message, key in messages],
            "allowDuplicates": False,
            "showMessageList": True,
        }
        answer = await self._rest.submit("/messages/v4/send-many/detail", body, self._authorization())
        if not answer.ok:
            raise _refusal(answer)
        return _results(answer.body, messages)

    async def _upload(self, picture: Picture, purpose: Purpose) -> str:
        body = {"file": base64.b64encode(picture.data).decode(), "type": _FILE_TYPES[purpose]}
        answer = await self._rest.upload("/storage/v1/files", self._authorization(), json=body)
        name = answer.body.get("fileId")
        if not answer.ok or not name:
            raise DefinitionError(f"Solapi takes no picture: {answer.body.get('errorCode') or answer.status}")
        return str(name)

    def _authorization(self) -> dict[str, str]:
        date = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        secret = self._config.api_secret.get_secret_value()
        return {"authorization": authorization(self._config.api_key, secret, date, secrets.token_hex(16))}

    def _wire(self, message: OutgoingMessage, key: UUID) -> dict[str, Any]:
        """One message as Solapi's API has it. Raises for what it could not carry."""
        self.capabilities.refuse(message)
        country, number = national(message.recipient)
        wire: dict[str, Any] = {"to": number, "country": country, "autoTypeDetect": True}
        wire["customFields"] = {KEY: str(key)}
        if self._config.sender:
            wire["from"] = self._config.sender.replace("-", "")
        match message.channel:
            case "alimtalk":
                return wire | self._alimtalk(message)
            case "kakao_brand":
                return wire | self._brand(message)
        return wire | _text(message, country)

    def _alimtalk(self, message: OutgoingMessage) -> dict[str, Any]:
        check_alimtalk(message)
        options: dict[str, Any] = {
            "pfId": self._config.pf_id,
            "templateId": message.template_code,
            "variables": {f"#{{{name}}}": value for name, value in message.template_variables.items()},
            "disableSms": True,
        }
        if message.buttons:
            options["buttons"] = [_template_button(button) for button in message.buttons]
        return {"type": "ATA", "kakaoOptions": options}

    def _brand(self, message: OutgoingMessage) -> dict[str, Any]:
        check_brand(message, kinds=_BUTTONS)
        bms = {"targeting": message.targeting or self._config.targeting, **bubble_of_message(message)}
        advertising = message.message_class == "advertising"
        options = {"pfId": self._config.pf_id, "disableSms": True, "adFlag": advertising, "bms": bms}
        text = {"text": message.body} if bubble_of(message) in SENDS_BODY else {}
        return {"type": "BMS_FREE", **text, "kakaoOptions": options}

    async def ask(self, message: SubmittedMessage) -> Callback | None:
        """Solapi's list of messages: by its own id where we know it, else by number and time, told apart by our key."""
        query = {"limit": "100"}
        if message.provider_message_id and message.provider_message_id.startswith("M"):
            query["messageId"] = message.provider_message_id
        else:
            query["to"] = national(message.recipient)[1]
            query["dateType"] = "CREATED"
            query["startDate"] = (message.sent_at - timedelta(minutes=10)).isoformat(timespec="seconds")
            query["endDate"] = (message.sent_at + timedelta(hours=1)).isoformat(timespec="seconds")
        while True:
            answer = await self._rest.look_up("/messages/v4/list", query, self._authorization())
            if not answer.ok:
                raise _refusal(answer)
            for found in (answer.body.get("messageList") or {}).values():
                if _own(found) == str(message.key):
                    return _callbacks(found)[0]
            if not answer.body.get("nextKey"):
                return None
            query["startKey"] = answer.body["nextKey"]

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """Reports of messages. Solapi proves itself with the SHA-1 of the secret that both know."""
        secret = self._config.webhook_secret.get_secret_value()
        known = hashlib.sha1(secret.encode(), usedforsecurity=False).hexdigest()
        if not secret or not hmac.compare_digest(headers.get("x-solapi-secret", "").lower().encode(), known.encode()):
            raise WrongSignature("X-Solapi-Secret")
        reports = json.loads(body)
        if not isinstance(reports, list):
            raise ValueError("not a list of reports")
        told: list[Callback] = []
        for report in reports:
            data = report.get("data", report) if isinstance(report, dict) else {}
            if isinstance(data, dict) and data.get("messageId") and data.get("statusCode"):
                told += _callbacks(data, str(report.get("eventDataId") or ""))
        return tuple(told)

    async def close(self) -> None:
        """Give connections back."""
        await self._rest.close()


def authorization(api_key: str, secret: str, date: str, salt: str) -> str:
    """The header ``Authorization``: HMAC-SHA256 over date and salt. ``date``: ISO 8601; ``salt``: 12 to 64 bytes."""
    signature = hmac.new(secret.encode(), (date + salt).encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 apiKey={api_key}, date={date}, salt={salt}, signature={signature}"


def _text(message: OutgoingMessage, country: str) -> dict[str, Any]:
    long = is_long_text(message)
    if long and country != KOREA:
        raise Rejected("abroad only short text messages are carried")
    wire = {"type": "LMS" if long else "SMS", "text": as_carried(message.body)}
    if message.image:
        wire |= {"type": "MMS", "imageId": kept_name(message.image)}
    return wire | ({"subject": as_carried(message.subject)} if message.subject else {})


def _template_button(button: Button) -> dict[str, Any]:
    links = {"linkMo": button.url, "linkPc": button.url_pc, "linkAnd": button.android, "linkIos": button.ios}
    return {"buttonType": button.kind, "buttonName": button.name} | _said(links)


def _said(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _results(body: Mapping[str, Any], messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
    """What became of each. A call may succeed although every message in it failed."""
    now = datetime.now(UTC)
    refused = body.get("failedMessageList") or ()
    failed = {_own(one): str(one.get("statusCode")) for one in refused}
    by_number = {one.get("to"): str(one.get("statusCode")) for one in refused if not _own(one)}
    taken = {_own(one): one for one in body.get("messageList") or ()}

    def result(message: OutgoingMessage, key: UUID) -> Result:
        code = failed.get(str(key)) or by_number.get(national(message.recipient)[1])
        if code:
            return error_of(code)
        item = taken.get(str(key))
        if item is None or not item.get("messageId"):
            return Ambiguous("Solapi's answer does not mention the message")
        return Receipt(str(item["messageId"]), now, {"statusCode": item.get("statusCode")})

    return [result(message, key) for message, key in messages]


def _refusal(answer: Answer) -> DeliveryError:
    """Why a whole call was refused. Solapi's words may name a receiver and are left out."""
    code = str(answer.body.get("errorCode") or f"HTTP {answer.status}")
    raw = {"status": answer.status, "errorCode": code}
    if code == "DuplicatedSignature":
        return Temporary(code, timedelta(seconds=1), raw)
    if code == "NotEnoughBalance":
        return Temporary(code, TOP_UP, raw)
    if answer.status in (401, 403):
        return Misconfigured(code, raw)
    return CallRefused(code, raw)


def _callbacks(data: Mapping[str, Any], event: str = "") -> list[Callback]:
    """What a report or a list says of a message; that its receiver has opted out is told besides."""
    code, message = str(data.get("statusCode") or "2000"), str(data["messageId"])
    name = event or f"{message}:{code}"
    first = Callback(
        message,
        callback_kind(code),
        _instant(data.get("dateReceived") or data.get("dateReported") or data.get("dateProcessed")),
        raw={"statusCode": code} | {field: data[field] for field in ("networkCode", "type") if data.get(field)},
        key=_uuid(_own(data)),
        id=name,
        detail=f"Solapi {code}",
        lasting=lasting(code),
    )
    return [first, replace(first, what="unsubscribed", id=f"{name}:out")] if opted_out(code) else [first]


def _own(data: Mapping[str, Any]) -> str:
    """The send's id that we gave along; empty where it is not ours."""
    fields = data.get("customFields")
    return str(fields.get(KEY) or "") if isinstance(fields, dict) else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _instant(text: Any) -> datetime:
    """When it says it was, by Solapi's clock (without a zone: Korea's); now where it does not say."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC) - timedelta(hours=9)


def build(config: Config, services: Services) -> Solapi:
    """The account that is configured."""
    return Solapi(config, storage=lambda: open_storage(services.settings))
