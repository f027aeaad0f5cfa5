"""Customers by stage of their life with the shop, and how they went from one to another."""

from orchestrator.core.measures.fragments import STAGE
from orchestrator.core.measures.report import Chart, Column, Report
from orchestrator.core.text import Text

REPORTS = (
    Report(
        name="stages",
        group="overview",
        title=Text("Customers by lifecycle stage"),
        meaning=Text("How many customers are in each stage now."),
        formula=Text("Share: customers in the stage / all customers."),
        sql="""with counted as (
    select coalesce(stage, '') as stage, count(*) as customers from customers group by 1
), everybody as (
    select count(*) as everyone from customers
)
select stage, customers, everyone, cast(customers as double precision) / everyone as share
from counted cross join everybody
order by stage collate "C"
""",
        columns=(
            STAGE,
            Column("customers", Text("Customers"), "count"),
            Column("everyone", Text("All customers"), "count"),
            Column("share", Text("Share"), "share", of="everyone", numerator="customers"),
        ),
        charts=(Chart("bar", "stage", ("customers",)),),
        needs=("customers",),
        filters=frozenset({"segment", "stage"}),
    ),
    Report(
        name="stage_flow",
        group="overview",
        title=Text("Flow between lifecycle stages"),
        meaning=Text("Where customers stood at the start of the period, and where at its end."),
        formula=Text("Each customer counts once: by the stage at the start and at the end. New: first seen within it."),
        sql="""with later as (
    select customer_id, from_stage, changed_at, row_number() over (
        partition by customer_id order by changed_at, message_id collate "C") as place
    from stage_changes where changed_at >= :since
), after_it as (
    select customer_id, from_stage, row_number() over (
        partition by customer_id order by changed_at, message_id collate "C") as place
    from stage_changes where changed_at >= :until
), stood as (
    select c.customer_id,
        case when c.first_seen_at >= :since then 'new'
            when l.customer_id is not null then coalesce(l.from_stage, '') else coalesce(c.stage, '') end as from_stage,
        case when a.customer_id is not null then coalesce(a.from_stage, '') else coalesce(c.stage, '') end as to_stage
    from customers c
    left join later l on l.customer_id = c.customer_id and l.place = 1
    left join after_it a on a.customer_id = c.customer_id and a.place = 1
    where c.first_seen_at < :until
)
select from_stage, to_stage, count(*) as customers
from stood
group by from_stage, to_stage
order by from_stage collate "C", to_stage collate "C"
""",
        columns=(
            Column("from_stage", Text("At the start"), "text", names="stage"),
            Column("to_stage", Text("At the end"), "text", names="stage"),
            Column("customers", Text("Customers"), "count"),
        ),
        charts=(Chart("sankey", "from_stage", ("customers",), "to_stage"),),
        needs=("customers",),
        filters=frozenset({"period", "segment", "stage"}),
    ),
)
