"""Firebase Cloud Messaging, HTTP v1, and Google's token endpoint (RFC 7523), as strict as they are.

The shape of errors is taken from https://firebase.google.com/docs/cloud-messaging/error-codes.
"""

import base64
import json
import time
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.protocol_servers.http import HttpServer, Request, Response

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
AUDIENCE = "https://oauth2.googleapis.com/token"
"""Google's, wherever a key file says that its tokens are to be had."""
EMAIL = "sender@shop-1.iam.gserviceaccount.com"
KEY = rsa.generate_private_key(65537, 2048)


def error(code: int, status: str, fcm: str = "", fields: tuple[str, ...] = (), retry: str = "") -> Response:
    """An error as Google writes it."""
    details: list[dict[str, Any]] = []
    if fcm:
        details.append({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": fcm})
    if fields:
        violations = [{"field": field, "description": f"Invalid value at '{field}'"} for field in fields]
        details.append({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations})
    body = {"error": {"code": code, "message": "…", "status": status, "details": details}}
    return Response(body, code, {"retry-after": retry} if retry else {})


def _part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Fcm(HttpServer):
    """The project ``shop-1``; it knows every token that begins with ``token-``."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []
        self.tokens: dict[str, float] = {}
        self.token_answer: Response | None = None
        self.gone: set[str] = set()

    def account(self, **changes: Any) -> str:
        """The key file of a service account."""
        pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        info = {
            "type": "service_account",
            "project_id": "shop-1",
            "private_key_id": "key-1",
            "private_key": pem,
            "client_email": EMAIL,
            "token_uri": f"{self.url}/token",
        }
        return json.dumps({**info, **changes})

    async def respond(self, request: Request) -> Response:
        if request.path == "/token":
            return self.token_answer or self._token(request)
        if request.method != "POST" or request.path != "/v1/projects/shop-1/messages:send":
            return error(404, "NOT_FOUND")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or self.tokens.get(token, 0) < time.time():
            return error(401, "UNAUTHENTICATED")
        message = request.json.get("message")
        wrong = _wrong(message)
        if wrong:
            return error(400, "INVALID_ARGUMENT", fields=wrong)
        if message["token"] in self.gone:
            return error(404, "NOT_FOUND", "UNREGISTERED")
        if message["token"].startswith("other-"):
            return error(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH")
        if not message["token"].startswith("token-"):
            return error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")
        self.sent.append(message)
        return Response({"name": f"projects/shop-1/messages/0:{len(self.sent)}"})

    def _token(self, request: Request) -> Response:
        """RFC 7523, 2.1 and 3: the assertion is signed by the account, for us, for an hour at most."""
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        refused = Response({"error": "invalid_grant"}, 400)
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return refused
        head, claims, signature = form["assertion"].split(".")
        try:
            KEY.public_key().verify(_part(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return refused
        said, now = json.loads(_part(claims)), time.time()
        sound = said["aud"] == AUDIENCE and said["iss"] == EMAIL and said["scope"] == SCOPE
        if not sound or json.loads(_part(head))["alg"] != "RS256" or not now < said["exp"] <= now + 3_700:
            return refused
        token = f"ya29.{len(self.tokens) + 1}"
        self.tokens[token] = now + 3_600
        return Response({"access_token": token, "expires_in": 3_599, "token_type": "Bearer"})


def _wrong(message: Any) -> tuple[str, ...]:
    """Fields that are none, or of a wrong type."""
    if not isinstance(message, dict) or not isinstance(message.get("token"), str):
        return ("message.token",)
    if set(message) - {"token", "notification", "data", "android", "apns"}:
        return ("message",)
    data = message.get("data", {})
    if any(not isinstance(value, str) or name in {"from", "message_type"} for name, value in data.items()):
        return ("message.data",)
    said = {**message.get("notification", {}), **data}
    if sum(len(name.encode()) + len(value.encode()) for name, value in said.items()) > 4_096:
        return ("message",)
    ttl = message.get("android", {}).get("ttl", "0s")
    return () if ttl.endswith("s") and ttl[:-1].isdigit() and int(ttl[:-1]) <= 2_419_200 else ("message.android.ttl",)
