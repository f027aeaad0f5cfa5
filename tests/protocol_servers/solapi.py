"""Solapi's message API as its documentation and official clients have it: signatures are checked, messages kept.

https://developers.solapi.com: authentication by API key (HMAC-SHA256 over date and salt, fifteen minutes of tolerance,
no signature twice), POST messages/v4/send-many/detail, GET messages/v4/list, webhooks with the SHA-1 of a secret.
"""

import hashlib
import hmac
import itertools
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.protocol_servers.http import HttpServer, Request, Response

API_KEY, API_SECRET = "NCSAYU7YDBXYORXC", "ETRT6N2HSYYOOKZUYG5HOUMDXWUB4VQO"
WEBHOOK_SECRET = "known to both"
BUBBLES = {
    "TEXT": (),
    "IMAGE": ("imageId",),
    "WIDE": ("imageId",),
    "WIDE_ITEM_LIST": ("header", "mainWideItem", "subWideItemList"),
    "PREMIUM_VIDEO": ("video",),
    "COMMERCE": ("imageId", "commerce", "buttons"),
    "CAROUSEL_FEED": ("carousel",),
    "CAROUSEL_COMMERCE": ("carousel",),
}
"""The bubbles of a Brand Message, with the fields that each must have (the official clients' models)."""
PF_ID, SENDER = "KA01PF190227072057634pRBhbpAw1w1", "029302266"
SKEW = timedelta(minutes=15)
_HEADER = re.compile(
    r"HMAC-SHA256 apiKey=(?P<key>\w+), date=(?P<date>[\w:.+-]+), salt=(?P<salt>\w{12,64}), signature=(?P<sign>\w{64})",
    re.IGNORECASE,
)


class Refusal(Exception):
    """An error as Solapi answers it."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.response = Response({"errorCode": code, "errorMessage": message or code}, status)


class SolapiServer(HttpServer):
    """``refused``: status codes by receiver; ``clock``: how far this server's clock is from ours."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[str, dict[str, Any]] = {}
        self.refused: dict[str, str] = {}
        self.bad_texts: set[str] = set()
        """Texts for which a whole call is refused, without saying which message it was."""
        self.clock = timedelta(0)
        self.page = 100
        self._signatures: set[str] = set()
        self._numbers = itertools.count(1)

    @property
    def sending_calls(self) -> int:
        """How often messages were handed over."""
        return sum(request.method == "POST" for request in self.requests)

    async def respond(self, request: Request) -> Response:
        """As the API does."""
        try:
            self._authenticate(request)
            match request.method, request.path:
                case "POST", "/messages/v4/send-many/detail":
                    return self._send(request.json)
                case "POST", "/storage/v1/files":
                    return Response({"fileId": f"ST01{request.json['type']}", "type": request.json["type"]})
                case "GET", "/messages/v4/list":
                    return self._list(request.query)
        except Refusal as refusal:
            return refusal.response
        return Response({"errorCode": "NotFound", "errorMessage": "NotFound"}, 404)

    def _authenticate(self, request: Request) -> None:
        parts = _HEADER.fullmatch(request.headers.get("authorization", ""))
        if parts is None:
            raise Refusal(401, "Unauthorized")
        if parts["key"] != API_KEY:
            raise Refusal(403, "InvalidAPIKey")
        now = datetime.now(UTC) + self.clock
        if abs(now - datetime.fromisoformat(parts["date"].replace("Z", "+00:00"))) > SKEW:
            raise Refusal(403, "RequestTimeTooSkewed")
        expected = hmac.new(API_SECRET.encode(), (parts["date"] + parts["salt"]).encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, parts["sign"]):
            raise Refusal(403, "SignatureDoesNotMatch")
        if parts["sign"] in self._signatures:
            raise Refusal(403, "DuplicatedSignature")
        self._signatures.add(parts["sign"])

    def _send(self, body: dict[str, Any]) -> Response:
        messages = body["messages"]
        if not 0 < len(messages) <= 10_000:
            raise Refusal(400, "ValidationError", "messages")
        if body.get("scheduledDate"):
            raise Refusal(400, "ValidationError", "the test forbids to schedule")
        for message in messages:
            if message.get("text") in self.bad_texts or not isinstance(message.get("customFields", {}), dict):
                raise Refusal(400, "ValidationError", f"{message['to']} ...")
        group = f"G4V{next(self._numbers):029d}"
        failed, taken, seen = [], [], set[str]()
        for message in messages:
            code = self._judge(message, seen, bool(body.get("allowDuplicates")))
            seen.add(message["to"])
            number = f"M4V{next(self._numbers):029d}"
            told = {
                "messageId": number,
                "statusCode": code,
                "statusMessage": "…",
                "customFields": message.get("customFields"),
            }
            if code != "2000":
                about = {"to": message["to"], "from": message.get("from"), "type": message["type"]}
                failed.append({**told, **about, "country": message["country"], "accountId": "1"})
                continue
            taken.append(told)
            created = {"dateCreated": datetime.now(UTC).isoformat(), "groupId": group, "log": []}
            self.messages[number] = {**message, **told, **created, "status": "PENDING"}
        answer = {"failedMessageList": failed, "groupInfo": _group(group, len(messages), len(failed))}
        return Response(answer | ({"messageList": taken} if body.get("showMessageList") else {}))

    def _judge(self, message: dict[str, Any], seen: set[str], duplicates: bool) -> str:
        if message["to"] in seen and not duplicates:
            return "1026"
        if message["to"] in self.refused:
            return self.refused[message["to"]]
        kakao = message.get("kakaoOptions") or {}
        if message["type"] in ("SMS", "LMS", "MMS"):
            if message.get("from") != SENDER:
                return "1062"
            try:
                length = len(message["text"].encode("euc_kr"))
            except UnicodeEncodeError:
                return "1029"
            if message["type"] == "SMS" and message.get("subject"):
                return "1013"
            return "1031" if length > (90 if message["type"] == "SMS" else 2000) else "2000"
        if kakao.get("pfId") != PF_ID:
            return "1041"
        if kakao.get("disableSms") is not True:
            return "1033"
        if message["type"] == "ATA":
            named = all(name.startswith("#{") and name.endswith("}") for name in kakao.get("variables", {}))
            return "2000" if kakao.get("templateId") and named else "1042"
        bms = kakao.get("bms", {})
        fits = bms.get("targeting") in ("I", "M", "N") and all(
            bms.get(name) for name in BUBBLES.get(bms.get("chatBubbleType") or "", ("nothing",))
        )
        return "2000" if message["type"] == "BMS_FREE" and fits else "1025"

    def _list(self, query: dict[str, str] | Any) -> Response:
        found = [message for _, message in sorted(self.messages.items()) if _matches(message, query)]
        start = next((n for n, one in enumerate(found) if one["messageId"] == query.get("startKey")), 0)
        limit = min(int(query.get("limit", "20")), self.page)
        page, rest = found[start : start + limit], found[start + limit :]
        following = rest[0]["messageId"] if rest else None
        listed = {one["messageId"]: one for one in page}
        return Response(
            {"limit": limit, "startKey": query.get("startKey"), "nextKey": following, "messageList": listed}
        )

    def settle(self, key: str, code: str) -> None:
        """What became of the message with our key is known now."""
        for message in self.messages.values():
            if message["customFields"]["sojourn"] == key:
                message |= {"statusCode": code, "status": "COMPLETE", "dateReceived": datetime.now(UTC).isoformat()}

    def report(self, number: str, code: str, secret: str = WEBHOOK_SECRET) -> tuple[dict[str, str], bytes]:
        """The webhook SINGLE-REPORT about a message."""
        known = self.messages[number]
        data = {name: known.get(name) for name in ("messageId", "groupId", "type", "to", "from", "customFields")}
        data |= {"statusCode": code, "dateReceived": datetime.now(UTC).isoformat(), "networkCode": "29008"}
        headers = {
            "content-type": "application/json",
            "x-solapi-event-name": "SINGLE-REPORT",
            "x-solapi-secret": hashlib.sha1(secret.encode()).hexdigest(),
        }
        event = {"eventDataId": f"E-{number}-{code}", "data": data, "retryCount": 0}
        return headers, json.dumps([event], ensure_ascii=False).encode()


def _matches(message: dict[str, Any], query: Any) -> bool:
    created = datetime.fromisoformat(message["dateCreated"])
    return all(
        (
            query.get("messageId", message["messageId"]) == message["messageId"],
            query.get("to", message["to"]) == message["to"],
            "startDate" not in query or datetime.fromisoformat(query["startDate"]) <= created,
            "endDate" not in query or created <= datetime.fromisoformat(query["endDate"]),
        )
    )


def _group(group: str, total: int, failed: int) -> dict[str, Any]:
    count = {"sentTotal": 0, "sentFailed": 0, "sentSuccess": 0, "sentPending": 0, "sentReplacement": 0, "refund": 0}
    cash = {"requested": 0, "replacement": 0, "refund": 0, "sum": 0}
    return {
        "count": count | {"total": total, "registeredFailed": failed, "registeredSuccess": total - failed},
        "countForCharge": {},
        "balance": cash,
        "point": cash,
        "app": {"profit": {}, "appId": None},
        "log": [],
        "status": "SENDING",
        "allowDuplicates": False,
        "isRefunded": False,
        "accountId": "12925149",
        "masterAccountId": None,
        "apiVersion": "4",
        "groupId": group,
        "price": {},
        "dateCreated": datetime.now(UTC).isoformat(),
        "dateUpdated": datetime.now(UTC).isoformat(),
    }
