"""A file of customers: uploaded, looked at, tried, imported once whatever happens, its refused rows as a file."""

import asyncio
import csv
import io
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from openpyxl import Workbook

from api.imports.runner import ImportRunner
from orchestrator.store.imports.progress import Step, begin_import, hold_import, keep_step, let_go, load_import
from tests.api.conftest import Rows
from tests.waiting import until

FILE = (
    "아이디,이메일,이름,등급,이메일 동의\r\n"
    "u-1,mina@example.com,김민수,gold,동의\r\n"
    "u-2,no address,이수진,silver,거부\r\n"
    ",nobody@example.com,아무개,,\r\n"
    "u-3,jiho@example.com\r\n"
).encode("cp949")
FIELDS = ["user_id", "email", "name", "등급", "consents.email"]


async def upload(admin: AsyncClient, data: bytes = FILE, name: str = "고객.csv") -> dict[str, Any]:
    answer = await admin.post(f"/api/imports?name={name}", content=data)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def finished(admin: AsyncClient, identity: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def over() -> bool:
        found.update((await admin.get(f"/api/imports/{identity}")).json())
        return bool(found["status"] != "running")

    await until(over)
    return found


async def test_what_a_file_holds_is_guessed_and_shown(admin: AsyncClient, rows: Rows) -> None:
    read = await upload(admin)
    assert read["columns"] == ["아이디", "이메일", "이름", "등급", "이메일 동의"]
    assert read["fields"] == FIELDS
    assert (read["encoding"], read["total"], read["status"], read["name"]) == ("cp949", 4, "read", "고객.csv")
    assert await rows("select count(*) as n from customers") == [{"n": 0}]


async def test_a_trial_says_what_would_happen_and_stores_nothing(admin: AsyncClient, rows: Rows) -> None:
    read = await upload(admin)
    trial = (await admin.post(f"/api/imports/{read['id']}/trial", json={"fields": FIELDS})).json()
    assert (trial["rows"], trial["good"], trial["refused"], trial["warned"]) == (4, 2, 2, 1)
    assert [(one["row"], one["refused"], one["code"]) for one in trial["faults"]] == [
        (4, True, "row_nobody"),
        (5, True, "wrong_columns"),
        (3, False, "invalid_email"),
    ]
    assert trial["shown"][0]["name"] == "김민수"
    assert trial["shown"][0]["consents"] == {"email": True}
    assert await rows("select count(*) as n from customers") == [{"n": 0}]


async def test_it_is_stored_once_and_what_is_refused_comes_as_a_file(admin: AsyncClient, rows: Rows) -> None:
    read = await upload(admin)
    assert (await admin.post(f"/api/imports/{read['id']}/start", json={"fields": FIELDS})).status_code == 202
    done = await finished(admin, read["id"])
    assert (done["status"], done["stored"], done["refused"], done["warned"], done["done"]) == ("done", 2, 2, 1, 4)
    found = await rows("select external_id, email, attributes, consents from customers order by external_id")
    assert found[0]["email"] == "mina@example.com"
    assert found[0]["attributes"] == {"name": "김민수", "등급": "gold"}
    assert found[1]["consents"] == {"email": False}
    assert await rows("select count(*) as n from events where routed_at is null and kind = 'identify'") == [{"n": 0}]
    assert await rows("select source from consent_log group by 1") == [{"source": "import"}]
    text = (await admin.get(f"/api/imports/{read['id']}/refused")).content
    assert text.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert table[0] == [*read["columns"], "refused_row", "refused_reason"]
    assert table[1][1:6] == ["nobody@example.com", "아무개", "", "", "4"]
    assert await rows("select content from customer_imports") == [{"content": None}]
    again = await admin.post(f"/api/imports/{read['id']}/start", json={"fields": FIELDS})
    assert (again.status_code, again.json()["code"]) == (409, "import_over")


async def test_who_is_told_hears_of_it(admin: AsyncClient, rows: Rows) -> None:
    read = await upload(admin)
    given = {"fields": FIELDS, "tells_journeys": True}
    await admin.post(f"/api/imports/{read['id']}/start", json=given)
    await finished(admin, read["id"])
    assert await rows("select count(*) as n from events where routed_at is null and kind = 'identify'") == [{"n": 2}]


async def test_another_process_goes_on_where_one_ended(app: FastAPI, admin: AsyncClient, rows: Rows) -> None:
    lines = "".join(f"u-{n},{n}\n" for n in range(500))
    read = await upload(admin, f"user_id,n\n{lines}".encode())
    resources, identity = app.state.resources, UUID(read["id"])
    assert await begin_import(resources.engine, identity, ["user_id", "n"], False)
    assert await hold_import(resources.engine, identity)
    assert not await hold_import(resources.engine, identity), "one at a time"
    runner = app.state.imports
    row = await load_import(resources.engine, identity)
    assert row is not None
    await let_go(resources.engine, identity)
    killed = ImportRunner(resources.engine, DiesAfter(runner._writer, 1), resources.settings)  # type: ignore[arg-type]
    killed.begin(identity)
    await until(lambda: _done(admin, read["id"], 200))
    await killed.close()
    assert (await rows("select done, stored from customer_imports")) == [{"done": 200, "stored": 200}]
    await runner.resume()
    done = await finished(admin, read["id"])
    assert (done["status"], done["done"]) == ("done", 500)
    assert await rows("select count(*) as n from customers") == [{"n": 500}]
    assert await rows("select count(*) as n from events") == [{"n": 500}]


class DiesAfter:
    """A writer that stores so many times, and then never answers."""

    def __init__(self, writer: Any, times: int) -> None:
        self.writer, self.times = writer, times

    async def store(self, events: Any) -> Any:
        if self.times == 0:
            await asyncio.Event().wait()
        self.times -= 1
        return await self.writer.store(events)


async def _done(admin: AsyncClient, identity: str, count: int) -> bool:
    return bool((await admin.get(f"/api/imports/{identity}")).json()["done"] >= count)


async def test_a_cancelled_one_stores_no_more(app: FastAPI, admin: AsyncClient) -> None:
    read = await upload(admin)
    identity, engine = UUID(read["id"]), app.state.resources.engine
    assert (await admin.post(f"/api/imports/{read['id']}/cancel")).json() == {"status": "cancelled"}
    assert not await keep_step(engine, identity, Step(1, 1, 0, 0), 0)
    assert (await admin.post(f"/api/imports/{read['id']}/cancel")).json()["code"] == "import_over"


async def test_a_file_that_nobody_begins_and_rows_refused_long_ago_are_forgotten(
    admin: AsyncClient, rows: Rows
) -> None:
    waits = await upload(admin)
    begun = await upload(admin)
    await admin.post(f"/api/imports/{begun['id']}/start", json={"fields": FIELDS})
    await finished(admin, begun["id"])
    await rows("update customer_imports set made_at = made_at - interval '8 days'")
    await rows("update customer_imports set finished_at = finished_at - interval '31 days'")
    await upload(admin, name="another.csv")
    assert (await admin.get(f"/api/imports/{waits['id']}")).json()["status"] == "cancelled"
    assert await rows("select count(*) as n from refused_rows") == [{"n": 0}]
    assert await rows("select count(*) as n from customer_imports where content is not null") == [{"n": 1}]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (["user_id"], "import_fields"),
        (["-", "email", "name", "등급", "-"], "import_nobody"),
        (["user_id", "email", "email", "등급", "-"], "import_twice"),
    ],
)
async def test_columns_that_do_not_suffice_are_told(admin: AsyncClient, fields: list[str], code: str) -> None:
    read = await upload(admin)
    for act in ("trial", "start"):
        answer = await admin.post(f"/api/imports/{read['id']}/{act}", json={"fields": fields})
        assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_workbook_and_a_mended_file_of_refused_rows(admin: AsyncClient, rows: Rows) -> None:
    book, written = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (["회원번호", "전화번호", "points"], [7, "010-1234-5678", 12.5], [None, "010-1234-5679", 3]):
        book["Sheet"].append(row)
    book.save(written)
    read = await upload(admin, written.getvalue(), "list.xlsx")
    assert (read["encoding"], read["fields"]) == ("xlsx", ["user_id", "phone", "points"])
    await admin.post(f"/api/imports/{read['id']}/start", json={"fields": read["fields"]})
    assert (await finished(admin, read["id"]))["refused"] == 1
    refused = (await admin.get(f"/api/imports/{read['id']}/refused")).content
    mended = await upload(admin, refused.replace(b"\r\n,010", b"\r\n8,010"), "list.csv")
    assert mended["fields"] == ["user_id", "phone", "points", "-", "-"]
    await admin.post(f"/api/imports/{mended['id']}/start", json={"fields": mended["fields"]})
    assert (await finished(admin, mended["id"]))["stored"] == 1
    found = await rows("select external_id, phone, attributes from customers order by 1")
    assert [tuple(one.values()) for one in found] == [
        ("7", "+821012345678", {"points": 12.5}),
        ("8", "+821012345679", {"points": 3}),
    ]


async def test_what_is_no_table_is_told(admin: AsyncClient) -> None:
    answer = await admin.post("/api/imports", content=b"a,a\n1,2\n")
    assert (answer.status_code, answer.json()["code"]) == (400, "table_headers")
    assert (await admin.get(f"/api/imports/{UUID(int=1)}")).json()["code"] == "unknown_import"
