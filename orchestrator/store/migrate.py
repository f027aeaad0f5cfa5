"""Brings a database to the schema of ``store/tables``."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, pool, text

from orchestrator.store.database import normalised

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x4D_49_47_52
"""Advisory lock under which one process migrates while the others wait ("MIGR", an arbitrary constant of ours)."""
_TAKE_LOCK = text("select pg_advisory_xact_lock(:key)")


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration as code: an installed package has no ``alembic.ini`` beside it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(database_url: str) -> None:
    """Migrates to the newest schema, in one transaction; does nothing when it is there already.

    Several processes may call this at once: the lock lets one work and shows the others a finished schema.
    """
    engine = create_engine(normalised(database_url), poolclass=pool.NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(_TAKE_LOCK, {"key": _LOCK})
            command.upgrade(alembic_config(connection), "head")
    finally:
        engine.dispose()
