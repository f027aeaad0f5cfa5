"""NHN Cloud's provider against a server that speaks its protocols."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr, ValidationError

from activities.channels.batching import Batching
from activities.channels.contract import (
    Ambiguous,
    Button,
    Coupon,
    DefinitionError,
    DeliveryError,
    Receipt,
    Rejected,
    SubmittedMessage,
)
from activities.channels.providers.nhn.codes import carrier_callback_kind, kakao_callback_kind
from tests.activities.channels.providers.nhn_harness import NUMBER, URL, NhnHarness
from tests.activities.channels.providers.nhn_harness import harness as harness
from tests.activities.channels.providers.provider_suite import ProviderSuite, message_for
from tests.protocol_servers.nhn import (
    SENDER_KEY,
)


class TestNhn(ProviderSuite):
    """The shared suite."""


async def test_an_alimtalk_is_not_sent_twice_for_one_key(harness: NhnHarness) -> None:
    message, key = message_for(harness.provider, channel="alimtalk"), uuid4()
    first = await harness.provider.send(message, key)
    again = await harness.provider.send(message, key)
    assert again.provider_message_id == first.provider_message_id
    assert len(harness.server.messages) == 1
    assert harness.server.requests[0].headers["x-nc-api-idempotency-key"] == str(key)


async def test_accepted_before_and_not_to_be_found_is_not_known(harness: NhnHarness) -> None:
    message, key = message_for(harness.provider, channel="alimtalk"), uuid4()
    await harness.provider.send(message, key)
    harness.server.messages.clear()
    with pytest.raises(Ambiguous):
        await harness.provider.send(message, key)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"channel": "alimtalk"}, "/alimtalk/v2.3/appkeys/kakaoAppKey1/messages"),
        (
            {"channel": "alimtalk", "buttons": (Button("보기", url=URL),)},
            "/alimtalk/v2.3/appkeys/kakaoAppKey1/raw-messages",
        ),
        ({"channel": "kakao_brand"}, "/brand-message/v1.0/appkeys/kakaoAppKey1/freestyle-messages"),
        ({"channel": "sms", "subject": ""}, "/sms/v3.0/appKeys/smsAppKey1/sender/ad-sms"),
        ({"channel": "sms"}, "/sms/v3.0/appKeys/smsAppKey1/sender/ad-mms"),
        (
            {"channel": "sms", "subject": "", "message_class": "informational", "body": "주문이 접수되었습니다."},
            "/sms/v3.0/appKeys/smsAppKey1/sender/sms",
        ),
        (
            {"channel": "sms", "subject": "", "message_class": "informational", "body": "주문이 접수되었습니다. " * 10},
            "/sms/v3.0/appKeys/smsAppKey1/sender/mms",
        ),
    ],
)
async def test_each_kind_of_message_has_its_address(harness: NhnHarness, changes: dict[str, Any], path: str) -> None:
    await harness.provider.send(message_for(harness.provider, **changes), uuid4())
    assert harness.server.requests[0].path == path


async def test_an_alimtalk_approved_with_a_list_goes_by_its_code_alone(harness: NhnHarness) -> None:
    message = message_for(
        harness.provider,
        channel="alimtalk",
        parts={"items": [{"title": "주문", "text": "1"}]},
        buttons=(Button("배송 조회", "DS"),),
    )
    await harness.provider.send(message, uuid4())
    assert harness.server.requests[0].path.endswith("/messages")
    assert "buttons" not in harness.server.requests[0].json["recipientList"][0]


async def test_a_brand_message_with_everything(harness: NhnHarness) -> None:
    message = message_for(
        harness.provider,
        channel="kakao_brand",
        body="봄",
        image=URL,
        link=URL,
        targeting="N",
        buttons=(Button("앱", "AL", android="shop://b", ios="shop://b"),),
        coupon=Coupon("배송비 할인 쿠폰", "봄맞이", URL),
        opt_out_number="080-123-4567",
    )
    await harness.provider.send(message, key := uuid4())
    assert harness.server.requests[0].json == {
        "senderKey": SENDER_KEY,
        "chatBubbleType": "IMAGE",
        "content": "봄",
        "image": {"imageUrl": URL, "imageLink": URL},
        "buttons": [{"type": "AL", "name": "앱", "schemeAndroid": "shop://b", "schemeIos": "shop://b"}],
        "coupon": {"title": "배송비 할인 쿠폰", "description": "봄맞이", "linkMo": URL},
        "unsubscribeNo": "0801234567",
        "recipientList": [
            {
                "recipientNo": NUMBER,
                "targeting": "N",
                "resendParameter": {"isResend": False},
                "recipientGroupingKey": str(key),
            }
        ],
    }


async def test_messages_with_words_of_their_own_go_in_calls_of_their_own(harness: NhnHarness) -> None:
    messages = [
        (message_for(harness.provider, channel="sms", recipient=f"+8210123400{n:02}", body=body, subject=""), uuid4())
        for n, body in enumerate(["(광고) 가\n무료거부 0801234567"] * 5 + ["(광고) 나\n무료거부 0801234567"] * 5)
    ]
    results = await harness.provider.send_many(messages)
    assert all(isinstance(result, Receipt) for result in results)
    assert harness.calls == 2


async def test_one_bad_message_is_not_the_fault_of_others(harness: NhnHarness) -> None:
    harness.server.bad_texts = {"bad"}
    batching = Batching(harness.provider, gather=0.02)
    sends = [
        batching.send(
            message_for(
                harness.provider, channel="kakao_brand", recipient=f"+8210123400{n:02}", body="bad" if n == 3 else "봄"
            ),
            uuid4(),
        )
        for n in range(8)
    ]
    results = await asyncio.gather(*sends, return_exceptions=True)
    assert [n for n, result in enumerate(results) if isinstance(result, DefinitionError)] == [3]
    assert sum(isinstance(result, Receipt) for result in results) == 7


async def test_the_same_receiver_twice_is_told_apart(harness: NhnHarness) -> None:
    harness.server.echo_keys = False
    messages = [(message_for(harness.provider, channel="sms"), uuid4()) for _ in range(3)]
    results = await harness.provider.send_many(messages)
    by_key = {
        one["recipientGroupingKey"]: f"{one['requestId']}:{one['recipientSeq']}" for one in harness.server.messages
    }
    for (_, key), result in zip(messages, results, strict=True):
        assert isinstance(result, Receipt)
        assert result.provider_message_id == by_key[str(key)]


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        ({"channel": "sms", "body": "봄 🌸"}, Rejected),
        ({"channel": "sms", "body": "가" * 1001}, Rejected),
        ({"channel": "sms", "recipient": "+14155550123", "body": "x" * 91, "subject": ""}, Rejected),
        ({"channel": "alimtalk", "template_code": "x" * 21}, DefinitionError),
        ({"channel": "kakao_brand", "message_class": "informational"}, DefinitionError),
        ({"channel": "kakao_brand", "body": "가" * 401, "image": URL}, Rejected),
        ({"channel": "kakao_brand", "body": "가\n" * 31, "image": URL}, Rejected),
        ({"channel": "kakao_brand", "buttons": (Button("채널 추가", "AC"),)}, DefinitionError),
    ],
)
async def test_what_nhn_would_refuse_is_not_sent(
    harness: NhnHarness, changes: dict[str, Any], meaning: type[DeliveryError]
) -> None:
    with pytest.raises(DeliveryError) as caught:
        await harness.provider.send(message_for(harness.provider, **changes), uuid4())
    assert type(caught.value) is meaning
    assert harness.calls == 0


async def test_a_long_text_without_a_title_begins_with_its_own_words(harness: NhnHarness) -> None:
    body = "(광고) 달빛상점 " + "봄" * 100 + "\n무료거부 0801234567"
    await harness.provider.send(message_for(harness.provider, channel="sms", subject="", body=body), uuid4())
    title = harness.server.messages[0]["title"]
    assert body.startswith(title)
    assert len(title.encode("euc_kr")) <= 40


async def test_who_opts_out_by_phone_is_told_by_number(harness: NhnHarness) -> None:
    hook = {"hookId": "h1", "recipientNo": "01012341234", "unsubscribeNo": "08012341234"}
    hook["createdDateTime"] = "2026-09-09T11:25:10.000+09:00"
    [told] = harness.provider.parse_callback(*harness.server.hook("SMS", "UNSUBSCRIBE", [hook]))
    assert (told.what, told.address, told.id) == ("unsubscribed", "+821012341234", "h1")
    assert told.at == datetime(2026, 9, 9, 2, 25, 10, tzinfo=UTC)
    assert "1234" not in repr(told)


async def test_other_news_is_none_of_ours(harness: NhnHarness) -> None:
    assert (
        harness.provider.parse_callback(*harness.server.hook("Kakao", "TEMPLATE_STATUS", [{"status": "TSC03"}])) == ()
    )


async def test_without_a_signature_nobody_is_believed(harness: NhnHarness) -> None:
    provider = harness.to_server(webhook_signature=SecretStr(""))
    with pytest.raises(ValueError, match="X-Toast-Webhook-Signature"):
        provider.parse_callback(*harness.server.hook("SMS", "UNSUBSCRIBE", [], ""))


async def test_a_project_carries_what_it_is_set_up_for(harness: NhnHarness) -> None:
    assert harness.to_server(kakao_app_key="").capabilities.channels == {"sms"}
    assert harness.to_server(sms_app_key="").capabilities.channels == {"alimtalk", "kakao_brand"}
    for wrong in (
        {"kakao_app_key": "", "sms_app_key": ""},
        {"sender_key": ""},
        {"sms_secret_key": SecretStr("")},
        {"sms_sender": ""},
    ):
        with pytest.raises(ValidationError):
            harness.to_server(**wrong)


async def test_results_are_looked_for_where_they_are(harness: NhnHarness) -> None:
    late = datetime.now(UTC) - timedelta(days=2)
    await harness.provider.send(message_for(harness.provider, channel="sms", subject=""), key := uuid4())
    assert await harness.provider.ask(SubmittedMessage("sms", key, "+821012345678", late)) is None
    told = await harness.provider.ask(SubmittedMessage("sms", key, "+821012345678", datetime.now(UTC)))
    assert told is not None
    assert told.what == "accepted"


def test_the_same_number_means_two_things() -> None:
    assert kakao_callback_kind("3005") == "accepted"
    assert carrier_callback_kind("3005", "FAILED") == "unreachable"
    for number in range(1000, 10_000):
        code = str(number)
        assert (kakao_callback_kind(code) == "delivered") == (code == "1000")
        assert (carrier_callback_kind(code, "") == "delivered") == (code == "1000")
