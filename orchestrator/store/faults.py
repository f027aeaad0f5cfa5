"""Which failures of the database pass by themselves: one rule, for everybody who has to choose between again and never.

The class of an error in Python says too little: to psycopg a value that is too large for an index is an
``OperationalError`` like a server that is shutting down. The SQLSTATE says it (PostgreSQL, appendix A).
"""

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import InterfaceError as EngineInterfaceError
from sqlalchemy.exc import OperationalError as EngineOperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

TRANSIENT = frozenset({"08", "40", "53", "55", "57", "58"})
"""SQLSTATE classes that blame the moment, not the data: connection, rollback, resources, locks, shutdown, system."""
_STATELESS = (psycopg.OperationalError, psycopg.InterfaceError, EngineOperationalError, EngineInterfaceError)
"""What breaks before the server could say anything."""


def sqlstate(error: BaseException) -> str:
    """The server's code of an error, psycopg's or SQLAlchemy's; empty where it said none."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return getattr(original, "sqlstate", None) or ""


def is_transient(error: BaseException) -> bool:
    """Whether the same may do later: the server was away, busy, or chose us as the victim of a deadlock."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if state := sqlstate(error):
        return state[:2] in TRANSIENT
    original = error.orig if isinstance(error, DBAPIError) else None
    return isinstance(error, (PoolTimeout, OSError, *_STATELESS)) or isinstance(original, _STATELESS)
