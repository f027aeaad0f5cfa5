"""When customers order first and again, how much they are worth, and how they fall into recency and frequency."""

from orchestrator.core.measures.fragments import CURRENCY
from orchestrator.core.measures.report import Chart, Column, Report
from orchestrator.core.text import Text

REPORTS = (
    Report(
        name="first_purchase",
        group="orders",
        title=Text("First purchase after sign-up"),
        meaning=Text("Of the customers first seen in a month, how many had ordered within so many days."),
        formula=Text(
            "Share: customers whose first order came within so many days of being first seen / all of the month."
        ),
        sql="""with first_order as (
    select customer_id, min(ordered_at) as ordered_at from orders group by customer_id
), signed_up as (
    select cast(date_trunc('month', c.first_seen_at at time zone :zone) as date) as cohort,
        case when o.ordered_at >= c.first_seen_at
            then floor(cast(extract(epoch from (o.ordered_at - c.first_seen_at)) as double precision) / 86400)
            when o.ordered_at is not null then 0 end as days
    from customers c left join first_order o on o.customer_id = c.customer_id
    where c.first_seen_at >= :since and c.first_seen_at < :until
), sizes as (
    select cohort, count(*) as size from signed_up group by cohort
), spans as (
    select cast(within as integer) as within from (values (0), (1), (3), (7), (14), (30), (60), (90), (180)) s(within)
)
select z.cohort, p.within, count(u.days) filter (where u.days <= p.within) as customers, z.size,
    cast(count(u.days) filter (where u.days <= p.within) as double precision) / z.size as share
from sizes z cross join spans p join signed_up u on u.cohort = z.cohort
group by z.cohort, z.size, p.within
order by z.cohort, p.within
""",
        columns=(
            Column("cohort", Text("First seen"), "month"),
            Column("within", Text("Within days"), "days"),
            Column("customers", Text("Customers"), "count"),
            Column("size", Text("Customers first seen"), "count"),
            Column("share", Text("Share"), "share", of="size", numerator="customers"),
        ),
        charts=(Chart("heatmap", "within", ("share",), "cohort"),),
        needs=("orders",),
        filters=frozenset({"period", "segment", "stage"}),
    ),
    Report(
        name="repurchase_interval",
        group="orders",
        title=Text("Time between purchases"),
        meaning=Text("How many days lie between a day with an order and the customer's day with an order before."),
        formula=Text("Share: purchases after so many days / all purchases of the period that had one before."),
        sql="""with days as (
    select distinct customer_id, cast(ordered_at at time zone :zone as date) as day from orders
    where ordered_at < :until
), gaps as (
    select day, day - lag(day) over (partition by customer_id order by day) as gap from days
), binned as (
    select case when gap < 7 then 1 when gap < 98 then cast(floor(cast(gap as double precision) / 7) as integer) * 7
        else 98 end as from_days
    from gaps where gap is not null and day >= cast(:since at time zone :zone as date)
), whole as (
    select count(*) as everything from binned
)
select b.from_days, count(*) as purchases, w.everything,
    cast(count(*) as double precision) / w.everything as share
from binned b cross join whole w
group by b.from_days, w.everything
order by b.from_days
""",
        columns=(
            Column("from_days", Text("Days, from"), "days"),
            Column("purchases", Text("Purchases"), "count"),
            Column("everything", Text("All repeat purchases"), "count"),
            Column("share", Text("Share"), "share", of="everything", numerator="purchases"),
        ),
        charts=(Chart("bar", "from_days", ("purchases",)),),
        needs=("orders",),
        filters=frozenset({"period", "segment", "stage"}),
    ),
    Report(
        name="rfm",
        group="orders",
        title=Text("Recency, frequency and monetary value"),
        meaning=Text("Buyers by how lately and how often they ordered, in fifths: 5 is the best."),
        formula=Text(
            "Scores are fifths of all who ordered before the end of the period: recency by the last order, "
            "frequency by the "
            "number of orders. Customers who are alike have the same score. Revenue in the currency chosen, or "
            "else the "
            "workspace's."
        ),
        sql="""with bought as (
    select customer_id, max(ordered_at) as last_at, count(*) as orders,
        coalesce(sum(value) filter (where currency = coalesce(:currency, :own_currency)), 0) as revenue
    from orders where ordered_at < :until group by customer_id
), placed as (
    select orders, revenue, rank() over (order by last_at) as recent, rank() over (order by orders) as frequent,
        count(*) over () as everyone
    from bought
), scored as (
    select 1 + cast(floor(cast(5 * (recent - 1) as double precision) / everyone) as integer) as recency,
        1 + cast(floor(cast(5 * (frequent - 1) as double precision) / everyone) as integer) as frequency,
        orders, revenue
    from placed
)
select recency, frequency, count(*) as customers, sum(orders) as orders, sum(revenue) as revenue,
    coalesce(:currency, :own_currency) as currency,
    cast(sum(revenue) as double precision) / count(*) as revenue_per_customer
from scored
group by recency, frequency
order by recency, frequency
""",
        columns=(
            Column("recency", Text("Recency"), "number"),
            Column("frequency", Text("Frequency"), "number"),
            Column("customers", Text("Customers"), "count"),
            Column("orders", Text("Orders"), "count"),
            Column("revenue", Text("Revenue"), "money", currency="currency"),
            CURRENCY,
            Column("revenue_per_customer", Text("Revenue per customer"), "money", currency="currency"),
        ),
        charts=(Chart("grid", "recency", ("customers",), "frequency"),),
        needs=("orders",),
    ),
    Report(
        name="clv_distribution",
        group="orders",
        title=Text("Distribution of lifetime value"),
        meaning=Text("What customers are expected to bring within a year, from the tenth who bring least to the best."),
        formula=Text(
            "Tenths of all customers of whom the model knows a value. Share: value of the tenth / value of all."
        ),
        sql="""with valued as (
    select clv, row_number() over (order by clv, cast(customer_id as text) collate "C") as place,
        count(*) over () as everyone
    from customers where clv is not null
), tenths as (
    select 1 + cast(floor(cast(10 * (place - 1) as double precision) / everyone) as integer) as tenth, clv from valued
), whole as (
    select coalesce(sum(clv), 0) as everything from valued
)
select t.tenth, count(*) as customers, min(t.clv) as least, max(t.clv) as most, sum(t.clv) as value,
    cast(sum(t.clv) as double precision) / nullif(cast(w.everything as double precision), 0) as share,
    :own_currency as currency
from tenths t cross join whole w
group by t.tenth, w.everything
order by t.tenth
""",
        columns=(
            Column("tenth", Text("Tenth"), "number"),
            Column("customers", Text("Customers"), "count"),
            Column("least", Text("Least"), "money", currency="currency"),
            Column("most", Text("Most"), "money", currency="currency"),
            Column("value", Text("Value"), "money", currency="currency"),
            Column("share", Text("Share"), "share"),
            CURRENCY,
        ),
        charts=(Chart("bar", "tenth", ("value",)),),
        needs=("customers",),
        filters=frozenset({"segment", "stage"}),
    ),
)
