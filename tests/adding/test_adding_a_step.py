"""A new kind of step is one file and a name in the list of kinds; with an effect, that and its domain's own folders.

Both are done to a copy of the sources, which is then asked what it knows.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.adding.copied import Copy, copy_with

HERE = Path(__file__).parent
LIST = "orchestrator/core/steps/__init__.py"


def kind(module: str, name: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """The name of a kind, put into the list of kinds."""
    first, last = "from orchestrator.core.steps.branch import", "    Exit,\n)"
    return {LIST: ((f"from orchestrator.core.steps.{module} import {name}\n", first), (f"    {name},\n", last))}


@pytest.fixture(scope="module")
def simple(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return copy_with(tmp_path_factory.mktemp("simple"), HERE / "simple_step", kind("ask_ai", "AskAi"))


@pytest.fixture(scope="module")
def known(simple: Copy) -> dict[str, Any]:
    found: dict[str, Any] = simple.ask(HERE / "ask_about_simple_step.py")
    return found


def test_a_simple_step_is_one_file_and_a_name(simple: Copy) -> None:
    assert simple.added == {"orchestrator/core/steps/ask_ai.py"}
    assert simple.changed == {LIST}


def test_the_compiler_finds_what_is_wrong_with_it(known: dict[str, Any]) -> None:
    assert ["invalid_value", "ask", "settings.question"] in known["faults"]
    assert ["unknown_variable", "ask", "settings.question"] in known["template"]
    assert known["conditions"] == [["ask", "settings.only_if"]]


def test_the_vocabulary_knows_its_names(known: dict[str, Any]) -> None:
    assert sorted(known["unknown_names"]) == [
        ["unknown_attribute", "ask", "settings.about"],
        ["unknown_attribute", "ask", "settings.only_if"],
        ["unknown_attribute", "ask", "settings.question"],
    ]
    assert known["known_names"] == []


def test_the_palette_and_the_inspector_have_it(known: dict[str, Any]) -> None:
    told = known["palette"]
    assert (told["title"]["en"], told["family"], told["defaults"]) == (
        "Ask AI",
        "action",
        {"question": "Why?", "about": "tier"},
    )
    assert list(told["schema"]["properties"]) == ["question", "about", "event", "only_if"]
    assert [port["name"] for port in told["ports"]] == known["drawn"] == ["next"]
    assert known["inspector_lacks"] == []
    assert {"id", "kind", "settings", "stage"} <= set(known["file_schema"])


def test_the_documentation_is_asked_for_it(known: dict[str, Any]) -> None:
    assert known["documentation"].startswith("docs/journeys.md has no section on ask_ai")


def test_it_runs_in_simulations_and_tells_itself_in_test_runs(known: dict[str, Any]) -> None:
    assert known["simulated"] == ["ask", "wait", "say", "end"]
    assert known["test_run"] == ["Ask about tier", "The assistant said because"]


@pytest.fixture(scope="module")
def effect(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return copy_with(tmp_path_factory.mktemp("effect"), HERE / "step_with_effect", kind("spend_points", "SpendPoints"))


@pytest.mark.long
def test_a_step_with_a_fact_and_an_effect_is_that_and_its_domain(effect: Copy) -> None:
    own = {name for name in effect.added if "/points/" not in name}
    assert own == {"orchestrator/core/steps/spend_points.py"}
    assert effect.changed == {LIST}


@pytest.mark.long
def test_its_fact_comes_from_the_store_and_its_effect_is_carried_out(effect: Copy, database_url: str) -> None:
    known = effect.ask(HERE / "ask_about_step_with_effect.py", database_url)
    assert known["facts"] == [300]
    assert known["effect"] == {"outcome": "sent", "values": {"spent": 100}}
    assert known["simulated"] == ["rich", "poor"]
