"""Templates of messages: Jinja's syntax, none of Python's reach.

A template is written by a marketer and filled with what customers sent, so it is trusted with neither. It is parsed by
Jinja, then *rewritten* before it is compiled (``sandbox.py``): only listed kinds of node and filters exist, nothing but
``range`` can be called, a dot looks up a key and never a Python attribute, and everything that is done to a value is
charged to a budget (``budget.py``), which bounds time and memory.

An **unset** variable is one that is missing or null. Asking about it (``if``, ``default``, a comparison) is free; using
it (printing, counting, calculating) gives nothing and is reported in :attr:`Rendered.missing`, for the message's
``on_missing`` rule to act on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Template as CompiledTemplate
from jinja2 import TemplateSyntaxError, nodes

from orchestrator.core.templating.budget import MAX_OUTPUT, TooMuch, shared_budget
from orchestrator.core.templating.filters import FILTERS
from orchestrator.core.templating.rewriting import MAX_NODES, Forbidden, check_nodes, count_nodes, guard, path_of
from orchestrator.core.templating.sandbox import RENDERING, Rendering, Sandbox
from orchestrator.core.text import SOURCE, Text
from orchestrator.core.timing import zone

MAX_SOURCE = 50_000
"""Characters of a template's source."""

ROOTS = frozenset({"customer", "entry", "event", "var", "workspace", "links"})
"""What a message may speak of: the customer; the run's entry event, by two names; its variables; the sender; and where
this very message can be answered (``links.unsubscribe``, ``links.preferences``, ``links.survey``)."""

PROBLEMS: dict[str, Text] = {
    "template_syntax": Text("Line {line}: {detail}"),
    "template_forbidden": Text("Line {line}: {detail} is not available in templates"),
    "template_too_long": Text("The template is longer than {limit} characters"),
    "template_too_deep": Text("The template is nested too deeply"),
    "template_too_large": Text("The template has more than {parts} variables, filters, signs and conditions"),
}


class TemplateSyntaxProblem(ValueError):
    """The source is no template: the author's error, the same for every customer. ``line`` counts from 1."""

    def __init__(self, code: str, line: int = 1, detail: str = "") -> None:
        self.code = code
        self.line = line
        self.detail = detail
        super().__init__(self.message)

    @property
    def text(self) -> Text:
        """In the words of whoever wrote the template."""
        return PROBLEMS[self.code].format(line=self.line, detail=self.detail, limit=MAX_SOURCE, parts=MAX_NODES)

    @property
    def message(self) -> str:
        """In English."""
        return self.text.to(SOURCE)


class RenderFailed(ValueError):
    """A good template failed on one customer's data, such as adding a number to a word. Tells no values."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text, and the dotted paths of the unset variables it uses, in order, each once."""

    text: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template; :func:`compile_template` makes it and keeps it."""

    source: str
    variables: frozenset[str]
    compiled: CompiledTemplate


_TEXT = Sandbox(FILTERS, autoescape=False)
_HTML = Sandbox(FILTERS, autoescape=True)


@lru_cache(maxsize=4096)
def compile_template(source: str, *, html: bool = False, most: int = MAX_SOURCE) -> Template:
    """The template of a source of at most so many characters; ``html`` escapes what variables bring.

    Raises :class:`TemplateSyntaxProblem`.
    """
    if len(source) > most:
        raise TemplateSyntaxProblem("template_too_long")
    try:
        return _compiled(source, _HTML if html else _TEXT)
    except TemplateSyntaxProblem:
        raise
    except Forbidden as found:
        raise TemplateSyntaxProblem("template_forbidden", found.line, found.what) from None
    except TemplateSyntaxError as error:
        raise TemplateSyntaxProblem("template_syntax", error.lineno, error.message or "") from None
    except (RecursionError, MemoryError, SyntaxError):
        raise TemplateSyntaxProblem("template_too_deep") from None
    except ValueError:  # int() of a literal with thousands of digits, or one that is infinite
        raise TemplateSyntaxProblem("template_syntax", 1, "number") from None
    except Exception as error:
        raise TemplateSyntaxProblem("template_syntax", 1, type(error).__name__) from None


def _compiled(source: str, environment: Sandbox) -> Template:
    tree = environment.parse(source)
    check_nodes(tree)
    if count_nodes(tree) > MAX_NODES:
        raise TemplateSyntaxProblem("template_too_large")
    names = frozenset(_paths(tree.body, set()))
    code = environment.compile(guard(tree))
    return Template(source, names, CompiledTemplate.from_code(environment, code, environment.globals))


def variables(source: str) -> frozenset[str]:
    """Dotted paths of what a template reads from outside itself, such as ``customer.first_name``.

    Names that it sets or loops over are left out; a path ends where an index or a computed key begins.
    Raises :class:`TemplateSyntaxProblem`.
    """
    return compile_template(source).variables


def render(
    template: Template, context: Mapping[str, Any], *, locale: str = "ko", tz: ZoneInfo | None = None
) -> Rendered:
    """The template filled from ``context`` (see :data:`ROOTS`). ``locale`` and ``tz`` serve the date filters.

    Raises :class:`RenderFailed`, and nothing else, when the data make an operation impossible, the output too long or
    the rendering more costly than what is left of the message's budget (``budget.py``).
    """
    state = Rendering(locale, tz or zone(None))
    token = RENDERING.set(state)
    try:
        with shared_budget() as budget:
            parts: list[str] = []
            size = 0
            for part in template.compiled.generate(context):
                size += len(part)
                budget.spend(1 + len(part) // 8)
                if size > MAX_OUTPUT:
                    raise TooMuch("output")
                parts.append(part)
    except TooMuch as error:
        raise RenderFailed(str(error)) from None
    except Exception as error:
        raise RenderFailed(type(error).__name__) from None
    finally:
        RENDERING.reset(token)
    return Rendered("".join(parts), tuple(dict.fromkeys(state.missing)))


def _paths(body: Sequence[nodes.Node], bound: set[str]) -> Iterator[str]:
    """The outside paths read by statements in order; ``bound`` grows with the names that they set."""
    for node in body:
        yield from _read(node, bound)


def _read(node: nodes.Node, bound: set[str]) -> Iterator[str]:
    match node:
        case nodes.For():
            yield from _read(node.iter, bound)
            inner = bound | {"loop"} | _names(node.target)
            if node.test is not None:
                yield from _read(node.test, inner)
            yield from _paths(node.body, inner)
            yield from _paths(node.else_, set(bound))
        case nodes.Assign():
            yield from _read(node.node, bound)
            bound |= _names(node.target)
        case nodes.Getattr() | nodes.Getitem() | nodes.Name():
            yield from _read_path(node, bound)
        case nodes.Call():
            yield from _paths(node.args, bound)
        case _:
            yield from _paths(list(node.iter_child_nodes()), bound)


def _names(target: nodes.Node) -> set[str]:
    found = {name.name for name in target.find_all(nodes.Name)}
    return found | {target.name} if isinstance(target, nodes.Name) else found


def _read_path(node: nodes.Getattr | nodes.Getitem | nodes.Name, bound: set[str]) -> Iterator[str]:
    base, keys = path_of(node)
    if isinstance(base, nodes.Name):
        if base.name not in bound:
            named: list[str] = []
            for key in keys:
                if not isinstance(key, nodes.Const) or not isinstance(key.value, str):
                    break
                named.append(key.value)
            yield ".".join([base.name, *named])
    else:
        yield from _read(base, bound)
    for key in keys:
        if not isinstance(key, nodes.Const):
            yield from _read(key, bound)
