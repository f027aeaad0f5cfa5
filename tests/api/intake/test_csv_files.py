"""Files as people have them: with blank lines, headers in their language, and quotes that are never closed."""

import io

import pytest

from api.intake.csv_columns import MappingProblem, map_columns
from api.intake.import_file import numbered_rows


def rows(text: str) -> list[tuple[int, list[str]]]:
    return list(numbered_rows(io.StringIO(text, newline="")))


def test_lines_are_counted_as_an_editor_counts() -> None:
    text = 'id,name\n\n1,a\n"2","b\nc"\n,\n   \n3,d\n'
    assert rows(text) == [(1, ["id", "name"]), (3, ["1", "a"]), (4, ["2", "b\nc"]), (8, ["3", "d"])]
    assert rows("") == []


@pytest.mark.parametrize("rest", ["", "3,c\n", "3,c\n" * 3_000, "x" * 200_000])
def test_a_quote_that_is_never_closed_is_told_with_its_line(rest: str) -> None:
    with pytest.raises(MappingProblem) as told:
        rows('id,name\n1,a\n\n2,"b\n' + rest)
    assert "Line 4:" in str(told.value)


@pytest.mark.parametrize(
    ("head", "field"),
    [("Email", "email"), ("E-MAIL", "email"), ("이메일", "email"), ("휴대폰 번호", "phone"),
     ("Phone Number", "phone"), ("시간대", "timezone"), ("등급", "등급"), ("Tier", "Tier")],
)  # fmt: skip
def test_headers_are_read_in_any_case_and_language(head: str, field: str) -> None:
    assert map_columns("customers", ["회원번호", head], ()) == ["user_id", field]


def test_headers_of_events_are_read_in_korean() -> None:
    assert map_columns("events", ["고객 ID", "이벤트", "일시", "Email"], ()) == [
        "user_id",
        "event",
        "timestamp",
        "Email",
    ]
