"""Every endpoint of the API's own description, asked nonsense: none ever answers with a server error."""

from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from httpx2 import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.junk import BODIES, TEXT
from tests.examples import examples

VALUES = st.one_of(
    TEXT.map(lambda text: text.encode("utf-8", "replace").decode()),
    st.sampled_from(["nudge", "mina", "00000000-0000-0000-0000-000000000000", "live", "-1", "200", "1e9", "%00", "\0"]),
    st.sampled_from(["MjAyNi0wMy0wMVQwMDowMDowMCswMDowMH4x", "YQ", "MjAyNi0wMy0wMVQwMDowMDowMH54"]),
)


@settings(
    max_examples=examples(120),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
async def test_no_endpoint_ever_answers_with_a_server_error(app: FastAPI, admin: AsyncClient, data: Any) -> None:
    operations = [
        (path, method, operation)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if path != "/readyz"  # which says truthfully that Temporal is not there
    ]
    path, method, operation = data.draw(st.sampled_from(operations))
    query: dict[str, str] = {}
    for parameter in operation.get("parameters", []):
        value = data.draw(VALUES)
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", quote(value, safe="") or "-")
        elif data.draw(st.booleans()):
            query[parameter["name"]] = value
    body = data.draw(BODIES) if method in ("post", "put") else None
    kind = data.draw(st.sampled_from(["application/json", "application/yaml", "text/plain"]))
    response = await admin.request(method, path, params=query, content=body, headers={"Content-Type": kind})
    assert response.status_code < 500, (method, path, query, response.text)
