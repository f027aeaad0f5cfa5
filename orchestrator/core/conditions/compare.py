"""How one JSON value compares with a literal: the single table of meanings behind every condition.

Numbers compare by the value their JSON text states, exactly: ``1 == 1.0``, ``0.1`` is one tenth and ``1e23`` is ten to
the 23rd (PostgreSQL's ``numeric`` reads them so, a binary float does not). Booleans are not numbers. Strings compare by
code point (``COLLATE "C"``), so ISO dates order. A missing or null value satisfies only ``ne``, ``not_in`` and
``missing``. Against an operand of None, or of a shape the operator cannot use, only ``ne`` and ``not_in`` hold.
"""

from collections.abc import Callable, Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from operator import ge, gt, le, lt
from typing import Any

from orchestrator.core.conditions.operators import Operator
from orchestrator.core.values import without_nul

EXACT = Context(prec=100_000, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Wide enough that no sum or product of JSON numbers is ever rounded (a binary float spans some 770 digits)."""

_NUMBERS = frozenset({int, float, Decimal})
_SCALARS = frozenset({int, float, Decimal, str, bool})
_EXACT_IN_FLOAT = 2**53


def is_number(value: Any) -> bool:
    """Whether this is a JSON number (a boolean is not)."""
    return type(value) in _NUMBERS


def exact(number: Any) -> Decimal:
    """The number that the JSON text of this one states."""
    kind = type(number)
    if kind is float:
        return Decimal(repr(number))
    return Decimal(number)


def literal(value: Any) -> Any:
    """A JSON value as an operand: scalars as they are, an array as the tuple of its scalars, all else None."""
    if isinstance(value, str):
        # Half a surrogate pair, which some JSON readers let through, is no text to PostgreSQL either.
        return without_nul(value if value.isascii() else value.encode("utf-8", "replace").decode())
    if isinstance(value, bool | int) or (isinstance(value, float) and value - value == 0):  # not NaN, not infinite
        return value
    if isinstance(value, list | tuple):
        return tuple(one for one in map(literal, value) if one is not None and not isinstance(one, tuple))
    return None


def nested(path: str, value: Any) -> dict[str, Any]:
    """The smallest document in which :func:`lookup` finds ``value`` at this dotted path."""
    *before, last = path.split(".")
    found: dict[str, Any] = {last: value}
    for name in reversed(before):
        found = {name: found}
    return found


def _alike(left: Any, right: Any) -> tuple[Any, Any] | None:
    """The two as Python compares them rightly, or None where they are of different kinds (or of one without order)."""
    kind, other = type(left), type(right)
    if kind is other:
        return (left, right) if kind in _SCALARS else None
    if kind not in _NUMBERS or other not in _NUMBERS:
        return None
    if kind is not Decimal and other is not Decimal:
        whole = left if kind is int else right
        if -_EXACT_IN_FLOAT < whole < _EXACT_IN_FLOAT:
            return left, right
    return exact(left), exact(right)


def equal(left: Any, right: Any) -> bool:
    """JSON equality of two scalars; None, arrays and objects equal nothing."""
    pair = _alike(left, right)
    return pair is not None and pair[0] == pair[1]


def _ordered(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def check(value: Any, operand: Any) -> bool:
        pair = _alike(value, operand)
        return pair is not None and type(value) is not bool and holds(*pair)

    return check


def _in(value: Any, operand: Any) -> bool:
    if isinstance(operand, tuple):
        return any(equal(value, one) for one in operand)
    return equal(value, operand)


def _contains(value: Any, operand: Any) -> bool:
    if isinstance(value, str):
        return isinstance(operand, str) and operand in value
    return isinstance(value, list | tuple) and any(equal(one, operand) for one in value)


def _starts_with(value: Any, operand: Any) -> bool:
    return isinstance(value, str) and isinstance(operand, str) and value.startswith(operand)


OPERATORS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    "eq": equal,
    "ne": lambda value, operand: not equal(value, operand),
    "gt": _ordered(gt),
    "gte": _ordered(ge),
    "lt": _ordered(lt),
    "lte": _ordered(le),
    "in": _in,
    "not_in": lambda value, operand: not _in(value, operand),
    "contains": _contains,
    "starts_with": _starts_with,
    "exists": lambda value, _operand: value is not None,
    "missing": lambda value, _operand: value is None,
}


def compare(value: Any, op: Operator, operand: Any) -> bool:
    """Whether ``value`` (JSON, or None for a missing one) stands in this relation to the literal ``operand``."""
    return OPERATORS[op](value, operand)


def scaled(operand: Any, by: int) -> Any:
    """``operand`` with its numbers multiplied, so that ``total op scaled(limit, count)`` is an average, unrounded."""
    if by == 1:
        return operand
    if isinstance(operand, tuple):
        return tuple(scaled(one, by) for one in operand)
    if type(operand) is int:
        return operand * by
    return EXACT.multiply(exact(operand), Decimal(by)) if is_number(operand) else operand


def total(numbers: list[Any]) -> Any:
    """Their exact sum; 0 of none."""
    if all(type(number) is int for number in numbers):
        return sum(numbers)
    result = Decimal(0)
    for number in numbers:
        result = EXACT.add(result, exact(number))
    return result
