"""Whether an address answers: asked as gently as a person's click, never into our own network.

HEAD first; what does not answer that in kind (many shops do not) is asked with GET, of which little is read. Redirects
are followed one by one, each judged anew by the guard.
"""

from collections.abc import Iterable
from urllib.parse import urljoin

import httpx2

from activities.http.guarded import Refused, guarded_client
from orchestrator.core.preflight.links import Reached

MOST_HOPS = 5
SECONDS = 10.0
MOST_READ = 64 * 1024
_ASK_AGAIN = frozenset({400, 403, 404, 405, 406, 429, 500, 501, 503})
"""Answers to HEAD that say little about GET."""
_MOVED = frozenset({301, 302, 303, 307, 308})


def link_client(allow: Iterable[str] = ()) -> httpx2.AsyncClient:
    """A client for :func:`reach`, to be closed. ``allow``: the setting ``outgoing_allow``."""
    return guarded_client(allow, seconds=SECONDS, most=MOST_READ)


async def reach(client: httpx2.AsyncClient, url: str) -> Reached:
    """What an address answers in the end, and by which ways. Never raises."""
    hops: list[str] = []
    try:
        while True:
            status, to = await _ask(client, hops[-1] if hops else url)
            if to is None:
                return Reached(status, tuple(hops))
            hops.append(urljoin(hops[-1] if hops else url, to))
            if len(hops) > MOST_HOPS:
                return Reached(status, tuple(hops), "too_many_redirects")
    except Refused:
        return Reached(None, tuple(hops), "refused")
    except httpx2.TimeoutException:
        return Reached(None, tuple(hops), "too_slow")
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, OSError):
        return Reached(None, tuple(hops), "no_answer")


async def _ask(client: httpx2.AsyncClient, url: str) -> tuple[int, str | None]:
    """The status, and where it leads on to, if anywhere."""
    answer = await client.head(url)
    if answer.status_code in _ASK_AGAIN:
        async with client.stream("GET", url) as answer:
            pass  # its beginning is enough
    moved = answer.status_code in _MOVED and answer.headers.get("location")
    return answer.status_code, moved or None
