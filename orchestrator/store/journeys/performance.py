"""What became of a journey's messages, by step, channel and arm of an experiment: one statement over the ledger.

Counted are the messages that went out within a period, with all that became of them until now. People are counted
once however many messages they got. A goal counts for a message where the same run reached it after the message; an
opt-out counts where it was made by that message's own link, or reported by its provider for that message, and was not
taken back.

The ledger is read through ``sends_went_out`` (a journey's messages by when they went out), goals through
``transitions_goals`` and opt-outs through ``consent_log_opt_outs``: each grows with what is asked for, not with the
workspace. Arms read the exits of the experiments alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before any message."""
LATE = timedelta(days=1)
"""By so much an opt-out may seem to lie before its message: a provider's clock is not ours."""

# What may be said of a message is asked of those alone of whom it can be known. ``reached`` are those that arrived,
# where the provider says so of that step's messages on that channel, and else all that went out.
_COUNTED = {
    "sent": "true",
    "delivered": "s.told and s.arrived",
    "opened": "s.opens and s.opened_at is not null",
    "clicked": "s.clicks and s.clicked_at is not null",
    "unsubscribed": "s.out",
    "converted": "s.converted",
}
_OF = {
    "delivered": "s.told",
    "opened": "s.opens and s.reached",
    "clicked": "s.clicks and s.reached",
    "unsubscribed": "s.reached",
}
# Each customer once, and only then everybody: a tenth of what counting distinct customers in one go takes.
_ONCE = ", ".join(
    [
        *(f"count(*) filter (where {held}) as {name}, bool_or({held}) as is_{name}" for name, held in _COUNTED.items()),
        *(f"bool_or({held}) as of_{name}" for name, held in _OF.items()),
    ]
)
_AGAIN = ", ".join(
    [
        *(f"sum({name}) as {name}, bool_or(is_{name}) as is_{name}" for name in _COUNTED),
        *(f"bool_or(of_{name}) as of_{name}" for name in _OF),
    ]
)
_ALL = ", ".join(
    [
        *(
            f"coalesce(sum({name}), 0) as {name}, count(*) filter (where is_{name}) as {name}_people"
            for name in _COUNTED
        ),
        *(f"count(*) filter (where of_{name}) as {name}_of" for name in _OF),
    ]
)
_ROOM = text("set local work_mem = '64MB'")
"""So that some hundred thousand messages are sorted without a file."""
_PERFORMANCE = text(f"""
with goals as (
    select run_id, max(at) as at from transitions where journey_key = :journey and what = 'goal' group by run_id
), opt_outs as (
    select distinct coalesce(l.evidence ->> 'send', l.evidence ->> 'message') as send from consent_log l
    where l.source in ('unsubscribe', 'provider') and not l.granted and l.at >= :opted_since
        and not l.evidence ? 'bounce' and not exists (
            select from consent_log back where back.customer_id = l.customer_id and back.id > l.id and back.granted
                and back.evidence ->> 'send' = l.evidence ->> 'send'
        )
), went_out as materialized (
    select id, step, channel, customer_id, run_id, sent_at, delivery, opened_at, clicked_at from sends
    where journey_key = :journey and status = 'sent' and channel = any(:channels) and sent_at >= :since
), reporting as (
    select distinct step, channel, true as told from went_out where delivery = 'delivered'
), arriving as (
    select w.*, coalesce(t.told, false) as told,
        w.delivery is not distinct from 'delivered' or w.opened_at is not null or w.clicked_at is not null as arrived
    from went_out w left join reporting t on t.step = w.step and t.channel = w.channel
), s as materialized (
    select a.*, a.arrived or not a.told as reached, a.channel = any(:opens) as opens,
        a.channel = any(:clicks) as clicks, coalesce(g.at >= a.sent_at, false) as converted,
        o.send is not null as out
    from arriving a left join goals g on g.run_id = a.run_id left join opt_outs o on o.send = cast(a.id as text)
), arms as (
    select t.step, t.port, t.run_id, t.customer_id, min(t.at) as at,
        coalesce(max(g.at) >= min(t.at), false) as converted
    from transitions t left join goals g on g.run_id = t.run_id
    where t.journey_key = :journey and t.step = any(:experiments) and t.what = 'left' and t.at >= :since
    group by t.step, t.port, t.run_id, t.customer_id
), by_channel as (
    select s.step, s.channel, s.customer_id, {_ONCE} from s group by s.step, s.channel, s.customer_id
), by_step as (
    select step, customer_id, {_AGAIN} from by_channel group by step, customer_id
), by_arm as (
    select a.step, a.port, a.customer_id, {_ONCE} from arms a join s on s.run_id = a.run_id and s.sent_at >= a.at
    group by a.step, a.port, a.customer_id
), who_entered as (
    select step, port, customer_id, count(*) as runs, count(*) filter (where converted) as won
    from arms group by step, port, customer_id
)
select 'step' as kind, step, '' as part, 0 as entered, 0 as entered_people, 0 as won, 0 as won_people, {_ALL}
from by_step group by step
union all
select 'channel', step, channel, 0, 0, 0, 0, {_ALL} from by_channel group by step, channel
union all
select 'arm', e.step, e.port, sum(e.runs), count(*), sum(e.won), count(*) filter (where e.won > 0), {_ALL}
from who_entered e left join by_arm m on m.step = e.step and m.port = e.port and m.customer_id = e.customer_id
group by e.step, e.port
""")
Kind = Literal["step", "channel", "arm"]
METRICS = tuple(_COUNTED)


@dataclass(frozen=True)
class Tally:
    """How many messages (or runs, of an arm), how many different customers, and of how many customers these are a part:
    None where they are the whole."""

    times: int
    people: int
    of: int | None = None


@dataclass(frozen=True)
class Performance:
    """What became of the messages of a step (``part`` empty), of a step on one channel, or after one arm.

    ``tallies`` has one for each of :data:`METRICS`; of ``converted`` the whole is who was written to, or who took the
    arm. ``entered``: who took the arm.
    """

    kind: Kind
    step: str
    part: str
    entered: Tally
    tallies: Mapping[str, Tally]


def nothing(kind: Kind, step: str, part: str) -> Performance:
    """Of whom nobody came."""
    return Performance(kind, step, part, Tally(0, 0), {name: Tally(0, 0, 0) for name in METRICS})


async def load_performance(
    engine: AsyncEngine,
    journey: str,
    *,
    channels: Collection[str],
    opens: Collection[str],
    clicks: Collection[str],
    experiments: Collection[str],
    since: datetime,
) -> list[Performance]:
    """All versions together, of messages on ``channels`` that went out since an instant of journey time.

    ``opens`` and ``clicks``: the channels on which these are counted. ``experiments``: the ids of the steps whose arms
    are counted. Steps and arms that nobody came to are left out.
    """
    given: dict[str, Any] = {
        "journey": journey,
        "channels": sorted(channels),
        "opens": sorted(opens),
        "clicks": sorted(clicks),
        "experiments": sorted(experiments),
        "since": since,
        "opted_since": since - LATE if since > EVER else since,
    }
    async with engine.connect() as db:
        await db.execute(_ROOM)
        return [_read(row) for row in (await db.execute(_PERFORMANCE, given)).mappings()]


def _read(row: Mapping[Any, Any]) -> Performance:
    """A goal counts for an arm from when it was taken, also where no message followed: a control gets none."""
    tallies = {name: Tally(int(row[name]), row[f"{name}_people"], row.get(f"{name}_of")) for name in METRICS}
    entered = Tally(int(row["entered"]), row["entered_people"])
    if row["kind"] == "arm":
        tallies["converted"] = Tally(int(row["won"]), row["won_people"], entered.people)
    else:
        tallies["converted"] = replace(tallies["converted"], of=tallies["sent"].people)
    return Performance(row["kind"], row["step"], row["part"], entered, tallies)
