"""NHN Cloud: Kakao's Alimtalk and Brand Message (KakaoTalk Bizmessage), and text messages (SMS); 1,000 in a call.

Sources: NHN Cloud user guides: Alimtalk API v2.3, Brand Message API v1.0 (free form), SMS API v3.0, webhooks. The three
are products with keys of their own. A call carries one text to many, so messages that differ only in their receiver
travel together. NHN does not fall back by itself (``resendParameter.isResend``): that is decided here, anew.
"""

import asyncio
import base64
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import httpx2

from activities.channels.batching import OneByMany, results_of
from activities.channels.contract import (
    Ambiguous,
    Callback,
    CallRefused,
    Capabilities,
    DefinitionError,
    DeliveryError,
    Misconfigured,
    OutgoingMessage,
    Receipt,
    Result,
    Services,
    SubmittedMessage,
    Temporary,
    WrongSignature,
)
from activities.channels.phone_numbers import international
from activities.channels.picture_uploads import PictureUploads, Purpose
from activities.channels.providers.nhn.codes import (
    ACCEPTED_BEFORE,
    OF_THE_ACCOUNT,
    carrier_callback_kind,
    error_of,
    kakao_callback_kind,
    lasting,
)
from activities.channels.providers.nhn.config import CARRIES, SENDER, TITLE, Config
from activities.channels.providers.nhn.wire import EXTRAS_OF, Parcel, number_of, parcel_of
from activities.channels.rest import TIMEOUT, Answer, Rest
from orchestrator.core.media.pictures import Picture
from orchestrator.store.media.storage import Storage, open_storage

__all__ = ["CARRIES", "SENDER", "TITLE", "Config", "Nhn", "build"]

MOST = 1_000
CALLS_AT_ONCE = 8
KST = timezone(timedelta(hours=9))
"""Korea's time, in which NHN's APIs speak without saying so."""
_IMAGE_TYPES: Mapping[Purpose, str] = {
    "image": "IMAGE",
    "wide": "WIDE_IMAGE",
    "first_item": "MAIN_WIDE_ITEMLIST_IMAGE",
    "item": "NORMAL_WIDE_ITEMLIST_IMAGE",
    "feed": "CAROUSEL_FEED_IMAGE",
    "commerce": "CAROUSEL_COMMERCE_IMAGE",
}
"""As NHN Cloud calls what a Brand Message's picture is for."""
_PRODUCT = {"alimtalk": "alimtalk/v2.3", "kakao_brand": "brand-message/v1.0"}


class Nhn(OneByMany):
    """One project at NHN Cloud."""

    name = "nhn"

    def __init__(
        self, config: Config, timeout: httpx2.Timeout = TIMEOUT, storage: Callable[[], Storage] | None = None
    ) -> None:
        self._config = config
        self._kakao = Rest(config.kakao_address, timeout)
        self._sms = Rest(config.sms_address, timeout)
        self._pictures = PictureUploads(storage, self._upload)
        self._calls = asyncio.Semaphore(CALLS_AT_ONCE)
        channels = {"sms"} if config.sms_app_key else set()
        channels |= {"alimtalk", "kakao_brand"} if config.kakao_app_key else set()
        self.capabilities = Capabilities(
            channels=frozenset(channels),
            extras=frozenset[str]().union(*EXTRAS_OF.values()),
            extras_of=EXTRAS_OF,
            most_at_once=MOST,
            rate_per_second=config.rate_per_second,
            callbacks=True,
            asks=True,
        )

    async def send_many(self, messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
        """What became of each. Those that say the same go in one call; the same receiver twice, in two."""
        results: dict[UUID, Result] = {}
        calls: dict[tuple[str, int], list[tuple[OutgoingMessage, UUID]]] = {}
        seen: dict[tuple[str, str], int] = {}
        for given, key in messages:
            try:
                message = await self._pictures.exchanged(given)
                parcel = self._parcel(message)
            except DeliveryError as refused:
                results[key] = refused
                continue
            times = seen[parcel.sameness, message.recipient] = seen.get((parcel.sameness, message.recipient), 0) + 1
            calls.setdefault((parcel.sameness, times), []).append((message, key))
        for sent, told in zip(
            calls.values(),
            await asyncio.gather(*(results_of(self._call, sent) for sent in calls.values())),
            strict=True,
        ):
            results |= {key: result for (_, key), result in zip(sent, told, strict=True)}
        return [results[key] for _, key in messages]

    async def _upload(self, picture: Picture, purpose: Purpose) -> str:
        """A text message's picture has a number at NHN Cloud, a Brand Message's an address."""
        file = f"{picture.digest}.{'jpg' if picture.type == 'jpeg' else picture.type}"
        if purpose == "mms":
            body = {"fileName": file, "fileBody": base64.b64encode(picture.data).decode(), "createUser": "sojourn"}
            path = f"{self._base('sms')}/attachfile/binaryUpload"
            answer = await self._sms.upload(path, self._headers("sms"), json=body)
            name = ((answer.body.get("body") or {}).get("data") or {}).get("fileId")
        else:
            answer = await self._kakao.upload(
                f"{self._base('kakao_brand')}/images",
                self._headers("kakao_brand"),
                data={"imageType": _IMAGE_TYPES[purpose]},
                files={"image": (file, picture.data, f"image/{picture.type}")},
            )
            name = (answer.body.get("image") or {}).get("imageUrl")
        if not name:
            raise DefinitionError(f"NHN Cloud takes no picture: {_header(answer).get('resultCode') or answer.status}")
        return str(name)

    def _parcel(self, message: OutgoingMessage) -> Parcel:
        self.capabilities.refuse(message)
        return parcel_of(message, self._config)

    async def _call(self, messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
        """One call, all of whose messages have the same parcel."""
        channel = messages[0][0].channel
        parcels = [self._parcel(message) for message, _ in messages]
        receivers = [
            {**parcel.receiver, "recipientGroupingKey": str(key)}
            for parcel, (_, key) in zip(parcels, messages, strict=True)
        ]
        headers = self._headers(channel)
        if channel == "alimtalk":
            headers["X-NC-API-IDEMPOTENCY-KEY"] = _idempotency_key([key for _, key in messages])
        async with self._calls:
            body = {**parcels[0].common, "recipientList": receivers}
            answer = await self._rest(channel).submit(f"{self._base(channel)}/{parcels[0].path}", body, headers)
        head = _header(answer)
        if head.get("isSuccessful") is True:
            return _results(answer.body, messages)
        code = int(head.get("resultCode") or 0)
        if code == ACCEPTED_BEFORE and channel == "alimtalk":
            return [await self._accepted_before(message, key) for message, key in messages]
        if len(messages) == 1 and code and code not in OF_THE_ACCOUNT:
            return [error_of(code)]
        raise _refusal(answer, code)

    async def _accepted_before(self, message: OutgoingMessage, key: UUID) -> Result:
        """NHN has taken a message with this key before, and does not repeat its answer: look it up."""
        now = datetime.now(UTC)
        told = await self.ask(SubmittedMessage(message.channel, key, message.recipient, now))
        if told is None:
            return Ambiguous("accepted before, and not to be found")
        return Receipt(told.provider_message_id, now, {"resultCode": ACCEPTED_BEFORE})

    def _rest(self, channel: str) -> Rest:
        return self._sms if channel == "sms" else self._kakao

    def _base(self, channel: str) -> str:
        if channel == "sms":
            return f"/sms/v3.0/appKeys/{self._config.sms_app_key}"
        return f"/{_PRODUCT[channel]}/appkeys/{self._config.kakao_app_key}"

    def _headers(self, channel: str) -> dict[str, str]:
        secret = self._config.sms_secret_key if channel == "sms" else self._config.kakao_secret_key
        return {"X-Secret-Key": secret.get_secret_value()}

    async def ask(self, message: SubmittedMessage) -> Callback | None:
        """One result where we know NHN's own id, else its list, by our key."""
        kakao = message.channel != "sms"
        for path in ("messages",) if kakao else ("sender/sms", "sender/mms"):
            for found in await self._listed(message, f"{self._base(message.channel)}/{path}"):
                if found.get("recipientGroupingKey") == str(message.key):
                    return _callback(found, kakao)
        return None

    async def _listed(self, message: SubmittedMessage, path: str) -> list[Mapping[str, Any]]:
        request, _, number = (message.provider_message_id or "").partition(":")
        kakao = message.channel != "sms"
        query: dict[str, str] = {}
        if request and number:
            path, query = (
                (f"{path}/{request}/{number}", {}) if kakao else (f"{path}/{request}", {"recipientSeq": number})
            )
        else:
            written = "%Y-%m-%d %H:%M" if kakao else "%Y-%m-%d %H:%M:%S"
            query["startRequestDate"] = (message.sent_at - timedelta(minutes=10)).astimezone(KST).strftime(written)
            query["endRequestDate"] = (message.sent_at + timedelta(hours=1)).astimezone(KST).strftime(written)
            query |= {"recipientGroupingKey": str(message.key), "pageSize": "1000"}
        answer = await self._rest(message.channel).look_up(path, query, self._headers(message.channel))
        head = _header(answer)
        if head.get("isSuccessful") is not True:
            code = int(head.get("resultCode") or 0)
            if code in OF_THE_ACCOUNT or not code:
                raise _refusal(answer, code)
            return []
        body = answer.body
        if kakao:
            listed = (body.get("messageSearchResultResponse") or {}).get("messages")
            return listed if listed is not None else [body["message"]] if body.get("message") else []
        data = (body.get("body") or {}).get("data") or []
        return data if isinstance(data, list) else [data]

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """Results of messages, and who opts out by phone. NHN proves itself with the signature that both know."""
        known = self._config.webhook_signature.get_secret_value()
        given = headers.get("x-toast-webhook-signature", "")
        if not known or not hmac.compare_digest(given.encode(), known.encode()):
            raise WrongSignature("X-Toast-Webhook-Signature")
        call = json.loads(body)
        hooks = call.get("hooks") if isinstance(call, dict) else None
        if not isinstance(hooks, list):
            raise ValueError("not a list of hooks")
        match call.get("event"):
            case "MESSAGE_RESULT_UPDATE":
                return tuple(
                    _callback(hook, "kakaoMessageType" in hook)
                    for hook in hooks
                    if isinstance(hook, dict) and hook.get("requestId")
                )
            case "UNSUBSCRIBE":
                return tuple(_opted_out(hook) for hook in hooks if isinstance(hook, dict) and hook.get("recipientNo"))
        return ()

    async def close(self) -> None:
        """Give connections back."""
        await self._kakao.close()
        await self._sms.close()


def _idempotency_key(keys: list[UUID]) -> str:
    """Of a call: of one message the send's id, of several an id that the same ones make again."""
    if len(keys) == 1:
        return str(keys[0])
    return str(uuid5(NAMESPACE_OID, ",".join(sorted(map(str, keys)))))


def _header(answer: Answer) -> Mapping[str, Any]:
    header = answer.body.get("header")
    return header if isinstance(header, dict) else {}


def _refusal(answer: Answer, code: int) -> DeliveryError:
    """Why a whole call was refused. NHN's words may name a receiver and are left out."""
    raw, said = {"status": answer.status, "resultCode": code}, f"NHN Cloud {code or f'HTTP {answer.status}'}"
    if not code and answer.ok:
        return Ambiguous("an answer without a header")
    if code in OF_THE_ACCOUNT or answer.status in (401, 403, 404):
        return Misconfigured(said, raw)
    found = error_of(code) if code else None
    return found if isinstance(found, Temporary | Ambiguous) else CallRefused(said, raw)


def _results(body: Mapping[str, Any], messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
    """What became of each: told apart by our key, or where that does not come back by its place in the call."""
    now = datetime.now(UTC)
    about = body.get("message") or (body.get("body") or {}).get("data") or {}
    listed = about.get("sendResults") or about.get("sendResultList") or []
    by_key = {one.get("recipientGroupingKey"): one for one in listed}
    by_place = {(one.get("recipientSeq"), one.get("recipientNo")): one for one in listed}

    def result(place: int, message: OutgoingMessage, key: UUID) -> Result:
        one = by_key.get(str(key)) or by_place.get((place, number_of(message.recipient)))
        if one is None or not about.get("requestId"):
            return Ambiguous("NHN Cloud's answer does not mention the message")
        code = int(one.get("resultCode") or 0)
        if code:
            return error_of(code)
        return Receipt(f"{about['requestId']}:{one['recipientSeq']}", now, {"resultCode": 0})

    return [result(place, message, key) for place, (message, key) in enumerate(messages, start=1)]


def _callback(data: Mapping[str, Any], kakao: bool) -> Callback:
    """What a hook or a list says of a message."""
    code = str(data.get("resultCode") or "")
    status = str(data.get("messageStatus") or data.get("msgStatus") or "")
    what = kakao_callback_kind(code) if kakao else carrier_callback_kind(code, status)
    if kakao and not code and status in ("FAILED", "CANCEL"):
        what = "failed"
    number = f"{data['requestId']}:{data.get('recipientSeq')}"
    # The documentation's own example of an SMS hook misspells the name.
    own = data.get("recipientGroupingKey") or data.get("recipientGropuingKey") or ""
    return Callback(
        number,
        what,
        _instant(data.get("receiveDate") or data.get("resultDate")),
        raw={"resultCode": code, "status": status},
        key=_uuid(own),
        id=str(data.get("hookId") or f"{number}:{code}"),
        detail=f"NHN Cloud {code or status}",
        lasting=lasting(kakao, code),
    )


def _opted_out(hook: Mapping[str, Any]) -> Callback:
    at = _instant(hook.get("createdDateTime"))
    return Callback(
        "", "unsubscribed", at, id=str(hook.get("hookId") or ""), address=international(hook["recipientNo"])
    )


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _instant(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=KST)


def build(config: Config, services: Services) -> Nhn:
    """The project that is configured."""
    return Nhn(config, storage=lambda: open_storage(services.settings))
