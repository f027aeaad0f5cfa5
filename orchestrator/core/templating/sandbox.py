"""What keeps a template inside: the kinds of node it may have, the rewriting of those that need a guard, the counts.

Jinja's own sandbox stops attributes such as ``__class__``; it does not stop ``'x' * 10 ** 9``, a loop in a loop in a
loop, or ``entry.items`` finding a method of ``dict`` instead of the cart's items. Here nothing can be called but
``range``; every dotted path becomes one guarded look-up in data; every loop, sum, product and joining of texts is
counted against limits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from jinja2 import Undefined, nodes
from jinja2.exceptions import TemplateRuntimeError, UndefinedError
from jinja2.runtime import LoopContext, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

MAX_OUTPUT = 200_000
"""Characters of a rendered text, and of any text made on the way."""
MAX_LOOPS = 2_000
"""Passages through all loops of one rendering together."""
MAX_NUMBER = 10**30
MAX_DEPTH = 60
"""Of nodes inside nodes; the generated Python must stay within its own compiler's limits."""

_ALLOWED: frozenset[type[nodes.Node]] = frozenset(
    {
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.Name,
        nodes.Const,
        nodes.Getattr,
        nodes.Getitem,
        nodes.Filter,
        nodes.Test,
        nodes.Keyword,
        nodes.Call,
        nodes.If,
        nodes.CondExpr,
        nodes.For,
        nodes.Assign,
        nodes.Compare,
        nodes.Operand,
        nodes.And,
        nodes.Or,
        nodes.Not,
        nodes.Add,
        nodes.Sub,
        nodes.Mul,
        nodes.Div,
        nodes.FloorDiv,
        nodes.Mod,
        nodes.Neg,
        nodes.Pos,
        nodes.Concat,
        nodes.List,
        nodes.Tuple,
        nodes.Dict,
        nodes.Pair,
    }
)
_LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})


class TooMuch(TemplateRuntimeError):
    """A limit of rendering was reached."""


class Forbidden(Exception):
    """The template uses something that does not exist here."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


@dataclass(slots=True)
class Rendering:
    """What one rendering counts and finds."""

    locale: str
    tz: ZoneInfo
    missing: list[str] = field(default_factory=list)
    loops: int = 0


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


def _each(value: Any) -> list[Any]:
    """The items of a loop, counted."""
    rendering = RENDERING.get()
    items = list(islice(iter(value), MAX_LOOPS - rendering.loops + 1))
    rendering.loops += len(items)
    if rendering.loops > MAX_LOOPS:
        raise TooMuch("loops")
    return items


def _joined(*parts: Any) -> str:
    """``a ~ b``, of bounded length."""
    return bounded(markup_join(part if isinstance(part, str) else bounded(str(part)) for part in parts))


def bounded(text: str) -> str:
    """The text, unless it is longer than any message."""
    if len(text) > MAX_OUTPUT:
        raise TooMuch("text")
    return text


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > MAX_LOOPS:
        raise TooMuch("range")
    return numbers


class Sandbox(ImmutableSandboxedEnvironment):
    """The only environment in which templates of messages run. ``filters`` are all there are."""

    intercepted_binops = frozenset({"+", "*", "%"})

    def __init__(self, filters: Mapping[str, Callable[..., Any]], *, autoescape: bool) -> None:
        super().__init__(autoescape=autoescape, undefined=Unset, cache_size=0, keep_trailing_newline=True)
        self.globals.clear()
        self.globals["range"] = _range
        self.filters = {**filters, "_at": _at, "_each": _each, "_joined": _joined}

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Sums and products that stay small; ``*`` and ``%`` are for numbers only."""
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            return self.binop_table[operator](left, right)
        if operator != "+" and (isinstance(left, str | Sequence) or isinstance(right, str | Sequence)):
            raise TooMuch(operator)
        result = self.binop_table[operator](left, right)
        if isinstance(result, int | float):
            if abs(result) > MAX_NUMBER:
                raise TooMuch("number")
        elif len(result) > MAX_OUTPUT:
            raise TooMuch("text")
        return result

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Filters with ``attribute=`` come this way."""
        return _at(obj, attribute, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """So do computed keys."""
        return _at(obj, str(argument), argument)


def check_nodes(node: nodes.Node, depth: int = 0) -> None:
    """Raises :class:`Forbidden` at the first thing that templates do not have."""
    if type(node) not in _ALLOWED:
        raise Forbidden(node.lineno, f"“{type(node).__name__.lower()}”")
    if depth > MAX_DEPTH:
        raise RecursionError
    if isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name == "range"):
        raise Forbidden(node.lineno, "“…()”")
    if isinstance(node, nodes.For) and node.recursive:
        raise Forbidden(node.lineno, "“recursive”")
    name = getattr(node, "name", None)
    if isinstance(name, str) and name.startswith("_"):
        raise Forbidden(node.lineno, f"“{name}”")
    if isinstance(node, nodes.Name) and node.ctx == "store" and name in {"loop", "range"}:
        raise Forbidden(node.lineno, f"“set {name}”")
    for child in node.iter_child_nodes():
        check_nodes(child, depth + 1)


def path_of(node: nodes.Node) -> tuple[nodes.Node, list[nodes.Expr]]:
    """What a chain of dots and brackets starts from, and its keys."""
    keys: list[nodes.Expr] = []
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        keys.append(nodes.Const(node.attr, lineno=node.lineno) if isinstance(node, nodes.Getattr) else node.arg)
        node = node.node
    return node, keys[::-1]


def spelled(base: nodes.Node, keys: Iterable[nodes.Expr]) -> str:
    """A chain as it is reported: ``customer.first_name``, ``entry.items.0``."""
    names = [str(key.value) if isinstance(key, nodes.Const) else "…" for key in keys]
    return ".".join([base.name if isinstance(base, nodes.Name) else "…", *names])


class _Guards(NodeTransformer):
    """Puts a guard in front of everything that can grow or reach."""

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802 - Jinja dispatches on the node's class
        return self._look_up(node)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802 - Jinja dispatches on the node's class
        return self._look_up(node)

    def _look_up(self, node: nodes.Expr) -> nodes.Node:
        base, keys = path_of(node)
        label = nodes.Const(spelled(base, keys), lineno=node.lineno)
        arguments = [label, *(self.visit(key) for key in keys)]
        return _filter("_at", self.visit(base), arguments, node.lineno)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - Jinja dispatches on the node's class
        first, *others = (self.visit(part) for part in node.nodes)
        return _filter("_joined", first, others, node.lineno)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja dispatches on the node's class
        self.generic_visit(node)
        node.iter = _filter("_each", node.iter, [], node.lineno)
        return node


def _filter(name: str, value: Any, arguments: list[Any], line: int) -> nodes.Filter:
    return nodes.Filter(value, name, arguments, [], None, None, lineno=line)


def guard(tree: nodes.Template) -> nodes.Template:
    """The tree, rewritten."""
    _Guards().visit(tree)
    if tree.environment is not None:
        tree.set_environment(tree.environment)
    return tree
