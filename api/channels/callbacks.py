"""Where providers call us: what became of messages. Public, and believed only once the provider has proven itself.

The body is read as it came, for signatures are over bytes. What is told of messages that are not ours is thanked for,
so that the provider stops, and logged without saying of whom.
"""

import time

import structlog
from fastapi import APIRouter, Request
from prometheus_client import Counter
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response

from activities.channels.active_providers import LOOK_EVERY, ActiveProviders
from activities.channels.contract import Services, WrongSignature
from activities.sending.reports import Reports
from api.http.body import read_body
from api.http.problems import ApiProblem, json_response
from api.http.resources import Resources

MOST_BYTES = 4 * 1024 * 1024
"""Of a call: providers gather thousands of reports in one."""

CALLBACKS = Counter(
    "sojourn_provider_reports_total", "Reports of providers, by what became of each.", ["provider", "how"]
)
log = structlog.get_logger(__name__)
router = APIRouter(tags=["Callbacks"])


class Callbacks:
    """The providers of this process, as they are set up now, and what takes their reports."""

    def __init__(self, resources: Resources) -> None:
        self.active_providers = ActiveProviders(Services(resources.settings, resources.engine))
        self.reports = Reports(resources.engine, resources.redis)
        self._looked = float("-inf")

    async def current(self) -> ActiveProviders:
        """The providers; looked up again when the last look is some seconds old."""
        if time.monotonic() - self._looked > LOOK_EVERY:
            await self.active_providers.refresh()
            self._looked = time.monotonic()
        return self.active_providers


@router.post(
    "/callbacks/{provider}",
    summary="Reports of a provider",
    description="Providers call this address when they know more of a message. What they send, and how they prove who "
    "they are, is theirs: see docs/channels.md.",
    responses={200: {"description": "Taken"}, 401: {"description": "Not proven"}, 404: {"description": "Unknown"}},
)
async def take(request: Request, provider: str) -> Response:
    """Reports of a provider."""
    callbacks: Callbacks = request.app.state.callbacks
    body = await read_body(request, MOST_BYTES)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        found = (await callbacks.current()).known().get(provider)
        if found is None or not found.capabilities.callbacks:
            raise ApiProblem("unknown_provider", "provider", provider=provider[:40])
        try:
            told = found.parse_callback(headers, body)
        except WrongSignature:
            CALLBACKS.labels(provider, "forged").inc()
            raise ApiProblem("wrong_signature") from None
        except (ValueError, LookupError, TypeError, AttributeError):
            CALLBACKS.labels(provider, "senseless").inc()
            raise ApiProblem("invalid_callback") from None
        taken = 0
        for callback in told:
            how = await callbacks.reports.take(provider, callback)
            CALLBACKS.labels(provider, how).inc()
            taken += how == "taken"
    except (OperationalError, InterfaceError, PoolTimeout, OSError):
        raise ApiProblem("unavailable", seconds=5) from None
    return json_response({"reports": len(told), "taken": taken})
