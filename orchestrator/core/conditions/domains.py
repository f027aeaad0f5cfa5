"""What values the subject of a leaf can take, and whether one of them meets several demands at once.

A finite set of values is tried that is bound to contain a fitting one if there is any: the limits themselves, what lies
between and beyond them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor
from typing import Any, NamedTuple

from orchestrator.core.conditions.compare import EXACT, compare, exact, is_number
from orchestrator.core.conditions.operators import Operator
from orchestrator.core.values import Ref


@dataclass(frozen=True, slots=True)
class Demand:
    """``compare(value, op, operand)`` has to be ``truth``."""

    op: Operator
    operand: Any
    truth: bool

    def allows(self, value: Any) -> bool:
        """Whether this value meets it."""
        return compare(value, self.op, self.operand) is self.truth


Domain = Callable[[list[Demand]], bool]
"""Whether some value of a subject meets all of these demands."""


class Claim(NamedTuple):
    """What a leaf demands of its subject when it is to be true, or to be false.

    ``subject``: leaves of the same subject are looked at together; different subjects are taken as independent.
    """

    subject: str
    demands: list[Demand]
    domain: Domain


def compared_demands(op: Operator, value: Any, truth: bool) -> list[Demand]:
    """What ``compare(subject, op, value)`` being ``truth`` demands of the subject; ``value`` may be a Ref."""
    if not isinstance(value, Ref) or op in ("exists", "missing"):
        return [Demand(op, value, truth)]
    # Nobody knows the value yet; but what is not there equals no value, whichever it will be.
    there = truth is (op not in ("ne", "not_in"))
    return [Demand("exists", None, True)] if there else []


def one_of(values: Iterable[Any]) -> Domain:
    """Of a subject that takes one of these values."""
    return lambda demands: any(all(demand.allows(value) for demand in demands) for value in values)


def _operands(demands: list[Demand]) -> list[Any]:
    return [
        one
        for demand in demands
        for one in (demand.operand if isinstance(demand.operand, tuple) else (demand.operand,))
    ]


def number_samples(demands: list[Demand]) -> list[Decimal]:
    """The limits themselves, one number between each two neighbours, and one beyond either end."""
    limits = sorted({exact(one) for one in _operands(demands) if is_number(one)}) or [Decimal(0)]
    between = [EXACT.multiply(EXACT.add(low, high), Decimal("0.5")) for low, high in pairwise(limits)]
    return [EXACT.subtract(limits[0], Decimal(1)), *limits, *between, EXACT.add(limits[-1], Decimal(1))]


def count_samples(demands: list[Demand]) -> list[int]:
    """Whole numbers from 0 on, at and beside the limits."""
    near = {n for limit in number_samples(demands) for n in (floor(limit), ceil(limit))}
    return [n for n in (0, *near, *(n + 1 for n in near), *(n - 1 for n in near)) if n >= 0]


def any_json(demands: list[Demand]) -> bool:
    """Of a subject that takes any JSON value, or none."""
    if one_of((None, True, False, *number_samples(demands)))(demands):
        return True
    return _some_string(demands) or _some_array(demands) or _some_object(demands)


def _some_object(demands: list[Demand]) -> bool:
    return all(demand.allows({}) for demand in demands)


def _some_array(demands: list[Demand]) -> bool:
    wanted = [demand for demand in demands if demand.op == "contains" and demand.truth]
    return all(demand.allows([one.operand for one in wanted]) for demand in demands)


def _some_string(demands: list[Demand]) -> bool:
    texts = [one for one in _operands(demands) if isinstance(one, str)]
    if one_of(("", *texts))(demands):
        return True
    if any(demand.truth is _NAMES.get(demand.op) for demand in demands):
        return False  # it has to be one of the operands, and none of them would do
    unnamed = "?" * (max(map(len, texts), default=0) + 1)
    by_shape = [demand for demand in demands if demand.op not in _SHAPES or not isinstance(demand.operand, str)]
    return all(demand.allows(unnamed) for demand in by_shape) and _strings_agree(demands)


_NAMES: Mapping[Operator, bool] = {"eq": True, "in": True, "ne": False, "not_in": False}
_SHAPES = frozenset({"gt", "gte", "lt", "lte", "contains", "starts_with"})


_UPPER: tuple[tuple[Operator, bool], ...] = (("lt", True), ("lte", True), ("gt", False), ("gte", False))


def _strings_agree(demands: list[Demand]) -> bool:
    """Whether bounds, beginnings and inner parts leave room for a string that is none of the operands.

    May overlook that they do not.
    """
    texts: dict[tuple[Operator, bool], list[str]] = {}
    for demand in demands:
        if isinstance(demand.operand, str):
            texts.setdefault((demand.op, demand.truth), []).append(demand.operand)

    def of(op: Operator, truth: bool = True) -> list[str]:
        return texts.get((op, truth), [])

    starts = of("starts_with")
    start = max(starts, key=len, default="")
    if not all(start.startswith(one) for one in starts) or any(start.startswith(no) for no in of("starts_with", False)):
        return False
    if any(no in part for no in of("contains", False) for part in (start, *of("contains"))):
        return False
    lowest = max(start, *of("gt"), *of("gte"), *of("lt", False), *of("lte", False), "")
    # An upper bound that only lets the lower one pass leaves one string, which has been tried.
    if any(limit <= lowest for op, truth in _UPPER for limit in of(op, truth)):
        return False
    # Where the lower bound passes the beginning, it does so within it, or past every string that begins so.
    return lowest.startswith(start)
