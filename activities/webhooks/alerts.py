"""Alerts: what is in trouble, or was paused by itself, is told to an address of the workspace, signed as webhooks are.

``incident.opened`` and ``incident.closed``, once each for an incident (``core.run.alerts``). What the receiver does not
take is told again after a minute, with the same ``webhook-id``.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

import httpx2
import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.http.guarded import Refused, TooLarge, guarded_client
from activities.webhooks.signature import signed, signing_key
from orchestrator.core.run.alerts import TOLD, AlertSettings, Change, Told, decide_alerts
from orchestrator.core.run.pause_reasons import why_paused
from orchestrator.core.run.trouble import describe_problem
from orchestrator.settings import Settings
from orchestrator.store.database import session_factory
from orchestrator.store.operations.pauses import pauses
from orchestrator.store.runs.trouble_groups import group_trouble
from orchestrator.store.workspace import change_setting, load_workspace

log = structlog.get_logger()

AGAIN_AFTER = 60.0
"""Seconds for which a receiver that does not answer is left alone."""


@dataclass(frozen=True)
class Incident:
    """Something to be told of. ``page``: where one deals with it."""

    data: dict[str, Any]
    page: str


class Alerts:
    """One for a worker."""

    def __init__(self, engine: AsyncEngine, settings: Settings) -> None:
        self._engine = engine
        self._public_url = settings.public_url
        self._key = signing_key(settings)
        self._client = guarded_client(settings.outgoing_allow)
        self._not_before = 0.0
        self._untold: dict[tuple[str, Change], Told] = {}
        """What a receiver did not take, as it was when it was to be told first."""

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def look(self) -> None:
        """Tell what has begun and what is over since the last look."""
        async with session_factory(self._engine)() as session:
            workspace = await load_workspace(session)
        wanted = AlertSettings.of(workspace.settings if workspace else {})
        if workspace is None or not wanted.url or time.monotonic() < self._not_before:
            return
        told = {name: Told.read(kept) for name, kept in (workspace.settings.get(TOLD) or {}).items()}
        current = await self._current(wanted.least)
        now = datetime.now(UTC)
        for decision in decide_alerts(told, now, current, timedelta(minutes=wanted.quiet)):
            kept = decision.kept
            if decision.tell is not None and kept is not None:
                kept = self._untold.setdefault((decision.incident, decision.tell), kept)
                data = current[decision.incident] if decision.incident in current else Incident({}, "/trouble")
                if not await self._tell(wanted.url, decision.incident, decision.tell, kept, data):
                    self._not_before = time.monotonic() + AGAIN_AFTER
                    return
                self._untold.pop((decision.incident, decision.tell))
            await self._keep(decision.incident, kept)

    async def _current(self, least: int) -> dict[str, Incident]:
        found: dict[str, Incident] = {}
        for one in await pauses(self._engine):
            if one.cause:
                words = why_paused(one.reason, ZoneInfo("UTC")).by_locale()
                data = {"paused": one.what, "cause": one.cause, "words": words}
                found[f"pause:{one.what}"] = Incident(data, "/pauses")
        for group in await group_trouble(self._engine):
            if group.runs >= least and group.paused_for is None:
                about = {"journey": group.journey_key, "step": group.step, "cause": group.cause, "runs": group.runs}
                words = describe_problem(group.problem).by_locale()
                found[f"trouble:{group.journey_key}/{group.problem}"] = Incident({**about, "words": words}, "/trouble")
        return found

    async def _tell(self, url: str, name: str, change: Change, told: Told, incident: Incident) -> bool:
        identity = str(uuid5(NAMESPACE_URL, f"{name} {told.opened.isoformat()} {change}"))
        data = {"incident": name, "opened": told.opened.isoformat(), "page": self._public_url + incident.page}
        kind = {"type": f"incident.{change}", "timestamp": datetime.now(UTC).isoformat()}
        body = orjson.dumps({**kind, "data": {**data, **incident.data}})
        try:
            headers = signed([self._key], identity, body, time.time())
            answer = await self._client.post(url, headers=headers, content=body)
        except (Refused, TooLarge, httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as problem:
            log.warning("an alert could not be told", incident=name, problem=type(problem).__name__)
            return False
        if not answer.is_success:
            log.warning("an alert was not taken", incident=name, status=answer.status_code)
        return answer.is_success

    async def _keep(self, name: str, told: Told | None) -> None:
        def changed(kept: Any) -> dict[str, Any]:
            others = {one: value for one, value in kept.items() if one != name}
            return others if told is None else {**others, name: told.as_json()}

        async with session_factory(self._engine)() as session, session.begin():
            await change_setting(session, TOLD, changed)
