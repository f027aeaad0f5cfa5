"""Runs as the database has them, held against those that Temporal has: what one alone knows, and who is behind.

Either may have come back from a backup. The lists of both are read one after the other while runs go on, so that each
difference is looked at once more, at the run itself, before it is told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from api.doctor.temporal import ClosedRun, OpenRun, known_ends, last_tasks, open_runs
from orchestrator.store.doctor.books import BookedRun, live_among, live_runs

LONGEST_TASK = timedelta(minutes=2)
"""A commit is dated within its workflow task, which may last so long while the database is slow."""


@dataclass
class Comparison:
    """Runs by what is wrong with them.

    ``only_database``: Temporal has never heard of them, or has forgotten them; ``ended``: over in Temporal, under way
    in the database; ``only_temporal``: open in Temporal, and the database has no run under way there;
    ``database_behind`` and ``temporal_behind``: both have them, and one knows less of what they did.
    """

    compared: int = 0
    only_database: list[BookedRun] = field(default_factory=list)
    ended: list[tuple[BookedRun, ClosedRun]] = field(default_factory=list)
    only_temporal: list[OpenRun] = field(default_factory=list)
    database_behind: list[tuple[BookedRun, OpenRun, datetime]] = field(default_factory=list)
    """With when the task began that committed last, by Temporal."""
    temporal_behind: list[tuple[BookedRun, OpenRun]] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """Of all kinds."""
        kinds = (self.only_database, self.ended, self.only_temporal, self.database_behind, self.temporal_behind)
        return sum(len(one) for one in kinds)


async def compare(engine: AsyncEngine, client: Client, task_queue: str) -> Comparison:
    """Everything that is under way in either. Raises ``RPCError`` while Temporal is away."""
    opened, booked = await open_runs(client, task_queue), await live_runs(engine)
    found = Comparison(len(booked.keys() | opened.keys()))
    await _one_sided(engine, client, booked, opened, found)
    both = {key: (run, opened[key]) for key, run in booked.items() if key in opened}
    await _elsewhere(engine, client, both, found)
    return found


async def _one_sided(
    engine: AsyncEngine,
    client: Client,
    booked: Mapping[str, BookedRun],
    opened: Mapping[str, OpenRun],
    found: Comparison,
) -> None:
    missing = [one for key, one in booked.items() if key not in opened and not one.unrouted]
    ends = await known_ends(client, (one.workflow_id for one in missing))
    still = await live_among(engine, [one.workflow_id for one in missing])  # some have come to their end meanwhile
    for one in missing:
        if one.workflow_id not in ends or still.get(one.workflow_id) != one.id:
            continue
        end = ends[one.workflow_id]
        if end is None:
            found.only_database.append(one)
        else:
            found.ended.append((one, end))
    extra = [one for key, one in opened.items() if key not in booked]
    closing = await known_ends(client, (one.workflow_id for one in extra))
    begun = await live_among(engine, [one.workflow_id for one in extra])
    found.only_temporal += [one for one in extra if one.workflow_id not in {*closing, *begun}]


async def _elsewhere(
    engine: AsyncEngine, client: Client, both: Mapping[str, tuple[BookedRun, OpenRun]], found: Comparison
) -> None:
    """Where a run rests is shown by Temporal only from its next rest on; so that its history has the last word."""
    suspected = {key: pair for key, pair in both.items() if pair[1].step != pair[0].step}
    if not suspected:
        return
    tasks = await last_tasks(client, suspected)
    booked = await live_runs(engine)  # those who have gone on meanwhile have committed that
    for key, (_, shown) in suspected.items():
        run = booked.get(key)
        if run is None or key not in tasks or run.booked_task is None:
            continue
        began, committed = tasks[key]
        if began < run.booked_task - LONGEST_TASK:
            found.temporal_behind.append((run, shown))
        elif committed > run.booked_task:
            found.database_behind.append((run, shown, committed))


def samples(runs: Iterable[BookedRun | OpenRun]) -> list[str]:
    """Their workflow ids, by which both know them."""
    return sorted(one.workflow_id for one in runs)
