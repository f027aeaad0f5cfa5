"""The migrations make the schema that the models describe, whoever runs them and however often."""

from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import orchestrator.store.tables  # noqa: F401 - fills the metadata
from orchestrator.store.database import normalised
from orchestrator.store.migrate import upgrade


def test_models_and_migrated_schema_are_the_same(database_url: str) -> None:
    upgrade(database_url)
    engine = create_engine(normalised(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    assert differences == []


def test_many_processes_may_migrate_at_once(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(upgrade, database_url) for _ in range(4)]:
            done.result()
