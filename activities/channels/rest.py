"""JSON over HTTP to a provider's API, and what it means when that fails.

Before a connection stands, nothing was sent. From then on, silence leaves it open whether we were heard: for a call
that hands messages over, :class:`~activities.channels.contract.Ambiguous`. An answer tells: 429 and 503 that it was not
taken (RFC 6585, 4; RFC 9110, 15.6.4), other 4xx that it was refused; other 5xx nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2

from activities.channels.contract import Ambiguous, DeliveryError, Temporary
from activities.http.retry_after import retry_after

TIMEOUT = httpx2.Timeout(30.0, connect=5.0, pool=5.0)
"""Seconds: less than a delivery waits for its provider, so that it is we who say what silence means."""
LONGEST_WAIT = timedelta(hours=1)
"""However long a provider asks to be left alone, so long at most."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered: a status below 500, other than 429. ``body``: an object, or empty if it was none."""

    status: int
    body: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """Whether the call was carried out."""
        return 200 <= self.status < 300


class Rest:
    """The API of one provider. ``base``: its address without a slash at the end."""

    def __init__(self, base: str, timeout: httpx2.Timeout = TIMEOUT, connections: int = 20) -> None:
        limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._client = httpx2.AsyncClient(base_url=base, timeout=timeout, limits=limits, trust_env=False)

    async def submit(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str], params: Mapping[str, str] | None = None
    ) -> Answer:
        """POST messages. Raises ``Temporary`` where surely none was taken, ``Ambiguous`` where that is not sure."""
        return await self._call("POST", path, headers, Ambiguous, json=body, params=params)

    async def upload(self, path: str, headers: Mapping[str, str], **what: Any) -> Answer:
        """POST a file, as ``json`` or as ``files`` and ``data``. Raises ``Temporary``: twice does no harm."""
        return await self._call("POST", path, headers, Temporary, **what)

    async def look_up(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """GET. Raises ``Temporary``: a question may be asked again."""
        return await self._call("GET", path, headers, Temporary, params=params)

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str], unsure: type[DeliveryError], **what: Any
    ) -> Answer:
        try:
            response = await self._client.request(method, path, headers=dict(headers), **what)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise Temporary(type(error).__name__) from None
        except httpx2.HTTPError as error:
            raise unsure(type(error).__name__) from None
        if response.status_code in (429, 503):
            raise Temporary(
                f"HTTP {response.status_code}", retry_after(response.headers.get("retry-after", ""), LONGEST_WAIT)
            )
        if response.status_code >= 500:
            raise unsure(f"HTTP {response.status_code}")
        return Answer(response.status_code, _object(response))

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()


def _object(response: httpx2.Response) -> Mapping[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
