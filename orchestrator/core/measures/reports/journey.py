"""A journey: from entries to goals, step by step, and how long it takes."""

from orchestrator.core.measures.fragments import CURRENCY, JOURNEY, JOURNEY_FILTERS
from orchestrator.core.measures.report import Chart, Column, Report
from orchestrator.core.text import Text

_RUNS = """chosen as (
    select run_id, customer_id, journey_key, version, entered_at, finished_at, reason from runs
    where entered_at >= :since and entered_at < :until and (:journey is null or journey_key = :journey)
        and (:version is null or version = :version)
)"""
_FILTERS = JOURNEY_FILTERS - {"channel"}
_STEP = Column("step", Text("Step"), "text", names="step")

REPORTS = (
    Report(
        name="journey_funnel",
        group="journey",
        title=Text("From entry to goal"),
        meaning=Text("How many customers wanted in, entered, were written to, opened, clicked and reached a goal."),
        formula=Text(
            "Customers whose entry was decided in the period, each counted once; from “entered” on, of the runs "
            "that were "
            "entered in the period. Share: of those who entered."
        ),
        sql=f"""with {_RUNS}, written as (
    select s.customer_id, s.sent_at, s.opened_at, s.clicked_at
    from sends s join chosen c on c.run_id = s.run_id where s.status = 'sent'
), stages as (
    select 1 as place, 'decided' as stage, count(distinct customer_id) as customers from entries
        where decided_at >= :since and decided_at < :until and (:journey is null or journey_key = :journey)
            and (:version is null or version = :version)
    union all select 2, 'entered', count(distinct customer_id) from chosen
    union all select 3, 'sent', count(distinct customer_id) from written
    union all select 4, 'opened', count(distinct customer_id) from written where opened_at is not null
    union all select 5, 'clicked', count(distinct customer_id) from written where clicked_at is not null
    union all select 6, 'converted', count(distinct c.customer_id) from chosen c join goals g on g.run_id = c.run_id
), base as (
    select count(distinct customer_id) as entered from chosen
)
select s.stage, s.customers, b.entered, cast(s.customers as double precision) / nullif(b.entered, 0) as share
from stages s cross join base b
where b.entered > 0 or s.customers > 0
order by s.place
""",
        columns=(
            Column(
                "stage",
                Text("Stage", context="funnel"),
                "text",
                names={
                    "decided": Text("Entry decided"),
                    "entered": Text("Entered"),
                    "sent": Text("Sent a message"),
                    "opened": Text("Opened"),
                    "clicked": Text("Clicked"),
                    "converted": Text("Converted"),
                },
            ),
            Column("customers", Text("Customers"), "count"),
            Column("entered", Text("Entered"), "count"),
            Column("share", Text("Share"), "share", of="entered", numerator="customers"),
        ),
        charts=(Chart("funnel", "stage", ("customers",)),),
        needs=("runs",),
        filters=_FILTERS,
    ),
    Report(
        name="journey_flow",
        group="journey",
        title=Text("Paths through the journey"),
        meaning=Text("From which step to which customers went on, and where they left."),
        formula=Text("Runs that were entered in the period, counted once for each pair of steps."),
        sql=f"""with {_RUNS}, lines as (
    select p.run_id, p.seq, p.what, p.step, p.port from passages p join chosen c on c.run_id = p.run_id
    where p.what in ('entered', 'ended')
), following as (
    select run_id, what, step, lead(what) over (partition by run_id order by seq) as next_what,
        lead(step) over (partition by run_id order by seq) as next_step,
        lead(port) over (partition by run_id order by seq) as next_port
    from lines
), pairs as (
    select run_id, step as from_step, case when next_what = 'ended' then 'end:' || coalesce(next_port, '')
        else next_step end as to_step
    from following where what = 'entered' and next_what is not null
)
select from_step, to_step, count(distinct run_id) as runs
from pairs
group by from_step, to_step
order by count(distinct run_id) desc, from_step collate "C", to_step collate "C"
""",
        columns=(
            Column("from_step", Text("From step"), "text", names="step"),
            Column("to_step", Text("To step"), "text", names="step"),
            Column("runs", Text("Runs"), "count"),
        ),
        charts=(Chart("sankey", "from_step", ("runs",), "to_step"),),
        needs=("runs",),
        filters=_FILTERS,
    ),
    Report(
        name="journey_steps",
        group="journey",
        title=Text("Steps and where customers drop off"),
        meaning=Text("How many runs came to each step, went on, and ended there."),
        formula=Text("Drop-off = runs whose last step it is and which have ended / runs that came to it."),
        sql=f"""with {_RUNS}, came as (
    select p.run_id, p.step, c.version, c.finished_at,
        row_number() over (partition by p.run_id order by p.seq desc) as from_last
    from passages p join chosen c on c.run_id = p.run_id where p.what = 'entered'
), visits as (
    select version, step, run_id, min(from_last) as from_last, max(finished_at) as finished_at
    from came group by version, step, run_id
)
select version, step, count(*) as runs, count(*) filter (where from_last > 1) as went_on,
    count(*) filter (where from_last = 1 and finished_at is null) as there_now,
    count(*) filter (where from_last = 1 and finished_at is not null) as ended,
    cast(count(*) filter (where from_last = 1 and finished_at is not null) as double precision) / count(*) as drop_off
from visits
group by version, step
order by version, count(*) desc, step collate "C"
""",
        columns=(
            Column("version", Text("Version"), "number"),
            _STEP,
            Column("runs", Text("Runs"), "count"),
            Column("went_on", Text("Went on"), "count"),
            Column("there_now", Text("There now"), "count"),
            Column("ended", Text("Ended there"), "count"),
            Column("drop_off", Text("Drop-off"), "share", of="runs", numerator="ended"),
        ),
        charts=(Chart("funnel", "step", ("runs",)),),
        needs=("runs",),
        filters=_FILTERS,
    ),
    Report(
        name="journey_goals",
        group="journey",
        title=Text("Goals and their value"),
        meaning=Text("How often each goal was reached, by how many runs, and what it was worth, by currency."),
        formula=Text("Goals reached in the period. Values are added up within a currency, never across."),
        sql="""with reached as (
    select journey_key, goal, coalesce(currency, '') as currency, run_id, customer_id, value from goals
    where reached_at >= :since and reached_at < :until and (:journey is null or journey_key = :journey)
        and (:currency is null or currency = :currency)
)
select journey_key as journey, goal, currency, count(*) as times, count(distinct run_id) as runs,
    count(distinct customer_id) as customers, count(value) as valued, coalesce(sum(value), 0) as value
from reached
group by journey_key, goal, currency
order by journey_key collate "C", goal collate "C", currency collate "C"
""",
        columns=(
            JOURNEY,
            Column("goal", Text("Goal"), "text"),
            CURRENCY,
            Column("times", Text("Times reached"), "count"),
            Column("runs", Text("Runs"), "count"),
            Column("customers", Text("Customers"), "count"),
            Column("valued", Text("With a value"), "count"),
            Column("value", Text("Value"), "money", currency="currency"),
        ),
        charts=(Chart("bar", "goal", ("value",), "currency"),),
        needs=("goals",),
        filters=frozenset({"period", "segment", "stage", "currency", "journey"}),
    ),
    Report(
        name="time_to_convert",
        group="journey",
        title=Text("Time to conversion"),
        meaning=Text("How long after entering runs reached their first goal."),
        formula=Text(
            "Share: runs that had reached a goal within so many hours / all runs that were entered in the period."
        ),
        sql=f"""with {_RUNS}, first_goal as (
    select g.run_id, min(g.reached_at) as reached_at from goals g join chosen c on c.run_id = g.run_id group by g.run_id
), took as (
    select cast(extract(epoch from (g.reached_at - c.entered_at)) as double precision) / 3600 as hours
    from chosen c left join first_goal g on g.run_id = c.run_id
), spans as (
    select cast(within as integer) as within
    from (values (1), (6), (24), (72), (168), (336), (720), (2160)) s(within)
)
select p.within, count(*) filter (where t.hours <= p.within) as converted, count(*) as runs,
    cast(count(*) filter (where t.hours <= p.within) as double precision) / count(*) as share
from spans p cross join took t
group by p.within
order by p.within
""",
        columns=(
            Column("within", Text("Within hours"), "number"),
            Column("converted", Text("Converted"), "count"),
            Column("runs", Text("Runs"), "count"),
            Column("share", Text("Share"), "share", of="runs", numerator="converted"),
        ),
        charts=(Chart("line", "within", ("share",)),),
        needs=("runs",),
        filters=_FILTERS,
    ),
)
