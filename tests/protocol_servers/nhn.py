"""NHN Cloud's three message APIs as its user guides have them: keys are checked, idempotency kept, messages stored.

Alimtalk API v2.3, Brand Message API v1.0 (free form), SMS API v3.0, and the webhooks of both products.
"""

import hashlib
import itertools
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.protocol_servers.http import HttpServer, Request, Response

BUBBLES = {
    "TEXT": ("content",),
    "IMAGE": ("content", "image"),
    "WIDE": ("content", "image"),
    "WIDE_ITEM_LIST": ("header", "item"),
    "PREMIUM_VIDEO": ("video",),
    "COMMERCE": ("image", "commerce", "buttons"),
    "CAROUSEL_FEED": ("carousel",),
    "CAROUSEL_COMMERCE": ("carousel",),
}
"""The bubbles of a Brand Message, with the fields that each must have (NHN Cloud, Brand Message API v1.0)."""
PICTURE = "https://mud-kage.kakao.com/dn/1/img.jpg"
"""What the picture store calls every picture."""
KAKAO_KEY, KAKAO_SECRET, SENDER_KEY = "kakaoAppKey1", "kakao-secret", "s" * 40
SMS_KEY, SMS_SECRET, SMS_SENDER = "smsAppKey1", "sms-secret", "15446859"
SIGNATURE = "known to both"
KST = timezone(timedelta(hours=9))
_SENDS = {
    f"/alimtalk/v2.3/appkeys/{KAKAO_KEY}/messages": "alimtalk",
    f"/alimtalk/v2.3/appkeys/{KAKAO_KEY}/raw-messages": "alimtalk",
    f"/brand-message/v1.0/appkeys/{KAKAO_KEY}/freestyle-messages": "kakao_brand",
    **{f"/sms/v3.0/appKeys/{SMS_KEY}/sender/{kind}": "sms" for kind in ("sms", "mms", "ad-sms", "ad-mms")},
}


def _header(code: int = 0) -> dict[str, Any]:
    return {"header": {"isSuccessful": code == 0, "resultCode": code, "resultMessage": "SUCCESS" if not code else "…"}}


class NhnServer(HttpServer):
    """``refused``: API codes by receiver. ``bad_texts``: texts for which a whole call is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.refused: dict[str, int] = {}
        self.bad_texts: set[str] = set()
        self.echo_keys = True
        self._idempotency: dict[str, datetime] = {}
        self._numbers = itertools.count(1)

    @property
    def sending_calls(self) -> int:
        """How often messages were handed over."""
        return sum(request.method == "POST" for request in self.requests)

    async def respond(self, request: Request) -> Response:
        """As the APIs do."""
        secret = SMS_SECRET if request.path.startswith("/sms/") else KAKAO_SECRET
        if request.headers.get("x-secret-key") != secret:
            return Response(_header(-1001))
        if request.path == f"/brand-message/v1.0/appkeys/{KAKAO_KEY}/images":
            return Response(_header() | {"image": {"imageSeq": 1, "imageUrl": PICTURE}})
        if request.path.endswith("/attachfile/binaryUpload"):
            fits = request.json["fileName"].endswith(".jpg") and len(request.json["fileBody"]) <= 400_000
            return Response(_header() | {"body": {"data": {"fileId": 77}}} if fits else _header(-2018))
        if request.method == "POST":
            channel = _SENDS.get(request.path)
            return self._send(channel, request) if channel else Response(_header(-9998), 404)
        return self._find(request)

    def _send(self, channel: str, request: Request) -> Response:
        body, key = request.json, request.headers.get("x-nc-api-idempotency-key", "")
        now = datetime.now(UTC)
        if (
            channel == "alimtalk"
            and key
            and now - self._idempotency.get(key, now - timedelta(days=1)) < timedelta(minutes=10)
        ):
            return Response(_header(-1005))
        wrong = self._wrong(channel, request.path.rpartition("/")[2], body)
        if wrong:
            return Response(_header(wrong))
        if key:
            self._idempotency[key] = now
        number, results = f"20260302{next(self._numbers):012d}", []
        for place, receiver in enumerate(body["recipientList"], start=1):
            code = self.refused.get(receiver["recipientNo"], 0)
            result = {"recipientSeq": place, "recipientNo": receiver["recipientNo"], "resultCode": code}
            if self.echo_keys and channel != "kakao_brand":  # whose answer does not have it
                result["recipientGroupingKey"] = receiver.get("recipientGroupingKey")
            results.append({**result, "resultMessage": "SUCCESS"})
            if not code:
                self.messages.append(self._stored(channel, request, body, receiver, number, place))
        if channel == "sms":
            return Response(
                _header() | {"body": {"data": {"requestId": number, "statusCode": "2", "sendResultList": results}}}
            )
        return Response(_header() | {"message": {"requestId": number, "sendResults": results}})

    def _stored(
        self, channel: str, request: Request, body: dict[str, Any], receiver: dict[str, Any], number: str, place: int
    ) -> dict[str, Any]:
        common = {name: value for name, value in body.items() if name != "recipientList"}
        about = {
            "channel": channel,
            "path": request.path.rpartition("/")[2],
            "requestId": number,
            "recipientSeq": place,
        }
        return {**common, **receiver, **about, "at": datetime.now(UTC), "resultCode": "", "messageStatus": ""}

    def _wrong(self, channel: str, path: str, body: dict[str, Any]) -> int:
        receivers = body.get("recipientList") or []
        if not receivers:
            return -2001
        if len(receivers) > 1000:
            return -2016
        if body.get("requestDate"):
            return -2022
        if channel == "sms":
            return self._wrong_text(path, body)
        if body.get("senderKey") != SENDER_KEY:
            return -1006
        if any(one.get("resendParameter", {}).get("isResend") is not False for one in receivers):
            return -1028
        if channel == "alimtalk":
            full = all("content" in one for one in receivers)
            return 0 if body.get("templateCode") and full == (path == "raw-messages") else -3010
        needed = BUBBLES.get(body.get("chatBubbleType") or "", ("nothing",))
        fits = all(body.get(name) for name in needed)
        fits = fits and all(one.get("targeting") in ("I", "M", "N") for one in receivers)
        return -8001 if body.get("content") in self.bad_texts or not fits else 0

    def _wrong_text(self, path: str, body: dict[str, Any]) -> int:
        if body.get("sendNo") != SMS_SENDER:
            return -2312
        try:
            length = len(body["body"].encode("euc_kr"))
        except UnicodeEncodeError:
            return -2023
        if body["body"] in self.bad_texts or length > (2000 if path.endswith("mms") else 90):
            return -2015
        if path.endswith("mms") != bool(body.get("title")):
            return -2014
        last = body["body"].rstrip().split("\n")[-1].replace(" ", "")
        if path.startswith("ad-") and not (body["body"].startswith("(광고)") and "무료" in last and "080" in last):
            return -6003
        return 0

    def _find(self, request: Request) -> Response:
        parts = request.path.split("/")
        sms = parts[1] == "sms"
        channel = "sms" if sms else {"alimtalk": "alimtalk", "brand-message": "kakao_brand"}[parts[1]]
        mine = [one for one in self.messages if one["channel"] == channel]
        if sms:
            mine = [one for one in mine if one["path"].removeprefix("ad-") == parts[6]]
        tail = parts[7:] if sms else parts[6:]
        if tail:
            place = request.query["recipientSeq"] if sms else tail[1]
            mine = [one for one in mine if (one["requestId"], str(one["recipientSeq"])) == (tail[0], place)]
        else:
            if "startRequestDate" not in request.query:
                return Response(_header(-2011))
            mine = [one for one in mine if _within(one, request.query)]
        shown = [_shown(one, sms) for one in mine]
        if sms:
            return Response(_header() | {"body": {"data": shown[0] if tail and shown else shown if not tail else None}})
        if tail:
            return Response((_header() | {"message": shown[0]}) if shown else _header(-2008))
        return Response(_header() | {"messageSearchResultResponse": {"messages": shown, "totalCount": len(shown)}})

    def settle(self, key: str, code: str, status: str) -> None:
        """What became of the message with our key is known now."""
        for message in self.messages:
            if message["recipientGroupingKey"] == key:
                message |= {"resultCode": code, "messageStatus": status}

    def report(self, number: str, code: str, status: str, signature: str = SIGNATURE) -> tuple[dict[str, str], bytes]:
        """The webhook MESSAGE_RESULT_UPDATE of the product that the message was sent by."""
        [message] = [one for one in self.messages if f"{one['requestId']}:{one['recipientSeq']}" == number]
        names = ("requestId", "recipientSeq", "recipientNo", "recipientGroupingKey")
        # The same news again has the same id.
        hook = {name: message[name] for name in names}
        hook |= {"resultCode": code, "hookId": hashlib.sha1(f"{number}{code}".encode()).hexdigest()}
        hook["receiveDate"] = "2026-03-02T20:58:04"
        if message["channel"] == "sms":
            hook |= {"senderType": "AD_SMS", "messageStatus": status}
            return self.hook("SMS", "MESSAGE_RESULT_UPDATE", [hook], signature)
        kind = "ALIMTALK_NORMAL" if message["channel"] == "alimtalk" else "BRAND_MESSAGE_NORMAL"
        hook |= {"kakaoMessageType": kind}
        return self.hook("KakaoTalk Bizmessage", "MESSAGE_RESULT_UPDATE", [hook], signature)

    @staticmethod
    def hook(
        product: str, event: str, hooks: list[dict[str, Any]], signature: str = SIGNATURE
    ) -> tuple[dict[str, str], bytes]:
        """Any webhook."""
        body = {"hooksId": "1", "webhookConfigId": "2", "productName": product, "appKey": "k", "event": event}
        headers = {"content-type": "application/json;charset=UTF-8", "x-toast-webhook-signature": signature}
        return headers, json.dumps({**body, "hooks": hooks}, ensure_ascii=False).encode()


def _within(message: dict[str, Any], query: Any) -> bool:
    start, end = (
        datetime.fromisoformat(query[name]).replace(tzinfo=KST) for name in ("startRequestDate", "endRequestDate")
    )
    wanted = query.get("recipientGroupingKey", message["recipientGroupingKey"])
    return bool(start <= message["at"] <= end and wanted == message["recipientGroupingKey"])


def _shown(message: dict[str, Any], sms: bool) -> dict[str, Any]:
    names = ("requestId", "recipientSeq", "recipientNo", "recipientGroupingKey", "resultCode")
    shown = {name: message[name] for name in names}
    at = message["at"].astimezone(KST).strftime("%Y-%m-%d %H:%M:%S.0")
    if sms:
        digits = {"": "1", "COMPLETED": "3", "FAILED": "0"}
        return shown | {
            "msgStatus": digits[message["messageStatus"]],
            "resultDate": at if message["resultCode"] else None,
        }
    return shown | {"messageStatus": message["messageStatus"] or "SENDING", "receiveDate": at}
