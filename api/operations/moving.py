"""Moving runs: to another step of their version, to another version, and back: foreseen, then begun as an operation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from api.operations.begin import NobodyChosen, Order, begin
from api.runs.operate import RunsClient
from orchestrator.core.journey.plan import Plan
from orchestrator.core.journey.step_mapping import (
    Place,
    StepMapping,
    Why,
    as_json,
    complete,
    empty_variables,
    from_json,
    inverse,
    propose,
    sends_at_once,
)
from orchestrator.core.run.deadlines import deadline_counted_from
from orchestrator.core.run.operations import PER_SECOND
from orchestrator.store.audit.chain import By
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.journeys.versions import plans_of_versions
from orchestrator.store.operations.choice import Choice, preview
from orchestrator.store.operations.progress import OperationRow
from orchestrator.store.runs.moves import StandingGroup, group_in_flight, reached_at
from orchestrator.store.workspace import read_clock


@dataclass(frozen=True)
class UnknownVersion(LookupError):
    """The journey has no such version. ``field``: which of the two."""

    field: str
    version: int


@dataclass(frozen=True)
class UnknownStep(LookupError):
    """A step that the version does not have."""

    step: str


@dataclass(frozen=True)
class MustBeChosen(Exception):
    """Nobody has said where runs at these steps are to go, and it cannot be proposed."""

    steps: tuple[str, ...]


@dataclass(frozen=True)
class Moving:
    """What somebody wants moved: runs of ``version`` to ``to``; with the same numbers, within the version.

    ``steps``: where runs at a step go, for those for which something else is wanted than what is proposed; ``step``:
    those alone who stand there; ``share``: so many of a hundred.
    """

    journey: str
    version: int
    to: int
    steps: StepMapping = field(default_factory=dict)
    step: str | None = None
    runs: tuple[UUID, ...] = ()
    share: int | None = None
    first: int | None = None
    moved_by: UUID | None = None

    @property
    def choice(self) -> Choice:
        """Whom it is for."""
        chosen = Choice(self.journey, self.step, None, runs=self.runs, first=self.first)
        chosen = replace(chosen, version=self.version, share=self.share, moved_by=self.moved_by)
        return replace(chosen, steps=self.left) if self.within else chosen

    @property
    def within(self) -> bool:
        """Whether they stay in their version: then it is for those alone who leave their step."""
        return self.version == self.to

    @property
    def left(self) -> tuple[str, ...]:
        """The steps of which something else is said than that who stands there stays there."""
        return tuple(step for step, place in self.steps.items() if place != Place(step))


@dataclass(frozen=True)
class ForeseenStep:
    """Runs at one step, all of them, and what would become of them. ``place``: None where somebody has to choose.

    ``due``: how many would go on at once, because their deadline is past by then; of those, what ``sends`` names is
    handed over. ``first_due`` and ``last_due``: the earliest and latest deadline, as it is and as it would be.
    """

    step: str
    place: Place | None
    why: Why
    runs: int
    parked: int
    before: tuple[datetime | None, datetime | None]
    after: tuple[datetime | None, datetime | None]
    due: int
    sends: tuple[str, ...]
    empty: tuple[str, ...]


@dataclass(frozen=True)
class Foreseen:
    """What a move would do. ``count``: of how many runs; ``open``: steps for which somebody has to choose first."""

    count: int
    steps: Sequence[ForeseenStep]
    open: tuple[str, ...]
    before: Plan
    after: Plan


async def foresee(engine: AsyncEngine, plans: Plans, moving: Moving) -> Foreseen:
    """Nothing is done. Raises :class:`UnknownVersion`, :class:`UnknownStep`."""
    before, after, mapping, unsaid = await _mapped(engine, plans, moving)
    async with engine.connect() as db:
        now = (await read_clock(db)).now()
    nobody = moving.within and not moving.left
    count = 0 if nobody else (await preview(engine, "move", moving.choice)).count
    groups = {one.step or "": one for one in await group_in_flight(engine, moving.journey, moving.version)}
    proposals, found = propose(before, after), []
    for step, group in groups.items():
        if moving.step not in (None, step):
            continue
        proposal = proposals.get(step)
        why: Why = proposal.why if proposal else "same" if step in after.steps else "nowhere"
        place = mapping.get(step, Place(step) if why == "same" else None)
        deadlines = await _deadlines(engine, moving, before, after, group, place, now)
        sends = () if place is None else sends_at_once(before, after, step, place)
        empty = () if place is None else empty_variables(before, after, place)
        found.append(ForeseenStep(step, place, why, group.runs, group.parked, *deadlines, sends, empty))
    return Foreseen(count, found, unsaid, before, after)


async def move(
    engine: AsyncEngine,
    runs: RunsClient,
    plans: Plans,
    moving: Moving,
    by: By,
    why: str = "",
    per_second: float = PER_SECOND,
    expected: int | None = None,
) -> UUID:
    """Begin; the operation's id. Raises as :func:`foresee` and as ``begin``, and :class:`MustBeChosen`."""
    _, after, mapping, unsaid = await _mapped(engine, plans, moving)
    if unsaid:
        raise MustBeChosen(unsaid)
    if moving.within and not moving.left:
        raise NobodyChosen
    more = {"to": moving.to, "plan": after.hash, "steps": as_json(mapping)}
    return await begin(engine, runs, Order("move", moving.choice, why, per_second, expected, more), by)


async def move_back(
    engine: AsyncEngine,
    runs: RunsClient,
    plans: Plans,
    operation: OperationRow,
    by: By,
    why: str = "",
    steps: StepMapping | None = None,
) -> UUID:
    """Those whom an operation has moved go back to where they came from. Raises as :func:`move`."""
    return await move(engine, runs, plans, await _way_back(engine, plans, operation, steps or {}), by, why)


async def _way_back(engine: AsyncEngine, plans: Plans, operation: OperationRow, steps: StepMapping) -> Moving:
    chosen = operation.chosen
    way = Moving(chosen["journey"], chosen["to"], chosen["version"], moved_by=operation.id)
    before, after = await _plans(engine, plans, way)
    return replace(way, steps={**inverse(before, after, from_json(chosen["steps"])), **steps})


async def _mapped(engine: AsyncEngine, plans: Plans, moving: Moving) -> tuple[Plan, Plan, StepMapping, tuple[str, ...]]:
    """Both plans, what was chosen completed, and the steps of which nobody has said where their runs go."""
    before, after = await _plans(engine, plans, moving)
    for step, place in moving.steps.items():
        if step not in before.steps:
            raise UnknownStep(step)
        if place.to not in after.steps:
            raise UnknownStep(place.to)
    mapping, unsaid = complete(before, after, moving.steps)
    return before, after, mapping, tuple(one for one in unsaid if moving.step in (None, one))


async def _plans(engine: AsyncEngine, plans: Plans, moving: Moving) -> tuple[Plan, Plan]:
    hashes: Mapping[int, str] = await plans_of_versions(engine, moving.journey)
    for name, version in (("version", moving.version), ("to", moving.to)):
        if version not in hashes:
            raise UnknownVersion(name, version)
    return await plans.get(hashes[moving.version]), await plans.get(hashes[moving.to])


_Range = tuple[datetime | None, datetime | None]


async def _deadlines(
    engine: AsyncEngine,
    moving: Moving,
    before: Plan,
    after: Plan,
    group: StandingGroup,
    place: Place | None,
    now: datetime,
) -> tuple[_Range, _Range, int]:
    """Deadlines as they are, as they would be, and how many are past then."""
    was = (group.first_due, group.last_due)
    if place is None:
        return was, (None, None), 0
    here, there = before.steps.get(group.step or ""), after.steps[place.to]
    if place.timer == "restarted" or here is None or not there.continues(here):
        until = deadline_counted_from(there, now)
        return was, (until, until), group.runs if until is None or until <= now else 0
    if place.timer == "kept":
        return was, was, 0
    if place.timer == "fired":
        return was, (now, now), group.runs
    reached = await reached_at(engine, moving.journey, moving.version, group.step or "")
    found = [until for at in reached if (until := deadline_counted_from(there, at)) is not None]
    due = sum(until <= now for until in found)
    share = round(group.runs * due / len(reached)) if reached else 0
    return was, (min(found, default=None), max(found, default=None)), share
