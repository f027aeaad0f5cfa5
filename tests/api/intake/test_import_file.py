"""Importing CSV files: what columns mean, that nothing is stored twice, that an interrupted import goes on."""

import csv
import gzip
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.problems import ApiProblem
from api.intake import import_file as importing
from api.intake.csv_columns import CsvCalls, MappingProblem, map_columns
from api.intake.import_file import CsvImport, Progress
from orchestrator.files.events import typed
from orchestrator.store.intake.writer import IntakeWriter

EVENTS = """user_id,event,timestamp,price,sku,gift
u1,Viewed,2024-03-01 10:00:00,12900,007,true
u1,Viewed,2024-03-01 10:00:00,12900,007,true
u2,Bought,2024-03-02T10:00:00+09:00,,A,
"""


@pytest.fixture
async def writer(database_url: str) -> AsyncIterator[IntakeWriter]:
    writer = IntakeWriter(database_url)
    await writer.start()
    yield writer
    await writer.close()


def quiet(progress: Progress, position: int) -> None:
    pass


def write(folder: Path, text: str, name: str = "events.csv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["events.csv", "events.csv.gz"])
async def test_rows_become_events_and_a_second_import_stores_nothing(
    writer: IntakeWriter, tmp_path: Path, rows: Any, name: str
) -> None:
    job = CsvImport("events", write(tmp_path, EVENTS, name), tmp_path / "state")
    first = await job.run(writer, quiet)
    assert (first.rows, first.stored, first.rejected) == (3, 3, 0)  # the first two are equal, and both happened
    again = await job.run(writer, quiet)
    assert (again.stored, again.duplicates) == (0, 3)
    stored = await rows("select name, properties, occurred_at::text from events order by seq")
    assert [tuple(event.values()) for event in stored] == [
        ("Viewed", {"price": 12900, "sku": "007", "gift": True}, "2024-03-01 10:00:00+00"),
        ("Viewed", {"price": 12900, "sku": "007", "gift": True}, "2024-03-01 10:00:00+00"),
        ("Bought", {"sku": "A"}, "2024-03-02 01:00:00+00"),
    ]
    assert await rows("select 1 from events where routed_at is not null") == []
    assert list((tmp_path / "state").iterdir()) == []


async def test_history_is_offered_to_no_journey(writer: IntakeWriter, tmp_path: Path, rows: Any) -> None:
    await CsvImport("events", write(tmp_path, EVENTS), tmp_path, history=True).run(writer, quiet)
    assert await rows("select 1 from events where routed_at is null") == []


async def test_customers_get_their_contacts_consents_and_attributes(
    writer: IntakeWriter, tmp_path: Path, rows: Any
) -> None:
    text = "id,Phone,email,consent,since\nu1,01012345678,a@b.kr,true,2020-01-01\nu2,123,c@d.kr,maybe,\n"
    mapping = ("Phone=phone", "consent=consents.email")
    job = CsvImport("customers", write(tmp_path, text), tmp_path, mapping)
    progress = await job.run(writer, quiet)
    assert (progress.stored, progress.warnings) == (2, 1)
    people = await rows("select external_id, phone, email, consents, attributes from customers order by 1")
    assert [tuple(person.values()) for person in people] == [
        ("u1", "+821012345678", "a@b.kr", {"email": True}, {"since": "2020-01-01"}),
        ("u2", None, "c@d.kr", {}, {"phone": "123"}),
    ]


async def test_a_file_of_dated_forms_proves_what_customers_did(writer: IntakeWriter, tmp_path: Path, rows: Any) -> None:
    """In any order of columns, numbers as evidence too; a row without a date is a statement, and warned."""
    text = (
        "user_id,timestamp,consents.email.evidence,consents.email,consents.email.at\n"
        "u1,2024-05-01,55012,true,2024-03-01 10:00\nu2,2024-05-01,form 7,true,\nu3,2024-05-01,,true,\n"
    )
    job = CsvImport("customers", write(tmp_path, text), tmp_path, time_zone=ZoneInfo("Asia/Seoul"))
    progress = await job.run(writer, quiet)
    assert (progress.stored, progress.rejected, progress.warnings) == (3, 0, 1)
    log = await rows(
        "select external_id, granted, act, at, evidence ->> 'evidence' as proof from consent_log"
        " join customers c on c.id = customer_id order by 1"
    )
    assert [(line["external_id"], line["granted"], line["act"], line["proof"]) for line in log] == [
        ("u1", True, True, "55012"),
        ("u2", True, False, None),
        ("u3", True, False, None),
    ]
    assert log[0]["at"].isoformat() == "2024-03-01T01:00:00+00:00"


async def test_bad_rows_go_to_a_file_with_the_reason(writer: IntakeWriter, tmp_path: Path) -> None:
    text = "user_id,event,timestamp\nu1,Viewed,2024-03-01\n,Viewed,2024-03-01\nu1,Viewed,soon\nu1,Viewed\n"
    job = CsvImport("events", write(tmp_path, text), tmp_path / "state")
    progress = await job.run(writer, quiet)
    assert (progress.stored, progress.rejected) == (1, 3)
    header, *bad = list(csv.reader(job.rejected_path.read_text().splitlines()))
    assert header == ["user_id", "event", "timestamp", "rejected_line", "rejected_reason"]
    assert [(row[-2], row[-1].split(":")[0]) for row in bad] == [
        ("3", "missing_identity"),
        ("4", "invalid_timestamp"),
        ("5", "wrong_columns"),
    ]


async def test_an_interrupted_import_goes_on_where_it_was(
    writer: IntakeWriter, tmp_path: Path, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 4)
    lines = [f"u{number % 3},Viewed,{'soon' if number % 5 == 0 else '2024-03-01'}" for number in range(20)]
    path = write(tmp_path, "\n".join(["user_id,event,timestamp", *lines]))
    job = CsvImport("events", path, tmp_path / "state")

    def stop(progress: Progress, position: int) -> None:
        if progress.rows == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await job.run(writer, stop)
    with job.rejected_path.open("a") as file:
        file.write("what was written after the checkpoint\n")
    told: list[int] = []
    progress = await job.run(writer, lambda progress, _: told.append(progress.rows))
    assert told == [12, 16, 20]
    assert (progress.rows, progress.stored, progress.rejected) == (20, 16, 4)
    assert len(job.rejected_path.read_text().splitlines()) == 5
    assert len(await rows("select 1 from events")) == 16


async def test_times_without_a_zone_are_in_the_zone_given(writer: IntakeWriter, tmp_path: Path, rows: Any) -> None:
    text = "user_id,event,time\nu,a,2024-03-01 09:00\nu,b,1709251200\nu,c,1709251200000\n"
    job = CsvImport("events", write(tmp_path, text), tmp_path, time_zone=ZoneInfo("Asia/Seoul"))
    await job.run(writer, quiet)
    assert {event["at"] for event in await rows("select occurred_at::text as at from events")} == {
        "2024-03-01 00:00:00+00"
    }


@pytest.mark.parametrize(
    ("what", "columns", "given", "expected"),
    [
        ("events", "user_id,event,timestamp,x", (), ["user_id", "event", "timestamp", "x"]),
        ("events", "UserID,Event Name,Time", (), ["user_id", "event", "timestamp"]),
        ("events", "uid,action", ("uid=user_id", "action=event"), ["user_id", "event"]),
        ("events", "user_id,event,x", ("x=-",), ["user_id", "event", "-"]),
        ("events", "user_id,event,x", ("x=properties.price",), ["user_id", "event", "price"]),
        ("events", "user_id,customer_id,event", (), ["user_id", "customer_id", "event"]),
        ("customers", "id,time_zone", (), ["user_id", "timezone"]),
        ("events", "event", (), "who"),
        ("events", "user_id", (), "what happened"),
        ("events", "user_id,event", ("nope=x",), "No column"),
        ("events", "user_id,event", ("event",), "not column=field"),
        ("events", "user_id,event,x,y", ("x=p", "y=p"), "Two columns"),
    ],
)
def test_what_columns_mean(what: Any, columns: str, given: tuple[str, ...], expected: Any) -> None:
    if isinstance(expected, list):
        assert map_columns(what, columns.split(","), given) == expected
    else:
        with pytest.raises(MappingProblem, match=expected):
            map_columns(what, columns.split(","), given)


@given(st.lists(st.lists(st.text(max_size=4), min_size=2, max_size=3), max_size=12))
def test_ids_of_rows_are_the_same_every_time_and_no_two_rows_share_one(table: list[list[str]]) -> None:
    def ids() -> list[str]:
        calls = CsvCalls("events", ("user_id", "event"), ("user_id", "event"))
        found = []
        for row in table:
            try:
                found.append(calls.call(row)["messageId"])
            except ApiProblem:
                continue
        return found

    assert ids() == ids()
    assert len(set(ids())) == len(ids())


def test_text_becomes_what_it_plainly_is() -> None:
    said = ["12", "-1.5", "007", "true", "FALSE", "0", "1e5", "1234567890123456789012", "+8210", " x "]
    assert [typed(text) for text in said] == [
        12,
        -1.5,
        "007",
        True,
        False,
        0,
        "1e5",
        "1234567890123456789012",
        "+8210",
        "x",
    ]


def test_the_command(tmp_path: Path, database_url: str) -> None:
    environment = {**os.environ, "SOJOURN_DATABASE_URL": database_url, "SOJOURN_DATA_DIR": str(tmp_path / "data")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "orchestrator.cli", "import", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    path = write(tmp_path, EVENTS)
    done = run("events", str(path))
    assert done.stdout == "3 rows: 3 events stored, 0 were there already, 0 rejected.\n", done.stderr
    wrong = run("events", str(path), "--map", "who=user_id")
    columns = "user_id, event, timestamp, price, sku, gift"
    assert (wrong.returncode, wrong.stderr) == (2, f"sojourn: No column “who”. The file has: {columns}.\n")
    korean = tmp_path / "korean.csv"
    korean.write_bytes("user_id,event\nu,구매\n".encode("cp949"))
    assert "--encoding cp949" in run("events", str(korean)).stderr
    assert run("events", str(korean), "--encoding", "cp949").returncode == 0
