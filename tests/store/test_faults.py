"""Which failures of the database pass: by what the server says, whoever heard it."""

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from orchestrator.store.faults import is_transient

PASSING: tuple[type[psycopg.Error], ...] = (
    errors.AdminShutdown,
    errors.CannotConnectNow,
    errors.TooManyConnections,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.DiskFull,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
LASTING: tuple[type[psycopg.Error], ...] = (
    errors.ProgramLimitExceeded,  # to psycopg operational, and yet no later attempt is shorter
    errors.StatementTooComplex,
    errors.NumericValueOutOfRange,
    errors.UniqueViolation,
    errors.UndefinedColumn,
    errors.InsufficientPrivilege,
    errors.DataCorrupted,
    errors.UntranslatableCharacter,
)


def heard(kind: type[psycopg.Error]) -> list[Exception]:
    """As psycopg raises it, and as SQLAlchemy passes it on."""
    error = kind("said")
    return [error, DBAPIError.instance("select 1", {}, error, psycopg.Error)]


@pytest.mark.parametrize("kind", PASSING)
def test_what_the_moment_is_to_blame_for_passes(kind: type[psycopg.Error]) -> None:
    assert [is_transient(error) for error in heard(kind)] == [True, True]


@pytest.mark.parametrize("kind", LASTING)
def test_what_the_data_are_to_blame_for_lasts(kind: type[psycopg.Error]) -> None:
    assert [is_transient(error) for error in heard(kind)] == [False, False]


@pytest.mark.parametrize(
    "error",
    [
        PoolTimeout(),
        ConnectionResetError(),
        TimeoutError(),
        OperationalError("select 1", {}, Exception()),
        InterfaceError("select 1", {}, Exception()),
        DBAPIError("select 1", {}, Exception(), connection_invalidated=True),
    ],
)
def test_what_breaks_before_the_server_says_anything_passes(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize("error", [ValueError(), KeyError("x"), DBAPIError("select 1", {}, Exception())])
def test_a_mistake_of_ours_lasts(error: Exception) -> None:
    assert not is_transient(error)
