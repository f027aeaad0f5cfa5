"""NHN Cloud's provider beside a server that speaks its protocols, as its tests have them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx2
import pytest
from pydantic import SecretStr

from activities.channels.contract import (
    Ambiguous,
    CallbackKind,
    DefinitionError,
    DeliveryError,
    Misconfigured,
    OptedOut,
    Receipt,
    Rejected,
    Temporary,
    Unreachable,
)
from activities.channels.providers.nhn.provider import Config, Nhn
from tests.activities.channels.providers.provider_suite import BODY
from tests.protocol_servers.http import Response
from tests.protocol_servers.nhn import (
    KAKAO_KEY,
    KAKAO_SECRET,
    SENDER_KEY,
    SIGNATURE,
    SMS_KEY,
    SMS_SECRET,
    SMS_SENDER,
    NhnServer,
)

NUMBER = "01012345678"
URL = "https://shop.example/b"


class NhnHarness:
    """The provider and a server of its own."""

    failures: dict[str, tuple[str, type[DeliveryError]]] = {  # noqa: RUF012
        "time-out after accept": ("", Ambiguous),
        "silent": ("", Ambiguous),
        "reset": ("", Ambiguous),
        "reset after accept": ("", Ambiguous),
        "500": ("", Ambiguous),
        "503": ("", Temporary),
        "too many requests": ("", Temporary),
        "nobody listens": ("", Temporary),
        "wrong secret": ("", Misconfigured),
        "wrong key": ("", Misconfigured),
        "another sender": ("", Misconfigured),
        "system error": ("", Ambiguous),
        "queue full": ("", Temporary),
        "opted out": ("", OptedOut),
        "banned word": ("", Rejected),
        "no such number": ("", Unreachable),
        "template not approved": ("", DefinitionError),
        "not a number": ("+8210", Unreachable),
        "an answer that says nothing": ("", Ambiguous),
    }
    refused: dict[str, type[DeliveryError]] = {  # noqa: RUF012
        "+821099990001": Unreachable,
        "+821099990002": OptedOut,
        "+821099990003": Rejected,
        "+821099990004": DefinitionError,
        "+821099990005": Temporary,
    }
    heard_but_silent = "time-out after accept"
    _codes: dict[str, int] = dict(zip(refused, (-2019, -3301, -8008, -3049, -2021), strict=True))  # noqa: RUF012
    # Of Kakao and of carriers.
    _settled: dict[CallbackKind, tuple[str, str, str]] = {  # noqa: RUF012
        "delivered": ("1000", "1000", "COMPLETED"),
        "unreachable": ("3018", "3001", "FAILED"),
        "failed": ("3016", "3012", "FAILED"),
    }

    def __init__(self, server: NhnServer) -> None:
        self.server = server
        self._all: list[Nhn] = []
        self.provider = self.to_server()
        self.fail("")

    def to_server(self, **options: Any) -> Nhn:
        values = {
            "kakao_app_key": KAKAO_KEY,
            "kakao_secret_key": SecretStr(KAKAO_SECRET),
            "sender_key": SENDER_KEY,
            "sms_app_key": SMS_KEY,
            "sms_secret_key": SecretStr(SMS_SECRET),
            "sms_sender": SMS_SENDER,
            "webhook_signature": SecretStr(SIGNATURE),
            "kakao_address": self.server.url,
            "sms_address": self.server.url,
            **options,
        }
        self._all.append(Nhn(Config.model_validate(values), httpx2.Timeout(0.5)))
        return self._all[-1]

    @property
    def calls(self) -> int:
        return self.server.sending_calls

    async def arrived(self) -> list[dict[str, Any]]:
        return [self._read(message) for message in self.server.messages]

    @staticmethod
    def _read(message: dict[str, Any]) -> dict[str, Any]:
        return {
            "key": message["recipientGroupingKey"],
            "recipient": "+82" + message["recipientNo"].removeprefix("0"),
            "subject": message.get("title", ""),
            # An Alimtalk's words are in the approved template, which the receiver sees filled.
            "body": message.get("body") or message.get("content") or BODY,
            "html": "",
        }

    def fail(self, name: str) -> None:
        server = self.server
        server.fault, server.answer = "", None
        server.refused = {"0" + number[3:]: code for number, code in self._codes.items()}
        codes = {"opted out": -3301, "banned word": -8008, "no such number": -2019, "template not approved": -3005}
        server.refused |= {NUMBER: codes[name]} if name in codes else {}
        answers = {
            "500": Response({}, 500),
            "503": Response({}, 503),
            "too many requests": Response({}, 429, {"retry-after": "7"}),
            "system error": Response({"header": {"isSuccessful": False, "resultCode": -9999}}),
            "queue full": Response({"header": {"isSuccessful": False, "resultCode": -2021, "resultMessage": NUMBER}}),
            "an answer that says nothing": Response([]),
        }
        server.answer = answers.get(name)
        match name:
            case "time-out after accept":
                server.fault = "silent after accept"
            case "silent" | "reset" | "reset after accept":
                server.fault = name
        options: dict[str, dict[str, Any]] = {
            "wrong secret": {"kakao_secret_key": SecretStr("wrong")},
            "wrong key": {"kakao_app_key": "wrong"},
            "another sender": {"sender_key": "wrong"},
            "nobody listens": {"kakao_address": "http://127.0.0.1:1"},
        }
        self.provider = self.to_server(**options.get(name, {}))

    def _known(self, key: UUID, what: CallbackKind) -> tuple[str, str]:
        kakao, carrier, status = self._settled[what]
        [channel] = {one["channel"] for one in self.server.messages if one["recipientGroupingKey"] == str(key)}
        return (carrier if channel == "sms" else kakao), status

    def report(self, receipt: Receipt, key: UUID, what: CallbackKind) -> tuple[dict[str, str], bytes]:
        return self.server.report(receipt.provider_message_id, *self._known(key, what))

    def forged(self, receipt: Receipt, key: UUID) -> tuple[dict[str, str], bytes]:
        return self.server.report(receipt.provider_message_id, "1000", "COMPLETED", "a guess")

    def settle(self, key: UUID, what: CallbackKind) -> None:
        self.server.settle(str(key), *self._known(key, what))

    async def close(self) -> None:
        for provider in self._all:
            await provider.close()


@pytest.fixture
async def harness() -> AsyncIterator[NhnHarness]:
    server = NhnServer()
    await server.start()
    harness = NhnHarness(server)
    yield harness
    await harness.close()
    await server.stop()
