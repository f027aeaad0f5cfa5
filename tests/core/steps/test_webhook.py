"""The webhook step: what its author may write, what goes out for one customer, and which way a run leaves."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.core.commands import Commit, Send
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Committed, Sent, Started
from orchestrator.core.journey.checks import check_journey
from orchestrator.core.journey.graph import Journey
from orchestrator.core.journey.plan import Plan, plan_of
from orchestrator.core.run.advance import advance
from orchestrator.core.run.state import NEW, State
from orchestrator.core.templating.request_template import (
    RequestProblem,
    check_url,
    found_in,
    json_template,
    render_json,
    render_url,
    shown_url,
)

NOW = datetime(2026, 3, 3, 3, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")
CONTEXT = {
    "customer": {"external_id": "c-1", "first_name": '민"지', "tags": ["vip"], "email": "a+b@shop.example"},
    "entry": {"total": 12_300, "items": [{"sku": "s-1"}], "path": "../../admin?x=1#y"},
    "var": {"rate": 0.5},
}


def journey(settings: dict[str, Any], **more: Any) -> Journey:
    ends = [{"id": name, "kind": "exit", "stage": "intake", "settings": {"reason": name}} for name in ("good", "bad")]
    return Journey.model_validate(
        {
            "key": "hooked",
            "name": "Hooked",
            "entry": {"triggers": [{"kind": "event", "event": "Order Completed"}]},
            "steps": [{"id": "call", "kind": "webhook", "stage": "intake", "settings": settings}, *ends],
            "edges": [
                {"from": "entry", "to": "call"},
                {"from": "call", "port": "ok", "to": "good"},
                {"from": "call", "port": "failed", "to": "bad"},
            ],
            **more,
        }
    )


def problems(settings: dict[str, Any], **more: Any) -> list[tuple[str, str | None]]:
    return [(found.code, found.field) for found in check_journey(journey(settings, **more))]


def filled(source: str, context: Any = CONTEXT) -> Any:
    return render_json(json_template(source), context, locale="ko", tz=SEOUL)


class TestUrl:
    @pytest.mark.parametrize(
        "url",
        [
            "https://points.example",
            "https://points.example/",
            "http://points.example:8080/a?b=c",
            "https://points.example/customers/{{ customer.id }}?q={{ entry.total | won }}",
            "https://[2606:4700::1]/x",
            "https://points.example?x={{ var.rate }}",
        ],
    )
    def test_has_its_host_written_out(self, url: str) -> None:
        check_url(url)
        assert problems({"url": url}) in ([], [("undeclared_variable", "settings.url")])

    @pytest.mark.parametrize(
        "url",
        [
            "points.example/a",
            "ftp://points.example",
            "{{ var.address }}",
            "https://{{ customer.host }}/a",
            "https://points{{ customer.x }}.example/",
            "https://points.example{{ customer.x }}/",
            "https://user@points.example/",
            "https://user:{{ var.password }}@points.example/",
            "https://points.example/a b",
            "https://points.example/{% if customer.x %}a{% endif %}",
            "javascript:alert(1)",
        ],
    )
    def test_and_nothing_that_could_lead_elsewhere(self, url: str) -> None:
        with pytest.raises(RequestProblem) as problem:
            check_url(url)
        assert problem.value.text.to("ko") != problem.value.text.to("en")
        assert ("invalid_value", "settings.url") in problems({"url": url})

    def test_is_filled_with_values_that_cannot_leave_their_place(self) -> None:
        made = render_url(
            "https://points.example/{{ entry.path }}/{{ customer.email }}", CONTEXT, locale="ko", tz=SEOUL
        )
        assert made == "https://points.example/..%2F..%2Fadmin%3Fx%3D1%23y/a%2Bb%40shop.example"

    def test_is_shown_without_its_query(self) -> None:
        assert shown_url("https://points.example/a?key=secret") == "https://points.example/a?…"


class TestBody:
    def test_keeps_the_types_of_variables_that_stand_alone(self) -> None:
        written = (
            '{"total": {{ entry.total }}, "rate": "{{ var.rate }}", "tags": {{customer.tags}}, "n": [1, true, null]}'
        )
        assert filled(written) == {"total": 12_300, "rate": 0.5, "tags": ["vip"], "n": [1, True, None]}

    def test_fills_texts_in(self) -> None:
        assert filled('{"text": "총 {{ entry.total | won }}, {{ customer.first_name }}"}') == {
            "text": '총 ₩12,300, 민"지'
        }

    def test_takes_quotes_inside_expressions(self) -> None:
        assert filled('{"a": "{{ customer.x | default("there") }}", "b": {{ customer.x | default("here") }}}') == {
            "a": "there",
            "b": "here",
        }

    def test_says_null_where_there_is_nothing(self) -> None:
        assert filled('{"a": {{ customer.nothing }}, "b": {{ nothing.at.all }}}') == {"a": None, "b": None}

    @pytest.mark.parametrize(
        "body", ["{", '{"a": }', "{'a': 1}", '{"a": NaN}', '"text"', "3", "{{ customer.id }}", "[" * 40 + "]" * 40]
    )
    def test_that_is_no_json_is_told(self, body: str) -> None:
        with pytest.raises(RequestProblem):
            json_template(body)
        assert ("invalid_value", "settings.body") in problems({"url": "https://points.example", "body": body})

    @given(st.text(), st.text())
    def test_what_customers_send_never_becomes_syntax(self, name: str, other: str) -> None:
        context = {"customer": {"first_name": name, "other": other}}
        made = filled('{"a": "{{ customer.first_name }}!", "b": {{ customer.other }}}', context)
        assert made == {"a": f"{name}!", "b": other}

    def test_templates_are_checked_like_a_messages(self) -> None:
        def of(body: str) -> list[tuple[str, str | None]]:
            return problems({"url": "https://points.example", "body": body})

        assert of('{"a": "{{ customer. }}"}') == [("invalid_value", "settings.body")]
        assert of('{"a": {{ var.nothing }}}') == [("undeclared_variable", "settings.body")]
        assert of('{"a": {{ points.balance }}}') == [("unknown_variable", "settings.body")]


class TestNames:
    @pytest.mark.parametrize("name", ["Host", "content-length", "Webhook-Id", "a b", "", "x\r\ny"])
    def test_headers_that_are_ours_or_none(self, name: str) -> None:
        assert ("invalid_value", "settings.headers") in problems(
            {"url": "https://points.example", "headers": {name: "x"}}
        )

    @pytest.mark.parametrize(("name", "path"), [("1a", "x"), ("a.b", "x"), ("", "x"), ("a", ""), ("a", "x..y")])
    def test_of_variables_and_places(self, name: str, path: str) -> None:
        assert ("invalid_value", "settings.response") in problems(
            {"url": "https://points.example", "response": {name: path}}
        )

    def test_what_is_kept_from_an_answer_needs_no_declaration_but_is_not_there_before_it(self) -> None:
        settings = {"url": "https://points.example/{{ var.points }}", "response": {"points": "data.balance"}}
        assert problems(settings) == [("variable_never_set", "settings.url")]


class TestAnswer:
    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("data.balance", 5),
            ("items.1.id", "b"),
            ("items.7.id", None),
            ("items.x", None),
            ("data.balance.more", None),
            ("items.²", None),
        ],
    )
    def test_is_looked_into(self, path: str, value: Any) -> None:
        assert found_in({"data": {"balance": 5}, "items": [{"id": "a"}, {"id": "b"}]}, path) == value


class TestRun:
    def started(self) -> tuple[Plan, State]:
        plan = plan_of(journey({"url": "https://points.example", "response": {"points": "data.balance"}}))
        entry = CustomerEvent("m-1", "Order Completed", NOW)
        state, commands = advance(plan, NEW, Started(NOW, "r-1", "c-1", entry))
        while commands and isinstance(commands[-1], Commit):
            state, commands = advance(plan, state, Committed(NOW))
        assert [command for command in commands if isinstance(command, Send)] == [Send("call", 1)]
        return plan, state

    def test_an_answer_sets_variables_and_leaves_by_ok(self) -> None:
        plan, state = self.started()
        state, _ = advance(plan, state, Sent(NOW, "sent", values={"points": 5, "other": 1}))
        assert state.reason == "good"
        assert state.variables == {"points": 5}

    @pytest.mark.parametrize("outcome", ["skipped", "unknown"])
    def test_anything_else_leaves_by_failed(self, outcome: Any) -> None:
        plan, state = self.started()
        state, _ = advance(plan, state, Sent(NOW, outcome, "webhook_failed", values={"points": 5}))
        assert state.reason == "bad"
        assert state.variables == {}

    def test_a_paused_journey_waits_and_calls_later(self) -> None:
        plan, state = self.started()
        until = NOW + timedelta(hours=1)
        state, _ = advance(plan, state, Sent(NOW, "held", "journey_paused", until))
        assert state.doing == "rest"
        assert state.until == until


class TestSecrets:
    @pytest.mark.parametrize(
        ("settings", "found"),
        [
            ({"headers": {"Authorization": "Bearer {{ secret.points }}"}, "secret": "signing"}, []),
            ({"headers": {"Authorization": "Bearer abcdef"}}, [("literal_secret", "settings.headers.Authorization")]),
            ({"body": '{"password": "hunter22"}'}, [("literal_secret", "settings.body")]),
            ({"body": '{"password": "hunter22"}', "method": "GET"}, []),
            ({"headers": {"X-A": "{{ secret.points | upper }}"}}, [("invalid_value", "settings.headers.X-A")]),
            ({"headers": {"X-A": "{{ secret['points'] }}"}}, [("invalid_value", "settings.headers.X-A")]),
            (
                {"body": '{"a": "{% for s in secret %}{{ s }}{% endfor %}"}'},
                [("invalid_value", "settings.body"), ("unknown_variable", "settings.body")],
            ),
        ],
    )
    def test_are_named_and_stand_by_themselves(self, settings: dict[str, Any], found: list[Any]) -> None:
        assert problems({"url": "https://points.example/", **settings}) == found

    def test_are_no_names_if_they_are_values(self) -> None:
        with pytest.raises(ValidationError) as refused:
            journey({"url": "https://points.example/", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
        assert "secret" in str(refused.value)

    def test_leave_the_address_of_older_plans_as_it_was(self) -> None:
        """A field that is not used is not in a plan: what is live stays the same plan."""
        assert b"secret" not in plan_of(journey({"url": "https://points.example/"})).body
