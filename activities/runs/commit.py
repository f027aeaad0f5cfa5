"""Activities on customers: what a run books."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.exc import OperationalError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from orchestrator.core.commands import Book
from orchestrator.core.journey.plan import Plan
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.commits import Bookings, Standing, UnknownRun

_BOOK: TypeAdapter[Book] = TypeAdapter(Book)


@dataclass(frozen=True)
class CustomerActivities:
    """Run as local activities: near the workflow, one history event each."""

    bookings: Bookings
    plans: Plans

    @activity.defn(name="book")
    async def book(self, given: dict[str, Any], book: dict[str, Any]) -> dict[str, Any] | None:
        """Carry out one booking.

        Args:
            given: ``run``, ``plan`` (hash), ``now`` (journey time), and as in :class:`Standing`: ``seq``,
                ``listening``, ``task``, ``execution``. Arguments of a local activity are kept in no history.
            book: A :class:`Book` as JSON.
        """
        plan: Plan = await self.plans.get(given["plan"])
        run, now = UUID(given["run"]), datetime.fromisoformat(given["now"])
        task = datetime.fromisoformat(given["task"])
        standing = Standing(given["seq"], tuple(given["listening"]), task, given["execution"])
        try:
            booked = await self.bookings.carry_out(run, _BOOK.validate_python(book), now, standing)
        except UnknownRun as missing:
            # The router writes the row before it starts the workflow; without it there is nothing to record on.
            raise ApplicationError("the run has no row", type="UnknownRun") from missing
        except (OperationalError, OSError) as away:
            # Every waiting run says so at every attempt: a line each, not a page.
            raise ApplicationError(f"the database is away: {type(away).__name__}", type="StoreAway") from None
        return _answer(booked, plan.mentioned)


def _answer(booked: Any, mentioned: frozenset[str]) -> dict[str, Any] | None:
    """Only what there is to tell, and of an event only what the plan looks at: the answer is kept in the history."""
    told: Mapping[str, Any] = {
        "heard": [_event(happening, mentioned) for happening in booked.heard],
        "truths": list(booked.truths),
        "until": booked.until.isoformat() if booked.until else None,
        "facts": list(booked.facts),
    }
    return {name: value for name, value in told.items() if value} or None


def _event(happening: Any, mentioned: frozenset[str]) -> dict[str, Any]:
    properties = {name: value for name, value in happening.properties.items() if name in mentioned}
    data = {"id": happening.message_id, "name": happening.name, "at": happening.occurred_at.isoformat()}
    return {**data, "p": properties} if properties else data
