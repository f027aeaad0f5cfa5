"""Bodies that nobody should send, for Hypothesis: nearly right ones, and such as are wrong in every way."""

import json
from typing import Any

from hypothesis import strategies as st

TEXT = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", " ", "\0", "a\0b", "\ud800", "😀", "u" * 300, "2026-03-01T00:00:00Z", "0001-01-01", "-", "$ne"]
    ),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Lo"]), max_size=5),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**18, 10**40),
    st.floats(),
    TEXT,
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
FIELDS = [
    "userId",
    "anonymousId",
    "previousId",
    "groupId",
    "messageId",
    "event",
    "name",
    "category",
    "properties",
    "traits",
    "context",
    "timestamp",
    "originalTimestamp",
    "sentAt",
    "type",
    "batch",
    "writeKey",
    "integrations",
]
TRAITS = st.dictionaries(
    st.sampled_from(["email", "phone", "locale", "language", "timezone", "consents", "group"]) | TEXT, VALUES
)
RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "userId": st.sampled_from(["u", "v"]),
    "anonymousId": st.sampled_from(["a", "b"]),
    "previousId": st.sampled_from(["a", "u"]),
    "groupId": st.just("g"),
    "messageId": st.sampled_from(["m1", "m2", "m3"]),
    "event": st.just("Viewed"),
    "properties": st.dictionaries(TEXT, VALUES, max_size=4),
    "traits": TRAITS,
    "context": st.fixed_dictionaries({}, optional={"traits": TRAITS}),
    "timestamp": st.just("2026-03-01T00:00:00Z"),
    "type": st.sampled_from(["track", "identify", "page", "screen", "group", "alias"]),
}


@st.composite
def calls(draw: st.DrawFn) -> Any:
    """A call whose fields are mostly right."""
    call: dict[str, Any] = {}
    for name in FIELDS:
        if name in RIGHT and draw(st.integers(0, 9)) < 7:
            call[name] = draw(RIGHT[name])
        elif draw(st.integers(0, 9)) < 1:
            call[name] = draw(VALUES)
    return call


DEEP = st.integers(1, 3000).map(lambda levels: b"[" * levels + b"]" * levels)
BODIES = st.one_of(
    calls().map(lambda call: json.dumps(call).encode()),
    calls().map(lambda call: json.dumps(call, ensure_ascii=False).encode(errors="surrogatepass")),
    st.lists(calls() | VALUES, max_size=4).map(lambda batch: json.dumps({"batch": batch}).encode()),
    VALUES.map(lambda value: json.dumps(value).encode()),
    DEEP.map(lambda deep: b'{"userId": "u", "event": "e", "properties": {"p": ' + deep + b"}}"),
    st.binary(max_size=60),
)
