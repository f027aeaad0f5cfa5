"""What reports are made of: sources of the same names, columns and types in PostgreSQL and in files of columns.

``at`` is a keyword in DuckDB, so instants have longer names. Types are those of SQL, and mean the same in both.
"""

from collections.abc import Mapping
from typing import Literal

Columns = Mapping[str, str]
"""Types by column, in order."""

SOURCES: Mapping[str, Columns] = {
    "population": {"customer_id": "uuid"},
    "customers": {
        "customer_id": "uuid",
        "first_seen_at": "timestamptz",
        "stage": "text",
        "stage_since": "timestamptz",
        "email_domain": "text",
        "clv": "numeric(20,4)",
    },
    "orders": {
        "customer_id": "uuid",
        "ordered_at": "timestamptz",
        "value": "numeric(20,4)",
        "currency": "text",
        "message_id": "text",
    },
    "stage_changes": {
        "customer_id": "uuid",
        "changed_at": "timestamptz",
        "from_stage": "text",
        "to_stage": "text",
        "message_id": "text",
    },
    "runs": {
        "run_id": "uuid",
        "customer_id": "uuid",
        "journey_key": "text",
        "version": "integer",
        "entered_at": "timestamptz",
        "finished_at": "timestamptz",
        "status": "text",
        "reason": "text",
    },
    "passages": {
        "run_id": "uuid",
        "seq": "integer",
        "customer_id": "uuid",
        "journey_key": "text",
        "step": "text",
        "occurrence": "integer",
        "what": "text",
        "port": "text",
        "passed_at": "timestamptz",
    },
    "goals": {
        "run_id": "uuid",
        "seq": "integer",
        "customer_id": "uuid",
        "journey_key": "text",
        "step": "text",
        "reached_at": "timestamptz",
        "goal": "text",
        "value": "numeric(20,4)",
        "currency": "text",
    },
    "sends": {
        "send_id": "uuid",
        "run_id": "uuid",
        "customer_id": "uuid",
        "journey_key": "text",
        "step": "text",
        "occurrence": "integer",
        "channel": "text",
        "message_class": "text",
        "status": "text",
        "reason": "text",
        "template": "text",
        "created_at": "timestamptz",
        "sent_at": "timestamptz",
        "delivery": "text",
        "delivered_at": "timestamptz",
        "opened_at": "timestamptz",
        "clicked_at": "timestamptz",
        "bounced_at": "timestamptz",
        "complained_at": "timestamptz",
    },
    "consent_changes": {
        "customer_id": "uuid",
        "changed_at": "timestamptz",
        "channel": "text",
        "purpose": "text",
        "granted": "boolean",
        "source": "text",
        "send_id": "uuid",
        "change_id": "bigint",
        "detail": "text",
    },
    "entries": {
        "customer_id": "uuid",
        "journey_key": "text",
        "version": "integer",
        "decided_at": "timestamptz",
        "admitted": "boolean",
        "reason": "text",
    },
}
"""``population`` are the customers that the filters leave, and every other source has only rows of theirs: a report
joins it only to count customers. With no filter on customers it is everybody, and the other sources have the rows of
people who were erased too, who are counted and known no more."""

Source = Literal[
    "customers", "orders", "stage_changes", "runs", "passages", "goals", "sends", "consent_changes", "entries"
]

TIMES: Mapping[str, str] = {
    "customers": "first_seen_at",
    "orders": "ordered_at",
    "stage_changes": "changed_at",
    "runs": "entered_at",
    "passages": "passed_at",
    "goals": "reached_at",
    "sends": "created_at",
    "consent_changes": "changed_at",
    "entries": "decided_at",
}
"""The instant by which each source is laid out in months."""
CHANGING = frozenset({"customers", "runs", "sends"})
"""Sources whose rows still change after they are written; of the others rows only come."""
