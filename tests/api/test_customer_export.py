"""A list of customers as a file: for spreadsheets, which compute nothing of it; kept in the audit log."""

import csv
import io
from typing import Any

from httpx2 import AsyncClient

from api.http.spreadsheet import harmless
from tests.api.conftest import Rows


async def identify(client: AsyncClient, user: str, **traits: Any) -> None:
    assert (await client.post("/v1/identify", json={"userId": user, "traits": traits})).status_code == 200


def table(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


async def test_the_list_is_exported_and_that_is_kept(client: AsyncClient, admin: AsyncClient, rows: Rows) -> None:
    await identify(client, "u-1", name='=HYPERLINK("x")', phone="010-1234-5678", 등급="골드", consents={"sms": True})
    await identify(client, "u-2", email="jiho@example.com", points=-3)
    columns = ["external_id", "name", "phone", "consents", "attributes.등급", "attributes.points"]
    answer = await admin.get("/api/customer-list/export", params={"column": columns})
    assert table(answer.content) == [
        columns,
        ["u-2", "u-2", "", "", "", "-3"],
        ["u-1", '\'=HYPERLINK("x")', "+821012345678", "sms", "골드", ""],
    ]
    narrowed = await admin.get("/api/customer-list/export", params={"query": "jiho", "column": "email"})
    assert table(narrowed.content) == [["email"], ["jiho@example.com"]]
    kept = await rows("select what, after from audit_log order by seq")
    assert [one["what"] for one in kept] == ["customer.listed", "customer.listed"]
    assert kept[1]["after"] == {"columns": ["email"], "filters": ["search"]}, "and not what was searched for"


async def test_a_column_that_there_is_not_is_told(admin: AsyncClient) -> None:
    answer = await admin.get("/api/customer-list/export?column=password")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_column")


def test_what_a_spreadsheet_would_compute_is_defused() -> None:
    for formula in ("=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1"):
        assert harmless(formula) == f"'{formula}"
    for plain in ("", "Mina", "-3", "-3.5", "+821012345678", "+82 10-1234-5678", "a=b"):
        assert harmless(plain) == plain
