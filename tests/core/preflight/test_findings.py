"""What the checks see in words and graphs alone: placeholders, links at sight, the longest way of a coupon."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.coupons.pool import PoolDocument
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.messages.render import MessageWords
from orchestrator.core.preflight.coupons import DecisionInputs, longest_path
from orchestrator.core.preflight.findings import Check, Finding, each_once
from orchestrator.core.preflight.links import Link, Reached, link_check, to_call
from orchestrator.core.preflight.sample_runs import SampleContext
from orchestrator.core.preflight.texts import Place, text_check
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import rules_of
from orchestrator.core.steps.message import MessageSettings
from orchestrator.core.text import verbatim

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
ABOUT = DecisionInputs(NOW, "Asia/Seoul", {}, {})
HOLD = timedelta(days=1)
PORTS = {"coupon": ("next", "empty"), "wait_for_event": ("happened", "timeout")}


def said(verdict: Any, code: str = "c") -> Finding:
    return Finding(verdict, code, verbatim(code))


@pytest.mark.parametrize(
    ("found", "verdict"), [([], "ok"), (["look"], "look"), (["look", "stop", "ok"], "stop"), (["ok"], "ok")]
)
def test_a_check_is_as_good_as_its_worst_finding(found: list[str], verdict: str) -> None:
    check = Check("text", verbatim(""), (), tuple(said(one) for one in found))
    assert check.verdict == check.as_json()["verdict"] == verdict


def test_many_findings_are_cut_off_the_worst_first_and_counted() -> None:
    findings = (*(said("look", f"l{n}") for n in range(60)), said("stop", "bad"))
    told = Check("text", verbatim(""), (), findings).as_json()
    assert told["findings"][0]["code"] == "bad"
    assert (len(told["findings"]), told["more_findings"]) == (40, 21)


def test_the_same_thing_at_the_same_place_is_said_once() -> None:
    assert len(each_once([said("look"), said("look"), said("look", "other")])) == 2


# --- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("#", "link_nowhere"),
        ("ftp://shop.kr/x", "link_unreadable"),
        ("https://example.com/sale", "link_placeholder"),
        ("https://www.example.co.kr/", "link_placeholder"),
        ("http://localhost:3000/", "link_placeholder"),
        ("https://192.168.0.1/", "link_placeholder"),
        ("https://shop.kr/?id={{ entry.id }}", "link_unfilled"),
        ("http://shop.kr/", "link_plain"),
        ("https://evil-shop.kr/", "link_foreign"),
        ("https://shop.kr.evil.kr/", "link_foreign"),
    ],
)
def test_what_is_wrong_with_a_link_at_sight(url: str, code: str) -> None:
    check = link_check([Link(url, "hello", "email")], {}, ("shop.kr",), 0)
    assert {one.code for one in check.findings} == {code}
    assert {one.step for one in check.findings} == {"hello"}


@pytest.mark.parametrize("url", ["https://shop.kr/", "https://m.shop.kr/a?b=c", "https://SHOP.kr/"])
def test_a_link_to_the_own_shop_is_fine(url: str) -> None:
    assert link_check([Link(url, None, "sms")], {url: Reached(200)}, ("shop.kr",), 1).verdict == "ok"


@pytest.mark.parametrize(
    ("reached", "code", "verdict"),
    [
        (Reached(404), "link_broken", "stop"),
        (Reached(503), "link_broken", "stop"),
        (Reached(403), "link_closed", "look"),
        (Reached(None, (), "no_answer"), "link_no_answer", "stop"),
        (Reached(None, (), "refused"), "link_refused", "stop"),
        (Reached(200, ("https://elsewhere.kr/",)), "link_moves_away", "look"),
    ],
)
def test_what_an_answer_means(reached: Reached, code: str, verdict: str) -> None:
    url = "https://shop.kr/"
    [finding] = link_check([Link(url, None, "email")], {url: reached}, ("shop.kr",), 1).findings
    assert (finding.code, finding.verdict) == (code, verdict)


def test_a_page_that_moves_within_the_shop_is_fine() -> None:
    url = "https://shop.kr/"
    assert not link_check(
        [Link(url, None, "email")], {url: Reached(200, ("https://www.shop.kr/new",))}, ("shop.kr",), 1
    ).findings


def test_few_addresses_of_each_page_are_called_and_no_placeholder() -> None:
    links = [Link(f"https://shop.kr/item?id={n}", "a", "email") for n in range(9)]
    links += [Link("https://example.com/", "a", "email"), Link("https://shop.kr/sale", "a", "email")]
    assert to_call(links) == [*(f"https://shop.kr/item?id={n}" for n in range(3)), "https://shop.kr/sale"]


def test_links_that_were_not_called_yet_are_under_way() -> None:
    links = [Link(f"https://shop.kr/{n}", None, "email") for n in range(3)]
    assert link_check(links, {"https://shop.kr/0": Reached(200)}, ("shop.kr",), 3).progress == (1, 3)


# --- how long a coupon has to last -----------------------------------------------------------------------------------


def planned(*steps: dict[str, Any], edges: list[dict[str, str]] | None = None) -> Plan:
    row = [{"stage": "intake", **step} for step in (*steps, {"id": "end", "kind": "exit"})]
    ways = edges or [
        {"from": here["id"], "port": port, "to": there["id"]}
        for here, there in pairwise(row)
        for port in PORTS.get(here["kind"], ("next",))
    ]
    document = {
        "key": "j",
        "name": "J",
        "entry": {"triggers": [{"kind": "event", "event": "Signed Up"}]},
        "steps": row,
        "edges": [{"from": "entry", "to": row[0]["id"]}, *ways],
    }
    result = compile_journey(document)
    assert result.plan is not None, [one.text.to("en") for one in result.problems]
    return result.plan


COUPON = {"id": "code", "kind": "coupon", "settings": {"pool": "p"}}
WORDS = {"channel": "sms", "class": "informational", "content": {"en": {"body": "Hi"}}}
SAYS = {"id": "says", "kind": "message", "settings": WORDS}
AGAIN = {"id": "again", "kind": "message", "settings": WORDS}


def delay(**settings: Any) -> dict[str, Any]:
    return {"id": "pause", "kind": "delay", "settings": settings}


@pytest.mark.parametrize(
    ("step", "longest"),
    [
        (delay(mode="duration", duration="P3D"), timedelta(days=3)),
        (delay(mode="duration", duration="P3D", jitter="PT1H"), timedelta(days=3, hours=1)),
        (delay(mode="time_of_day", at="10:00"), timedelta(days=1)),
        (delay(mode="time_of_day", at="10:00", weekdays=["mon"]), timedelta(days=7)),
        (delay(mode="own_interval", event="Order Completed"), None),
        (
            {
                "id": "pause",
                "kind": "wait_for_event",
                "settings": {"branches": [{"port": "happened", "event": "X"}], "window": "P2D"},
            },
            timedelta(days=2),
        ),
    ],
)
def test_the_longest_way_adds_up_what_each_step_may_take(step: dict[str, Any], longest: timedelta | None) -> None:
    found = longest_path(planned(COUPON, step, SAYS), "code", frozenset({"says"}), ABOUT)
    assert found == (None if longest is None else longest + HOLD)


def test_a_message_on_the_way_may_be_held_too_and_what_comes_after_the_last_does_not_count() -> None:
    plan = planned(COUPON, SAYS, AGAIN, delay(mode="duration", duration="P9D"))
    assert longest_path(plan, "code", frozenset({"says", "again"}), ABOUT) == 2 * HOLD
    assert longest_path(plan, "code", frozenset({"says"}), ABOUT) == HOLD


def test_of_two_ways_the_longer_counts_and_round_a_loop_there_is_no_bound() -> None:
    two = planned(
        COUPON,
        delay(mode="duration", duration="P5D"),
        SAYS,
        edges=[
            {"from": "code", "port": "next", "to": "says"},
            {"from": "code", "port": "empty", "to": "pause"},
            {"from": "pause", "to": "says"},
            {"from": "says", "to": "end"},
        ],
    )
    assert longest_path(two, "code", frozenset({"says"}), ABOUT) == timedelta(days=5) + HOLD
    back = {"id": "back", "kind": "go_to", "settings": {"target": "pause"}}
    row = (COUPON, delay(mode="duration", duration="P5D"), SAYS, back)
    edges = [
        {"from": "code", "port": "next", "to": "pause"},
        {"from": "code", "port": "empty", "to": "end"},
        {"from": "pause", "to": "says"},
        {"from": "says", "to": "back"},
    ]
    assert longest_path(planned(*row, edges=edges), "code", frozenset({"says"}), ABOUT) is None


def test_a_pool_with_both_ends_counts_the_earlier() -> None:
    pool = PoolDocument.model_validate({"name": "P", "worth": "w", "valid_until": "2026-01-10", "valid_days": 30})
    assert str(pool.good_until(NOW, "Asia/Seoul")) == "2026-01-10 23:59:59+09:00"


# --- who sends it ----------------------------------------------------------------------------------------------------

ADVERTISES = [name for name, channel in CHANNELS.items() if channel.advertises]


@pytest.mark.parametrize("channel", ADVERTISES)
@pytest.mark.parametrize(
    ("sender", "codes"),
    [
        (Sender("Shop", "02-123-4567", "", "https://shop.kr/out"), set()),
        (Sender("Shop", "", "", "https://shop.kr/out"), {"no_contact"}),
        (Sender("", "02-123-4567", "", "https://shop.kr/out"), {"no_sender"}),
        (Sender("", "", "", "https://shop.kr/out"), {"no_contact", "no_sender"}),
    ],
)
def test_what_the_decision_will_refuse_for_want_of_a_sender_stops_here(
    channel: str, sender: Sender, codes: set[str]
) -> None:
    for kind, expected in (("advertising", codes), ("informational", set())):
        settings = {"channel": channel, "class": kind, "content": {"en": {"subject": "Tea", "body": "Tea is cheap."}}}
        words = MessageWords(MessageSettings.model_validate(settings))
        place = Place("m", words, (channel,), [SampleContext({}, "en", "Asia/Seoul")])
        check, _ = text_check([place], rules_of({}), sender)
        assert {one.code for one in check.findings if one.code in ("no_contact", "no_sender")} == expected
