"""Conditions that can never hold, found without any customer: a slip that would leave a branch empty for ever.

Sound before complete: "never" is only said where it is sure. The tree is walked as a disjunction of conjunctions; each
conjunction is split by subject (one property, one attribute, one measure of the history …), and every subject is tried
with a finite set of values that is bound to contain a fitting one if there is any. Different subjects are taken as
independent, so contradictions between two of them are not found.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from math import ceil, floor
from typing import Any

from orchestrator.core.conditions.compare import EXACT, compare, exact, is_number
from orchestrator.core.conditions.model import (
    All,
    AnyOf,
    Attribute,
    Condition,
    Consent,
    History,
    InStage,
    Not,
    Operator,
    Property,
)
from orchestrator.core.values import STAGES, Ref

BUDGET, MOST_WAYS = 2_000, 100
"""Nodes looked at, and open disjunctions, before giving up and answering "perhaps"."""


@dataclass(frozen=True, slots=True)
class _Demand:
    """``compare(value, op, operand)`` has to be ``truth``."""

    op: Operator
    operand: Any
    truth: bool

    def allows(self, value: Any) -> bool:
        return compare(value, self.op, self.operand) is self.truth


_Demands = dict[str, list[_Demand]]
_Wish = tuple[Condition, bool]


def can_match(condition: Condition | None) -> bool:
    """False where the condition surely never holds, for any customer, event or time; True otherwise."""
    return condition is None or _Search().satisfiable([(condition, True)], [], {}, {})


class _Search:
    """Depth-first over the ways to make everything in ``pending`` come out as demanded."""

    def __init__(self) -> None:
        self.left = BUDGET

    def satisfiable(
        self, pending: list[_Wish], ways: list[list[_Wish]], demands: _Demands, domains: Mapping[str, "_Domain"]
    ) -> bool:
        """``ways``: of each of these lists, one wish has to be met as well."""
        pending, ways, demands, domains = list(pending), list(ways), dict(demands), dict(domains)
        while pending:
            self.left -= 1
            condition, truth = pending.pop()
            if isinstance(condition, Not):
                pending.append((condition.of, not truth))
            elif isinstance(condition, All | AnyOf):
                parts = [(part, truth) for part in condition.of]
                if isinstance(condition, All) is truth:
                    pending.extend(parts)
                else:
                    ways.append(parts)
            else:
                subject, wanted, domain = _demand(condition, truth)
                demands[subject] = [*demands.get(subject, ()), *wanted]
                domains[subject] = domain
        if self.left < 0 or len(ways) > MOST_WAYS:
            return True
        if not all(domains[subject](wanted) for subject, wanted in demands.items()):
            return False
        if not ways:
            return True
        return any(self.satisfiable([wish], ways[1:], demands, domains) for wish in ways[0])


_Domain = Callable[[list[_Demand]], bool]


def _demand(leaf: Any, truth: bool) -> tuple[str, list[_Demand], _Domain]:
    match leaf:
        case Attribute() | Property():
            return f"{leaf.kind} {leaf.name}", _wanted(leaf.op, leaf.value, truth), _any_json
        case Consent():
            return (
                f"consent {leaf.channel} {leaf.purpose}",
                [_Demand("eq", leaf.granted, truth)],
                _one_of((True, False)),
            )
        case InStage():
            return "stage", [_Demand("in", leaf.of, truth)], _one_of((*STAGES, None))
        case History():
            # The JSON text tells 1 from true, which Python's equality would not.
            subject = leaf.model_dump_json(exclude={"op", "value"})
            return subject, _wanted(leaf.op, leaf.value, truth), _measurable(leaf)
    raise TypeError(f"not a condition: {leaf!r}")


def _wanted(op: Operator, value: Any, truth: bool) -> list[_Demand]:
    if not isinstance(value, Ref) or op in ("exists", "missing"):
        return [_Demand(op, value, truth)]
    # Nobody knows the value yet; but what is not there equals no value, whichever it will be.
    there = truth is (op not in ("ne", "not_in"))
    return [_Demand("exists", None, True)] if there else []


# --- what values a subject can take ----------------------------------------------------------------------------------


def _one_of(values: Iterable[Any]) -> _Domain:
    return lambda demands: any(all(demand.allows(value) for demand in demands) for value in values)


def _measurable(leaf: History) -> _Domain:
    none_ever = leaf.within == timedelta(0) or not can_match(leaf.where)
    match leaf.measure:
        case "count":
            return _one_of((0,)) if none_ever else lambda demands: _one_of(_counts(demands))(demands)
        case "sum":
            return _one_of((0,)) if none_ever else lambda demands: _one_of(_numbers(demands))(demands)
    if none_ever:
        return _one_of((None,))
    match leaf.measure:
        case "first" | "last":
            return _any_json
        case "average" | "minimum" | "maximum":
            return lambda demands: _one_of((None, *_numbers(demands)))(demands)
    return lambda demands: _one_of((None, *(n for n in (Decimal(0), *_numbers(demands)) if n >= 0)))(demands)


def _operands(demands: list[_Demand]) -> list[Any]:
    return [
        one
        for demand in demands
        for one in (demand.operand if isinstance(demand.operand, tuple) else (demand.operand,))
    ]


def _numbers(demands: list[_Demand]) -> list[Decimal]:
    """The limits themselves, one number between each two neighbours, and one beyond either end."""
    limits = sorted({exact(one) for one in _operands(demands) if is_number(one)}) or [Decimal(0)]
    between = [EXACT.multiply(EXACT.add(low, high), Decimal("0.5")) for low, high in pairwise(limits)]
    return [EXACT.subtract(limits[0], Decimal(1)), *limits, *between, EXACT.add(limits[-1], Decimal(1))]


def _counts(demands: list[_Demand]) -> list[int]:
    near = {n for limit in _numbers(demands) for n in (floor(limit), ceil(limit))}
    return [n for n in (0, *near, *(n + 1 for n in near), *(n - 1 for n in near)) if n >= 0]


def _any_json(demands: list[_Demand]) -> bool:
    if _one_of((None, True, False, *_numbers(demands)))(demands):
        return True
    return _some_string(demands) or _some_array(demands) or _some_object(demands)


def _some_object(demands: list[_Demand]) -> bool:
    return all(demand.allows({}) for demand in demands)


def _some_array(demands: list[_Demand]) -> bool:
    wanted = [demand for demand in demands if demand.op == "contains" and demand.truth]
    return all(demand.allows([one.operand for one in wanted]) for demand in demands)


def _some_string(demands: list[_Demand]) -> bool:
    texts = [one for one in _operands(demands) if isinstance(one, str)]
    if _one_of(("", *texts))(demands):
        return True
    if any(demand.truth is _NAMES.get(demand.op) for demand in demands):
        return False  # it has to be one of the operands, and none of them would do
    unnamed = "?" * (max(map(len, texts), default=0) + 1)
    by_shape = [demand for demand in demands if demand.op not in _SHAPES or not isinstance(demand.operand, str)]
    return all(demand.allows(unnamed) for demand in by_shape) and _strings_agree(demands)


_NAMES: Mapping[Operator, bool] = {"eq": True, "in": True, "ne": False, "not_in": False}
_SHAPES = frozenset({"gt", "gte", "lt", "lte", "contains", "starts_with"})


_UPPER: tuple[tuple[Operator, bool], ...] = (("lt", True), ("lte", True), ("gt", False), ("gte", False))


def _strings_agree(demands: list[_Demand]) -> bool:
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
