"""Ids that mean nobody make no two strangers one: they are no ids, and the caller is told."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.http.problems import ApiProblem
from api.intake.calls import Envelope, read_call
from api.intake.placeholder_ids import is_placeholder

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
NOBODY = [
    *("undefined", "null", "NULL", " None ", "nil", "NaN", "nan", "0", "00", "0.0", "000-000", "-1", "-", "...", "_"),
    *(
        "[object Object]",
        "[object  object]",
        "guest",
        "Guest",
        "GUEST",
        "anonymous",
        "Anonymous",
        "unknown",
        "n/a",
        "N/A",
    ),
    *(
        "(null)",
        "<null>",
        "'null'",
        '"undefined"',
        "`none`",
        "not set",
        "(not set)",
        "not_set",
        "true",
        "false",
        "{}",
        "[]",
    ),
    *("\u200bnull\u200b", "\ufeff0", "\u3000guest", "ｕｎｄｅｆｉｎｅｄ", "０", "비회원", " 손님 ", "익명"),
    *("00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}", "0" * 24),
    *("{{user_id}}", "{{ customer.id }}", "${userId}", "{% user %}", "*|UID|*", "user_id", "()"),
]
SOMEBODY = [
    *(
        "u-1001",
        "1",
        "10",
        "100",
        "-10",
        "0a",
        "007",
        "nullschool",
        "guest-55",
        "anonymous-8f2c",
        "nancy",
        "none@example.com",
    ),
    *("00000000-0000-0000-0000-000000000001", "김민아", "false-prophet", "true.north", "O", "undefined1", "{abc}"),
]


@pytest.mark.parametrize("value", NOBODY)
def test_it_means_nobody(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", SOMEBODY)
def test_it_means_somebody(value: str) -> None:
    assert not is_placeholder(value)


def read(**call: Any) -> tuple[Any, list[ApiProblem]]:
    warnings: list[ApiProblem] = []
    return read_call({"type": "identify", **call}, None, Envelope(NOW), warnings), warnings


@pytest.mark.parametrize("value", ["undefined", 0, "guest"])
def test_the_other_id_counts_and_the_caller_is_warned(value: object) -> None:
    event, warnings = read(userId=value, anonymousId="a-1")
    assert event.keys == [("anonymous", "a-1")]
    assert [(one.code, one.field, one.parameters["value"]) for one in warnings] == [
        ("placeholder_id", "userId", str(value))
    ]
    event, warnings = read(userId="kim", anonymousId=value)
    assert event.keys == [("user", "kim")]
    assert [(one.code, one.field) for one in warnings] == [("placeholder_id", "anonymousId")]


@pytest.mark.parametrize(
    ("call", "field"),
    [
        ({"userId": "undefined"}, "userId"),
        ({"anonymousId": "null"}, "anonymousId"),
        ({"userId": "0", "anonymousId": "guest"}, "userId"),
        ({"type": "alias", "userId": "kim", "previousId": "undefined"}, "previousId"),
        ({"type": "alias", "userId": "undefined", "previousId": "kim"}, "userId"),
        ({"type": "track", "event": "Viewed", "userId": "[object Object]"}, "userId"),
    ],
)
def test_a_call_of_nobody_is_refused_with_words(call: dict[str, Any], field: str) -> None:
    with pytest.raises(ApiProblem) as refused:
        read(**call)
    assert (refused.value.code, refused.value.field) == ("placeholder_id", field)
    assert "means nobody" in refused.value.rendered("en")["message"]
