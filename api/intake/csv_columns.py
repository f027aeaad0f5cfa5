"""Rows of a CSV file as calls: which column is what, which text is a number, and an id that is the same every time."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Literal
from zoneinfo import ZoneInfo

from api.http.body import sanitize
from api.http.problems import ApiProblem
from orchestrator.core.characters import comparable, storable_text
from orchestrator.files.events import typed

What = Literal["events", "customers"]

_OWN_NAMES: dict[str, str] = {
    "user_id": "user_id",
    "userid": "user_id",
    "customer_id": "user_id",
    "external_id": "user_id",
    "anonymous_id": "anonymous_id",
    "anonymousid": "anonymous_id",
    "message_id": "message_id",
    "messageid": "message_id",
    "timestamp": "timestamp",
    "occurred_at": "timestamp",
}
_NAMES_BY_WHAT: dict[What, dict[str, str]] = {
    "events": {**_OWN_NAMES, "event": "event", "event_name": "event", "time": "timestamp"},
    "customers": {**_OWN_NAMES, "id": "user_id", "time_zone": "timezone"},
}
_CALL_FIELDS = {
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "message_id": "messageId",
    "event": "event",
    "timestamp": "timestamp",
}
_TRAITS = {
    "e_mail": "email",
    "email_address": "email",
    "mail": "email",
    "phone_number": "phone",
    "mobile": "phone",
    "time_zone": "timezone",
    "이메일": "email",
    "이메일_주소": "email",
    "전자우편": "email",
    "전화번호": "phone",
    "휴대폰": "phone",
    "휴대폰번호": "phone",
    "휴대폰_번호": "phone",
    "휴대전화": "phone",
    "연락처": "phone",
    "이름": "name",
    "성명": "name",
    "고객명": "name",
    "언어": "locale",
    "시간대": "timezone",
    **{name: name for name in ("email", "phone", "locale", "language", "timezone")},
}
"""How people head the columns of reserved traits, in the languages that we speak."""
_KOREAN_NAMES = {
    "아이디": "user_id",
    "회원번호": "user_id",
    "회원_번호": "user_id",
    "고객번호": "user_id",
    "고객_번호": "user_id",
    "고객_id": "user_id",
    "이벤트": "event",
    "이벤트명": "event",
    "일시": "timestamp",
    "시각": "timestamp",
}
_AGREED = {
    **dict.fromkeys(("y", "yes", "o", "1", "예", "네", "동의", "수신", "수신동의"), True),
    **dict.fromkeys(("n", "no", "x", "0", "아니오", "아니요", "거부", "미동의", "수신거부"), False),
}
"""How tables say that somebody agreed, or did not, beside true and false."""
IGNORED = "-"
_TEXT = frozenset({"email", "phone", "locale", "language", "timezone"})
_EPOCH = re.compile(r"[0-9]{10}([0-9]{3})?")


class MappingProblem(Exception):
    """The file and the mapping do not fit; the message is for whoever typed the command."""


@dataclass
class CsvCalls:
    """Turns rows into calls. ``fields``: by column, in order, its field; ``text``: columns that stay text."""

    what: What
    columns: Sequence[str]
    fields: Sequence[str]
    text: frozenset[str] = frozenset()
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    _seen: Counter[bytes] = field(default_factory=Counter)

    def call(self, row: Sequence[str]) -> dict[str, Any]:
        """One row as a call of Segment's. Raises ``ApiProblem`` where it is none."""
        digest = self._count(row)
        if len(row) != len(self.columns):
            raise ApiProblem("wrong_columns", None, count=len(row), expected=len(self.columns))
        values: dict[str, Any] = {}
        call: dict[str, Any] = {"messageId": digest}
        for column, name, value in zip(self.columns, self.fields, sanitize(list(row)), strict=True):
            if name == IGNORED or comparable(value) == "":
                continue
            if name in _CALL_FIELDS:
                call[_CALL_FIELDS[name]] = self._instant(value) if name == "timestamp" else value
            else:
                _put(values, name, self._value(column, name, value))
        call["type"] = "track" if self.what == "events" else "identify"
        call["properties" if self.what == "events" else "traits"] = values
        return call

    def _value(self, column: str, name: str, value: str) -> Any:
        """Typed, but what is text by its meaning; when a customer agreed is an instant, as the row's own is."""
        if name.startswith("consents.") and name.endswith(".at"):
            return self._instant(value)
        if name.startswith("consents.") and not name.endswith(".evidence"):
            return _AGREED.get(value.strip().lower(), typed(value))
        proof = name.startswith("consents.") and name.endswith(".evidence")
        return value if proof or column in self.text or name in _TEXT else typed(value)

    def pass_over(self, row: Sequence[str]) -> None:
        """A row that was imported before: it counts for the ids of rows that are the same."""
        self._count(row)

    def _count(self, row: Sequence[str]) -> str:
        """An id made of the row's content, and of how many equal rows came before it: the same in every import."""
        content = blake2b(json.dumps([self.what, *row]).encode(), digest_size=16)
        self._seen[content.digest()] += 1
        occurrence = self._seen[content.digest()]
        return f"csv-{content.hexdigest()}" + ("" if occurrence == 1 else f"-{occurrence}")

    def _instant(self, value: str) -> str:
        value = value.strip()
        if _EPOCH.fullmatch(value):
            return datetime.fromtimestamp(int(value[:10]) + int(value[10:] or 0) / 1000, UTC).isoformat()
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            return value  # the check of the call says what is wrong with it
        return (instant if instant.tzinfo else instant.replace(tzinfo=self.time_zone)).isoformat()


def map_columns(what: What, columns: Sequence[str], given: Iterable[str]) -> list[str]:
    """The field of each column: as given (``column=field``), else by its name, else a property or trait of its name."""
    chosen = dict(_read_mapping(given))
    unknown = chosen.keys() - set(columns)
    if unknown:
        raise MappingProblem(f"No column “{min(unknown)}”. The file has: {', '.join(columns)}.")
    fields = guess_fields(what, columns, chosen)
    require_fields(what, columns, fields)
    return fields


def guess_fields(what: What, columns: Sequence[str], chosen: Mapping[str, str]) -> list[str]:
    """The field of each column: as ``chosen``, else by its name; nothing is said of whether they suffice."""
    own = _NAMES_BY_WHAT[what]
    taken = set(chosen.values())
    fields = []
    for column in columns:
        name = comparable(storable_text(column))
        plain = name.lower().replace(" ", "_").replace("-", "_")
        heads = {**_KOREAN_NAMES, **own} if what == "events" else {**_KOREAN_NAMES, **_TRAITS, **own, "이벤트": name}
        guess = heads.get(plain, name)
        if column not in chosen and guess in _CALL_FIELDS and guess in taken:
            guess = name  # the field is taken: keep the column as a property
        fields.append(chosen.get(column, guess))
        taken.add(fields[-1])
    return fields


def _read_mapping(given: Iterable[str]) -> Iterable[tuple[str, str]]:
    for entry in given:
        column, separator, name = entry.rpartition("=")
        if not separator or not name:
            raise MappingProblem(f"“{entry}” is not column=field, such as --map uid=user_id.")
        yield column, name.removeprefix("properties.").removeprefix("traits.")


def require_fields(what: What, columns: Sequence[str], fields: Sequence[str]) -> None:
    """Raises :class:`MappingProblem` where the fields do not suffice, or one is said twice."""
    shown = ", ".join(columns)
    if not {"user_id", "anonymous_id"} & set(fields):
        raise MappingProblem(f"Which column says who? Add --map COLUMN=user_id. The file has: {shown}.")
    if what == "events" and "event" not in fields:
        raise MappingProblem(f"Which column says what happened? Add --map COLUMN=event. The file has: {shown}.")
    doubled = [name for name, times in Counter(fields).items() if times > 1 and name != IGNORED]
    if doubled:
        raise MappingProblem(
            f"Two columns are “{doubled[0]}”. Say which with --map COLUMN=field, or leave one out: =-."
        )


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    """``consents.email`` goes into the object ``consents``, and with ``consents.email.at`` and
    ``consents.email.evidence`` beside it becomes an act; any other name is a name, dots and all."""
    group, _, rest = name.partition(".")
    inner = values.setdefault("consents", {}) if group == "consents" and rest else None
    if not isinstance(inner, dict):
        values[name] = value
        return
    consent, _, part = rest.partition(".")
    if part in ("at", "evidence"):
        word = inner.get(consent)
        inner[consent] = {**(word if isinstance(word, dict) else {"granted": word}), part: value}
    elif isinstance(inner.get(rest), dict):
        inner[rest]["granted"] = value
    else:
        inner[rest] = value
