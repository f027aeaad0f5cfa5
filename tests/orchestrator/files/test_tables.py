"""Tables as programs write them: encodings, delimiters, workbooks; and what is none is told."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from orchestrator.files.tables import MOST_COLUMNS, TableProblem, read_table

ROWS = '아이디,이름,메모\nu-1,김민수,"첫 줄\n둘째 줄"\nu-2,"이, 수진",\n'
SEMICOLONS = ROWS.replace("이, 수진", "이# 수진").replace(",", ";").replace("#", ",")
EXPECTED = (("u-1", "김민수", "첫 줄\n둘째 줄"), ("u-2", "이, 수진", ""))


@pytest.mark.parametrize(
    ("data", "encoding", "delimiter"),
    [
        (ROWS.encode(), "utf-8-sig", ","),
        (ROWS.encode("utf-8-sig"), "utf-8-sig", ","),
        (ROWS.replace("\n", "\r\n").encode("cp949"), "cp949", ","),
        (SEMICOLONS.encode(), "utf-8-sig", ";"),
        (SEMICOLONS.replace(";", "\t").encode("utf-16"), "utf-16", "\t"),
        (
            b"sep=;\n" + ROWS.replace("이, 수진", "이# 수진").replace(",", ";").replace("#", ",").encode(),
            "utf-8-sig",
            ";",
        ),
    ],
)
def test_whatever_program_wrote_it(data: bytes, encoding: str, delimiter: str) -> None:
    found = read_table(data)
    assert (found.encoding, found.delimiter, found.columns) == (encoding, delimiter, ("아이디", "이름", "메모"))
    assert tuple(tuple(cell.replace("\r\n", "\n") for cell in row) for row in found.sample) == EXPECTED


def workbook(*rows: list[object]) -> bytes:
    book, written = Workbook(), io.BytesIO()
    assert book.active is not None
    book.create_sheet("Data")
    for row in rows:
        book["Data"].append(row)
    book.save(written)
    return written.getvalue()


def test_a_workbook_is_read_as_it_would_be_typed() -> None:
    data = workbook(
        ["ID", "points", "share", "since", "seen", "vip", "note"],
        [7, 12.0, 0.25, date(2026, 3, 1), datetime.fromisoformat("2026-03-01T09:30"), True, None],
        [None] * 7,
        ["u-2"],
    )
    found = read_table(data)
    assert found.encoding == "xlsx"
    assert found.columns == ("ID", "points", "share", "since", "seen", "vip", "note")
    assert found.sample == (
        ("7", "12", "0.25", "2026-03-01", "2026-03-01T09:30:00", "true", ""),
        ("u-2", "", "", "", "", "", ""),
    )


def bomb() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(3):
            archive.writestr(f"xl/{n}.xml", b"0" * 100_000_000)
    return written.getvalue()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "empty"),
        (b" \n \n", "empty"),
        (b'a,b\nx,"never closed\n' * 2, "quote"),
        (b"a,a\n1,2\n", "headers"),
        (b"a,,c\n1,2,3\n", "headers"),
        ((",".join(f"c{n}" for n in range(MOST_COLUMNS + 1)) + "\n").encode(), "columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_workbook"),
        (b"PK\x03\x04nonsense", "unreadable"),
        (b"\xff\xff\xff,b\n", "encoding"),
    ],
)
def test_what_is_no_table_is_told(data: bytes, fault: str) -> None:
    with pytest.raises(TableProblem) as problem:
        read_table(data)
    assert problem.value.fault == fault


def test_a_workbook_that_unpacks_without_end_is_not_unpacked() -> None:
    data = bomb()
    assert len(data) < 1_000_000
    with pytest.raises(TableProblem) as problem:
        read_table(data)
    assert problem.value.fault == "large"


def test_a_row_that_is_too_short_stays_so_in_csv() -> None:
    assert read_table(b"a,b,c\n1,2\n3,4,5,,\n6,7,8,9\n").sample == (("1", "2"), ("3", "4", "5"), ("6", "7", "8", "9"))
