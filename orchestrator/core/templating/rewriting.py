"""What a template may be made of, and the guards that are put into it before it is compiled."""

from collections.abc import Iterable
from math import isfinite
from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

MAX_DEPTH = 60
"""Of nodes inside nodes; the generated Python must stay within its own compiler's limits."""
MAX_NODES = 5_000
"""Of a template, plain text not counted; compiling takes about 100 microseconds for each."""

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


class Forbidden(Exception):
    """The template uses something that does not exist here."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


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
    if isinstance(node, nodes.Const) and isinstance(node.value, float) and not isfinite(node.value):
        raise ValueError("number")
    for child in node.iter_child_nodes():
        check_nodes(child, depth + 1)


def count_nodes(node: nodes.Node) -> int:
    """Of a part of a template, itself included."""
    return 1 + sum(map(count_nodes, node.iter_child_nodes()))


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
        passage = nodes.Const(sum(map(count_nodes, (*node.body, *filter(None, [node.test])))), lineno=node.lineno)
        node.iter = _filter("_each", node.iter, [passage], node.lineno)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802 - Jinja dispatches on the node's class
        operands: list[nodes.Expr] = []
        for operand in node.ops:
            operands += [nodes.Const(operand.op, lineno=node.lineno), self.visit(operand.expr)]
        return _filter("_compared", self.visit(node.expr), operands, node.lineno)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:  # noqa: N802 - Jinja dispatches on the node's class
        pairs: list[nodes.Expr] = [
            nodes.Tuple([self.visit(pair.key), self.visit(pair.value)], "load", lineno=node.lineno)
            for pair in node.items
        ]
        return _filter("_dict", nodes.List(pairs, lineno=node.lineno), [], node.lineno)


def _filter(name: str, value: Any, arguments: list[Any], line: int) -> nodes.Filter:
    return nodes.Filter(value, name, arguments, [], None, None, lineno=line)


def guard(tree: nodes.Template) -> nodes.Template:
    """The tree, rewritten."""
    _Guards().visit(tree)
    if tree.environment is not None:
        tree.set_environment(tree.environment)
    return tree
