"""Orders and revenue by month and currency."""

from orchestrator.core.measures.report import Chart, Column, Report
from orchestrator.core.text import Text

REPORTS = (
    Report(
        name="orders_by_month",
        group="orders",
        title=Text("Orders by month"),
        meaning=Text("How many orders came each month, from how many customers, and what they were worth."),
        formula=Text(
            "Revenue: the sum of the orders' values, by currency. Mean order value: revenue / orders with a value."
        ),
        sql="""with counted as (
    select cast(date_trunc('month', ordered_at at time zone :zone) as date) as month, currency, customer_id, value
    from orders
    where ordered_at >= :since and ordered_at < :until and (:currency is null or currency = :currency)
)
select month, currency, count(*) as orders, count(distinct customer_id) as buyers,
    coalesce(sum(value), 0) as revenue, count(value) as valued,
    cast(sum(value) as double precision) / nullif(count(value), 0) as mean_value
from counted
group by month, currency
order by month, currency
""",
        columns=(
            Column("month", Text("Month"), "month"),
            Column("currency", Text("Currency"), "text"),
            Column("orders", Text("Orders"), "count"),
            Column("buyers", Text("Buyers"), "count"),
            Column("revenue", Text("Revenue"), "money", currency="currency"),
            Column("valued", Text("Orders with a value"), "count"),
            Column("mean_value", Text("Mean order value"), "money", currency="currency"),
        ),
        charts=(
            Chart("bar", "month", ("revenue",), series="currency"),
            Chart("line", "month", ("orders",), "currency"),
        ),
        needs=("orders",),
    ),
)
