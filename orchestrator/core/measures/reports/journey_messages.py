"""A journey's messages and variants: what became of them, and what customers bought after them."""

from orchestrator.core.measures.fragments import (
    ATTRIBUTED,
    ATTRIBUTION,
    CHANNEL,
    CURRENCY,
    JOURNEY_FILTERS,
    OPTED_OUT,
    OUTCOME_COLUMNS,
    OUTCOMES,
    TOUCHES,
    WENT_OUT,
)
from orchestrator.core.measures.report import Chart, Column, Report
from orchestrator.core.text import Text

_STEP = Column("step", Text("Step"), "text", names="step")

REPORTS = (
    Report(
        name="journey_messages",
        group="journey",
        title=Text("Messages of the journey"),
        meaning=Text(
            "What became of the messages of each version, step and channel, and what customers bought after them."
        ),
        formula=ATTRIBUTION,
        sql=f"""with {OPTED_OUT}, {WENT_OUT}, {TOUCHES}, versions as (
    select run_id, version from runs where (:journey is null or journey_key = :journey)
), won as (
    select run_id, max(reached_at) as reached_at from goals
    where (:journey is null or journey_key = :journey) group by run_id
), told as (
    select w.send_id, v.version, w.journey_key, w.step, w.channel, w.template, w.arrived, w.opened_at, w.clicked_at,
        w.unsubscribed, w.bounced_at, w.complained_at, coalesce(g.reached_at >= w.sent_at, false) as converted
    from went_out w left join versions v on v.run_id = w.run_id left join won g on g.run_id = w.run_id
    where (:version is null or v.version = :version)
), earned as (
    select t.journey_key, t.version, t.step, t.channel, t.template, c.currency, sum(c.revenue) as revenue,
        sum(c.orders) as orders
    from told t join credited c on c.send_id = t.send_id
    group by t.journey_key, t.version, t.step, t.channel, t.template, c.currency
), counted as (
    select journey_key, version, step, channel, template, {OUTCOMES},
        count(*) filter (where converted) as converted,
        cast(count(*) filter (where converted) as double precision) / count(*) as conversion_rate
    from told group by journey_key, version, step, channel, template
)
select c.journey_key as journey, c.version, c.step, c.channel, c.template, c.sent, c.delivered, c.opened, c.clicked,
    c.unsubscribed, c.bounced, c.complained, c.open_rate, c.click_rate, c.unsubscribe_rate, c.converted,
    c.conversion_rate, coalesce(e.currency, '') as currency, coalesce(e.orders, 0) as orders,
    coalesce(e.revenue, 0) as revenue
from counted c left join earned e on e.journey_key = c.journey_key and e.step = c.step and e.channel = c.channel
    and e.template = c.template and e.version is not distinct from c.version
order by c.journey_key collate "C", coalesce(c.version, 0), c.step collate "C", c.channel collate "C",
    c.template collate "C", coalesce(e.currency, '') collate "C"
""",
        columns=(
            Column("journey", Text("Journey"), "text", names="journey"),
            Column("version", Text("Version"), "number"),
            _STEP,
            CHANNEL,
            Column("template", Text("Template"), "text", names="template"),
            *OUTCOME_COLUMNS,
            Column("converted", Text("Converted"), "count"),
            Column("conversion_rate", Text("Conversion rate"), "share", of="sent", numerator="converted"),
            CURRENCY,
            Column("orders", Text("Orders"), "number"),
            Column("revenue", Text("Revenue"), "money", currency="currency"),
        ),
        charts=(Chart("bar", "step", ("sent", "opened", "clicked", "converted")),),
        needs=("sends",),
        filters=JOURNEY_FILTERS | ATTRIBUTED,
    ),
    Report(
        name="journey_paths",
        group="journey",
        title=Text("Paths and variants"),
        meaning=Text("How many runs took each path out of a step, and how many of them reached a goal afterwards."),
        formula=Text("Conversion rate: runs that reached a goal after taking the path / runs that took it."),
        sql="""with chosen as (
    select run_id, version from runs
    where entered_at >= :since and entered_at < :until and (:journey is null or journey_key = :journey)
        and (:version is null or version = :version)
), took as (
    select c.version, p.step, p.port, p.run_id, min(p.passed_at) as passed_at
    from passages p join chosen c on c.run_id = p.run_id where p.what = 'left'
    group by c.version, p.step, p.port, p.run_id
), won as (
    select g.run_id, max(g.reached_at) as reached_at from goals g join chosen c on c.run_id = g.run_id group by g.run_id
), marked as (
    select t.version, t.step, t.port, coalesce(g.reached_at >= t.passed_at, false) as converted
    from took t left join won g on g.run_id = t.run_id
)
select version, step, port as path, count(*) as runs, count(*) filter (where converted) as converted,
    cast(count(*) filter (where converted) as double precision) / count(*) as conversion_rate
from marked
group by version, step, port
order by version, step collate "C", port collate "C"
""",
        columns=(
            Column("version", Text("Version"), "number"),
            _STEP,
            Column("path", Text("Path"), "text"),
            Column("runs", Text("Runs"), "count"),
            Column("converted", Text("Converted"), "count"),
            Column("conversion_rate", Text("Conversion rate"), "share", of="runs", numerator="converted"),
        ),
        charts=(Chart("bar", "path", ("conversion_rate",), "step"),),
        needs=("runs",),
        filters=JOURNEY_FILTERS - {"channel"},
    ),
)
