"""What keeps a template inside: the kinds of node it may have, the rewriting of those that need a guard, the counts.

Jinja's own sandbox stops attributes such as ``__class__``; it does not stop ``'x' * 10 ** 9``, a loop in a loop in a
loop, or ``entry.items`` finding a method of ``dict`` instead of the cart's items. Here nothing can be called but
``range``; every dotted path becomes one guarded look-up in data; every loop, filter, test, comparison, sum, product and
joining of texts is charged to the rendering's budget (``budget.py``). Nothing is calculated while a template is
compiled, for there no budget is.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from itertools import islice
from typing import Any, NoReturn, cast
from zoneinfo import ZoneInfo

from jinja2 import Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import UndefinedError
from jinja2.runtime import LoopContext, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment

from orchestrator.core.templating.budget import BUDGET, MAX_LOOPS, MAX_OUTPUT, TooMuch, bounded, text_of, weight

MAX_NUMBER = 10**30
_LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})


@dataclass(slots=True)
class Rendering:
    """What one rendering counts and finds."""

    locale: str
    tz: ZoneInfo
    missing: list[str] = field(default_factory=list)


RENDERING: ContextVar[Rendering] = ContextVar("rendering")


class Unset(Undefined):
    """A variable that is missing or null: free to ask about, reported when used, never an exception."""

    __slots__ = ()

    def _used(self, *_: object) -> "Unset":
        rendering = RENDERING.get(None)
        if rendering is not None and self._undefined_name is not None:
            rendering.missing.append(self._undefined_name)
        return self

    def _unlike(self, _: object) -> bool:
        return False

    def _fail_with_undefined_error(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UndefinedError("unset")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _used  # type: ignore[assignment]
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _used  # type: ignore[assignment]
    __mod__ = __rmod__ = __pos__ = __neg__ = _used  # type: ignore[assignment]
    __lt__ = __le__ = __gt__ = __ge__ = _unlike  # type: ignore[assignment]

    def __contains__(self, _: object) -> bool:
        return False

    def __int__(self) -> int:  # type: ignore[override]
        self._used()
        return 0

    def __float__(self) -> float:  # type: ignore[override]
        self._used()
        return 0.0

    def __len__(self) -> int:
        self._used()
        return 0

    def __iter__(self) -> Iterator[Any]:
        self._used()
        return iter(())

    def __str__(self) -> str:
        self._used()
        return ""


def _at(value: Any, path: str, *keys: Any) -> Any:
    """What lies at ``keys`` inside ``value``: keys of mappings and indices of lists, nothing of Python's."""
    BUDGET.get().spend(3 + 3 * len(keys))
    for key in keys:
        if isinstance(value, Undefined):
            return Unset(name=path)
        value = _step(value, key)
        if value is None:
            return Unset(name=path)
    return value


def _step(value: Any, key: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get(key) if isinstance(key, str | int) else None
    if isinstance(key, int) and isinstance(value, Sequence):
        return value[key] if -len(value) <= key < len(value) else None
    if isinstance(value, LoopContext) and key in _LOOP:
        return getattr(value, key)
    return None


def _each(value: Any, nodes_inside: int = 1) -> list[Any]:
    """The items of a loop, counted; each passage costs what stands inside of it."""
    budget = BUDGET.get()
    items = list(islice(iter(value), MAX_LOOPS + 1))
    budget.loop(len(items))
    budget.spend(len(items) * (5 + nodes_inside))
    return items


def _joined(*parts: Any) -> str:
    """``a ~ b``, of bounded length."""
    texts = [text_of(part) for part in parts]
    size = sum(map(len, texts))
    if size > MAX_OUTPUT:
        raise TooMuch("text")
    BUDGET.get().spend(len(texts) + size // 8)
    return bounded(markup_join(texts))


def _dict(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """A mapping with plain keys: what is nested in itself takes for ever to be made a key."""
    made = {}
    for key, value in pairs:
        if not isinstance(key, str | int | float | Undefined | None):
            raise TooMuch("key")
        made[key] = value
    return made


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}


def _compared(left: Any, *operands: Any) -> Any:
    """``a < b <= c``: operators and operands in turn."""
    truth: Any = True
    for name, right in zip(operands[::2], operands[1::2], strict=True):
        BUDGET.get().spend(3 + weight(left, 16) + weight(right, 16))
        truth = _COMPARISONS[name](left, right)
        if not truth:
            break
        left = right
    return truth


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > MAX_LOOPS:
        raise TooMuch("range")
    return numbers


def _charged(function: Callable[..., Any], letters: int) -> Callable[..., Any]:
    """A filter or test that pays for what it is given and for what it makes, which is never endless.

    ``letters``: how many of a text cost a unit; 0 where its time does not depend on what it is given.
    """

    ours = 1 if hasattr(function, "jinja_pass_arg") else 0
    """Jinja's own first argument, such as the context."""

    @wraps(function)
    def paid(*values: Any, **named: Any) -> Any:
        budget = BUDGET.get()
        budget.spend(10)
        if letters:
            for value in (*values[ours:], *named.values()):
                budget.spend(weight(value, letters))
        made = function(*values, **named)
        if hasattr(made, "__next__"):
            made = list(_paid_items(made))
        elif isinstance(made, str):
            budget.spend(len(bounded(made)) // 8)
        return limited(made)

    return paid


def _paid_items(items: Iterator[Any]) -> Iterator[Any]:
    budget = BUDGET.get()
    for item in items:
        budget.spend(3)
        yield item


def limited(value: Any) -> Any:
    """The value, unless it is a number beyond all that messages speak of."""
    if isinstance(value, int | float) and abs(value) > MAX_NUMBER:
        raise TooMuch("number")
    return value


class _NothingAhead(CodeGenerator):
    """Leaves what could be calculated while compiling to rendering, where it is paid for."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


class Sandbox(ImmutableSandboxedEnvironment):
    """The only environment in which templates of messages run. ``filters`` are all there are; with each, how many
    letters of what it is given cost a unit of work (:func:`_charged`).
    """

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})
    code_generator_class = _NothingAhead

    def __init__(self, filters: Mapping[str, tuple[Callable[..., Any], int]], *, autoescape: bool) -> None:
        super().__init__(
            autoescape=autoescape,
            undefined=Unset,
            cache_size=0,
            keep_trailing_newline=True,
            optimized=False,
            finalize=_printed,
        )
        self.globals.clear()
        self.globals["range"] = _range
        guards = {"_at": _at, "_each": _each, "_joined": _joined, "_dict": _dict, "_compared": _compared}
        self.filters = {name: _charged(one, letters) for name, (one, letters) in filters.items()} | guards
        self.tests = {name: _charged(cast(Callable[..., Any], one), 8) for name, one in self.tests.items()}

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Sums and products that stay small; only ``+`` is for anything but numbers."""
        budget = BUDGET.get()
        budget.spend(3)
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            return self.binop_table[operator](left, right)
        if isinstance(left, str | Sequence) or isinstance(right, str | Sequence):
            if operator != "+":
                raise TooMuch(operator)
            budget.spend(sum(len(side) for side in (left, right) if isinstance(side, str | Sequence)) // 4)
        result = limited(self.binop_table[operator](left, right))
        if isinstance(result, str | Sequence) and len(result) > MAX_OUTPUT:
            raise TooMuch("text")
        return result

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Filters with ``attribute=`` come this way."""
        return _at(obj, attribute, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """So do computed keys."""
        short = isinstance(argument, str) or (isinstance(argument, int) and abs(argument) < MAX_NUMBER)
        return _at(obj, str(argument) if short else "…", argument)


def _printed(value: Any) -> Any:
    """What is put out; an unset variable stays what it is, so that its use is seen."""
    return value if isinstance(value, Undefined) else text_of(value)
