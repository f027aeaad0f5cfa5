"""Whoever draws a journey finds every word in the models: for each kind, each field, in both languages."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest

from orchestrator.core.conditions.measures import MEASURE_TEXT, Measure
from orchestrator.core.conditions.operators import OPERATOR_TEXT, Operator
from orchestrator.core.journey.schema_errors import readable_step
from orchestrator.core.journey.step_types import condition_words, fields_of, journey_forms, step_types
from orchestrator.core.labels import Editor
from orchestrator.core.steps import KINDS
from orchestrator.core.values import STAGES

UNFINISHED = {
    *("survey", "wait_for_event", "emit_event", "go_to", "start_journey", "update_customer", "coupon", "webhook"),
}
"""Kinds whose new step says nothing until a name is chosen."""


def said(words: Any) -> bool:
    """Both languages, and the Korean one in Hangul (or a word that is the same in both)."""
    return isinstance(words, Mapping) and all(
        isinstance(words.get(locale), str) and words[locale] for locale in ("en", "ko")
    )


def variants(node: Any) -> Iterator[Mapping[str, Any]]:
    """Variants of every union that is chosen by a discriminator."""
    if isinstance(node, Mapping):
        if "discriminator" in node:
            yield from node["discriminator"]["mapping"].values()
        for value in node.values():
            yield from variants(value)
    elif isinstance(node, list):
        for value in node:
            yield from variants(value)


FORMS = {
    **{kind["kind"]: kind["schema"] for kind in step_types()},
    **{name: form["schema"] for name, form in journey_forms().items()},
    **{leaf["kind"]: leaf["schema"] for leaf in condition_words()["leaves"]},
}


def test_every_kind_of_the_union_is_told_of() -> None:
    assert [kind["kind"] for kind in step_types()] == list(KINDS)
    assert list(journey_forms()) == ["entry", "exit", "goal", "reentry", "settings"]


@pytest.mark.parametrize("kind", step_types(), ids=list(KINDS))
def test_each_kind_has_words_in_both_languages(kind: dict[str, Any]) -> None:
    for name in ("title", "meaning", "help", "summary", "family_title"):
        assert said(kind[name]), name
    assert all(said(port["label"]) for port in kind["ports"])
    assert len({port["name"] for port in kind["ports"]}) == len(kind["ports"])
    for locale, example in (("en", "Example:"), ("ko", "예:")):
        sentences = kind["help"][locale]
        assert 2 <= sentences.count(". ") + 1 <= 6
        assert example in sentences


@pytest.mark.parametrize("name", FORMS)
def test_each_field_has_words_in_both_languages(name: str) -> None:
    fields = dict(fields_of(FORMS[name]))
    assert fields
    for place, field in fields.items():
        assert said(field.get("x-label")), place
        if "x-help" in field:
            assert said(field["x-help"]), place
        if "x-editor" in field:
            assert field["x-editor"] in get_args(Editor), place
        if "x-item" in field:
            assert said(field["x-item"]), place
            assert "x-new" in field or field["x-editor"] == "condition", place


@pytest.mark.parametrize("name", FORMS)
def test_each_choice_has_words_in_both_languages(name: str) -> None:
    schema = FORMS[name]
    definitions = schema.get("$defs", {})
    for place, field in fields_of(schema):
        for choices in (field.get("enum"), field.get("items", {}).get("enum")):
            if choices is not None:
                assert list(field["x-options"]) == choices, place
                assert all(said(words) for words in field["x-options"].values()), place
    for reference in variants(schema):
        assert said(definitions[str(reference).rpartition("/")[2]].get("x-label")), reference


@pytest.mark.parametrize("name", FORMS)
def test_each_form_stands_alone(name: str) -> None:
    text = repr(FORMS[name])
    for reference in {part.split("'")[0] for part in text.split("#/$defs/")[1:]}:
        assert reference in FORMS[name]["$defs"], reference


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_step_is_whole_or_lacks_a_name_only(kind: str) -> None:
    document = {"id": "new", "kind": kind, "settings": dict(KINDS[kind].DEFAULTS)}
    assert (readable_step(document) is None) == (kind in UNFINISHED - {"go_to"})


@pytest.mark.parametrize("kind", KINDS)
def test_unfinished_settings_have_the_ways_out_of_finished_ones(kind: str) -> None:
    step = readable_step({"id": "new", "kind": kind, "settings": dict(KINDS[kind].DEFAULTS)})
    if step is not None:
        rough = KINDS[kind].rough_ports(KINDS[kind].DEFAULTS)
        assert [(port.name, port.required) for port in rough] == [(port.name, port.required) for port in step.ports()]


@pytest.mark.parametrize(
    "settings", [{}, {"branches": 3}, {"branches": [3, {"port": 4}, {}]}, {"window": []}, {"ends": 1}]
)
def test_no_settings_are_too_broken_for_ways_out(settings: dict[str, Any]) -> None:
    for kind in KINDS.values():
        assert isinstance(kind.rough_ports(settings), tuple)


def test_conditions_can_be_edited_without_words_of_ones_own() -> None:
    words = condition_words()
    assert list(words["operators"]) == list(get_args(Operator)) == list(OPERATOR_TEXT)
    assert list(words["measures"]) == list(get_args(Measure)) == list(MEASURE_TEXT)
    assert list(words["stages"]) == list(STAGES)
    assert [leaf["kind"] for leaf in words["leaves"]] == [
        "attribute",
        "property",
        "tag",
        "contact",
        "reachable",
        "consent",
        "consent_age",
        "stage",
        "segment",
        "history",
    ]
    assert [group["kind"] for group in words["groups"]] == ["all", "any", "not"]


@pytest.mark.parametrize("name", FORMS)
def test_what_is_rarely_needed_comes_last_in_every_form(name: str) -> None:
    for part in (FORMS[name], *FORMS[name].get("$defs", {}).values()):
        advanced = [field.get("x-advanced", False) for field in part.get("properties", {}).values()]
        assert advanced == sorted(advanced)
