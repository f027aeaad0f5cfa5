"""Whatever is sent, the door answers, and never blames itself."""

import gzip
from typing import Any

from httpx2 import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.junk import BODIES
from tests.examples import examples

PATHS = st.sampled_from(["track", "identify", "page", "screen", "group", "alias", "batch", "batch", "t", "b"])


@settings(
    max_examples=examples(120),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(path=PATHS, body=BODIES, packed=st.booleans())
async def test_no_body_ever_ends_in_a_server_error(client: AsyncClient, path: str, body: bytes, packed: bool) -> None:
    headers = {"Content-Encoding": "gzip"} if packed else {}
    content = gzip.compress(body) if packed else body
    response = await client.post(f"/v1/{path}", content=content, headers=headers)
    assert response.status_code in (200, 400), response.text
    answer: dict[str, Any] = response.json()
    if response.status_code == 200:
        assert answer["success"] is True
        # Nothing slips past the checks to be refused by the database only.
        assert "not_stored" not in {bad["code"] for bad in answer.get("rejected", [])}
    else:
        assert set(answer) == {"type", "title", "status", "detail", "message", "code", "field", "parameters"}
        assert answer["code"] not in ("not_stored", "internal")
