"""Texts that look harmless, at every door: none is answered with a server error, none is lost without a word, and
nobody becomes somebody else."""

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from httpx2 import AsyncClient

from api.intake.import_file import CsvImport, Progress
from orchestrator.core.channels.email_address import read_email
from orchestrator.core.characters import comparable, storable_text
from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.store.intake.writer import IntakeWriter
from tests.examples import some
from tests.hostile import with_, with_settings, with_step
from tests.odd_texts import ODD_TEXTS

NAMES = pytest.mark.parametrize("name", some(ODD_TEXTS, 2))
SOME = pytest.mark.parametrize("name", some(ODD_TEXTS, 4))
FITTING = 200


@pytest.fixture
async def writer(database_url: str) -> AsyncIterator[IntakeWriter]:
    writer = IntakeWriter(database_url)
    await writer.start()
    yield writer
    await writer.close()


def id_of(text: str) -> str:
    """An id with this text in it, as it is kept."""
    return comparable(storable_text(f"u-{text}"))


@NAMES
@pytest.mark.parametrize("escaped", [True, False])
async def test_intake_keeps_each_as_it_was_said(client: AsyncClient, rows: Any, name: str, *, escaped: bool) -> None:
    text = ODD_TEXTS[name]
    short = text[:FITTING]
    call: dict[str, Any] = {
        "userId": f"u-{text}",
        "messageId": "m1",
        "event": f"Seen {short}"[:FITTING],
        "properties": {"said": text, f"p{short}"[:FITTING]: 1},
        "context": {"traits": {"said": text, f"t{short}"[:FITTING]: 1}},
    }
    body = json.dumps(call, ensure_ascii=escaped).encode(errors="surrogatepass")
    answer = await client.post("/v1/track", content=body, headers={"content-type": "application/json"})
    if answer.status_code == 400:
        assert answer.json()["code"] in ("too_long", "invalid_json"), answer.text
        return
    assert answer.status_code == 200, answer.text
    [event] = await rows("select name, properties from events where kind = 'track'")
    assert event["name"] == comparable(storable_text(call["event"]))
    assert event["properties"]["said"] == storable_text(text)
    [customer] = await rows("select external_id, attributes from customers")
    assert customer["external_id"] == id_of(text)
    assert customer["attributes"]["said"] == storable_text(text)
    assert len(customer["attributes"]) == 2


async def test_people_stay_apart_whom_anybody_can_tell_apart(client: AsyncClient, rows: Any) -> None:
    """And one is one, however their id was typed."""
    apart = [
        "김지우",
        "김지웅",
        "Ｋim",
        "Kim",
        "kim",
        "１",
        "1a",
        "٣",
        "3a",
        "①",
        "ß",
        "ss",
        "👨\u200d👩\u200d👧",
        "👨👩👧",
        "a",
        "а",
    ]
    alike = {
        "Kim": ["\ufeffKim", " Kim\u200b", "K\u00adim", "\u200eKim\u200f"],
        "김지우": ["\u1100\u1175\u11b7\u110c\u1175\u110b\u116e"],
    }
    for user in [*apart, *(one for group in alike.values() for one in group)]:
        answer = await client.post("/v1/identify", json={"userId": user, "traits": {"seen": user}})
        assert answer.status_code == 200, answer.text
    found = [row["external_id"] for row in await rows("select external_id from customers where merged_into is null")]
    assert sorted(found) == sorted(apart)


@SOME
async def test_an_address_that_is_none_replaces_no_good_one(client: AsyncClient, rows: Any, name: str) -> None:
    text = ODD_TEXTS[name][:100]
    for wrong in (f"{text}@example.com", f"kim@{text}.com", f"{text}kim@example.com"):
        good = {"email": "kim@example.com", "phone": "010-1234-5678", "locale": "ko", "timezone": "Asia/Seoul"}
        assert (await client.post("/v1/identify", json={"userId": "u", "traits": good})).json() == {"success": True}
        traits = {"email": wrong, "phone": text, "locale": text, "timezone": text}
        body = json.dumps({"userId": "u", "traits": traits}).encode()
        answer = await client.post("/v1/identify", content=body)
        assert answer.status_code == 200, answer.text
        warned = {one["field"] for one in answer.json().get("warnings", ())}
        [customer] = await rows("select email, phone, locale, time_zone from customers")
        for field, kept in (("email", "email"), ("phone", "phone"), ("locale", "locale"), ("timezone", "time_zone")):
            said_and_used = f"traits.{field}" not in warned
            stays = customer[kept] == {**good, "phone": "+821012345678"}[field]
            read = read_email(storable_text(wrong)) if field == "email" else storable_text(text)
            assert said_and_used or stays, (field, wrong)
            assert not said_and_used or customer[kept] == read, (field, wrong)


MAILS = [
    *("mailto:lee@example.com", "Lee <lee@example.com>", "<lee@example.com>", "lee\\u200b@example.com"),
    *("lee@example.com.", "lee@example", "\\ufefflee@example.com"),
]


@pytest.mark.parametrize("wrong", MAILS)
async def test_the_good_address_stays_at_every_door(
    client: AsyncClient, writer: IntakeWriter, rows: Any, tmp_path: Path, wrong: str
) -> None:
    await client.post("/v1/identify", json={"userId": "u", "traits": {"email": "kim@example.com"}})
    told = await client.post("/v1/identify", json={"userId": "u", "traits": {"email": wrong}})
    assert [one["code"] for one in told.json()["warnings"]] == ["invalid_email"]
    told = await client.post(
        "/v1/track", json={"userId": "u", "event": "Seen", "context": {"traits": {"email": wrong}}}
    )
    assert [one["code"] for one in told.json()["warnings"]] == ["invalid_email"]
    progress = await imported(writer, tmp_path, [["id", "email"], ["u", wrong]], "customers")
    assert (progress.stored, progress.warnings) == (1, 1)
    assert [row["email"] for row in await rows("select email from customers")] == ["kim@example.com"]


async def imported(writer: IntakeWriter, folder: Path, table: list[list[str]], what: Any) -> Progress:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    path = folder / "rows.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode(errors="surrogatepass"))
    return await CsvImport(what, path, folder / "state").run(writer, lambda progress, position: None)


@NAMES
async def test_a_file_says_the_same_as_a_call(writer: IntakeWriter, tmp_path: Path, rows: Any, name: str) -> None:
    text = ODD_TEXTS[name]
    if "half an" in name or "halves" in name:
        return  # no UTF-8
    table = [["user_id", "event", "said", f"p{text[:150]}"], [f"u-{text}", "Seen", text, "x"]]
    progress = await imported(writer, tmp_path, table, "events")
    assert progress.stored + progress.rejected == 1
    if progress.rejected:
        assert len(text) > 200
        return
    [event] = await rows("select properties from events")
    assert event["properties"].get("said", "") == ("" if comparable(text) == "" else storable_text(text).strip())
    assert event["properties"][comparable(storable_text(f"p{text[:150]}"))] == "x"
    [customer] = await rows("select external_id from customers")
    assert customer["external_id"] == id_of(text)


@SOME
@pytest.mark.parametrize("as_yaml", [True, False])
async def test_journeys_hold_it(admin: AsyncClient, name: str, *, as_yaml: bool) -> None:
    text = ODD_TEXTS[name][:150]
    condition = {"kind": "attribute", "name": f"n{text}", "value": text}
    files = {
        "name": with_(name={"ko": f"여정 {text}", "en": f"Journey {text}"}),
        "event": with_(entry={"triggers": [{"kind": "event", "event": f"E{text}"}]}),
        "condition": with_settings(1, branches=[{"port": "yes", "when": condition}]),
        "words": with_settings(2, content={"ko": {"subject": text, "body": f"{text} {{{{ customer.{'x'} }}}}"}}),
        "id": with_step(0, id=text),
        "locale": with_settings(2, content={text: {"body": "x"}}),
        "duration": with_settings(0, duration=f"{text}d"),
    }
    headers = {"content-type": "application/yaml" if as_yaml else "application/json"}
    for which, document in files.items():
        content = json.dumps(document).encode()  # which is YAML too
        made = await admin.post("/api/journeys/read", content=content, headers=headers)
        assert made.status_code in (200, 400), (which, made.text)
        if made.status_code == 200 and which == "condition":
            kept = made.json()["document"]["steps"][1]["settings"]["branches"][0]["when"]
            assert kept["value"] == storable_text(text)
            assert Attribute.model_validate(kept).name == comparable(storable_text(f"n{text}"))


@SOME
async def test_the_admin_api_and_the_console_answer(admin: AsyncClient, client: AsyncClient, name: str) -> None:
    text = ODD_TEXTS[name]
    plain = quote(text.encode("utf-8", "replace").decode()[:60], safe="")
    await client.post("/v1/identify", content=json.dumps({"userId": f"u-{text}"[:250], "traits": {"name": text}}))
    template = {
        "name": {"ko": text, "en": text},
        "class": "informational",
        "channels": {"email": {"ko": {"subject": text, "body": f"{text}{{{{ customer.name|josa('이', '가') }}}}"}}},
    }
    asked: list[tuple[str, str, Any]] = [
        ("GET", f"/api/customers?search={plain}", None),
        ("GET", f"/api/customers/{plain}", None),
        ("GET", f"/api/events?customer={plain}", None),
        ("GET", f"/api/journeys/{plain}", None),
        ("POST", "/api/message-templates", {"name": text[:60], "document": template}),
        ("POST", "/api/previews/template", {"document": template, "channel": "email", "locale": "ko"}),
        ("POST", "/api/previews/template", {"document": template, "channel": "email", "locale": text[:30]}),
        ("POST", "/api/previews/delay", {"settings": {"mode": "duration", "duration": text[:50]}}),
        ("POST", "/api/previews/delay", {"settings": {"mode": "attribute", "attribute": text[:50]}}),
        ("POST", "/api/previews/condition", {"condition": {"kind": "attribute", "name": text[:50], "value": text}}),
        ("POST", "/api/previews/message", {"settings": {"content": {"ko": {"body": text}}, "channel": "sms"}}),
        ("POST", "/api/coupons", {"key": text[:30], "name": text}),
    ]
    for method, path, body in asked:
        content = None if body is None else json.dumps(body).encode()
        answer = await admin.request(method, path, content=content, headers={"content-type": "application/json"})
        assert answer.status_code < 500, (method, path[:80], answer.text)
