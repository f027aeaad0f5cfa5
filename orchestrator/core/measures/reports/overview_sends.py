"""Messages by day and how they fared, and revenue with journeys against holdout."""

from orchestrator.core.measures.fragments import (
    CHANNEL,
    CURRENCY,
    JOURNEY,
    MESSAGE_FILTERS,
    OPTED_OUT,
    OUTCOME_COLUMNS,
    OUTCOME_FORMULA,
    OUTCOMES,
    WENT_OUT,
)
from orchestrator.core.measures.report import Chart, Column, Report
from orchestrator.core.text import Text

REPORTS = (
    Report(
        name="sends_by_day",
        group="overview",
        title=Text("Messages by day"),
        meaning=Text("How many messages went out each day on each channel, and what became of them."),
        formula=OUTCOME_FORMULA,
        sql=f"""with {OPTED_OUT}, {WENT_OUT}
select cast(sent_at at time zone :zone as date) as day, channel, {OUTCOMES}
from went_out
group by 1, 2
order by 1, channel collate "C"
""",
        columns=(Column("day", Text("Day"), "day"), CHANNEL, *OUTCOME_COLUMNS),
        charts=(Chart("stacked", "day", ("sent",), "channel"), Chart("line", "day", ("open_rate",), "channel")),
        needs=("sends",),
        filters=MESSAGE_FILTERS,
    ),
    Report(
        name="sending_health",
        group="overview",
        title=Text("What became of messages"),
        meaning=Text("Messages that were to be sent in the period, by status and reason."),
        formula=Text("Share: messages of the status and reason / all of the channel."),
        sql="""with counted as (
    select coalesce(channel, '') as channel, status, coalesce(reason, '') as reason, count(*) as messages
    from sends
    where created_at >= :since and created_at < :until and (:journey is null or journey_key = :journey)
        and (:channel is null or channel = :channel)
    group by 1, 2, 3
), whole as (
    select channel, sum(messages) as messages from counted group by channel
)
select c.channel, c.status, c.reason, c.messages, w.messages as everything,
    cast(c.messages as double precision) / cast(w.messages as double precision) as share
from counted c join whole w on w.channel = c.channel
order by c.channel collate "C", c.messages desc, c.status collate "C", c.reason collate "C"
""",
        columns=(
            CHANNEL,
            Column("status", Text("Status"), "text"),
            Column("reason", Text("Reason"), "text"),
            Column("messages", Text("Messages"), "count"),
            Column("everything", Text("All messages"), "count"),
            Column("share", Text("Share"), "share", of="everything", numerator="messages"),
        ),
        charts=(Chart("stacked", "channel", ("messages",), "status"),),
        needs=("sends",),
        filters=MESSAGE_FILTERS,
    ),
    Report(
        name="holdout_revenue",
        group="overview",
        title=Text("Revenue with journeys against holdout"),
        meaning=Text("What customers who entered bought afterwards, compared with those in the holdout."),
        formula=Text(
            "Each customer counts from the first decision of the period on, with orders within the window (7 "
            "days unless "
            "chosen). Revenue per customer = revenue / customers of the group. Buyer rate = buyers / customers."
        ),
        sql="""with decided as (
    select customer_id, journey_key, admitted, decided_at, row_number() over (
        partition by journey_key, customer_id
        order by decided_at, cast(admitted as integer), reason collate "C") as place
    from entries
    where decided_at >= :since and decided_at < :until and (admitted or reason like '%holdout%')
        and (:journey is null or journey_key = :journey)
), grouped as (
    select customer_id, journey_key, decided_at, case when admitted then 'entered' else 'holdout' end as part
    from decided where place = 1
), sizes as (
    select journey_key, part, count(*) as customers from grouped group by journey_key, part
), spent as (
    select g.journey_key, g.part, o.currency, count(distinct o.customer_id) as buyers, count(*) as orders,
        coalesce(sum(o.value), 0) as revenue
    from grouped g join orders o on o.customer_id = g.customer_id and o.ordered_at >= g.decided_at
        and o.ordered_at < g.decided_at + interval '1 day' * :window_days
        and (:currency is null or o.currency = :currency)
    group by g.journey_key, g.part, o.currency
), currencies as (
    select distinct journey_key, currency from spent
)
select s.journey_key as journey, s.part, coalesce(c.currency, '') as currency, s.customers,
    coalesce(p.buyers, 0) as buyers, coalesce(p.orders, 0) as orders, coalesce(p.revenue, 0) as revenue,
    cast(coalesce(p.revenue, 0) as double precision) / s.customers as revenue_per_customer,
    cast(coalesce(p.buyers, 0) as double precision) / s.customers as buyer_rate
from sizes s
left join currencies c on c.journey_key = s.journey_key
left join spent p on p.journey_key = s.journey_key and p.part = s.part and p.currency = c.currency
order by s.journey_key collate "C", coalesce(c.currency, '') collate "C", s.part collate "C"
""",
        columns=(
            JOURNEY,
            Column("part", Text("Group"), "text", names={"entered": Text("Entered"), "holdout": Text("Holdout")}),
            CURRENCY,
            Column("customers", Text("Customers"), "count"),
            Column("buyers", Text("Buyers"), "count"),
            Column("orders", Text("Orders"), "count"),
            Column("revenue", Text("Revenue"), "money", currency="currency"),
            Column("revenue_per_customer", Text("Revenue per customer"), "money", currency="currency"),
            Column("buyer_rate", Text("Buyer rate"), "share", of="customers", numerator="buyers"),
        ),
        charts=(Chart("bar", "journey", ("revenue_per_customer",), "part"),),
        needs=("entries",),
        filters=frozenset({"period", "segment", "stage", "currency", "journey", "window_days"}),
    ),
)
