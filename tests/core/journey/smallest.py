"""For each problem that the compiler can find, the smallest journey that has it and no other."""

import copy
from collections.abc import Callable
from typing import Any

from orchestrator.core.journey.chains import JourneyLinks
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.journey.template_use import TemplateFacts
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.problems import Problem
from orchestrator.core.steps.message import Message
from tests.core.run.driver import (
    Document,
    attribute,
    branch,
    delay,
    journey,
    leave,
    message,
    prop,
    step,
    straight,
    wait,
    wait_until,
)

TEMPLATES = {
    "hello": TemplateFacts(True, False, "informational", frozenset({"email", "sms"})),
    "sale": TemplateFacts(True, False, "advertising", frozenset({"email"})),
    "old": TemplateFacts(True, True, "informational", frozenset({"email"})),
    "unfinished": TemplateFacts(False, False),
}
MOVER = JourneyLinks("other", {}, (), True)
SEEN = Vocabulary(
    {"Enter": frozenset({"cart_id"}), "Viewed": frozenset({"sku"})},
    frozenset({"vip"}),
    frozenset(),
    TEMPLATES,
    {"fine": "ready", "few": "low", "none": "empty", "late": "over", "old": "archived"},
    {"nps": frozenset({"promoter", "passive", "detractor"})},
    frozenset({"points"}),
    segments={"buyers": "ready", "new": "building", "broken": "failed", "old": "archived"},
)


def experiment(*weights: int, controls: int = 1) -> Document:
    arms = [{"port": f"arm-{n}", "weight": w, "control": n < controls} for n, w in enumerate(weights)]
    return step("x", "experiment", experiment="x", variants=arms)


def says(body: str) -> Document:
    return step("m", "message", channel="email", content={"en": {"body": body}})


def within(segment: str) -> Document:
    return {"kind": "segment", "segment": segment}


def uses(template: str, **settings: Any) -> Document:
    return step("m", "message", **{"channel": "email", "class": "informational", "template": template, **settings})


def asks(survey: str, *groups: str) -> Document:
    ways = [{"port": group} for group in groups]
    return step("q", "survey", channel="email", content={"en": {"body": "Hi"}}, survey=survey, groups=ways)


def calls(**settings: Any) -> Document:
    return step("h", "webhook", url="https://points.example/", **settings)


def changed(document: Document, **fields: Any) -> Document:
    return {**copy.deepcopy(document), **fields}


def with_edge(document: Document, *edges: Document) -> Document:
    return changed(document, edges=[*document["edges"], *edges])


PLAIN = straight(delay("d", "1h"))

SMALLEST: dict[str, Callable[[], Document]] = {
    "invalid_value": lambda: journey(delay("d", "soon"), leave(), edges="entry > d, d > end"),
    "empty_value": lambda: journey(wait("w", ""), leave(), edges="entry > w, w:happened > end, w:timeout > end"),
    "unknown_field": lambda: changed(PLAIN, colour="red"),
    "missing_field": lambda: {name: value for name, value in PLAIN.items() if name != "name"},
    "unknown_kind": lambda: journey(step("d", "teleport"), edges="entry > d"),
    "duplicate_id": lambda: changed(PLAIN, steps=[*PLAIN["steps"], leave()]),
    "reserved_id": lambda: journey(delay("entry", "1h"), edges="entry > entry", exits=[{"id": "x", "event": "Enter"}]),
    "unknown_step": lambda: with_edge(PLAIN, {"from": "nowhere", "to": "end"}),
    "unknown_port": lambda: with_edge(PLAIN, {"from": "d", "port": "timeout", "to": "end"}),
    "duplicate_edge": lambda: with_edge(PLAIN, {"from": "d", "to": "end"}),
    "missing_edge": lambda: journey(branch("b", a=prop("x", 1)), leave(), edges="entry > b, b:a > end"),
    "no_entry_edge": lambda: journey(delay("d", "1h"), leave(), edges="d > end"),
    "unreachable_step": lambda: changed(PLAIN, steps=[*PLAIN["steps"], leave("other")]),
    "loop_without_wait": lambda: journey(
        *(branch("b", a=attribute("vip", True)), message("m"), leave()),
        edges="entry > b, b:a > m, b:otherwise > end, m > b",
    ),
    "endless_chain": lambda: {**straight(step("t", "emit_event", event="Enter")), "reentry": {"mode": "after_end"}},
    "possible_chain": lambda: {
        **straight(step("t", "emit_event", event="Enter")),
        "reentry": {"mode": "after_end"},
        "entry": {"triggers": [{"kind": "event", "event": "Enter"}], "filter": attribute("vip", True)},
    },
    "variable_sometimes_unset": lambda: straight(step("c", "coupon", pool="fine"), says("{{ var.coupon.code }}")),
    "variable_never_set": lambda: journey(
        *(step("c", "coupon", pool="fine"), says("{{ var.coupon.code }}"), leave()),
        edges="entry > c, c:next > end, c:empty > m, m > end",
    ),
    "approved_text_needed": lambda: straight(message("m", "alimtalk", **{"class": "informational"})),
    "stage_set_by_others": lambda: changed(PLAIN, moves_stage=True),
    "no_exit": lambda: journey(delay("d", "1h"), edges="entry > d, d > d"),
    "stage_missing": lambda: straight(delay("d", "1h"), {**leave(), "stage": None}),
    "weights_zero": lambda: straight(experiment(0, 0)),
    "too_many_controls": lambda: straight(experiment(1, 1, controls=2)),
    "no_control": lambda: straight(experiment(1, 1, controls=0)),
    "exit_shape": lambda: changed(PLAIN, exits=[{"id": "e"}]),
    "filter_never_matches": lambda: straight(
        branch("b", a={"kind": "all", "of": [attribute("vip", 1), attribute("vip", 2)]})
    ),
    "empty_condition": lambda: straight(branch("b", a={"kind": "all", "of": []})),
    "filter_asks_customer": lambda: straight(wait("w", "Viewed", where=attribute("vip", True))),
    "wait_without_end": lambda: straight(wait_until("u", prop("x", 1))),
    "sample_text": lambda: straight(says(Message.DEFAULTS["content"]["en"]["body"])),
    "template_syntax": lambda: straight(says("{{ customer.first_name")),
    "unknown_event": lambda: straight(wait("w", "Veiwed")),
    "unknown_property": lambda: straight(wait("w", "Viewed", where=prop("sku2", 1))),
    "unknown_attribute": lambda: straight(branch("b", a=attribute("vpi", True))),
    "unknown_variable": lambda: straight(says("{{ coupon }}")),
    "undeclared_variable": lambda: straight(says("{{ var.coupon }}")),
    "schedule_for_everybody": lambda: {
        **straight(wait("w", "Viewed")),
        "entry": {"triggers": [{"kind": "schedule", "on": "2026-03-02"}]},
    },
    "computed_attribute": lambda: straight(
        step("s", "update_customer", changes=[{"name": "computed.orders", "value": 3}])
    ),
    "unknown_survey": lambda: straight(asks("csat", "high", "low")),
    "survey_groups_differ": lambda: straight(asks("nps", "promoter", "other")),
    "unknown_secret": lambda: straight(calls(secret="other")),
    "literal_secret": lambda: straight(calls(headers={"Authorization": "Bearer abcdef"})),
    "secret_to_enter": lambda: straight(calls(headers={"Authorization": "sealed:abcdef"})),
    "unknown_journey": lambda: straight(step("s", "start_journey", journey="elsewhere")),
    "same_goods_without_sale": lambda: straight(message("m", "email", same_goods=True)),
    "no_words": lambda: straight(step("m", "message", channel="email")),
    "words_and_template": lambda: straight(uses("hello", content={"en": {"body": "Hi"}})),
    "unknown_message_template": lambda: straight(uses("helo")),
    "template_archived": lambda: straight(uses("old")),
    "template_not_in_use": lambda: straight(uses("unfinished")),
    "template_lacks_channel": lambda: straight(uses("hello", fallback=["push"])),
    "template_is_advertising": lambda: straight(uses("sale")),
    "unknown_segment": lambda: straight(leave(), exits=[{"id": "out", "when": within("nowhere")}]),
    "segment_archived": lambda: straight(leave(), exits=[{"id": "out", "when": within("old")}]),
    "segment_building": lambda: straight(leave(), exits=[{"id": "out", "when": within("new")}]),
    "segment_failed": lambda: straight(leave(), exits=[{"id": "out", "when": within("broken")}]),
    "unknown_coupons": lambda: straight(step("c", "coupon", pool="nowhere")),
    "coupons_archived": lambda: straight(step("c", "coupon", pool="old")),
    "coupons_over": lambda: straight(step("c", "coupon", pool="late")),
    "coupons_gone": lambda: straight(step("c", "coupon", pool="none")),
    "coupons_low": lambda: straight(step("c", "coupon", pool="few")),
}


def found(document: Document, vocabulary: Vocabulary | None = SEEN) -> list[Problem]:
    return list(compile_journey(document, vocabulary).problems)
