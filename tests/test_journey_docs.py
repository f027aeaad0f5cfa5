"""Every step kind, every setting and every problem code is documented."""

import re
from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.conditions.contract import Leaf
from orchestrator.core.conditions.leaves import LEAVES
from orchestrator.core.journey.graph import journey_schema
from orchestrator.core.problems import PROBLEMS
from orchestrator.core.steps import KINDS

JOURNEYS = Path("docs/journeys.md").read_text(encoding="utf-8")
SHARED = {"id", "stage", "label", "kind", "mode"}
"""Fields of every step, told once for all."""


def section(kind: str) -> str:
    """What is said of a kind: from its heading to the next."""
    found = re.search(rf"^### {kind}\n(.*?)(?=^##)", JOURNEYS, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/journeys.md has no section on {kind}"
    return found[1]


def names(node: Any, definitions: dict[str, Any]) -> set[str]:
    """Names of all settings below a schema node, through references, but not those of conditions, nor of the blocks and
    themes of e-mails, which docs/email.md tells."""
    found: set[str] = set()
    if isinstance(node, list):
        return {name for item in node for name in names(item, definitions)}
    if not isinstance(node, dict):
        return found
    target = str(node.get("$ref", "")).rpartition("/")[2]
    told_here = target in definitions and "kind" not in definitions[target].get("properties", {})
    if told_here and target not in ("Ref", "Theme"):
        found |= names(definitions[target], definitions)
    for name, value in node.get("properties", {}).items():
        found |= {name} | names(value, definitions)
    for key in ("anyOf", "oneOf", "items", "additionalProperties"):
        found |= names(node.get(key), definitions)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_and_each_of_its_settings_is_documented(kind: str) -> None:
    text, definitions = section(kind), journey_schema()["$defs"]
    settings = definitions[KINDS[kind].__name__]["properties"]["settings"]
    for name in sorted(names(settings, definitions) - SHARED):
        assert re.search(rf"`{name}[`:]", text), f"docs/journeys.md, {kind}: no word on `{name}`"


@pytest.mark.parametrize("kind", KINDS)
def test_each_required_port_is_documented(kind: str) -> None:
    document = {"go_to": {"target": "x"}, "goal": {"goal": "g"}, "exit": {}}.get(kind)
    if document is not None:
        ports = KINDS[kind].model_validate({"id": "a", "kind": kind, "settings": document}).ports()
        assert all(f"`{port.name}`" in section(kind) for port in ports)


def test_each_field_of_the_file_is_documented() -> None:
    for name in journey_schema()["properties"]:
        assert f"`{name}`" in JOURNEYS, f"docs/journeys.md: no word on `{name}`"


def undocumented(leaf: type[Leaf]) -> list[str]:
    """What docs/journeys.md does not say of a kind of condition: its kind, its fields."""
    kind = leaf.model_fields["kind"].default
    rows = [row.split("|")[1:3] for row in JOURNEYS.partition("## Conditions")[2].splitlines() if row.startswith("|")]
    fields = next((told for kinds, told in rows if f"`{kind}`" in kinds), "")
    lacking = [name for name in leaf.model_fields if name != "kind" and f"`{name}`" not in fields]
    return lacking if fields else [kind, *lacking]


@pytest.mark.parametrize("leaf", LEAVES)
def test_each_kind_of_condition_and_each_of_its_fields_is_documented(leaf: type[Leaf]) -> None:
    assert undocumented(leaf) == []


@pytest.mark.parametrize("code", PROBLEMS)
def test_each_problem_code_is_documented_as_it_is(code: str) -> None:
    severity, text = PROBLEMS[code]
    row = f"| `{code}` | {severity} | {text.to('en')}<br>{text.to('ko')} |"
    assert row in Path("docs/problems.md").read_text(encoding="utf-8")
