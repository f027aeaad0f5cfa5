"""Templates: what marketers may write, what they may not, and what is said of unset variables."""

import contextlib
import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.templating.budget import MAX_OUTPUT
from orchestrator.core.templating.engine import (
    MAX_SOURCE,
    PROBLEMS,
    Rendered,
    RenderFailed,
    TemplateSyntaxProblem,
    compile_template,
    render,
    variables,
)

CONTEXT: dict[str, Any] = {
    "customer": {
        "first_name": "지은",
        "points": 1200,
        "tags": ["vip", "new"],
        "nothing": None,
        "address": {"city": "서울"},
    },
    "entry": {
        "cart_id": "c-1",
        "total": 12300,
        "items": [{"name": "사과", "price": 1000}, {"name": "배", "price": 2500}],
    },
    "var": {"coupon": "SAVE10"},
}


def fill(source: str, *, html: bool = False, locale: str = "ko", **more: Any) -> Rendered:
    return render(compile_template(source, html=html), {**CONTEXT, **more}, locale=locale, tz=ZoneInfo("Asia/Seoul"))


# --- what works ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("안녕하세요 {{ customer.first_name }}님", "안녕하세요 지은님"),
        ("{{ customer['first_name'] }}/{{ customer.address.city }}", "지은/서울"),
        ("{% for item in entry.items %}{{ loop.index }}.{{ item.name }} {% endfor %}", "1.사과 2.배 "),
        ("{{ entry.items[0].name }}{{ entry.items|length }}", "사과2"),
        ("{% if 'vip' in customer.tags %}VIP{% else %}-{% endif %}", "VIP"),
        ("{{ entry.items|map(attribute='price')|sum|won }}", "₩3,500"),
        ("{{ entry.total + 700 }} {{ entry.total * 2 }} {{ 7 // 2 }} {{ 7 % 4 }}", "13000 24600 3 3"),
        ("{% for n in range(3) %}{{ n }}{% endfor %}", "012"),
        ("{% set who = customer.first_name ~ '님' %}{{ who|josa('은/는') }}", "지은님은"),
        ("{{ customer.tags|join(', ') }} {{ 'a-b'|replace('-', '+') }} {{ 2.567|round(1) }}", "vip, new a+b 2.6"),
        ("a\n", "a\n"),
        ("", ""),
    ],
)
def test_a_template_renders(source: str, text: str) -> None:
    assert fill(source) == Rendered(text)


def test_html_escapes_what_variables_bring_and_text_does_not() -> None:
    name: Any = {"customer": {"first_name": "<b>&"}}
    assert fill("<p>{{ customer.first_name }}</p>", html=True, **name).text == "<p>&lt;b&gt;&amp;</p>"
    assert fill("{{ customer.first_name ~ '<' }}", html=True, **name).text == "&lt;b&gt;&amp;&lt;"
    assert fill("<p>{{ customer.first_name }}</p>", **name).text == "<p><b>&</p>"


def test_a_key_of_the_data_wins_over_any_method_of_python() -> None:
    assert fill("{{ entry.items[1].name }}").text == "배"
    assert fill("{{ entry.keys }}{{ entry.pop }}").missing == ("entry.keys", "entry.pop")


# --- filters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("12300|won", "₩12,300"),
        ("'12,300.5'|won", "₩12,301"),
        ("(-500)|won", "-₩500"),
        ("0|won", "₩0"),
        ("'공짜'|won", "공짜"),
        ("1234567.5|number", "1,234,567.5"),
        ("1234.565|number(2)", "1,234.57"),
        ("'2026-03-01'|date", "2026년 3월 1일"),
        ("'2026-03-01'|date(locale='en')", "March 1, 2026"),
        ("'2026-03-01'|date('weekday')", "3월 1일(일)"),
        ("'2026-03-01'|date('weekday', 'en')", "Sunday, March 1"),
        ("'2026-03-01T20:05:00Z'|date('datetime')", "2026년 3월 2일 오전 5:05"),
        ("'2026-03-01T04:05:00+09:00'|date('time', 'en')", "4:05 AM"),
        ("'2026-03-01'|date('%Y/%m/%d')", "2026/03/01"),
        ("'2026-03-01'|date('%1000000000d')", "%1000000000d"),
        ("'언젠가'|date", "언젠가"),
    ],
)
def test_a_filter_formats(expression: str, text: str) -> None:
    assert fill("{{ " + expression + " }}").text == text


@pytest.mark.parametrize(
    ("word", "pair", "text"),
    [
        ("사과", "을/를", "사과를"),
        ("귤", "을/를", "귤을"),
        ("지은", "이/가", "지은이"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("제주", "으로/로", "제주로"),
        ("서울", "을/를", "서울을"),
        ("지은", "아/야", "지은아"),
        ("‘사과’", "은/는", "‘사과’는"),
        ("귤(제주)", "이/가", "귤(제주)이"),
        ("상품 3", "과/와", "상품 3과"),
        ("10", "이/가", "10이"),
        ("2", "이/가", "2가"),
        ("1", "으로/로", "1로"),
        ("Nike", "을/를", "Nike을(를)"),
        ("Kim", "이/가", "Kim이"),
        ("Samsung", "은/는", "Samsung은"),
        ("Anna", "은/는", "Anna는"),
        ("Mark", "으로/로", "Mark(으)로"),
        ("", "을/를", "을(를)"),
    ],
)
def test_a_particle_follows_the_sound_of_the_word(word: str, pair: str, text: str) -> None:
    assert fill("{{ word|josa(pair) }}", word=word, pair=pair).text == text


# --- unset variables -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("{{ customer.last_name }}님", Rendered("님", ("customer.last_name",))),
        ("{{ customer.nothing }}", Rendered("", ("customer.nothing",))),
        ("{{ entry.address.city }}{{ entry.address.city }}", Rendered("", ("entry.address.city",))),
        ("{{ event.x }}", Rendered("", ("event.x",))),
        ("{{ who }}", Rendered("", ("who",))),
        ("{{ entry.items[7].name }}", Rendered("", ("entry.items.7.name",))),
        ("{{ customer.last_name|default('고객') }}", Rendered("고객")),
        ("{{ entry.price|won|default('-') }}", Rendered("-")),
        ("{{ entry.price|won }}", Rendered("", ("entry.price",))),
        ("{{ entry.when|date }}", Rendered("", ("entry.when",))),
        ("{{ customer.last_name|josa('을/를') }}", Rendered("", ("customer.last_name",))),
        ("{{ customer.last_name|upper }}", Rendered("", ("customer.last_name",))),
        ("{{ entry.price + 1 }}", Rendered("", ("entry.price",))),
        ("{{ 2 * entry.price }}", Rendered("", ("entry.price",))),
        ("{% for x in entry.lines %}{{ x }}{% endfor %}", Rendered("", ("entry.lines",))),
        ("{% if customer.last_name %}a{% endif %}", Rendered("")),
        ("{% if customer.age > 20 %}a{% else %}b{% endif %}", Rendered("b")),
        ("{% if customer.last_name is defined %}a{% else %}b{% endif %}", Rendered("b")),
        ("{% if 'x' in customer.list %}a{% else %}b{% endif %}", Rendered("b")),
        ("{{ 'a' if customer.last_name == '김' }}", Rendered("")),
        ("{{ customer.last_name or '고객' }}", Rendered("고객")),
    ],
)
def test_an_unset_variable_is_reported_when_used_and_free_to_ask_about(source: str, rendered: Rendered) -> None:
    assert fill(source) == rendered


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("{{ customer.first_name }} {{ entry.cart_id }} {{ var.y }} {{ event.x }}",
         {"customer.first_name", "entry.cart_id", "var.y", "event.x"}),
        ("{% for item in entry.items %}{{ item.name }}{{ loop.index }}{{ customer.tier }}{% endfor %}{{ item.x }}",
         {"entry.items", "customer.tier", "item.x"}),
        ("{% for k, v in entry.props|items %}{{ k }}{{ v.a }}{% endfor %}", {"entry.props"}),
        ("{{ who }}{% set who = customer.first_name %}{{ who }}{{ who.x }}", {"who", "customer.first_name"}),
        ("{% if customer.a.b == entry['c'] %}{{ entry.items[0].name }}{% endif %}",
         {"customer.a.b", "entry.c", "entry.items"}),
        ("{{ customer[var.key].x }}", {"customer", "var.key"}),
        ("{{ customer.a|default(customer.b) }}", {"customer.a", "customer.b"}),
        ("{% for n in range(entry.n) %}{{ n }}{% endfor %}", {"entry.n"}),
        ("{% set x = x.y %}", {"x.y"}),
        ("plain", set()),
    ],
)  # fmt: skip
def test_discovery_finds_what_is_read_from_outside(source: str, paths: set[str]) -> None:
    assert variables(source) == paths


@given(st.lists(st.sampled_from(["customer.a", "entry.b.c", "var.d", "event.e"]), min_size=1, max_size=6))
def test_every_variable_that_renders_as_missing_was_discovered(paths: list[str]) -> None:
    source = " ".join(f"{{{{ {path} }}}}" for path in paths)
    found = render(compile_template(source), {})
    assert set(found.missing) == set(paths) == variables(source)


# --- what does not work, and where ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "code", "line"),
    [
        ("a\n{{ customer.first_name }", "template_syntax", 2),
        ("{% if x %}", "template_syntax", 1),
        ("\n\n{% endfor %}", "template_syntax", 3),
        ("{{ x|nonsense }}", "template_syntax", 1),
        ("{{ x is nonsense }}", "template_syntax", 1),
        ("{{ 2 ** 9 }}", "template_forbidden", 1),
        ("a\n{{ ''.join([]) }}", "template_forbidden", 2),
        ("{{ customer.__class__() }}", "template_forbidden", 1),
        ("{% macro f() %}{{ f() }}{% endmacro %}", "template_forbidden", 1),
        ("{% include 'x' %}", "template_forbidden", 1),
        ("{% import 'x' as y %}", "template_forbidden", 1),
        ("{% extends 'x' %}", "template_forbidden", 1),
        ("{% block x %}{% endblock %}", "template_forbidden", 1),
        ("{% for x in y recursive %}{% endfor %}", "template_forbidden", 1),
        ("{{ lipsum(9) }}{{ cycler() }}", "template_forbidden", 1),
        ("{{ x|_at('a') }}", "template_forbidden", 1),
        ("{{ _x }}", "template_forbidden", 1),
        ("{% set range = 1 %}", "template_forbidden", 1),
        ("x" * (MAX_SOURCE + 1), "template_too_long", 1),
        ("{{ " + "(" * 500 + "1" + ")" * 500 + " }}", "template_too_deep", 1),
        ("{{ " + "not " * 300 + "1 }}", "template_too_deep", 1),
        ("{% if x %}" * 100 + "{% endif %}" * 100, "template_too_deep", 1),
        ("{{ " + "9" * 5000 + " }}", "template_syntax", 1),
    ],
)  # fmt: skip
def test_what_is_no_template_is_a_problem_with_its_line(source: str, code: str, line: int) -> None:
    with pytest.raises(TemplateSyntaxProblem) as caught:
        compile_template(source)
    assert (caught.value.code, caught.value.line) == (code, line)
    assert caught.value.text.to("ko")
    assert caught.value.message == caught.value.text.to("en")
    assert code in PROBLEMS


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 1000000000 }}",
        "{{ 'x' % 5 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ [1] * 1000000000 }}",
        "{% for a in range(1000000000) %}{% endfor %}",
        "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}" + "{% endfor %}" * 3,
        "{% set a = 'x' %}" + "{% set a = a ~ a %}" * 40,
        "{% set a = 'x' %}" + "{% set a = a + a %}" * 40,
        "{% set a = [1] %}" + "{% set a = a + a %}" * 40,
        "{% set a = 9 %}" + "{% set a = a * a %}" * 40,
        "{% set a = 'x' %}" + "{% set a = a|replace('x', 'xx') %}" * 40,
        "{% set a = 'x' %}" + "{% set a = [a, a]|join %}" * 40,
        "{% set a = 'x' %}" + "{% set a = a ~ a %}" * 15 + "{{ a }}" * 20,
        "{{ 'a' + 1 }}",
        "{{ 1 / 0 }}",
        "{{ customer.points + customer.first_name }}",
    ],
)
def test_what_would_explode_or_cannot_be_done_fails_at_once(source: str) -> None:
    began = time.thread_time()
    with pytest.raises(RenderFailed):
        fill(source)
    assert time.thread_time() - began < 2


def test_nothing_of_python_can_be_reached() -> None:
    for source in ("{{ customer.__class__ }}", "{{ ''.__class__.__mro__ }}", "{{ customer['__class__'] }}"):
        assert fill(source).text == ""
    assert fill("{{ entry.items|map(attribute='__class__')|join }}").text == ""


@given(st.text(alphabet="{}%| abc.()'*~+1forinsetd\n", max_size=60))
def test_any_source_renders_or_is_refused_as_such(source: str) -> None:
    with contextlib.suppress(TemplateSyntaxProblem, RenderFailed):
        assert len(fill(source, a={"b": "c"}).text) <= MAX_OUTPUT


def test_rendering_again_takes_microseconds() -> None:
    source = "{{ customer.first_name }}님, {{ entry.total|won }} {% for i in entry.items %}{{ i.name }} {% endfor %}"
    fill(source)
    began = time.perf_counter()
    for _ in range(1000):
        fill(source)
    assert (time.perf_counter() - began) / 1000 < 300e-6
