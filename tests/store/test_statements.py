"""Every SQL statement of the product means something in the migrated schema: a renamed column fails here.

Statements are module constants: texts, text clauses, whatever tells ``statements()``, and collections of them. They are
found by walking the store's modules and prepared, parameters' types inferred. That none is made elsewhere is held by a
second test, which reads the source. What SQLAlchemy builds of our tables is held by ``test_migrate.py``: the tables are
the migrated schema.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import ClauseElement, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import TextClause

import orchestrator.store
from orchestrator.store.database import plain_dsn
from orchestrator.store.intake.merge import HELD_ELSEWHERE
from orchestrator.store.pagination import Listing
from orchestrator.store.statements import Filtered
from orchestrator.store.tables import METADATA, tables_of_customers

ROOT = Path(__file__).parents[2]
VERB = re.compile(
    r"\s*(select\b|with\s+\w+(\s*\([^)]*\))?\s+as\b|insert\s+into\b|delete\s+from\b"
    r"|update\s+\w+(\s+as)?(\s+\w+)?\s+set\b)",
    re.IGNORECASE,
)
TEMPLATE = re.compile(r"\{\w+\}")
"""What is made of a template is a constant of its own, and found as such."""
WITHOUT_COLUMNS = re.compile(r"\s*set\s+local\b")
"""Cannot be prepared, and names nothing of the schema."""
EXPANDING = re.compile(r"\(__\[POSTCOMPILE_(\w+)\]\)")
PARAMETER = re.compile(r"%(?:\((\w+)\))?s|%%")
DIALECT: Any = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
ELSEWHERE = {"orchestrator/stack/postgres.py"}
"""Speaks to a server that has no schema of ours yet."""
REPORTS = "orchestrator/core/measures/reports/"
"""Texts over the sources of ``store.measures.sources``, which both engines run: ``store/measures`` tests do, each."""
FILES = {"orchestrator/store/measures/columns/query.py"}
"""Speaks to DuckDB, of files whose names are known when it runs."""
MAKERS = {"orchestrator/store/statements.py", "orchestrator/store/columns.py"}
"""Make text clauses in functions: of conditions that they tell, and a column's default."""


@lru_cache
def modules() -> tuple[str, ...]:
    found = pkgutil.walk_packages(orchestrator.store.__path__, "orchestrator.store.")
    return tuple(one.name for one in found if ".migrations" not in one.name)


def statements_in(value: Any) -> Iterator[str]:
    """As the driver gets them, with its own parameter marks."""
    if isinstance(value, str):
        if VERB.match(value) and not TEMPLATE.search(value):
            yield from [value] if PARAMETER.search(value) else statements_in(text(value))
    elif isinstance(value, TextClause):
        compiled = str(value.compile(dialect=DIALECT))
        if not WITHOUT_COLUMNS.match(compiled):
            yield EXPANDING.sub(r"(%(\1)s)", compiled)
    elif isinstance(value, ClauseElement) and getattr(value, "is_dml", False):
        yield str(value.compile(dialect=DIALECT))
    elif isinstance(value, Filtered | Listing):
        for statement in value.statements():
            yield from statements_in(statement)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from statements_in(one)
    elif isinstance(value, tuple | list | set | frozenset):
        for one in value:
            yield from statements_in(one)


def numbered(statement: str) -> str:
    """With PostgreSQL's own parameter marks: one number for each name, and for each mark without one."""
    names: list[str] = []

    def mark(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        name = found[1] or f"mark {len(names)}"
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    return PARAMETER.sub(mark, statement)


def constants() -> Iterator[tuple[str, str]]:
    """Where each statement stands, and how it reads."""
    for module in modules():
        for name, value in vars(importlib.import_module(module)).items():
            for number, statement in enumerate(statements_in(value)):
                yield f"{module}.{name}[{number}]", statement


def test_every_statement_can_be_prepared(database_url: str) -> None:
    wrong, seen = [], 0
    with psycopg.connect(plain_dsn(database_url), autocommit=True) as connection:
        for where, statement in constants():
            seen += 1
            try:
                connection.execute(f"prepare tried as {numbered(statement)}".encode())
                connection.execute("deallocate tried")
            except psycopg.Error as error:
                wrong.append(f"{where}: {error}\n{statement}")
    assert not wrong, "\n".join(wrong)
    assert seen > 200, "the statements are not found any more"


def test_a_renamed_column_is_noticed(database_url: str) -> None:
    with psycopg.connect(plain_dsn(database_url), autocommit=True) as connection:
        connection.execute("alter table sends rename column hold_until to held_until")
        failed = set()
        for where, statement in constants():
            try:
                connection.execute(f"prepare tried as {numbered(statement)}".encode())
                connection.execute("deallocate tried")
            except psycopg.errors.UndefinedColumn:
                failed.add(where.rpartition(".")[0])
    assert {"orchestrator.store.sending.ledger", "orchestrator.store.sending.send_list"} <= failed


def sources() -> Iterator[tuple[str, ast.Module]]:
    for room in ("orchestrator", "workflows", "activities", "api"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name:
                yield name, ast.parse(path.read_text())


def in_functions(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            body = node.body if isinstance(node.body, list) else [node.body]
            docstring = body[0] if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) else None
            for statement in body:
                if statement is not docstring:
                    yield from ast.walk(statement)


def written_in(node: ast.AST) -> str | None:
    """The text that begins a literal, if the node is one."""
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def makes_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text"


def puts_together(node: ast.AST) -> bool:
    """``execute("…" + x)``, ``execute(X.format(…))``, ``execute(f"{x} …")``: but not ``listen``: it has no columns."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return False
    if node.func.attr not in ("execute", "executemany", "stream", "scalar", "scalars"):
        return False
    given = node.args[0]
    formatted = isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and given.func.attr == "format"
    literal = written_in(given)
    built = isinstance(given, ast.BinOp | ast.JoinedStr) and not (literal or "").startswith("listen ")
    return formatted or built


def test_no_statement_is_made_inside_of_a_function() -> None:
    found = []
    for name, tree in sources():
        if name in ELSEWHERE | FILES:
            continue
        speaks_sql = any(
            isinstance(node, ast.ImportFrom)
            and node.module == "sqlalchemy"
            and any(a.name == "text" for a in node.names)
            for node in ast.walk(tree)
        )
        for node in in_functions(tree):
            literal = written_in(node)
            if literal is not None and VERB.match(literal) and re.search(r"\b(from|into|set|as)\b", literal):
                found.append(f"{name}:{node.lineno}: {literal!r}")  # type: ignore[attr-defined]
            if speaks_sql and makes_text(node) and name not in MAKERS:
                found.append(f"{name}:{node.lineno}: a text clause is made in a function")  # type: ignore[attr-defined]
            if puts_together(node):
                found.append(f"{name}:{node.lineno}: a statement is put together where it runs")  # type: ignore[attr-defined]
    assert not found, "\n".join(found)


def test_statements_about_tables_stand_in_the_store() -> None:
    found = []
    for name, tree in sources():
        if name.startswith(("orchestrator/store/", REPORTS)) or name in ELSEWHERE:
            continue
        for node in ast.walk(tree):
            literal = written_in(node)
            if literal is not None and VERB.match(literal) and re.search(r"\b(from|into|set)\s+\w+", literal):
                found.append(f"{name}:{node.lineno}: {literal!r}")  # type: ignore[attr-defined]
    assert not found, "\n".join(found)


def test_a_merge_reaches_every_table_with_a_customer() -> None:
    with_customer = {table.name for table in METADATA.tables.values() if "customer_id" in table.c}
    assert set(tables_of_customers(HELD_ELSEWHERE)) == with_customer - HELD_ELSEWHERE
    assert with_customer >= HELD_ELSEWHERE


RUNS_OWN = {"run_id"}
"""Beside such a column a customer in a unique key is no danger: two customers' runs are never one."""


@pytest.mark.parametrize("name", sorted(tables_of_customers(HELD_ELSEWHERE)))
def test_a_merge_cannot_bring_two_rows_under_one_key(name: str) -> None:
    table = METADATA.tables[name]
    keys = [set(table.primary_key.columns.keys())]
    keys += [set(index.columns.keys()) for index in table.indexes if index.unique]
    keys += [set(one.columns.keys()) for one in table.constraints if hasattr(one, "columns") and len(one.columns) > 1]
    for key in keys:
        assert "customer_id" not in key or key & RUNS_OWN, f"declare how a merge joins rows of {name} with key {key}"
