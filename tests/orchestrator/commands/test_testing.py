"""``sojourn test`` and ``sojourn fuzz``, and the plug-in for pytest: what they print, write, and end with."""

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from orchestrator.commands.testing import fuzz, record, run_scenarios

EXAMPLES = Path("examples").resolve()
BROKEN = "within: 1d, op: eq, value: 0}", "within: 1m, op: eq, value: 0}"
"""An order of a minute ago is the only one that the reminders look at."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("cart-recovery.yaml", "cart-recovery.scenario.yaml"):
        shutil.copy(EXAMPLES / name, tmp_path / name)
    return tmp_path


def change(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def call(app: typer.Typer, *arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in (*arguments, "--lang", "en")])


def test_the_examples_hold_and_take_every_path() -> None:
    result = call(run_scenarios.app, EXAMPLES, "--coverage")
    assert result.exit_code == 0, result.output
    assert "13 of 13 paths" in result.output


def test_what_does_not_hold_is_told_with_all_that_happened(folder: Path) -> None:
    change(folder / "cart-recovery.yaml", "window: 1h", "window: 2h")
    junit = folder / "out.xml"
    result = call(run_scenarios.app, folder, "--junit", junit)
    assert result.exit_code == 1
    assert "sends › 1 › after: expected 1 hour" in result.output
    assert "✉" in result.output
    suite = ET.parse(junit).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("17", str(len(suite.findall("testcase/failure"))))
    assert int(suite.get("failures", "0")) >= 2


def test_the_korean_speak_korean(folder: Path) -> None:
    result = CliRunner().invoke(run_scenarios.app, [str(folder), "--lang", "ko", "-v"])
    assert "17개 통과" in result.output
    assert "담기가 멈출 때까지" in result.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("journeys: [nowhere.yaml]\nscenarios: []", "there is no file"),
        ("journeys: [cart-recovery.yaml]\nscenarios: [{name: x, when: [{evnt: A}]}]", "when › 1 › evnt"),
        ("journeys: [cart-recovery.yaml\n", "neither YAML nor JSON"),
        ("journeys: [cart-recovery.yaml]\nworkspace: {sending: {policy: mars}}\nscenarios: []", "workspace › sending"),
        ("journeys: [cart-recovery.yaml]\ntemplates: {a: cart-recovery.yaml}\nscenarios: []", "no template"),
        ("journeys: [cart-recovery.yaml, cart-recovery.yaml]\nscenarios: []", "same key"),
        ("journeys: [bad.scenario.yaml]\nscenarios: []", "bad.scenario.yaml"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(folder: Path, text: str, told: str) -> None:
    (folder / "bad.scenario.yaml").write_text(text)
    result = call(run_scenarios.app, folder / "bad.scenario.yaml")
    assert result.exit_code == 2
    assert told in result.stderr


def test_where_there_is_nothing_to_test_it_says_so(tmp_path: Path) -> None:
    assert call(run_scenarios.app, tmp_path).exit_code == 2
    assert call(run_scenarios.app, EXAMPLES, "-k", "no such name").exit_code == 2


def test_scenarios_are_suggested_for_what_none_has_taken(folder: Path) -> None:
    few = folder / "few.scenario.yaml"
    few.write_text("journeys: [cart-recovery.yaml]\nscenarios: [{name: one, when: [{event: Product Added}]}]")
    more = folder / "more.scenario.yaml"
    result = call(run_scenarios.app, few, "--suggest", more)
    assert result.exit_code == 0, result.output
    both = call(run_scenarios.app, more, "--coverage")
    assert both.exit_code == 0, both.output
    assert "○" not in both.output


def test_what_scenarios_do_not_notice_is_listed_and_scenarios_for_it_are_suggested(folder: Path) -> None:
    shutil.copy(EXAMPLES / "birthday.yaml", folder / "birthday.yaml")
    few, more = folder / "few.scenario.yaml", folder / "more.scenario.yaml"
    few.write_text("journeys: [birthday.yaml]\nscenarios: [{name: one, when: [{event: Nothing}]}]")
    result = call(run_scenarios.app, few, "--mutate", "--suggest", more)
    assert result.exit_code == 0, result.output
    assert "0 of 10 changes" in result.output
    assert "○ afterwards › duration: twice as long" in result.output
    again = call(run_scenarios.app, more, "--mutate")
    assert again.exit_code == 0, again.output
    assert "○ greeting › fallback: left out" not in again.output


def test_the_fuzzer_finds_what_an_author_forbids_and_keeps_it(folder: Path) -> None:
    story, found = folder / "cart-recovery.scenario.yaml", folder / "found.scenario.yaml"
    assert call(fuzz.app, story, "--customers", 60).exit_code == 0
    change(folder / "cart-recovery.yaml", *BROKEN)
    result = call(fuzz.app, story, "--customers", 600, "--save", found)
    assert result.exit_code == 1
    assert "Nobody is reminded within a day of an order" in result.output
    assert call(run_scenarios.app, found).exit_code == 1
    change(folder / "cart-recovery.yaml", *reversed(BROKEN))
    assert call(run_scenarios.app, found).exit_code == 0


def test_the_fuzzer_takes_journeys_without_scenarios(folder: Path) -> None:
    result = call(fuzz.app, folder / "cart-recovery.yaml", EXAMPLES / "birthday.yaml", "--customers", 100)
    assert result.exit_code == 0, result.output
    (folder / "no.yaml").write_text("key: x")
    assert call(fuzz.app, folder / "no.yaml").exit_code == 2


def test_pytest_collects_scenarios_and_plays_stories(folder: Path) -> None:
    cart = '{"event": "Product Added", "properties": {"cart_id": "c1"}}'
    (folder / "test_stories.py").write_text(
        f"def test_left(sojourn):\n    sojourn('cart-recovery.yaml', when=[{cart}]).expect(ends='abandoned')\n"
        f"def test_not(sojourn):\n    sojourn('cart-recovery.yaml', when=[{cart}]).expect(ends='bought')\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stdout
    assert "1 failed, 18 passed" in result.stdout
    assert "ends: expected bought" in result.stdout


def test_a_history_is_kept_in_a_folder_that_is_named() -> None:
    result = call(record.app, "some-run")
    assert result.exit_code == 2
    assert "name one" in result.output
