"""The tables, a file for each domain. All instants are journey time (see ``core.timing.Clock``), aware, stored in UTC;
but people sign in by real time, which is what ``users``, ``sessions``, ``api_tokens``, ``write_keys``,
``workspace_secrets``, ``secret_changes``, ``media_pictures``, ``customer_imports`` and ``erasures`` say.

Personal data lives only in ``customers``, ``customer_notes``, ``identities``, ``consent_log``, ``devices``, ``events``,
``sends``, ``outbox``, ``in_app_messages``, ``survey_responses``, ``complaints``, ``held_merges``, ``refused_rows`` and,
until an import is over, ``customer_imports``; ``users``, ``comments`` and ``publish_requests`` have that of the
workspace's own people. What opens a door (a session, a token, an invitation, a server key) is stored as its hash alone.
"""

from collections.abc import Set

from sqlmodel import SQLModel

from orchestrator.store.tables import (
    accounts,
    channels,
    coupons,
    customers,
    events,
    journeys,
    media,
    processes,
    runs,
    secrets,
    segments,
    sending,
    surveys,
    teamwork,
    templates,
    workspace,
)

METADATA = SQLModel.metadata
"""Of all tables: importing this package fills it."""


def tables_of_customers(but: Set[str]) -> tuple[str, ...]:
    """Tables whose rows are of a customer, by their column ``customer_id``, sorted: a new one needs no line anywhere.

    ``but``: those that whoever asks sees to by statements of their own.
    """
    return tuple(
        sorted(table.name for table in METADATA.tables.values() if "customer_id" in table.c and table.name not in but)
    )


__all__ = [
    "METADATA",
    "accounts",
    "channels",
    "coupons",
    "customers",
    "events",
    "journeys",
    "media",
    "processes",
    "runs",
    "secrets",
    "segments",
    "sending",
    "surveys",
    "tables_of_customers",
    "teamwork",
    "templates",
    "workspace",
]
