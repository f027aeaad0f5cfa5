"""Changes of one setting: the scenarios of the examples notice them, and what they do not is found by a customer."""

import shutil
from pathlib import Path

import pytest

from orchestrator.commands.testing.mutated import distinguishing, mutated
from orchestrator.commands.testing.outcomes import FileOutcome, play_file
from orchestrator.core.fuzzing.mutations import mutations_of
from orchestrator.files.scenarios import load_scenarios, loaded_from
from tests.core.fuzzing.example_faults import EXAMPLE_FAULTS
from tests.core.scenarios.shop import JOURNEY
from tests.examples import some

EXAMPLES = Path("examples").resolve()
MAKES_NO_DIFFERENCE = {
    "birthday": set[str](),
    # Whoever orders has left by another rule before either could tell.
    "cart-recovery": {
        "exits › ordered › where: left out",
        "last-reminder › only_if: left out",
        "last-reminder › only_if › event: Something Else instead",
    },
}


def examples(name: str) -> FileOutcome:
    return play_file(load_scenarios(EXAMPLES / f"{name}.scenario.yaml"))


def test_one_setting_is_changed_at_a_time() -> None:
    found = {one.words.to("en"): one.plan for one in mutations_of(JOURNEY)}
    assert {"rest › duration: twice as long", "letter › fallback: left out", "letter › channel: email instead"} <= {
        *found
    }
    assert len({plan.hash for plan in found.values()}) == len(found)
    assert all(one.words.to("ko") for one in mutations_of(JOURNEY))


@pytest.mark.parametrize("name", sorted(MAKES_NO_DIFFERENCE))
def test_the_scenarios_of_the_examples_notice_every_change_that_matters(name: str) -> None:
    assert {one.words.to("en") for one in mutated(examples(name)).survived} == MAKES_NO_DIFFERENCE[name]


def test_what_no_scenario_notices_is_told_apart_by_a_customer() -> None:
    document = {"journeys": ["cart-recovery.yaml"], "scenarios": [{"name": "one", "when": [{"event": "Nothing"}]}]}
    few = play_file(loaded_from(document, EXAMPLES / "few.scenario.yaml"))
    wanted = ("reminder › fallback: left out", "last-chance › duration: twice as long")
    survived = [one for one in mutated(few).survived if one.words.to("en") in wanted]
    assert [one.words.to("en") for one in survived] == [*wanted]
    document["scenarios"] = list(distinguishing(few.loaded, survived, "en"))
    told = play_file(loaded_from(document, EXAMPLES / "few.scenario.yaml"))
    assert all(one.holds for one in told.outcomes)
    assert not {*wanted} & {one.words.to("en") for one in mutated(told).survived}


@pytest.mark.parametrize("fault", some(EXAMPLE_FAULTS, 3))
def test_each_slip_in_an_example_is_noticed_by_its_scenarios(fault: str, tmp_path: Path) -> None:
    name, before, after = EXAMPLE_FAULTS[fault]
    for file in (f"{name}.yaml", f"{name}.scenario.yaml"):
        shutil.copy(EXAMPLES / file, tmp_path / file)
    text = (tmp_path / f"{name}.yaml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / f"{name}.yaml").write_text(text.replace(before, after, 1), encoding="utf-8")
    played = play_file(load_scenarios(tmp_path / f"{name}.scenario.yaml"))
    assert any(not one.holds for one in played.outcomes)
