"""Messages: fatigue, channels and templates beside each other, domains that take them and reasons why not."""

from orchestrator.core.measures.fragments import (
    ATTRIBUTED,
    ATTRIBUTION,
    CHANNEL,
    CURRENCY,
    MESSAGE_FILTERS,
    OPTED_OUT,
    OUTCOME_COLUMNS,
    OUTCOME_FORMULA,
    OUTCOMES,
    TOUCHES,
    WENT_OUT,
)
from orchestrator.core.measures.report import Chart, Column, Report
from orchestrator.core.text import Text

REPORTS = (
    Report(
        name="fatigue",
        group="messages",
        title=Text("Messages a week and opt-outs"),
        meaning=Text("Whether customers who get more messages in a week unsubscribe more."),
        formula=Text(
            "A week of a customer counts by the messages in it, five or more together. Unsubscribe rate: weeks "
            "in which a "
            "message led to an opt-out / weeks."
        ),
        sql=f"""with {OPTED_OUT}, {WENT_OUT}, weeks as (
    select customer_id, date_trunc('week', sent_at at time zone :zone) as week, count(*) as messages,
        count(*) filter (where unsubscribed) as opt_outs
    from went_out group by 1, 2
)
select case when messages > 4 then 5 else messages end as messages, count(*) as weeks,
    count(*) filter (where opt_outs > 0) as unsubscribed,
    cast(count(*) filter (where opt_outs > 0) as double precision) / count(*) as unsubscribe_rate
from weeks
group by 1
order by 1
""",
        columns=(
            Column("messages", Text("Messages in a week"), "number"),
            Column("weeks", Text("Weeks of customers"), "count"),
            Column("unsubscribed", Text("Unsubscribed"), "count"),
            Column("unsubscribe_rate", Text("Unsubscribe rate"), "share", of="weeks", numerator="unsubscribed"),
        ),
        charts=(Chart("bar", "messages", ("unsubscribe_rate",)),),
        needs=("sends",),
        filters=MESSAGE_FILTERS,
    ),
    Report(
        name="channel_league",
        group="messages",
        title=Text("Channels beside each other"),
        meaning=Text("What became of the messages of each channel."),
        formula=OUTCOME_FORMULA,
        sql=f"""with {OPTED_OUT}, {WENT_OUT}
select channel, {OUTCOMES}
from went_out
group by channel
order by count(*) desc, channel collate "C"
""",
        columns=(CHANNEL, *OUTCOME_COLUMNS),
        charts=(Chart("bar", "channel", ("click_rate",)),),
        needs=("sends",),
        filters=MESSAGE_FILTERS,
    ),
    Report(
        name="template_league",
        group="messages",
        title=Text("Templates beside each other"),
        meaning=Text("What became of the messages of each template, and what customers bought after them."),
        formula=ATTRIBUTION,
        sql=f"""with {OPTED_OUT}, {WENT_OUT}, {TOUCHES}, earned as (
    select template, channel, currency, sum(revenue) as revenue, sum(orders) as orders
    from credited where (:journey is null or journey_key = :journey) and (:channel is null or channel = :channel)
    group by template, channel, currency
), counted as (
    select template, channel, {OUTCOMES} from went_out group by template, channel
)
select c.template, c.channel, c.sent, c.delivered, c.opened, c.clicked, c.unsubscribed, c.bounced, c.complained,
    c.open_rate, c.click_rate, c.unsubscribe_rate, coalesce(e.currency, '') as currency,
    coalesce(e.orders, 0) as orders, coalesce(e.revenue, 0) as revenue
from counted c left join earned e on e.template = c.template and e.channel = c.channel
order by c.sent desc, c.template collate "C", c.channel collate "C", coalesce(e.currency, '') collate "C"
""",
        columns=(
            Column("template", Text("Template"), "text", names="template"),
            CHANNEL,
            *OUTCOME_COLUMNS,
            CURRENCY,
            Column("orders", Text("Orders"), "number"),
            Column("revenue", Text("Revenue"), "money", currency="currency"),
        ),
        charts=(Chart("scatter", "open_rate", ("click_rate",), "template"),),
        needs=("sends",),
        filters=MESSAGE_FILTERS | ATTRIBUTED,
    ),
    Report(
        name="deliverability",
        group="messages",
        title=Text("E-mail by domain"),
        meaning=Text("Which mail domains take e-mail, and which do not."),
        formula=Text(
            "Domains of customers' addresses as they are now; those of fewer than five customers stand together "
            "under “other”. "
            "Bounce rate = bounced / sent."
        ),
        sql=f"""with {OPTED_OUT}, {WENT_OUT}, known as (
    select email_domain as domain from customers where email_domain is not null
    group by email_domain having count(*) >= 5
), mailed as (
    select coalesce(k.domain, 'other') as domain, w.arrived, w.opened_at, w.bounced_at, w.complained_at
    from went_out w
    left join customers c on c.customer_id = w.customer_id
    left join known k on k.domain = c.email_domain
    where w.channel = 'email'
)
select domain, count(*) as sent, count(*) filter (where arrived) as delivered, count(opened_at) as opened,
    count(bounced_at) as bounced, count(complained_at) as complained,
    cast(count(bounced_at) as double precision) / count(*) as bounce_rate,
    cast(count(opened_at) as double precision) / count(*) as open_rate
from mailed
group by domain
order by count(*) desc, domain collate "C"
""",
        columns=(
            Column("domain", Text("Domain"), "text", names={"other": Text("Other", context="domain")}),
            *OUTCOME_COLUMNS[:3],
            OUTCOME_COLUMNS[5],
            OUTCOME_COLUMNS[6],
            Column("bounce_rate", Text("Bounce rate"), "share", of="sent", numerator="bounced"),
            OUTCOME_COLUMNS[7],
        ),
        charts=(Chart("bar", "domain", ("bounce_rate",)),),
        needs=("sends",),
        filters=MESSAGE_FILTERS - {"channel"},
    ),
    Report(
        name="bounce_reasons",
        group="messages",
        title=Text("Reasons for bounces"),
        meaning=Text("Why nobody can be reached at some addresses, by the status that providers reported."),
        formula=Text("Bounces reported in the period, by the status code in the report (RFC 3463 or SMTP)."),
        sql="""with bounced as (
    select channel, coalesce(detail, '') as reason, customer_id from consent_changes
    where source = 'bounce' and not granted and changed_at >= :since and changed_at < :until
        and (:channel is null or channel = :channel)
)
select channel, reason, count(*) as bounces, count(distinct customer_id) as customers
from bounced
group by channel, reason
order by count(*) desc, channel collate "C", reason collate "C"
""",
        columns=(
            CHANNEL,
            Column("reason", Text("Status"), "text", names={"": Text("Without a code")}),
            Column("bounces", Text("Bounces"), "count"),
            Column("customers", Text("Customers"), "count"),
        ),
        charts=(Chart("bar", "reason", ("bounces",), "channel"),),
        needs=("consent_changes",),
        filters=frozenset({"period", "segment", "stage", "channel"}),
    ),
)
