"""Whatever a template is made of and filled with, it ends soon, in little memory, as text or as failed."""

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.core.templating.budget import MAX_OUTPUT, shared_budget
from orchestrator.core.templating.engine import RenderFailed, TemplateSyntaxProblem, compile_template, render
from orchestrator.core.templating.filters import FILTERS
from tests.examples import examples

MOST_SECONDS = 2.0
"""Of processor time: what else the machine does is no matter."""
MOST_BYTES = 64 * 1024 * 1024

DEEP: list[Any] = []
for _ in range(500):
    DEEP = [DEEP]
HOSTILE: dict[str, Any] = {
    "opened brackets": "(" * 8_000,
    "brackets": "()" * 4_000,
    "brackets and a letter": "()" * 24 + "\n",
    "nested brackets": "a(" * 2_000 + ")" * 2_000,
    "closed brackets": ")" * 8_000,
    "tags": "<>" * 4_000,
    "half tags": "<" * 8_000,
    "comments": "<!---->" * 4_000,
    "half comments": "<!--" * 8_000,
    "entities": "&" * 8_000,
    "numbered entities": "&#1" * 2_000,
    "a long entity": "&#" + "1" * 4_000 + ";",
    "quotes": '"' * 8_000,
    "blanks": " " * 8_000,
    "dashes": "- " * 4_000,
    "commas": "," * 8_000,
    "NUL": "\0" * 8_000,
    "pictures": "😀" * 8_000,
    "syllables": "가" * 8_000,
    "a tiny number": "1e-2000000000",
    "a huge number": "1E+999999999",
    "a long nothing": "0e-2000000000",
    "digits": "9" * 4_000,
    "many digits": "9" * 100_000,
    "hexadecimal digits": "f" * 8_000,
    "an integer": 10**4_000,
    "infinite": float("inf"),
    "no number": float("nan"),
    "the first day": "0001-01-01T00:00:00+14:00",
    "the last day": "9999-12-31T23:59:59-12:00",
    "a date and digits": "2026-01-01T00:00:00." + "0" * 4_000,
    "a list": [1] * 4_000,
    "a list of texts": ["ab"] * 2_000,
    "lists of lists": [[[[1] * 10] * 10] * 10] * 10,
    "deep": DEEP,
    "an object": {str(n): n for n in range(2_000)},
    "true": True,
    "nothing": None,
}
ARGUMENTS = ["", "(2)", "('x')", "(1000000000)", "(attribute='a')", "('upper')", "(v)", "(v, v)", "('upper', 'x')"]
LOOP = "{% for n in range(2000) %}"


@contextmanager
def bounded_time() -> Iterator[None]:
    began = time.thread_time()
    yield
    assert time.thread_time() - began < MOST_SECONDS


def fill(source: str, *, html: bool = False, **context: Any) -> str | None:
    """The text; None where there is none."""
    with bounded_time():
        try:
            text = render(compile_template(source, html=html), context).text
        except (TemplateSyntaxProblem, RenderFailed):
            return None
    assert len(text) <= MAX_OUTPUT
    return text


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_ends_with_whatever_it_is_given(name: str) -> None:
    for arguments in ("", "(v)", "('upper')"):
        for value in HOSTILE.values():
            fill(f"{{{{ v|{name}{arguments} }}}}", v=value)


@pytest.mark.long
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_ends_with_every_argument(name: str) -> None:
    for arguments in ARGUMENTS:
        for value in HOSTILE.values():
            fill(f"{{{{ v|{name}{arguments} }}}}", v=value)


@pytest.mark.long
@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("html", [False, True])
def test_every_filter_ends_in_a_loop(name: str, html: bool) -> None:
    for arguments in ARGUMENTS:
        for value in HOSTILE.values():
            fill(LOOP + f"{{% set x = v|{name}{arguments} %}}{{% endfor %}}", html=html, v=value)
            fill(LOOP + f"{{% set x = v|string|{name}{arguments}|string|upper %}}{{% endfor %}}", html=html, v=value)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.sampled_from(list(FILTERS)),
    st.sampled_from(ARGUMENTS),
    st.sampled_from(list(FILTERS)),
    st.sampled_from(list(HOSTILE)),
    st.booleans(),
    st.sampled_from(["{%% set x = %s %%}", "{%% if %s == v %%}{%% endif %%}", "{%% if %s in v %%}{%% endif %%}"]),
)
def test_any_two_filters_end_in_a_loop(
    first: str, arguments: str, second: str, value: str, html: bool, form: str
) -> None:
    fill(f"{LOOP}{form % f'v|{first}{arguments}|{second}'}{{% endfor %}}", html=html, v=HOSTILE[value])


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x'|replace('x', 'xxxxxxxxxx')" + "|replace('x', 'xxxxxxxxxx')" * 10 + "|title" * 40 + " }}",
        "{{ 'x'" + "|replace('x', 'xxxxxxxxxx')" * 5 + "|title|upper|lower" * 15 + " }}",
        LOOP + "{{ v|map('upper')|map('lower')|map('title')|join|length }}{% endfor %}",
        LOOP + "{% if v == w %}{% endif %}" * 100 + "{% endfor %}",
        LOOP + "{% if v is eq(w) %}{% endif %}" * 100 + "{% endfor %}",
        LOOP + "{% if x and x or not x %}{% endif %}" * 100 + "{% endfor %}",
        LOOP + "{% set y = x.a.b.c %}" * 100 + "{% endfor %}",
        "{{ [1]|map(attribute=v|replace('가', '.'))|list }}" * 20,
        LOOP + "{{ [1]|map(attribute=v|replace('가', '.'))|list }}{% endfor %}",
        "{% set a = [1] %}" + "{% set a = [a, a] %}" * 60 + "{{ a }}",
        "{% set a = [1] %}" + "{% set a = [a, a] %}" * 60 + "{{ a ~ 'x' }}",
        "{% set a = [1] %}{% set b = [1] %}" + "{% set a = [a, a] %}{% set b = [b, b] %}" * 60 + "{{ a == b }}",
        "{% set a = (1,) %}" + "{% set a = (a, a) %}" * 60 + "{{ {a: 1}|length }}",
        "{% set a = (1,) %}" + "{% set a = (a, a) %}" * 60 + "{{ [a, a]|unique|list|length }}",
        "{% set a = [1] %}" + "{% set a = {'k': a, 'l': a} %}" * 60 + "{{ a|string|length }}",
        "{{ [v, v, v, v]|sum(start='') }}",
        "{{ range(2000)|map('string')|map('replace', '', v)|list|length }}",
        "{{ v|list|map('list')|sum(start=[])|length }}",
        "{{ v|trim(v) }}" * 200,
        "{{ 1e999 }}{{ -1e999 }}",
        "{{ 1e308 * 10 }}{{ 1e308 + 1e308 }}",
        "{% set a = 9 %}" + "{% set a = a - -a * 9 %}" * 500 + "{{ a }}",
        "{{ ('f' * 1)|int(base=16) }}{{ w|int(base=32) }}",
        "{{ v|truncate(2) }}",
        "{% for a in v %}{% for b in v %}{% for c in v %}{{ a }}{% endfor %}{% endfor %}{% endfor %}",
    ],
)  # fmt: skip
def test_what_is_made_to_last_ends(source: str) -> None:
    fill(source, html=len(source) % 2 == 0, v="가" * 8_000, w="가" * 8_000, x={"a": {"b": {}}})


@pytest.mark.parametrize(
    "source",
    [
        "{{ range(2000)|map('string')|map('replace', '', v)|list|length }}",
        "{% set a = ['x'] %}" + "{% set a = a + a %}" * 40,
        LOOP + "{{ v|list|map('list')|list|length }}{% endfor %}",
        "{{ v|map('replace', v[0], v)|list|length }}",
    ],
)
def test_what_is_made_to_grow_takes_little_memory(source: str) -> None:
    compiled = compile_template(source)
    tracemalloc.start()
    try:
        with suppress(RenderFailed):
            render(compiled, {"v": "가" * 5_000})
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


def test_a_tiny_number_takes_no_memory() -> None:
    tracemalloc.start()
    try:
        assert fill("{{ v|number }}/{{ v|won }}/{{ w|number(2) }}", v="1e-2000000000", w="0e2000000000") is not None
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("error", [MemoryError, RecursionError, NameError, AssertionError, KeyError, SystemError])
def test_whatever_a_filter_raises_is_a_failed_template(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    class Bad:
        def __str__(self) -> str:
            raise error

    with pytest.raises(RenderFailed):
        render(compile_template("{{ v }}"), {"v": Bad()})


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'abcdef'|truncate(2) }}",
        "{{ v|truncate(2) }}",
        "{{ v|urlencode|truncate(-1) }}",
        "{{ v|int('x', 99) + 1 }}",
    ],
)
def test_a_filter_that_refuses_its_arguments_is_a_failed_template(source: str) -> None:
    compiled = compile_template(source)
    with pytest.raises(RenderFailed):
        render(compiled, {"v": "이름이 깁니다"})


def test_an_endless_constant_is_told_with_the_template() -> None:
    for source in ("{{ 1e999 }}", "{% if x > 1e400 %}{% endif %}"):
        with pytest.raises(TemplateSyntaxProblem) as told:
            compile_template(source)
        assert told.value.code == "template_syntax"


def test_a_template_of_endless_parts_is_told() -> None:
    with pytest.raises(TemplateSyntaxProblem) as told:
        compile_template("{{1}}" * 5_001)
    assert told.value.code == "template_too_large"


def test_all_texts_of_a_message_share_one_budget() -> None:
    once = compile_template(LOOP + "{{ n }}{% endfor %}")
    render(once, {})
    with shared_budget(), suppress(RenderFailed):
        render(once, {})
        with pytest.raises(RenderFailed):
            render(once, {})
    render(once, {})


def test_ordinary_work_is_far_from_the_limit() -> None:
    items = [{"name": f"상품 {n}", "price": n * 1000, "tags": ["a", "b"]} for n in range(200)]
    source = (
        "{% for i in items %}{% if 'a' in i.tags and i.price > 10 %}{{ loop.index }}/{{ items|length }} "
        "{{ i.name|truncate(20)|josa('을/를') }} {{ i.price|won }} {{ (i.price * 0.9)|round|number }} "
        "{{ i.tags|join(', ')|upper }}{% endif %}{% endfor %}{{ items|map(attribute='price')|sum|won }}"
    )
    with shared_budget() as budget:
        before = budget.work
        assert "상품 199" in render(compile_template(source), {"items": items}).text
        assert before - budget.work < before / 5
