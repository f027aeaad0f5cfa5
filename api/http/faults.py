"""What an unforeseen fault is called outside: the store is away, it cannot take such a value, or it is our mistake."""

from typing import Literal

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import Response

from api.http.problems import ApiProblem
from orchestrator.store.faults import is_transient, sqlstate

log = structlog.get_logger(__name__)

Fault = Literal["away", "value", "ours"]
_VALUE = frozenset({"22"})
"""The class of values that cannot be: a number beyond 64 bits, the NUL character, a date outside of the calendar."""
RETRY_AFTER = 2  # seconds


def kind_of_fault(error: BaseException) -> Fault:
    """Whether the store is away, refuses the value that was asked for, or something is wrong with us."""
    if is_transient(error):
        return "away"
    original = error.orig if isinstance(error, DBAPIError) else error
    return "value" if sqlstate(error)[:2] in _VALUE or isinstance(original, psycopg.DataError) else "ours"


def note_fault(request: Request, error: BaseException) -> Fault:
    """Logs what went wrong, without what the address says of a customer, and says of which kind it is."""
    kind = kind_of_fault(error)
    path = getattr(request.scope.get("route"), "path", "")
    if kind == "away":
        log.warning("the database is away", path=path, problem=type(error).__name__)
    elif kind == "ours":
        log.error("unforeseen", path=path, problem=type(error).__name__, exc_info=error)
    return kind


def retry_later(response: Response, fault: Fault) -> Response:
    """The same, saying when to come back where the store is away."""
    if fault == "away":
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def problem_of_fault(request: Request, error: BaseException) -> ApiProblem:
    """The answer of the API to it."""
    match note_fault(request, error):
        case "away":
            return ApiProblem("unavailable", seconds=RETRY_AFTER)
        case "value":
            return ApiProblem("invalid_parameter", "", reason="value out of range")
        case _:
            return ApiProblem("internal")
