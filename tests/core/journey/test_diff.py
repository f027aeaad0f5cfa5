"""What changed between two files of one journey, in words."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.journey.diff import difference
from orchestrator.journey_gallery import templates
from tests.core.run.driver import branch, delay, journey, leave, message, prop, step, wait
from tests.examples import examples

PLAIN = journey(
    delay("d", "1h"), branch("b", a=prop("x", 1)), leave(), edges="entry > d, d > b, b:a > end, b:otherwise > end"
)


def changed(**fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(PLAIN), **fields}


def told(before: Any, after: Any, name: str) -> list[tuple[str, str, str, str]]:
    step = difference(before, after).steps[name]
    return [(one.field, one.label.to("en"), one.before.to("en"), one.after.to("en")) for one in step.fields]


def one_step(node: dict[str, Any]) -> dict[str, Any]:
    return journey(node, leave(), edges=f"entry > {node['id']}")


@pytest.mark.parametrize("template", templates(), ids=lambda one: one.id)
def test_a_journey_differs_in_nothing_from_itself_nor_from_another_spelling(template: Any) -> None:
    assert not difference(template.document, template.document)
    spelt = template.plan.journey.model_dump(mode="json", by_alias=True)
    assert not difference(template.document, spelt)
    assert not difference(template.document, {**template.document, "layout": {"positions": {"a": {"x": 1, "y": 2}}}})


def test_steps_that_come_and_go_are_told_by_their_titles() -> None:
    found = difference(PLAIN, changed(steps=[PLAIN["steps"][0], leave("bye"), message("m")]))
    assert {name: one.change for name, one in found.steps.items()} == {
        "bye": "added",
        "m": "added",
        "b": "removed",
        "end": "removed",
    }
    assert found.steps["m"].title.to("ko") == "이메일, 광고성"
    assert (found.count("added"), found.count("removed"), found.count("changed")) == (2, 2, 0)


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        (delay("s", "1h"), delay("s", "90m"), [("settings.duration", "How long", "1 hour", "1 hour 30 minutes")]),
        (
            delay("s", "1h"),
            step("s", "delay", mode="time_of_day", at="10:00"),
            [
                ("settings.mode", "Wait", "For a time", "Until a time of day"),
                ("settings.at", "At", "—", "10:00"),
                ("settings.duration", "How long", "1 hour", "—"),
            ],
        ),
        (
            branch("s", a=prop("x", 1)),
            branch("s", a=prop("x", 2), b=prop("y", 1)),
            [
                ("settings.branches.a.when", "Path a › Condition", "x is 1", "x is 2"),
                ("settings.branches.b.port", "Path b › Path id", "—", "b"),
                ("settings.branches.b.when", "Path b › Condition", "—", "y is 1"),
            ],
        ),
        (
            wait("s", "Viewed", window="1d"),
            wait("s", "Viewed", window=None),
            [("settings.window", "For at most", "1 day", "—")],
        ),
        (
            {**leave("s"), "stage": "intake"},
            {**leave("s"), "stage": "retention"},
            [("stage", "Lifecycle stage", "intake", "retention & expansion")],
        ),
        (leave("s"), {**leave("s"), "label": {"en": "Bye"}}, [("label.en", "Step name › English", "—", "Bye")]),
        (
            step("s", "goal", goal="g", value=1),
            step("s", "goal", goal="g", value={"ref": "entry.price"}, ends=True),
            [
                ("settings.value", "Value", "1", "the entry event’s price"),
                ("settings.ends", "Ends the journey", "no", "yes"),
            ],
        ),
        (
            step("s", "message", channel="email", content={"en": {"body": "Hi"}}),
            step("s", "message", channel="sms", fallback=["email", "push"], content={"en": {"body": "Hello"}}),
            [
                ("settings.channel", "Channel", "E-mail", "SMS"),
                ("settings.fallback", "Fallback channels", "—", "E-mail, App push"),
                ("settings.content.en.body", "Content › English › Text", "Hi", "Hello"),
            ],
        ),
    ],
)
def test_each_setting_is_told_in_the_words_of_its_form(before: Any, after: Any, fields: Any) -> None:
    found = told(one_step(before), one_step(after), "s")
    assert sorted(found) == sorted(fields)


def test_the_journeys_own_settings_are_told() -> None:
    goal = {"id": "g", "event": "Bought", "value": 3}
    found = difference(
        changed(goals=[goal]),
        changed(
            goals=[{**goal, "repeat": True}],
            name={"ko": "새", "en": "Test"},
            reentry={"mode": "cool_down", "cool_down": "2d"},
            entry={"triggers": [{"kind": "event", "event": "Enter"}, {"kind": "request"}], "holdout": 5},
        ),
    )
    assert {(one.field, one.before.to("en"), one.after.to("en")) for one in found.journey} == {
        ("name.ko", "Test", "새"),
        ("entry.triggers.2.kind", "—", "When another journey or the API asks"),
        ("entry.holdout", "0", "5"),
        ("goals.g.repeat", "no", "yes"),
        ("reentry.mode", "Never", "Some time after the last entry"),
        ("reentry.cool_down", "0 seconds", "2 days"),
    }


def test_a_step_of_another_kind_under_the_same_id_is_told() -> None:
    assert ("kind", "Kind", "Delay", "Exit") in told(one_step(delay("s", "1h")), one_step(leave("s")), "s")


def test_what_cannot_be_read_is_told_as_it_is_written() -> None:
    broken = step("s", "delay", mode="duration", duration="soon", colour={"deep": [1, {"a": None}]})
    found = told(one_step(delay("s", "1h")), one_step(broken), "s")
    assert ("settings.duration", "How long", "1 hour", "soon") in found
    assert any(field.startswith("settings.colour") for field, *_ in found)


def test_long_texts_are_cut_but_still_told_apart() -> None:
    texts = ["x" * 5_000 + end for end in "ab"]
    before, after = (one_step(step("s", "message", channel="email", content={"en": {"body": t}})) for t in texts)
    [only] = told(before, after, "s")
    assert len(only[2]) == 2_001


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["delay", "branch", "duration"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "kind", "settings", "steps", "edges", "entry", "mode", "branches", "when", "label"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JUNK, JUNK)
@settings(max_examples=examples(200))
def test_no_file_is_too_broken_to_be_compared(before: Any, after: Any) -> None:
    difference(before, after)
    assert not difference(before, before)
