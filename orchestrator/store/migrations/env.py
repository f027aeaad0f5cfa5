"""Run by alembic. The caller hands over its connection, and with it the transaction and the lock."""

from alembic import context
from sqlmodel import SQLModel

import orchestrator.store.tables  # noqa: F401 - fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
