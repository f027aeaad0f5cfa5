"""Whoever gets a message that tells a coupon's code has been given one, on every way that leads there."""

from typing import Any

import pytest

from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.journey.template_use import TemplateFacts
from orchestrator.core.journey.variable_flow import needed_by_document, needed_variables
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.messages.template_document import facts_of
from tests.core.run.driver import Document, attribute, branch, delay, journey, leave, step, wait

COUPON = step("c", "coupon", pool="welcome")
CODE = "Your code: {{ var.coupon.code }}"
SOMETIMES, NEVER = ["variable_sometimes_unset"], ["variable_never_set"]


def says(body: str, id: str = "m", **more: Any) -> Document:
    settings = {"channel": "email", "content": {"en": {"subject": "Hi", "body": body}}, **more}
    return step(id, "message", **settings)


def codes(document: Document, **known: Any) -> list[str]:
    problems = compile_journey(document, Vocabulary(**known) if known else None).problems
    return [problem.code for problem in problems if problem.code.startswith("variable_")]


BEHIND = "entry > c, c:next > m, c:empty > end, m > end"
BOTH = "entry > c, c:next > m, c:empty > m, m > end"
ONLY_EMPTY = "entry > c, c:next > end, c:empty > m, m > end"


@pytest.mark.parametrize(
    ("body", "edges", "expected"),
    [
        (CODE, BEHIND, []),
        (CODE, BOTH, SOMETIMES),
        (CODE, ONLY_EMPTY, NEVER),
        ("No code this time.", BOTH, []),
        ("{{ var.coupon.code | default('WELCOME') }}", BOTH, []),
        ("{% if var.coupon %}{{ var.coupon.code }}{% endif %}", BOTH, []),
        ("{%- if x and var.coupon.code -%}{{ var.coupon.code|upper }}{% endif %}", BOTH, []),
        ("{{ var.coupon.code|upper }}", BOTH, SOMETIMES),
        ("https://shop.kr/?c={{var.coupon.code}}", ONLY_EMPTY, NEVER),
    ],
)
def test_a_code_is_told_only_behind_the_way_that_gives_one(body: str, edges: str, expected: list[str]) -> None:
    assert codes(journey(COUPON, says(body), leave(), edges=edges)) == expected


def test_the_way_around_the_coupon_step_is_found_however_long_it_is() -> None:
    steps = (branch("b", vip=attribute("vip", True)), COUPON, delay("d", "1d"), says(CODE), leave())
    around = "entry > b, b:vip > c, c:next > d, c:empty > end, b:otherwise > d, d > m, m > end"
    assert codes(journey(*steps, edges=around)) == SOMETIMES
    through = "entry > b, b:vip > c, c:next > d, c:empty > end, b:otherwise > end, d > m, m > end"
    assert codes(journey(*steps, edges=through)) == []


def test_a_loop_and_a_jump_are_ways_like_any_other() -> None:
    jump = step("j", "go_to", target="w")
    edges = "entry > w, w:happened > m, w:timeout > c, c:next > j, c:empty > end, m > end"
    assert codes(journey(wait("w", "Enter"), COUPON, jump, says(CODE), leave(), edges=edges)) == SOMETIMES


def test_two_coupon_steps_of_one_name_fill_one_variable() -> None:
    other = step("c2", "coupon", pool="vip")
    edges = "entry > b, b:vip > c, b:otherwise > c2, c:next > m, c:empty > end, c2:next > m, c2:empty > end, m > end"
    steps = (branch("b", vip=attribute("vip", True)), COUPON, other, says(CODE), leave())
    assert codes(journey(*steps, edges=edges)) == []


def test_a_variable_that_begins_with_a_value_has_one_everywhere() -> None:
    document = journey(COUPON, says(CODE), leave(), edges=BOTH)
    assert codes({**document, "variables": {"coupon": "NONE"}}) == []
    assert codes({**document, "variables": {"coupon": None}}) == SOMETIMES


def test_an_answer_of_another_system_is_one_too() -> None:
    hook = step("h", "webhook", url="https://example.com/", method="GET", response={"points": "points"})
    edges = "entry > h, h:ok > m, h:failed > m, m > end"
    assert codes(journey(hook, says("{{ var.points }}"), leave(), edges=edges)) == SOMETIMES
    again = step("m", "webhook", url="https://example.com/{{ var.points }}", method="GET")
    after = "entry > h, h:ok > end, h:failed > m, m:ok > end, m:failed > end"
    assert codes(journey(hook, again, leave(), edges=after)) == NEVER


def test_the_words_of_a_template_count_like_the_steps_own() -> None:
    message = step("m", "message", channel="email", template="t")
    template = {"channels": {"email": {"en": {"subject": "Hi", "body": CODE}}}, "class": "advertising"}
    document = journey(COUPON, message, leave(), edges=BOTH)
    assert codes(document, templates={"t": facts_of(template, True, False)}) == SOMETIMES
    ruled = {**template, "variables": {"var.coupon.code": {"unset": "default", "default": {"en": "HELLO"}}}}
    assert codes(document, templates={"t": facts_of(ruled, True, False)}) == []
    held = {**template, "variables": {"var.coupon.code": {"unset": "skip"}}}
    assert needed_by_document(held) == {"coupon"}
    assert TemplateFacts(True, False).needs == frozenset()


def test_the_problem_says_which_step_gives_the_value() -> None:
    [problem] = compile_journey(journey(COUPON, says(CODE), leave(), edges=BOTH)).problems
    assert (problem.step, problem.field) == ("m", "settings.content.en.body")
    assert problem.text.to("en").startswith("Not every path to this step gets “var.coupon” from “Coupon”")


def test_adversarial_text_is_looked_through_in_no_time() -> None:
    for text in ("var." * 20_000, "{% if " * 10_000, "var.a" + "." * 50_000, "{% if var.a" + " " * 50_000 + "|" * 9):
        needed_variables(text)


@pytest.mark.parametrize("channels", [("alimtalk", ()), ("email", ("alimtalk",)), ("sms", ("push", "alimtalk"))])
def test_a_channel_of_approved_texts_needs_a_template(channels: tuple[str, tuple[str, ...]]) -> None:
    channel, fallback = channels
    written = says("Hello", channel=channel, fallback=fallback, **{"class": "informational"})
    [problem] = compile_journey(journey(written, leave(), edges="entry > m, m > end")).problems
    assert (problem.code, problem.field, problem.severity) == ("approved_text_needed", "settings.template", "error")
    template = TemplateFacts(True, False, "informational", frozenset({"email", "sms", "push"}))
    named = step("m", "message", channel=channel, fallback=fallback, template="t", **{"class": "informational"})
    document = journey(named, leave(), edges="entry > m, m > end")
    [lacking] = compile_journey(document, Vocabulary({"Enter": frozenset()}, templates={"t": template})).problems
    assert lacking.code == "template_lacks_channel"
