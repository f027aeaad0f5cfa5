"""Each kind of step is drawn, found in the palette and edited in the canvas without the canvas naming it.

The canvas's own reader of schemas (``web/canvas/src/forms/schema.ts``) is run by Node over what the API tells of
the kinds, and asked what it could not draw or has no words for.
"""

import importlib.util
import json
import re
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from orchestrator.core.journey.step_types import condition_words, journey_forms, step_types
from orchestrator.core.messages.template_forms import template_forms
from orchestrator.core.steps import KINDS

ROOT = Path(__file__).parent.parent.parent
CANVAS = ROOT / "web" / "canvas"
SOURCES = [
    path
    for path in sorted((CANVAS / "src").rglob("*.ts*"))
    if not path.name.endswith((".gen.ts", ".test.ts", ".test.tsx"))
]
REGISTRY = CANVAS / "src" / "inspector" / "editors.ts"

OTHER_MEANINGS = {"branch", "exit", "goal", "message", "survey"}
"""Kinds whose names mean something else in the canvas too: a goal of the journey, a branch of an outline, …"""

WALK = """
import { gaps } from %(schema)s;
const { schemas, editors } = JSON.parse(await new Response(process.stdin).text());
const known = new Set(editors);
const found = Object.entries(schemas).map(([name, schema]) => [name, gaps(schema, known)]);
console.log(JSON.stringify(Object.fromEntries(found)));
"""


def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("canvas_build", CANVAS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def walked(schemas: dict[str, Any], editors: set[str]) -> dict[str, list[str]]:
    """What the canvas's forms lack, by schema. Node reads the TypeScript as it stands."""
    node = build().node_home() / "bin" / "node"
    program = WALK % {"schema": json.dumps((CANVAS / "src" / "forms" / "schema.ts").as_uri())}
    done = subprocess.run(
        [str(node), "--input-type=module", "--eval", program],
        input=json.dumps({"schemas": schemas, "editors": sorted(editors)}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def members(name: str) -> set[str]:
    """Keys of an object, or items of a list, that the registry declares."""
    text = REGISTRY.read_text(encoding="utf-8")
    body = text.split(f"export const {name}", 1)[1].split("=", 1)[1].split(";", 1)[0]
    return set(re.findall(r"^\s*(\w+):", body, re.M)) | set(re.findall(r'"(\w+)"', body))


EDITORS = members("FIELD_EDITORS") | members("PLAIN_EDITORS")
SCHEMAS = {
    **{kind["kind"]: kind["schema"] for kind in step_types()},
    **{f"journey.{name}": form["schema"] for name, form in journey_forms().items()},
    **{f"condition.{leaf['kind']}": leaf["schema"] for leaf in condition_words()["leaves"]},
    **{f"template.{one['channel']}": one["schema"] for one in template_forms()["channels"]},
    **{f"block.{one['kind']}": one["schema"] for one in template_forms()["blocks"]},
    **{f"template.{name}": template_forms()[name] for name in ("settings", "variable", "theme")},
}


@pytest.fixture(scope="module")
def lacking() -> dict[str, list[str]]:
    return walked(SCHEMAS, EDITORS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_has_a_form_and_words_in_both_languages(lacking: dict[str, list[str]], name: str) -> None:
    assert lacking[name] == []


def test_a_field_without_words_or_form_would_be_noticed() -> None:
    strange = {"type": "object", "properties": {"x": {"type": "string", "x-editor": "hologram"}}}
    assert walked({"strange": strange}, EDITORS)["strange"] == [
        "settings.x: no label",
        "settings.x: no editor hologram",
    ]


@pytest.mark.parametrize("kind", step_types(), ids=list(KINDS))
def test_each_kind_has_its_place_in_the_palette(kind: dict[str, Any]) -> None:
    icons = (ROOT / "web" / "static" / "icons.svg").read_text(encoding="utf-8")
    assert f'id="{kind["icon"]}"' in icons
    for words in (kind["title"], kind["meaning"], kind["help"]):
        assert words["en"]
        assert re.search(r"[가-힣]", words["ko"])


def test_the_palette_shows_all_kinds_that_the_server_tells() -> None:
    palette = (CANVAS / "src" / "board" / "palette.tsx").read_text(encoding="utf-8")
    assert re.search(r"useStepTypes\(\(?\w+\)? => \w+\.items\)", palette)


def named_kinds(text: str) -> set[str]:
    """Kinds that a source names: as a literal, as the key of a table of functions, or compared with a ``kind``."""
    text = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", text, flags=re.S)
    literals = set(re.findall(r"""["'`](\w+)["'`]""", text)) - OTHER_MEANINGS
    keys = set(re.findall(r"^\s*(\w+): [A-Z]\w+,?$", text, re.M)) - OTHER_MEANINGS
    keys |= set(re.findall(r"^\s*(\w+): \w+Editor,?$", text, re.M))
    compared = set(re.findall(r"""\bkind["']?\]?\)?\s*(?:[!=]==?|:)\s*["'`](\w+)["'`]""", text))
    compared |= set(re.findall(r"""["'`](\w+)["'`]\s*[!=]==?\s*[\w.?]*kind\b""", text))
    cases = set(re.findall(r"""case ["'](\w+)["']""", text)) if re.search(r"switch \([^)]*kind", text) else set()
    return (literals | keys | compared | cases) & set(KINDS)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(CANVAS / "src")))
def test_no_source_names_a_kind_but_the_registry_of_editors(path: Path) -> None:
    if path != REGISTRY:
        assert named_kinds(path.read_text(encoding="utf-8")) == set()


def test_a_source_that_named_a_kind_would_be_noticed() -> None:
    assert named_kinds('if (step.kind === "message") send();') == {"message"}
    assert named_kinds('{ kind: "exit", settings: {} }') == {"exit"}
    assert named_kinds("const EDITORS = {\n  goal: GoalEditor,\n};") == {"goal"}
    assert named_kinds('icons["wait_for_event"]') == {"wait_for_event"}
    assert named_kinds('type What = "entered" | "goal"; // "delay"') == set()


def test_the_registry_names_only_kinds_that_there_are() -> None:
    assert members("STEP_EDITORS") <= set(KINDS)
