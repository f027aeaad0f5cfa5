"""How many of those who first ordered in a month order in the months after."""

from orchestrator.core.measures.report import Chart, Column, Report
from orchestrator.core.text import Text

REPORTS = (
    Report(
        name="retention",
        group="customers",
        title=Text("Retention by month"),
        meaning=Text("Of the customers who first ordered in a month, how many ordered in each month after."),
        formula=Text("Share: customers of the cohort with an order in the month / customers of the cohort."),
        sql="""with months as (
    select distinct customer_id, cast(date_trunc('month', ordered_at at time zone :zone) as date) as month from orders
), cohorts as (
    select customer_id, min(month) as cohort from months group by customer_id
), sizes as (
    select cohort, count(*) as size from cohorts group by cohort
)
select c.cohort, cast((extract(year from m.month) - extract(year from c.cohort)) * 12
        + extract(month from m.month) - extract(month from c.cohort) as integer) as period,
    count(*) as customers, s.size, cast(count(*) as double precision) / s.size as share
from cohorts c join months m on m.customer_id = c.customer_id join sizes s on s.cohort = c.cohort
where c.cohort >= cast(date_trunc('month', :since at time zone :zone) as date)
    and c.cohort < cast(:until at time zone :zone as date)
group by c.cohort, s.size, 2
order by c.cohort, 2
""",
        columns=(
            Column("cohort", Text("First order"), "month"),
            Column("period", Text("Months later"), "number"),
            Column("customers", Text("Customers"), "count"),
            Column("size", Text("Customers of the cohort"), "count"),
            Column("share", Text("Share"), "share", of="size", numerator="customers"),
        ),
        charts=(Chart("heatmap", "period", ("share",), "cohort"),),
        needs=("orders",),
        filters=frozenset({"period", "segment", "stage"}),
    ),
)
