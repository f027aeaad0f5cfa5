"""The commands that need no server: simulate, check, schema."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.cli import app
from orchestrator.core.journey.plan import compile_journey
from orchestrator.files.yaml_text import load_yaml

DATA = Path(__file__).parents[2] / "data"
SHOP = ["--events", str(DATA / "little_shop.csv"), "--map", str(DATA / "little_shop.map.yaml")]
CART, LIFE = "examples/cart-recovery.yaml", "examples/lifecycle.yaml"
run = CliRunner().invoke


def test_simulate_counts_entries_steps_messages_and_conversions(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    result = run(app, ["simulate", CART, LIFE, *SHOP, "--json", str(figures), "--lang", "en"])
    assert result.exit_code == 0, result.output
    told = json.loads(figures.read_text())
    cart, life = told["journeys"]["cart-recovery"], told["journeys"]["lifecycle"]
    assert told["customers"] == 3
    assert cart["entries"] == {"admitted": 2}
    assert cart["goals"]["recovered"]["runs"] == 1  # ana's; bo left hers
    assert cart["steps"]["reminder"] == {"entered": 1, "left": {"next": 1}, "ended": 0}
    assert life["entries"] == {"admitted": 3}
    assert sum(told["messages"].values()) >= 4
    for words in ("Cart recovery", "Messages sent by day and channel", "Conversions"):
        assert words in result.output


def test_simulate_gives_the_same_figures_each_time(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.json", "two.json")]
    for file in files:
        assert run(app, ["simulate", CART, LIFE, *SHOP, "--json", str(file)]).exit_code == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_simulate_speaks_korean() -> None:
    result = run(app, ["simulate", CART, *SHOP, "--lang", "ko"])
    assert "장바구니 리마인드" in result.output
    assert "날짜·채널별 발송" in result.output


def test_a_trace_is_one_customers_way() -> None:
    result = run(app, ["simulate", CART, *SHOP, "--trace", "ana", "--lang", "en"])
    assert result.exit_code == 0
    assert "goal:recovered" in result.output
    assert run(app, ["simulate", CART, *SHOP, "--trace", "nobody"]).exit_code == 2


def test_a_draft_with_an_error_is_not_simulated_and_says_why_in_the_language_asked_for(tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text("key: a\nname: A\nentry: {triggers: [{kind: request}]}\nsteps: []\n")
    result = run(app, ["simulate", str(draft), *SHOP, "--lang", "ko"])
    assert result.exit_code == 1
    assert "no_entry_edge" in result.output
    assert "진입 다음에 단계가 없습니다" in result.output


def test_check_ends_with_1_for_errors_and_0_for_sound_files(tmp_path: Path) -> None:
    assert run(app, ["check", CART, LIFE]).exit_code == 0
    bad = tmp_path / "bad.json"
    bad.write_text('{"key": "a"}')
    result = run(app, ["check", str(bad), "--lang", "en"])
    assert result.exit_code == 1
    assert "steps" in result.output


@pytest.mark.parametrize("content", ["[", "- 1", "\x00"])
def test_what_is_no_journey_at_all_gets_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(content)
    result = run(app, ["check", str(path)])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_the_schema_describes_every_step_kind() -> None:
    schema = json.loads(run(app, ["schema"]).output)
    assert schema["$schema"].endswith("2020-12/schema")
    assert {"Message", "Delay", "WaitForEvent", "Exit"} <= schema["$defs"].keys()


def test_a_customer_file_says_who_can_be_reached(tmp_path: Path) -> None:
    people, figures = tmp_path / "people.csv", tmp_path / "figures.json"
    people.write_text("user_id,email,consents\nana,,\nbo,,\nchoi,choi@example.com,email\n")
    result = run(app, ["simulate", LIFE, *SHOP, "--customers", str(people), "--json", str(figures), "--lang", "en"])
    assert result.exit_code == 0, result.output
    assert "3 customers as in the customer file" in " ".join(result.output.split())
    sends = json.loads(figures.read_text())["journeys"]["lifecycle"]["sends"]
    assert sends["welcome skipped no_address"] == 2
    assert sends["welcome sent"] == 1


def test_the_last_day_is_told_or_counted(tmp_path: Path) -> None:
    days = {}
    for name, options in (("told", ["--until", "2026-03-03"]), ("counted", ["--afterwards", "30"])):
        file = tmp_path / f"{name}.json"
        assert run(app, ["simulate", LIFE, *SHOP, *options, "--json", str(file)]).exit_code == 0
        days[name] = [key.split()[0] for key in json.loads(file.read_text())["messages"]]
    assert max(days["told"]) <= "2026-03-03" < max(days["counted"])


def test_a_time_of_day_in_yaml_is_a_time_of_day(tmp_path: Path) -> None:
    path = tmp_path / "morning.yaml"
    path.write_text(
        "key: morning\nname: Morning\nentry: {triggers: [{kind: request}]}\n"
        "steps:\n  - {id: d, kind: delay, stage: intake, settings: {mode: time_of_day, at: 10:00}}\n"
        "  - {id: end, kind: exit, stage: intake}\n"
        "edges: [{from: entry, to: d}, {from: d, to: end}]\n"
    )
    assert run(app, ["check", str(path)]).exit_code == 0
    plan = compile_journey(load_yaml(path.read_text())).plan
    assert plan is not None
    assert plan.label("d", "en") == "Wait until 10:00"
