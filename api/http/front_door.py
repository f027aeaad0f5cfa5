"""What every request passes before any route sees it: who really asks, and whether its address can be read at all.

Behind this door a request's ``Host`` is a host, and ``client`` is who asks rather than the proxy that passed it on.
"""

import re
from ipaddress import IPv6Address

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.http.path_ids import with_slashes_marked
from api.http.problems import ApiProblem, language
from orchestrator.addresses import is_loopback
from orchestrator.settings import Settings

log = structlog.get_logger(__name__)

FORWARDING = frozenset(
    {
        b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"x-original-forwarded-for",
        b"x-originating-ip", b"x-remote-addr", b"x-remote-ip", b"true-client-ip", b"cf-connecting-ip", b"cf-ray",
        b"fastly-client-ip", b"fly-client-ip", b"x-envoy-external-address", b"x-azure-clientip", b"x-appengine-user-ip",
    }
)  # fmt: skip
"""Headers that say that somebody passed a request on, besides every ``x-forwarded-…``."""
_HOST = re.compile(r"(?P<name>[A-Za-z0-9._~-]{0,255}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{0,5})?", re.ASCII)
_LONGEST_HEADER = 16_384


def is_forwarded(scope: Scope) -> bool:
    """Whether any header says that a proxy passed this on, trusted or not."""
    return any(name in FORWARDING or name.startswith(b"x-forwarded") for name, _ in scope["headers"])


def host_name(header: str) -> str | None:
    """The name in a ``Host`` header, without its port; None where it is no host at all."""
    found = _HOST.fullmatch(header)
    if found is None:
        return None
    name = found["name"]
    if name.startswith("["):
        try:
            IPv6Address(name[1:-1])
        except ValueError:
            return None
    return name.lower()


class FrontDoor:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._local_only = settings.has_development_keys and not settings.is_exposed
        self._exposed = settings.is_exposed
        self._warned = False
        self._behind_proxies: ASGIApp = app
        if settings.trusted_proxies:
            self._behind_proxies = ProxyHeadersMiddleware(app, list(settings.trusted_proxies))  # type: ignore[arg-type, assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses with a problem what cannot be read or was meant for another host; hands everything else on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        problem = self._problem(scope)
        if problem is not None:
            request = Request({**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"host"]})
            await problem.response(language(request))(scope, receive, send)
            return
        if self._exposed and self._behind_proxies is self._app and not self._warned and is_forwarded(scope):
            self._warned = True
            log.warning(
                "a proxy passes requests on that is not in SOJOURN_TRUSTED_PROXIES: everybody counts as one address",
                proxy=(scope.get("client") or ("",))[0],
            )
        await self._behind_proxies(with_slashes_marked(scope), receive, send)

    def _problem(self, scope: Scope) -> ApiProblem | None:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        names = {host_name(host) for host in hosts}
        if None in names or len(names) > 1:
            return ApiProblem("invalid_host", "Host")
        if self._local_only and not all(is_local(str(name)) for name in names):
            return ApiProblem("foreign_host", "Host", host=str(next(iter(names)))[:80])
        if any(b"\0" in value or len(value) > _LONGEST_HEADER for _, value in scope["headers"]):
            return ApiProblem("invalid_header")
        return None


def is_local(name: str) -> bool:
    """Whether this host's name means this machine; no name at all is what programs send that speak HTTP/1.0."""
    return not name or is_loopback(name.rstrip(".").removeprefix("[").removesuffix("]"))
