"""Message templates over HTTP: drafts, use, archive, revisions, previews, tests, and documents that mean harm."""

import json
from typing import Any

import pytest
from httpx2 import AsyncClient

from orchestrator.message_gallery import ready_made
from tests.api.conftest import Rows

HELLO: dict[str, Any] = {
    "name": {"ko": "인사", "en": "Hello"},
    "class": "informational",
    "channels": {"sms": {"ko": {"body": "{{ customer.first_name }}님, 안녕하세요"}, "en": {"body": "Hello"}}},
}
USING: dict[str, Any] = {
    "key": "greet",
    "name": "Greet",
    "entry": {"triggers": [{"kind": "request"}]},
    "steps": [
        {
            "id": "m",
            "kind": "message",
            "stage": "intake",
            "settings": {"channel": "sms", "class": "informational", "template": "hello"},
        },
        {"id": "end", "kind": "exit", "stage": "intake"},
    ],
    "edges": [{"from": "entry", "to": "m"}, {"from": "m", "to": "end"}],
}
AT = "/api/message-templates"


async def made(admin: AsyncClient, **given: Any) -> dict[str, Any]:
    answer = await admin.post(AT, json={"document": HELLO, **given})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_template_is_made_saved_and_put_into_use(admin: AsyncClient) -> None:
    body = await made(admin)
    assert (body["key"], body["revision"], body["live_revision"], body["has_changes"]) == ("hello", 1, None, True)
    changed = {**HELLO, "tags": ["greeting"]}
    saved = await admin.put(f"{AT}/hello", json=changed, headers={"If-Match": '"1"'})
    assert (saved.status_code, saved.json()["revision"], saved.headers["etag"]) == (200, 2, '"2"')
    used = (await admin.post(f"{AT}/hello/use", headers={"If-Match": '"2"'})).json()
    assert (used["live_revision"], used["has_changes"]) == (2, False)
    listed = (await admin.get(AT)).json()["items"]
    assert [(one["key"], one["channels"], one["languages"], one["class"]) for one in listed] == [
        ("hello", ["sms"], ["en", "ko"], "informational")
    ]


async def test_two_people_on_one_draft_notice_each_other(admin: AsyncClient) -> None:
    await made(admin)
    await admin.put(f"{AT}/hello", json={**HELLO, "tags": ["mine"]}, headers={"If-Match": '"1"'})
    late = await admin.put(f"{AT}/hello", json={**HELLO, "tags": ["theirs"]}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "draft_changed")
    assert late.json()["current"]["document"]["tags"] == ["mine"]
    assert (await admin.post(f"{AT}/hello/use", headers={"If-Match": '"1"'})).status_code == 412


async def test_a_draft_with_errors_is_kept_and_not_used(admin: AsyncClient) -> None:
    await made(admin)
    broken = {**HELLO, "channels": {"sms": {"ko": {"body": "{{ customer.first_name"}}}}
    saved = await admin.put(f"{AT}/hello", json=broken)
    problem = saved.json()["problems"][0]
    assert (problem["code"], problem["severity"], problem["field"]) == (
        "template_syntax",
        "error",
        "channels.sms.ko.body",
    )
    assert problem["text"]["ko"] != problem["text"]["en"]
    refused = await admin.post(f"{AT}/hello/use")
    assert (refused.status_code, refused.json()["code"], len(refused.json()["problems"])) == (
        409,
        "template_has_errors",
        1,
    )


async def test_what_was_said_is_kept_and_comes_back(admin: AsyncClient) -> None:
    await made(admin)
    await admin.post(f"{AT}/hello/use")
    await admin.put(f"{AT}/hello", json={**HELLO, "tags": ["second"]})
    await admin.post(f"{AT}/hello/use")
    found = (await admin.get(f"{AT}/hello/revisions")).json()["items"]
    assert [(one["revision"], one["live"]) for one in found] == [(2, True), (1, False)]
    assert (await admin.get(f"{AT}/hello/revisions/1")).json()["document"] == HELLO
    back = (await admin.post(f"{AT}/hello/revisions/1/restore")).json()
    assert (back["document"], back["revision"], back["live_revision"], back["has_changes"]) == (HELLO, 3, 2, True)
    assert (await admin.get(f"{AT}/hello/revisions/9")).json()["code"] == "unknown_version"


async def test_who_uses_it_is_told_and_keeps_it_from_the_archive(admin: AsyncClient) -> None:
    await made(admin)
    assert (await admin.put("/api/journeys/greet", json=USING)).status_code == 200
    early = await admin.post("/api/journeys/greet/publish")
    assert [one["code"] for one in early.json()["problems"]] == ["template_not_in_use"]
    await admin.post(f"{AT}/hello/use")
    published = await admin.post("/api/journeys/greet/publish")
    assert published.status_code == 200, published.text
    used_by = (await admin.get(f"{AT}/hello")).json()["used_by"]
    assert [(one["key"], one["live"], one["name"]["en"]) for one in used_by] == [("greet", True, "Greet")]
    refused = await admin.post(f"{AT}/hello/archive", json={"archived": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "template_used")
    await admin.put("/api/journeys/greet", json={**USING, "steps": "none"})
    assert (await admin.get(AT)).status_code == 200


async def test_an_archived_template_comes_back(admin: AsyncClient) -> None:
    await made(admin)
    archived = (await admin.post(f"{AT}/hello/archive", json={"archived": True})).json()
    assert archived["archived_at"] is not None
    assert (await admin.post(f"{AT}/hello/archive", json={"archived": False})).json()["archived_at"] is None


async def test_copies_and_ready_made_ones(admin: AsyncClient) -> None:
    await made(admin)
    copy = (await admin.post(AT, json={"copy_of": "hello", "name": "Hello again"})).json()
    assert (copy["key"], copy["document"]["channels"]) == ("hello-again", HELLO["channels"])
    offered = (await admin.get(f"{AT}-ready-made")).json()["items"]
    assert [one["id"] for one in offered] == [one.id for one in ready_made()]
    for one in offered:
        begun = await admin.post(AT, json={"ready_made": one["id"]})
        assert begun.status_code == 201
        assert (await admin.post(f"{AT}/{begun.json()['key']}/use")).status_code == 200, one["id"]
    empty = (await admin.post(AT, json={"name": "새 템플릿"})).json()
    assert (empty["key"], [one["code"] for one in empty["problems"]]) == ("sae-tempeullit", ["template_without_words"])
    assert (await admin.post(AT, json={})).json()["code"] == "missing_field"
    assert (await admin.post(AT, json={"name": "x", "key": "hello"})).json()["code"] == "template_exists"


async def test_the_forms_have_every_word_in_both_languages(admin: AsyncClient) -> None:
    forms = (await admin.get(f"{AT}-forms")).json()
    assert {one["channel"] for one in forms["channels"]} == {
        *("email", "sms", "alimtalk", "kakao_brand", "push", "web_push", "in_app")
    }
    assert {one["kind"] for one in forms["blocks"]} >= {"heading", "text", "button", "image", "columns"}
    for form in (*(one["schema"] for one in forms["channels"]), *(one["schema"] for one in forms["blocks"])):
        for name, field in form["properties"].items():
            assert set(field["x-label"]) == {"en", "ko"}, name


async def preview(admin: AsyncClient, document: Any, channel: str = "sms", **asked: Any) -> dict[str, Any]:
    answer = await admin.post(
        "/api/previews/template", json={"document": document, "channel": channel, "locale": "ko", **asked}
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_preview_is_what_a_customer_gets(admin: AsyncClient, client: AsyncClient) -> None:
    told = await preview(admin, HELLO)
    assert told["body"] == "지우님, 안녕하세요"
    assert told["facts"]["form"] == "sms"
    assert told["problems"] == []
    await client.post("/v1/identify", json={"userId": "u-1", "traits": {"first_name": "서연"}})
    assert (await preview(admin, HELLO, customer={"id": "u-1"}))["body"] == "서연님, 안녕하세요"
    advertising = await preview(admin, {**HELLO, "class": "advertising"})
    assert advertising["body"].startswith("(광고)")


async def test_a_preview_says_why_a_customer_would_get_nothing(admin: AsyncClient) -> None:
    strict = {**HELLO, "variables": {"customer.first_name": {"unset": "skip"}}}
    told = await preview(admin, strict, customer={"attributes": {"city": "부산"}})
    assert told["refused"]["ko"] == "값이 없는 변수: customer.first_name"
    assert told["missing"] == ["customer.first_name"]


async def test_an_email_of_blocks_is_previewed_with_its_source(admin: AsyncClient) -> None:
    blocks = [{"kind": "heading", "text": "{{ customer.first_name }}님"}, {"kind": "text", "html": "<p>안녕하세요</p>"}]
    email = {
        "name": "Mail",
        "class": "informational",
        "channels": {"email": {"ko": {"subject": "s", "blocks": blocks}}},
    }
    told = await preview(admin, email, "email")
    assert "지우님" in told["html"]
    assert told["mjml"].startswith("<mjml")
    assert "지우님" in told["body"]


async def test_what_one_channel_says_is_shown_whatever_is_wrong_elsewhere(admin: AsyncClient) -> None:
    odd = {
        **HELLO,
        "name": None,
        "variables": {"x y": 3},
        "channels": {**HELLO["channels"], "push": {"ko": {"body": 5}}},
    }
    told = await preview(admin, odd)
    assert told["body"].endswith("님, 안녕하세요")
    assert told["problems"] != []
    assert (await preview(admin, odd, "push"))["notes"] != []


async def test_a_test_goes_out_marked_and_is_counted_nowhere(admin: AsyncClient, rows: Rows) -> None:
    await made(admin)
    sent = await admin.post(f"{AT}/hello/test", json={"channel": "sms", "locale": "ko", "to": "+821012345678"})
    assert (sent.status_code, sent.json()["provider"]) == (200, "outbox"), sent.text
    letters = await rows("select recipient, content from outbox")
    assert letters[0]["recipient"] == "+821012345678"
    assert (letters[0]["content"]["body"], letters[0]["content"]["test"]) == ("지우님, 안녕하세요", True)
    assert await rows("select 1 from sends") == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"channel": "sms", "to": "12"}, "invalid_parameter"),
        ({"channel": "pigeon", "to": "x"}, "invalid_parameter"),
        ({"channel": "email", "to": "kim@example.com"}, "test_not_sent"),
        ({"channel": "sms", "to": "+821012345678", "customer": "nobody"}, "unknown_customer"),
    ],
)
async def test_a_test_that_cannot_be_sent_says_why(admin: AsyncClient, asked: dict[str, Any], code: str) -> None:
    await made(admin)
    assert (await admin.post(f"{AT}/hello/test", json=asked)).json()["code"] == code


def deep(levels: int) -> Any:
    node: Any = "x"
    for _ in range(levels):
        node = {"x": node}
    return node


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"channels": []},
        {"channels": {"sms": {"ko": {"body": "{% for a in range(10**9) %}x{% endfor %}"}}}, "name": "x"},
        {"channels": {"sms": {"__proto__": {"body": "x"}}}, "name": "x"},
        {"channels": {"sms": {"../../etc": {"body": "x"}}}, "name": "x"},
        {"channels": {"email": {"ko": {"subject": "x", "blocks": [{"kind": "evil"}, 5, None]}}}, "name": "x"},
        {
            "channels": {"email": {"ko": {"subject": "x\r\nBcc: y@z.kr", "body": "<script>alert(1)</script>"}}},
            "name": "x",
        },
        {"channels": {"alimtalk": {"ko": {"code": "a", "body": "#{a}{{ ''.__class__ }}"}}}, "name": {"ko": {"x": 1}}},
        {"name": "x", "variables": {"customer.__class__": {"default": {"ko": "x"}}}},
        {"name": "\ud800", "channels": deep(60)},
    ],
)
async def test_documents_that_mean_harm_are_kept_told_of_and_previewed(admin: AsyncClient, document: Any) -> None:
    await made(admin)
    content = json.dumps(document)  # in ASCII: half of an emoji is no UTF-8
    saved = await admin.put(f"{AT}/hello", content=content, headers={"Content-Type": "application/json"})
    assert saved.status_code == 200, saved.text
    document = saved.json()["document"]
    assert (await admin.get(f"{AT}/hello")).status_code == 200
    for channel in ("sms", "email", "alimtalk"):
        told = await preview(admin, document, channel)
        assert "<script>" not in (told["html"] or "")
        assert "\n" not in told["subject"]


@pytest.mark.parametrize("document", [deep(150), {"name": "x" * 200_000}, [1], "x", None])
async def test_documents_beyond_reason_are_refused(admin: AsyncClient, document: Any) -> None:
    await made(admin)
    refused = await admin.put(f"{AT}/hello", json=document)
    assert refused.status_code == 400
    assert refused.json()["code"] in ("template_too_large", "invalid_parameter", "too_deep")
