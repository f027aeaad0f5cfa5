"""Words, columns and pieces of SQL that several reports share."""

from orchestrator.core.measures.report import Column
from orchestrator.core.text import Text

OPTED_OUT = """opted_out as (
    select distinct send_id from consent_changes
    where not granted and source in ('unsubscribe', 'provider') and send_id is not null
)"""
"""Messages by whose own link somebody opted out, or of which a provider reported it."""
WENT_OUT = """went_out as (
    select s.send_id, s.run_id, s.customer_id, s.journey_key, s.step, s.channel, coalesce(s.template, '') as template,
        s.sent_at, s.delivery, s.opened_at, s.clicked_at, s.bounced_at, s.complained_at,
        o.send_id is not null as unsubscribed,
        coalesce(s.delivery = 'delivered', false) or s.opened_at is not null or s.clicked_at is not null as arrived
    from sends s left join opted_out o on o.send_id = s.send_id
    where s.status = 'sent' and s.sent_at >= :since and s.sent_at < :until
        and (:journey is null or s.journey_key = :journey) and (:channel is null or s.channel = :channel)
)"""
"""Messages of the period, with what became of them. Needs :data:`OPTED_OUT`."""
OUTCOMES = """count(*) as sent, count(*) filter (where arrived) as delivered,
    count(opened_at) as opened, count(clicked_at) as clicked,
    count(*) filter (where unsubscribed) as unsubscribed, count(bounced_at) as bounced,
    count(complained_at) as complained,
    cast(count(opened_at) as double precision) / count(*) as open_rate,
    cast(count(clicked_at) as double precision) / count(*) as click_rate,
    cast(count(*) filter (where unsubscribed) as double precision) / count(*) as unsubscribe_rate"""
"""Counts of messages of :data:`WENT_OUT`."""
OUTCOME_COLUMNS = (
    Column("sent", Text("Sent"), "count"),
    Column("delivered", Text("Delivered"), "count"),
    Column("opened", Text("Opened"), "count"),
    Column("clicked", Text("Clicked"), "count"),
    Column("unsubscribed", Text("Unsubscribed"), "count"),
    Column("bounced", Text("Bounced"), "count"),
    Column("complained", Text("Reported as spam"), "count"),
    Column("open_rate", Text("Open rate"), "share", of="sent", numerator="opened"),
    Column("click_rate", Text("Click rate"), "share", of="sent", numerator="clicked"),
    Column("unsubscribe_rate", Text("Unsubscribe rate"), "share", of="sent", numerator="unsubscribed"),
)
OUTCOME_FORMULA = Text(
    "Rates are parts of the messages sent. Delivered: reported by the provider, opened or clicked. Opened: some mail "
    "programs open every message by themselves, so this is too high rather than too low."
)
TOUCHES = """touches as (
    select o.message_id, o.currency, o.value, s.send_id, s.journey_key, s.step, s.channel,
        coalesce(s.template, '') as template,
        row_number() over (partition by o.message_id order by s.sent_at desc, cast(s.send_id as text) collate "C" desc)
            as from_last,
        row_number() over (partition by o.message_id order by s.sent_at, cast(s.send_id as text) collate "C")
            as from_first,
        count(*) over (partition by o.message_id) as touched
    from orders o
    join sends s on s.customer_id = o.customer_id and s.status = 'sent' and s.sent_at <= o.ordered_at
        and s.sent_at > o.ordered_at - interval '1 day' * :window_days
    where o.ordered_at >= :since and o.ordered_at < :until and (:currency is null or o.currency = :currency)
        and s.sent_at >= :since - interval '1 day' * :window_days and s.sent_at < :until
), credited as (
    select message_id, currency, send_id, journey_key, step, channel, template,
        cast(coalesce(value, 0) as double precision) * share as revenue, share as orders
    from (
        select message_id, currency, value, send_id, journey_key, step, channel, template,
            case :attribution
                when 'first' then case when from_first = 1 then 1.0e0 else 0.0e0 end
                when 'linear' then 1.0e0 / touched
                else case when from_last = 1 then 1.0e0 else 0.0e0 end
            end as share
        from touches
    ) shared
    where share > 0
)"""
"""Orders of the period, put down to the messages before them: ``credited`` has a row for each that gets a share."""
ATTRIBUTION = Text(
    "Revenue is put down to the last message before an order within the window (7 days unless chosen); "
    "by choice to the "
    "first one, or to all in equal parts. It says what came after a message, not what came because of it."
)
STAGE = Column("stage", Text("Lifecycle stage"), "text", names="stage")
JOURNEY = Column("journey", Text("Journey"), "text", names="journey")
CHANNEL = Column("channel", Text("Channel"), "text", names="channel")
CURRENCY = Column("currency", Text("Currency"), "text")
JOURNEY_FILTERS = frozenset({"period", "segment", "stage", "journey", "version", "channel"})
MESSAGE_FILTERS = frozenset({"period", "segment", "stage", "journey", "channel"})
ATTRIBUTED = frozenset({"currency", "attribution", "window_days"})
