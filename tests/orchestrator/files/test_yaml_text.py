"""YAML as people mean it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from orchestrator.core.journey.plan import compile_journey
from orchestrator.files.yaml_text import load_yaml
from tests.examples import examples
from tests.strategies.journeys import journeys


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10:00", "10:00"),  # 600 in YAML 1.1
        ("2026-03-01", "2026-03-01"),
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("012", 12),
        ("0x1f", 31),
        ("-3", -3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1_000", "1_000"),
        ("~", None),
        ("", None),
        ("null", None),
        ("7d", "7d"),
        ("'7'", "7"),
        ("!!str 7", "7"),
    ],
)
def test_a_word_means_what_it_looks_like(text: str, value: Any) -> None:
    found = load_yaml(f"a: {text}")["a"]
    assert (found, type(found)) == (value, type(value))


def test_a_key_written_twice_is_told_with_its_line() -> None:
    with pytest.raises(yaml.MarkedYAMLError) as caught:
        load_yaml("a: 1\nb: 2\na: 3\n")
    assert "“a” is written twice" in str(caught.value)
    assert caught.value.problem_mark is not None
    assert caught.value.problem_mark.line == 2


def test_an_anchor_may_be_used_again_and_not_merged() -> None:
    assert load_yaml("a: &x {b: 1}\nc: *x")["c"] == {"b": 1}
    assert load_yaml("a: &x {b: 1}\nc: {<<: *x, d: 2}")["c"] == {"<<": {"b": 1}, "d": 2}


def test_nothing_but_data_is_read() -> None:
    with pytest.raises(yaml.YAMLError):
        load_yaml("a: !!python/object/apply:os.getcwd []")


@settings(max_examples=examples(30), deadline=None)
@given(journeys())
def test_json_is_read_as_json(document: dict[str, Any]) -> None:
    assert load_yaml(json.dumps(document, ensure_ascii=False)) == document


@pytest.mark.parametrize("path", sorted(Path("examples").glob("*.yaml")))
def test_the_examples_mean_the_same_to_every_reader(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    one, other = load_yaml(text), yaml.safe_load(text)
    if "steps" in one:
        plans = compile_journey(one).plan, compile_journey(other).plan
        assert plans[0] is not None
        assert plans[0] == plans[1]
