"""Events: those that come in, as they come in, and every name that the workspace has seen."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Header
from starlette.responses import Response, StreamingResponse

from api.http.session import signed_in
from api.pages.access import Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.events.system_events import SYSTEM_EVENTS
from orchestrator.settings import is_development_key
from orchestrator.store.customers.record import find_customer
from orchestrator.store.events.event_names import load_event_names
from orchestrator.store.events.tail import TailRow, newest_seq, read_tail

router = APIRouter(route_class=ConsoleRoute)
SHOWN = 50
_EVERY = 0.7
"""Seconds between two looks."""
_SETTLING = 3.0
"""Seconds for which a place in the order may still be filled: who stores later may have been numbered earlier."""
_LONGEST = 10 * 60
"""Seconds of one stream. The browser comes back by itself."""
_LOOKED_AT = 20.0
"""Seconds after which it is seen anew whether somebody is still signed in."""
NOBODY = UUID(int=0)


@router.get("/events")
async def events(view: Reader, name: str = "", customer: str = "") -> Response:
    """The newest events, to be kept up to date by the stream."""
    who = await _customer(view, customer)
    rows = await read_tail(view.engine, name=name.strip()[:200], customer=who, limit=SHOWN)
    return view.render(
        "events.html",
        rows=by_occurrence(rows),
        system=SYSTEM_EVENTS,
        newest=rows[0].seq if rows else await newest_seq(view.engine),
        key=next(filter(is_development_key, view.settings.write_keys), ""),
        unknown=who == NOBODY,
        whose=next(iter(rows), None) if who is not None else None,
    )


@router.get("/events/names")
async def names(view: Reader, q: str = "") -> Response:
    """The catalogue of names."""
    found = await load_event_names(view.engine, view.now)
    shown = [one for one in found.events if q.strip().lower() in one.name.lower()]
    return view.render("event_names.html", events=shown, sampled=found.sampled, system=SYSTEM_EVENTS)


@router.get("/events/stream")
async def stream(
    view: Reader,
    name: str = "",
    customer: str = "",
    after: int = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Server-sent events: each carries the rows that are new, as the page shows them."""
    who = await _customer(view, customer)
    start = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < 19 else max(0, after)
    lines = _event_stream(view, name.strip()[:200], who, start)
    return StreamingResponse(lines, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _event_stream(view: View, name: str, customer: UUID | None, start: int) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    until = time.monotonic() + _LONGEST
    looked = time.monotonic()
    quiet = 0.0
    async for rows in follow(view, name, customer, start):
        if rows:
            html = "".join(view.fragment("event_row.html", one=row, system=SYSTEM_EVENTS) for row in rows)
            data = orjson.dumps({"html": html, "count": len(rows), "some": len(rows) == SHOWN}).decode()
            yield f"id: {rows[0].seq}\nevent: rows\ndata: {data}\n\n".encode()
            quiet = 0.0
        elif (quiet := quiet + _EVERY) > 10:
            yield b": still here\n\n"
            quiet = 0.0
        if time.monotonic() - looked > _LOOKED_AT:
            looked = time.monotonic()
            if not await still_allowed(view):
                return
        if time.monotonic() > until:
            return


def by_occurrence(rows: list[TailRow]) -> list[TailRow]:
    """As they happened, the last first: what was told late stands where it belongs."""
    return sorted(rows, key=lambda row: (row.occurred_at, row.seq), reverse=True)


async def still_allowed(view: View) -> bool:
    """Whether whoever opened the stream may still read: a session can end meanwhile."""
    return view.actor is not None and (view.actor.via != "session" or await signed_in(view.request) is not None)


async def follow(view: View, name: str, customer: UUID | None, start: int) -> AsyncIterator[list[TailRow]]:
    """What was stored since the last look, the newest first; when much comes at once, the newest of it."""
    floor, seen = start, {start}
    marks = [(time.monotonic(), start)]
    while True:
        rows = await read_tail(view.engine, name=name, customer=customer, after=floor, limit=SHOWN)
        new = [row for row in rows if row.seq not in seen]
        yield new
        seen |= {row.seq for row in new}
        now = time.monotonic()
        marks.append((now, max(seen)))
        settled = [place for at, place in marks if now - at > _SETTLING]
        if settled:
            floor = max(floor, settled[-1])
            marks = [mark for mark in marks if now - mark[0] <= _SETTLING]
            seen = {place for place in seen if place >= floor}
        await asyncio.sleep(_EVERY)


async def _customer(view: View, given: str) -> UUID | None:
    """Whom the filter means; somebody whom nobody knows finds nothing."""
    if not given.strip():
        return None
    return await find_customer(view.engine, given.strip()[:255]) or NOBODY
