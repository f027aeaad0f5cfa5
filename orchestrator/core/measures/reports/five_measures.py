"""The measures by which a business is steered, each with what it is made of."""

from orchestrator.core.measures.fragments import CURRENCY
from orchestrator.core.measures.report import Chart, Column, Report
from orchestrator.core.text import Text

MEASURES = {
    "clv": Text("Customer lifetime value"),
    "mean_order_value": Text("Mean order value"),
    "purchase_frequency": Text("Purchase frequency"),
    "retention_period": Text("Retention period, in periods"),
    "clv_model": Text("Customer lifetime value, next year (model)"),
    "churn_rate": Text("Churn rate"),
    "repeat_purchase_rate": Text("Repeat purchase rate"),
    "conversion_rate": Text("Conversion rate"),
    "retention_rate": Text("Retention rate"),
}

_SQL = """with bought as (
    select customer_id, currency, count(*) as orders, count(value) as valued, coalesce(sum(value), 0) as revenue
    from orders
    where ordered_at >= :since and ordered_at < :until and (:currency is null or currency = :currency)
    group by customer_id, currency
), ever as (
    select customer_id, currency, min(ordered_at) as first_at, max(ordered_at) as last_at
    from orders where ordered_at < :until and (:currency is null or currency = :currency)
    group by customer_id, currency
), worth as (
    select b.currency, cast(sum(b.revenue) as double precision) as revenue,
        cast(sum(b.orders) as double precision) as orders, cast(sum(b.valued) as double precision) as valued,
        cast(count(*) as double precision) as buyers,
        cast(sum(cast(extract(epoch from (e.last_at - e.first_at)) as bigint)) as double precision) / 86400 as days,
        cast(extract(epoch from (:until - :since)) as double precision) / 86400 as length
    from bought b join ever e on e.customer_id = b.customer_id and e.currency = b.currency
    group by b.currency
), factors as (
    select currency, revenue, orders, valued, buyers, days, length,
        revenue / nullif(valued, 0) as mean_value, orders / buyers as frequency,
        1 + days / buyers / length as periods
    from worth
), later as (
    select customer_id, from_stage, row_number() over (
        partition by customer_id order by changed_at, message_id collate "C") as place
    from stage_changes where changed_at >= :since
), after_it as (
    select customer_id, from_stage, row_number() over (
        partition by customer_id order by changed_at, message_id collate "C") as place
    from stage_changes where changed_at >= :until
), stood as (
    select
        case when c.first_seen_at >= :since then null
            when l.customer_id is not null then l.from_stage else c.stage end as at_start,
        case when a.customer_id is not null then a.from_stage else c.stage end as at_end
    from customers c
    left join later l on l.customer_id = c.customer_id and l.place = 1
    left join after_it a on a.customer_id = c.customer_id and a.place = 1
    where c.first_seen_at < :until
), staged as (
    select cast(count(*) filter (where at_end = 'churn_signal') as double precision) as lost,
        cast(count(at_end) as double precision) as everyone,
        cast(count(*) filter (where at_end <> 'churn_signal') as double precision) as at_end,
        cast(count(*) filter (where at_end <> 'churn_signal' and (at_start is null or at_start = 'churn_signal'))
            as double precision) as came,
        cast(count(*) filter (where at_start <> 'churn_signal') as double precision) as at_start
    from stood
), repeated as (
    select cast(count(*) filter (where orders > 1) as double precision) as again,
        cast(count(*) as double precision) as buyers
    from (select customer_id, sum(orders) as orders from bought group by customer_id) each_one
), reached as (
    select distinct run_id from goals
), entered as (
    select cast(count(g.run_id) as double precision) as won, cast(count(*) as double precision) as runs
    from runs r left join reached g on g.run_id = r.run_id
    where r.entered_at >= :since and r.entered_at < :until and (:journey is null or r.journey_key = :journey)
), modelled as (
    select cast(sum(clv) as double precision) as total, cast(count(clv) as double precision) as known from customers
), told as (
    select 1 as place, 'clv' as measure, 'money' as unit, currency, mean_value * frequency * periods as value,
        mean_value * frequency * periods * buyers as numerator, buyers as denominator from factors
    union all select 2, 'mean_order_value', 'money', currency, mean_value, revenue, valued from factors
    union all select 3, 'purchase_frequency', 'number', currency, frequency, orders, buyers from factors
    union all select 4, 'retention_period', 'number', currency, periods, buyers * length + days, buyers * length
        from factors
    union all select 5, 'clv_model', 'money', :own_currency, total / nullif(known, 0), total, known from modelled
        where known > 0
    union all select 6, 'churn_rate', 'share', '', lost / nullif(everyone, 0), lost, everyone from staged
    union all select 7, 'repeat_purchase_rate', 'share', '', again / nullif(buyers, 0), again, buyers from repeated
    union all select 8, 'conversion_rate', 'share', '', won / nullif(runs, 0), won, runs from entered
    union all select 9, 'retention_rate', 'share', '', (at_end - came) / nullif(at_start, 0), at_end - came, at_start
        from staged
)
select measure, unit, currency, value, numerator, denominator from told order by place, currency collate "C"
"""

REPORTS = (
    Report(
        name="measures",
        group="overview",
        title=Text("Measures of the business"),
        meaning=Text("Lifetime value, churn, repeat purchases, conversion and retention of the period."),
        formula=Text(
            "Lifetime value = mean order value × purchase frequency (orders / buyers) × retention period (1 + "
            "mean time "
            "from first to last order / length of the period). Churn rate = customers in the stage churn signal / all "
            "in a stage, at the end. Repeat purchase rate = buyers of two orders or more / buyers. Conversion rate = "
            "runs that reached a goal / runs that were entered. Retention rate = (customers at the end − those "
            "who came) / "
            "customers at the start, customers being those in a stage other than churn signal."
        ),
        sql=_SQL,
        columns=(
            Column("measure", Text("Measure"), "text", names=MEASURES),
            Column("unit", Text("Unit"), "text"),
            CURRENCY,
            Column("value", Text("Value"), "number", of="denominator", numerator="numerator"),
            Column("numerator", Text("Numerator"), "number"),
            Column("denominator", Text("Denominator"), "number"),
        ),
        charts=(Chart("bar", "measure", ("value",)),),
        needs=("customers",),
        filters=frozenset({"period", "segment", "stage", "currency", "journey"}),
    ),
)
