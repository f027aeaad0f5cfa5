"""Notes, imports and erasures, of every status."""

from collections.abc import Iterator
from uuid import uuid5

from orchestrator.store.tables.customers import CustomerImport, CustomerNote, Erasure
from tests.reading.world import KNOWN, NOW, SPACE


def data_rows() -> Iterator[object]:
    yield CustomerNote(id=uuid5(SPACE, "note"), customer_id=KNOWN, body="Jiwoo", author="Jiwoo", at=NOW)
    for n, status in enumerate(("read", "running", "failed", "done", "cancelled")):
        yield CustomerImport(
            id=uuid5(SPACE, f"import{n}"),
            name="Jiwoo",
            status=status,
            encoding=("utf-8-sig", "cp949", "utf-16", "xlsx")[n % 4],
            delimiter=",",
            columns=["Jiwoo", "한국어"],
            fields=["user_id", "한국어"],
            total=9,
            done=3,
            refused=1,
            warned=1,
            problem="KeyError" if status == "failed" else "",
            made_by="Jiwoo",
            locale="ko",
            made_at=NOW,
        )
    for n, status in enumerate(("done", "running")):
        pending = {"customers": [], "runs": [], "workflows": [], "nobody": str(KNOWN)}
        yield Erasure(
            id=uuid5(SPACE, f"erasure{n}"),
            status=status,
            counts={"events": 4, "runs_kept": 2},
            pending=pending if status == "running" else {},
            made_by="Jiwoo",
            made_at=NOW,
        )
