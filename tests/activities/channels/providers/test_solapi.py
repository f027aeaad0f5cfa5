"""Solapi's provider against a server that speaks its protocol, with the official client as the reference."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from pydantic import SecretStr, ValidationError

from activities.channels.batching import Batching
from activities.channels.contract import (
    Ambiguous,
    Button,
    CallbackKind,
    Coupon,
    DefinitionError,
    DeliveryError,
    Misconfigured,
    OptedOut,
    Receipt,
    Rejected,
    SubmittedMessage,
    Temporary,
    Unreachable,
)
from activities.channels.providers.solapi.codes import callback_kind, error_of
from activities.channels.providers.solapi.provider import Config, Solapi
from tests.activities.channels.providers.provider_suite import BODY, ProviderSuite, message_for
from tests.protocol_servers.http import Response
from tests.protocol_servers.solapi import API_KEY, API_SECRET, PF_ID, SENDER, WEBHOOK_SECRET, SolapiServer

NUMBER = "01012345678"
BUTTON, COUPON = "https://shop.example/b", "https://shop.example/c"


class SolapiHarness:
    """The provider and a server of its own."""

    failures: dict[str, tuple[str, type[DeliveryError]]] = {  # noqa: RUF012
        "time-out after accept": ("", Ambiguous),
        "silent": ("", Ambiguous),
        "reset": ("", Ambiguous),
        "reset after accept": ("", Ambiguous),
        "500": ("", Ambiguous),
        "502": ("", Ambiguous),
        "503": ("", Temporary),
        "too many requests": ("", Temporary),
        "nobody listens": ("", Temporary),
        "wrong secret": ("", Misconfigured),
        "wrong key": ("", Misconfigured),
        "skewed clock": ("", Misconfigured),
        "no money": ("", Temporary),
        "not a user": ("", Unreachable),
        "opted out": ("", OptedOut),
        "spam": ("", Rejected),
        "sender not registered": ("", DefinitionError),
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
    _codes: dict[str, str] = dict(zip(refused, ("3104", "1061", "2254", "1043", "1024"), strict=True))  # noqa: RUF012
    _settled: dict[CallbackKind, str] = {"delivered": "4000", "unreachable": "3107", "failed": "3040"}  # noqa: RUF012

    def __init__(self, server: SolapiServer) -> None:
        self.server = server
        self._all: list[Solapi] = []
        self.provider = self.to_server()
        self.fail("")

    def to_server(self, **options: Any) -> Solapi:
        values = {
            "api_key": API_KEY,
            "api_secret": SecretStr(API_SECRET),
            "sender": SENDER,
            "pf_id": PF_ID,
            "webhook_secret": SecretStr(WEBHOOK_SECRET),
            "address": self.server.url,
            **options,
        }
        self._all.append(Solapi(Config.model_validate(values), httpx2.Timeout(0.5)))
        return self._all[-1]

    @property
    def calls(self) -> int:
        return self.server.sending_calls

    async def arrived(self) -> list[dict[str, Any]]:
        return [self._read(message) for _, message in sorted(self.server.messages.items())]

    @staticmethod
    def _read(message: dict[str, Any]) -> dict[str, Any]:
        # An Alimtalk's words are in the approved template, which the receiver sees filled.
        return {
            "key": message["customFields"]["sojourn"],
            "recipient": "+82" + message["to"].removeprefix("0"),
            "subject": message.get("subject", ""),
            "body": message.get("text", BODY),
            "html": "",
        }

    def fail(self, name: str) -> None:
        server = self.server
        server.fault, server.answer, server.clock = "", None, timedelta(0)
        server.refused = {"0" + number[3:]: code for number, code in self._codes.items()}
        answers = {
            "500": Response({}, 500),
            "502": Response("bad gateway", 502),
            "503": Response({}, 503),
            "too many requests": Response({"errorCode": "TooManyRequests"}, 429, {"retry-after": "7"}),
            "no money": Response({"errorCode": "NotEnoughBalance", "errorMessage": NUMBER}, 402),
            "an answer that says nothing": Response([]),
        }
        server.answer = answers.get(name)
        codes = {"not a user": "3104", "opted out": "1061", "spam": "2254", "sender not registered": "1062"}
        server.refused |= {NUMBER: codes[name]} if name in codes else {}
        match name:
            case "time-out after accept":
                server.fault = "silent after accept"
            case "silent" | "reset" | "reset after accept":
                server.fault = name
            case "skewed clock":
                server.clock = timedelta(minutes=16)
        options: dict[str, dict[str, Any]] = {
            "wrong secret": {"api_secret": SecretStr("wrong")},
            "wrong key": {"api_key": "wrong"},
            "nobody listens": {"address": "http://127.0.0.1:1"},
        }
        self.provider = self.to_server(**options.get(name, {}))

    def report(self, receipt: Receipt, key: UUID, what: CallbackKind) -> tuple[dict[str, str], bytes]:
        return self.server.report(receipt.provider_message_id, self._settled[what])

    def forged(self, receipt: Receipt, key: UUID) -> tuple[dict[str, str], bytes]:
        return self.server.report(receipt.provider_message_id, "4000", "a guess")

    def settle(self, key: UUID, what: CallbackKind) -> None:
        self.server.settle(str(key), self._settled[what])

    async def close(self) -> None:
        for provider in self._all:
            await provider.close()


@pytest.fixture
async def harness() -> AsyncIterator[SolapiHarness]:
    server = SolapiServer()
    await server.start()
    harness = SolapiHarness(server)
    yield harness
    await harness.close()
    await server.stop()


class TestSolapi(ProviderSuite):
    """The shared suite."""


async def test_nothing_is_scheduled_and_solapi_does_not_fall_back(harness: SolapiHarness) -> None:
    for channel in ("sms", "alimtalk", "kakao_brand"):
        await harness.provider.send(message_for(harness.provider, channel=channel), uuid4())
    for request in harness.server.requests:
        assert "scheduledDate" not in request.json
        for message in request.json["messages"]:
            assert message.get("kakaoOptions", {"disableSms": True})["disableSms"] is True


async def test_it_waits_as_long_as_it_is_told(harness: SolapiHarness) -> None:
    harness.fail("too many requests")
    with pytest.raises(Temporary) as caught:
        await harness.provider.send(message_for(harness.provider), uuid4())
    assert caught.value.after == timedelta(seconds=7)


async def test_two_messages_to_one_number_are_both_sent(harness: SolapiHarness) -> None:
    messages = [(message_for(harness.provider, channel="sms"), uuid4()) for _ in range(3)]
    results = await harness.provider.send_many(messages)
    assert all(isinstance(result, Receipt) for result in results)
    assert len(harness.server.messages) == 3


async def test_one_bad_message_is_not_the_fault_of_others(harness: SolapiHarness) -> None:
    harness.server.bad_texts = {"bad"}
    batching = Batching(harness.provider, gather=0.02)
    sends = []
    for n in range(16):
        text = {"body": "bad", "subject": ""} if n == 11 else {}
        message = message_for(harness.provider, channel="sms", recipient=f"+8210123400{n:02}", **text)
        sends.append(batching.send(message, uuid4()))
    results = await asyncio.gather(*sends, return_exceptions=True)
    assert [n for n, result in enumerate(results) if isinstance(result, DefinitionError)] == [11]
    assert sum(isinstance(result, Receipt) for result in results) == 15
    assert len(harness.server.messages) == 15


async def test_a_wrong_key_is_not_tried_message_by_message(harness: SolapiHarness) -> None:
    harness.fail("wrong key")
    results = await harness.provider.send_many(
        [(message_for(harness.provider, recipient=f"+8210123400{n:02}"), uuid4()) for n in range(16)]
    )
    assert {type(result) for result in results} == {Misconfigured}
    assert harness.calls == 1


async def test_all_that_failed_in_a_call_that_succeeded_is_told(harness: SolapiHarness) -> None:
    harness.server.refused = {NUMBER: "3104"}
    [result] = await harness.provider.send_many([(message_for(harness.provider), uuid4())])
    assert isinstance(result, Unreachable)
    assert result.raw == {"statusCode": "3104"}


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        ({"channel": "sms", "body": "봄 🌸"}, Rejected),
        ({"channel": "sms", "body": "가" * 1001}, Rejected),
        ({"channel": "sms", "subject": "가" * 21}, Rejected),
        ({"channel": "sms", "recipient": "+14155550123", "body": "x" * 91, "subject": ""}, Rejected),
        ({"channel": "sms", "buttons": (Button("가", url=BUTTON),)}, DefinitionError),
        ({"channel": "sms", "template_code": "T1"}, DefinitionError),
        ({"channel": "alimtalk", "template_code": ""}, Misconfigured),
        ({"channel": "alimtalk", "message_class": "advertising"}, Misconfigured),
        ({"channel": "alimtalk", "template_variables": {"a.b": "c"}}, DefinitionError),
        ({"channel": "alimtalk", "body": "가" * 1301}, Rejected),
        ({"channel": "kakao_brand", "body": "가" * 1301}, Rejected),
        ({"channel": "kakao_brand", "body": "가\n" * 101}, Rejected),
        ({"channel": "kakao_brand", "image": BUTTON}, DefinitionError),
        ({"channel": "kakao_brand", "link": BUTTON}, DefinitionError),
        ({"channel": "kakao_brand", "buttons": (Button("가" * 15, url=BUTTON),)}, DefinitionError),
        ({"channel": "kakao_brand", "buttons": (Button("가", url=BUTTON),) * 6}, DefinitionError),
        ({"channel": "kakao_brand", "buttons": (Button("가"),)}, DefinitionError),
        ({"channel": "kakao_brand", "bubble": "WIDE"}, DefinitionError),
        ({"channel": "kakao_brand", "bubble": "WIDE", "image": "I", "link": BUTTON, "body": "봄"}, DefinitionError),
        ({"channel": "kakao_brand", "bubble": "WIDE", "image": "I", "body": "가" * 77}, Rejected),
        (
            {
                "channel": "kakao_brand",
                "bubble": "WIDE",
                "image": "I",
                "body": "봄",
                "buttons": (Button("가" * 9, url=BUTTON),),
            },
            DefinitionError,
        ),
        ({"channel": "kakao_brand", "buttons": (Button("가", "DS"),)}, DefinitionError),
        ({"channel": "kakao_brand", "coupon": Coupon("반값 쿠폰", "봄", COUPON)}, DefinitionError),
        ({"channel": "kakao_brand", "coupon": Coupon("0원 할인 쿠폰", "봄", COUPON)}, DefinitionError),
        ({"channel": "kakao_brand", "coupon": Coupon("10% 할인 쿠폰", "가" * 13, COUPON)}, DefinitionError),
        (
            {
                "channel": "kakao_brand",
                "coupon": Coupon("10% 할인 쿠폰", "봄", COUPON),
                "buttons": (Button("가", url=BUTTON),) * 5,
            },
            DefinitionError,
        ),
    ],
)
async def test_what_kakao_or_a_network_would_refuse_is_not_sent(
    harness: SolapiHarness, changes: dict[str, Any], meaning: type[DeliveryError]
) -> None:
    with pytest.raises(DeliveryError) as caught:
        await harness.provider.send(message_for(harness.provider, **changes), uuid4())
    assert type(caught.value) is meaning
    assert harness.calls == 0


async def test_an_account_carries_what_it_is_set_up_for(harness: SolapiHarness) -> None:
    assert harness.to_server(pf_id="").capabilities.channels == {"sms"}
    assert harness.to_server(sender="").capabilities.channels == {"alimtalk", "kakao_brand"}
    with pytest.raises(ValidationError):
        harness.to_server(sender="", pf_id="")


async def test_it_finds_a_message_among_many_to_one_number(harness: SolapiHarness) -> None:
    harness.server.page = 2
    keys = [uuid4() for _ in range(5)]
    for key in keys:
        await harness.provider.send(message_for(harness.provider, channel="sms"), key)
    handed = SubmittedMessage("sms", keys[-1], "+821012345678", datetime.now(UTC))
    told = await harness.provider.ask(handed)
    assert told is not None
    assert told.key == keys[-1]


async def test_a_report_that_someone_opted_out_says_both(harness: SolapiHarness) -> None:
    receipt = await harness.provider.send(message_for(harness.provider, channel="sms"), uuid4())
    told = harness.provider.parse_callback(*harness.server.report(receipt.provider_message_id, "2061"))
    assert [one.what for one in told] == ["unreachable", "unsubscribed"]
    assert told[0].id != told[1].id


async def test_reports_without_the_envelope_are_read_too(harness: SolapiHarness) -> None:
    headers = {"x-solapi-secret": hashlib.sha1(WEBHOOK_SECRET.encode()).hexdigest()}
    body = b'[{"messageId": "M1", "statusCode": "4000"}, {"groupId": "G1"}, 7, {"messageId": "M2", "customFields": 7}]'
    [told] = harness.provider.parse_callback(headers, body)
    assert (told.provider_message_id, told.what, told.key, told.id) == ("M1", "delivered", None, "M1:4000")


async def test_without_a_secret_nobody_is_believed(harness: SolapiHarness) -> None:
    provider = harness.to_server(webhook_secret=SecretStr(""))
    headers = {"x-solapi-secret": hashlib.sha1(b"").hexdigest()}
    with pytest.raises(ValueError, match="X-Solapi-Secret"):
        provider.parse_callback(headers, b"[]")


def test_no_code_is_taken_for_sent_that_is_not() -> None:
    for number in range(1000, 4100):
        code = str(number)
        assert (callback_kind(code) == "delivered") == (code == "4000")
        assert isinstance(error_of(code), Ambiguous) == (code in ("2000", "3000", "4000"))
