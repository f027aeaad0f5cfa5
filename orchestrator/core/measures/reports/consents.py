"""Consents over time: given, withdrawn, standing."""

from orchestrator.core.measures.fragments import CHANNEL
from orchestrator.core.measures.report import Chart, Column, Report
from orchestrator.core.text import Text

REPORTS = (
    Report(
        name="consents",
        group="consents",
        title=Text("Consents over time"),
        meaning=Text(
            "How many customers gave or withdrew their consent each day, and how many consents stood by its end."
        ),
        formula=Text(
            "Given: changes from none to given. Withdrawn: from given to none. Standing: given − withdrawn, "
            "since ever. A "
            "consent that is confirmed, or withdrawn when none stood, changes nothing. The consent for the night "
            "counts by itself."
        ),
        sql="""with said as (
    select customer_id, channel, purpose, granted, changed_at, change_id,
        lag(granted) over (partition by customer_id, channel, purpose order by changed_at, change_id) as before
    from consent_changes
    where changed_at < :until and (:channel is null or channel = :channel)
), moved as (
    select channel, purpose, cast(changed_at at time zone :zone as date) as day, granted
    from said where granted <> coalesce(before, false)
), daily as (
    select channel, purpose, day, count(*) filter (where granted) as given,
        count(*) filter (where not granted) as withdrawn
    from moved group by channel, purpose, day
), summed as (
    select channel, purpose, day, given, withdrawn,
        sum(given - withdrawn) over (partition by channel, purpose order by day) as standing
    from daily
)
select day, channel, purpose, given, withdrawn, standing from summed
where day >= cast(:since at time zone :zone as date)
order by day, channel collate "C", purpose collate "C"
""",
        columns=(
            Column("day", Text("Day"), "day"),
            CHANNEL,
            Column(
                "purpose",
                Text("Purpose"),
                "text",
                names={"advertising": Text("Advertising"), "night": Text("Advertising at night")},
            ),
            Column("given", Text("Given"), "count"),
            Column("withdrawn", Text("Withdrawn"), "count"),
            Column("standing", Text("Standing"), "count"),
        ),
        charts=(Chart("line", "day", ("standing",), "channel"), Chart("bar", "day", ("given", "withdrawn"), "channel")),
        needs=("consent_changes",),
        filters=frozenset({"period", "segment", "stage", "channel"}),
    ),
)
