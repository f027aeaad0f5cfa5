"""What a run commits: one transaction with the store."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

import structlog
from pydantic import TypeAdapter
from sqlalchemy.exc import DBAPIError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from orchestrator.core.commands import Commit
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.trouble import of_commit, problem_at
from orchestrator.store.faults import is_transient
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.commits import RunCommits, RunSnapshot, UnknownRun
from orchestrator.store.runs.trouble import set_problem

log = structlog.get_logger()

_COMMIT: TypeAdapter[Commit] = TypeAdapter(Commit)


@dataclass(frozen=True)
class RunActivities:
    """Run as local activities: near the workflow, one history event each."""

    commits: RunCommits
    plans: Plans
    _turns: WeakValueDictionary[UUID, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """By run: one commit after the other, also after one that ran out of time and has not ended yet."""

    @activity.defn(name="book")
    async def commit(self, given: dict[str, Any], commit: dict[str, Any]) -> dict[str, Any] | None:
        """Carry out one commit.

        Args:
            given: ``run``, ``plan`` (hash), ``now`` (journey time), and as in :class:`RunSnapshot`: ``seq``,
                ``listening``, ``task``, ``execution``. Arguments of a local activity are kept in no history.
            commit: A :class:`Commit` as JSON.
        """
        run, now = UUID(given["run"]), datetime.fromisoformat(given["now"])
        task = datetime.fromisoformat(given["task"])
        version = given.get("version")
        follows = (given["plan"], version) if version is not None else (None, None)
        standing = RunSnapshot(given["seq"], tuple(given["listening"]), task, given["execution"], *follows)
        try:
            plan: Plan = await self.plans.get(given["plan"])
            async with self._turns.setdefault(run, asyncio.Lock()):
                committed = await self.commits.carry_out(run, _COMMIT.validate_python(commit), now, standing)
        except UnknownRun as missing:
            # The router writes the row before it starts the workflow; without it there is nothing to record on.
            raise ApplicationError("the run has no row", type="UnknownRun", non_retryable=True) from missing
        except Exception as error:
            if is_transient(error):
                # Every waiting run says so at every attempt: a line each, not a page.
                raise ApplicationError(f"the database is away: {type(error).__name__}", type="StoreAway") from None
            await self._note(run, commit.get("step"), _code(error))
            log.error("a commit cannot be carried out", run=given["run"], step=commit.get("step"), exc_info=error)
            raise ApplicationError("the commit cannot be carried out", type=_code(error), non_retryable=True) from None
        return _answer(committed, plan.mentioned)

    async def _note(self, run: UUID, step: str | None, cause: str) -> None:
        """So that it is seen at once. Whoever cannot even be told this is told by the next attempt."""
        with contextlib.suppress(DBAPIError, OSError):
            await set_problem(self.commits.engine, run, problem_at(step, of_commit(cause)))


def _code(error: Exception) -> str:
    """What went wrong, by the name of its type: texts may hold customers' values."""
    cause = getattr(error, "orig", None) or error
    return type(cause).__name__


def _answer(committed: Any, mentioned: frozenset[str]) -> dict[str, Any] | None:
    """Only what there is to tell, and of an event only what the plan looks at: the answer is kept in the history."""
    told: Mapping[str, Any] = {
        "heard": [_event(customer_event, mentioned) for customer_event in committed.heard],
        "truths": list(committed.truths),
        "until": committed.until.isoformat() if committed.until else None,
        "facts": list(committed.facts),
    }
    return {name: value for name, value in told.items() if value} or None


def _event(customer_event: Any, mentioned: frozenset[str]) -> dict[str, Any]:
    properties = {name: value for name, value in customer_event.properties.items() if name in mentioned}
    data = {"id": customer_event.message_id, "name": customer_event.name, "at": customer_event.occurred_at.isoformat()}
    return {**data, "p": properties} if properties else data
