"""Journeys that set each other off are found before one of them goes live, whichever way they do it."""

from typing import Any

import pytest

from orchestrator.core.journey.chains import JourneyLinks, find_circles, fits, links_of, links_of_segment
from orchestrator.core.journey.plan import compile_journey, read_and_check
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.problems import Problem
from orchestrator.core.steps.references import EmittedEvent
from orchestrator.core.values import Ref
from tests.core.run.driver import Document, attribute, delay, journey, leave, message, prop, step, straight, wait

AGAIN = {"reentry": {"mode": "after_end"}}
REQUEST = {"triggers": [{"kind": "request"}]}


def on(event: str, where: Any = None, **entry: Any) -> Document:
    trigger = {"kind": "event", "event": event} | ({} if where is None else {"where": where})
    return {"entry": {"triggers": [trigger], **entry}}


def made(key: str, *steps: Document, **fields: Any) -> Document:
    return {**straight(*steps), "key": key, **AGAIN, **fields}


def emits(event: str, **properties: Any) -> Document:
    return step("t", "emit_event", event=event, properties=properties)


def starts(key: str, **properties: Any) -> Document:
    return step("t", "start_journey", journey=key, properties=properties)


def sets(name: str, value: Any) -> Document:
    return step("t", "update_customer", changes=[{"name": name, "value": value}])


def live(*documents: Document) -> dict[str, JourneyLinks]:
    found: dict[str, JourneyLinks] = {}
    for document in documents:
        parsed, _ = read_and_check(document)
        assert parsed is not None
        found[parsed.key] = links_of(parsed)
    return found


def codes(draft: Document, *others: Document) -> list[str]:
    """What is said of chains where the draft is published beside the others, which are live."""
    problems = compile_journey(draft, Vocabulary(live=live(*others))).problems
    return [problem.code for problem in problems if problem.code.endswith("_chain")]


def ping_pong(hears: str, tells: str, key: str) -> Document:
    document = journey(wait("w", hears, window=None), emits(tells), edges="entry > w, w:happened > t, t > w")
    return {**document, "key": key, "exits": [{"id": "x", "event": "Gone"}]}


UPDATED = "Customer Updated"
TURN = made("b", emits("A", n={"ref": "entry.n"}), **on("B"))
ENDLESS: dict[str, tuple[Document, ...]] = {
    "emit and trigger": (made("a", emits("B"), **on("A")), made("b", emits("A"), **on("B"))),
    "itself": (made("a", emits("A"), **on("A")),),
    "start and start": (made("a", starts("b"), entry=REQUEST), made("b", starts("a"), entry=REQUEST)),
    "itself by request": (made("a", starts("a"), entry=REQUEST),),
    "update and updated": (
        made("a", sets("x", 1), **on(UPDATED, prop("y", op="exists"))),
        made("b", sets("y", 1), **on(UPDATED, prop("x", 1))),
    ),
    "its own update": (made("a", sets("x", 1), **on(UPDATED)),),
    "a millisecond between": (made("a", delay("d", "PT0.001S"), emits("B"), **on("A")), TURN),
    "fifty-nine minutes between": (made("a", delay("d", "59m"), emits("B"), **on("A")), TURN),
    "three of them": (
        made("a", emits("B"), **on("A")),
        made("b", starts("c"), **on("B")),
        made("c", emits("A"), entry=REQUEST),
    ),
    "a filter that is passed": (
        made("a", emits("B", n=1), **on("A", prop("n", 1))),
        made("b", emits("A", n=1), **on("B", prop("n", 1))),
    ),
    "one run for each": (made("a", emits("A", n={"ref": "entry.n"}), **on("A", key="n"), reentry={"mode": "never"}),),
    "a cool-down of seconds": (made("a", emits("A"), **on("A"), reentry={"mode": "cool_down", "cool_down": "5s"}),),
    "runs that wait for each other": (ping_pong("Pong", "Ping", "a"), ping_pong("Ping", "Pong", "b")),
    "delivered and told": (made("a", message("m"), **on("Message Delivered")),),
}
POSSIBLE: dict[str, tuple[Document, ...]] = {
    "who enters is asked": (made("a", sets("x", 1), **on(UPDATED, filter=attribute("vip", True))),),
    "a value of the run": (made("a", emits("A", n={"ref": "entry.n"}), **on("A", prop("n", 1))),),
    "stages": (
        made("a", {**message("m"), "stage": "retention"}, **on("Lifecycle Stage Changed", prop("to", "intake"))),
        made("b", {**message("m"), "stage": "intake"}, **on("Lifecycle Stage Changed", prop("to", "retention"))),
    ),
}
ENDING: dict[str, tuple[Document, ...]] = {
    "an hour between": (made("a", delay("d", "1h"), emits("B"), **on("A")), TURN),
    "a day's time between": (
        made("a", step("d", "delay", mode="time_of_day", at="10:00"), emits("B"), **on("A")),
        TURN,
    ),
    "entered once": (made("a", emits("B"), **on("A"), reentry={"mode": "never"}), TURN),
    "a cool-down of a day": (made("a", emits("A"), **on("A"), reentry={"mode": "cool_down", "cool_down": "1d"}),),
    "another event": (made("a", emits("C"), **on("A")), TURN),
    "another attribute": (made("a", sets("x", 1), **on(UPDATED, prop("vip", op="exists"))),),
    "another journey": (made("a", starts("c"), entry=REQUEST), made("b", starts("a"), entry=REQUEST)),
    "another value": (made("a", emits("A", n=2), **on("A", prop("n", 1))),),
    "told of another journey": (made("a", message("m"), **on("Message Delivered", prop("journey", "b"))),),
    "a reply to an order": (made("a", emits("B"), **on("Order Completed")), made("b", emits("C"), **on("B"))),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_circle_of_journeys_is_refused_whichever_is_published_last(name: str) -> None:
    for draft in ENDLESS[name]:
        others = [other for other in ENDLESS[name] if other is not draft]
        assert codes(draft, *others)[:1] == ["endless_chain"]
        assert not others or codes(draft) == []


@pytest.mark.parametrize("name", POSSIBLE)
def test_a_circle_that_a_condition_may_end_is_a_warning(name: str) -> None:
    for draft in POSSIBLE[name]:
        found = codes(draft, *(other for other in POSSIBLE[name] if other is not draft))
        assert set(found) == {"possible_chain"}


@pytest.mark.parametrize("name", ENDING)
def test_what_ends_by_itself_is_no_circle(name: str) -> None:
    for draft in ENDING[name]:
        assert codes(draft, *(other for other in ENDING[name] if other is not draft)) == []


def test_the_problem_names_the_journeys_in_their_order_and_the_step_to_look_at() -> None:
    first, second = ENDLESS["emit and trigger"]
    problems = compile_journey(second, Vocabulary(live=live(first))).problems
    [problem] = [one for one in problems if one.code == "endless_chain"]
    assert problem.step == "t"
    assert problem.parameters["journeys"] == ["b", "a"]
    own = second["name"]
    assert f"{own} (*A*) → a (*B*) → {own}" in problem.text.to("en"), "the other journey's name is not known here"


def test_a_loop_of_milliseconds_within_a_journey_does_not_wait() -> None:
    for span in ("PT0.001S", "1s", "59s"):
        document = journey(delay("d", span), message("m"), edges="entry > d, d > m, m > d")
        problems = compile_journey({**document, "exits": [{"id": "x", "event": "Gone"}]}).problems
        assert [problem.code for problem in problems] == ["loop_without_wait"]
    document = journey(delay("d", "1m"), message("m"), edges="entry > d, d > m, m > d")
    assert compile_journey({**document, "exits": [{"id": "x", "event": "Gone"}]}).plan is not None


def test_what_is_known_of_an_event_decides_a_filter_as_far_as_it_goes() -> None:
    unknown = Ref(ref="entry.n")
    one = journey(leave(), edges="entry > end", entry=on("A", prop("n", 1))["entry"])
    parsed, _ = read_and_check(one)
    assert parsed is not None
    where = parsed.entry.triggers[0].where  # type: ignore[union-attr]
    assert fits(where, EmittedEvent("A", {"n": 1})) == "yes"
    assert fits(where, EmittedEvent("A", {"n": 2})) == "no"
    assert fits(where, EmittedEvent("A", {})) == "no"
    assert fits(where, EmittedEvent("A", {"n": unknown})) == "maybe"
    assert fits(where, EmittedEvent("A")) == "maybe"
    assert fits(None, EmittedEvent("A")) == "yes"


def test_hundreds_of_journeys_are_looked_through_in_a_moment() -> None:
    many = live(*(made(f"j{n}", emits(f"E{n + 1}"), emits("Common") | {"id": "u"}, **on(f"E{n}")) for n in range(300)))
    assert find_circles(many, "j7") == []
    [circle] = find_circles({**many, **live(made("last", emits("E0"), **on("E300")))}, "last")
    assert len(circle.steps) == 301


def test_a_circle_through_a_segment_is_told_and_never_sure() -> None:
    entry = {"triggers": [{"kind": "segment", "segment": "vip"}]}
    again = {"mode": "after_end"}
    draft = {**straight(sets("tier", "gold"), leave()), "key": "gift", "entry": entry, "reentry": again}
    segment = links_of_segment("vip", {"en": "VIPs"}, {UPDATED})
    [problem] = _chains(draft, {segment.key: segment})
    assert problem.code == "possible_chain"
    told = problem.naming({("segment", "vip"): {"en": "VIPs"}}).text.to("en")
    assert "VIPs" in told
    assert problem.parameters["journeys"] == ["gift"]
    other = links_of_segment("vip", {}, {"Order Completed"})
    assert _chains(draft, {other.key: other}) == []


def _chains(draft: Document, beside: dict[str, JourneyLinks]) -> list[Problem]:
    problems = compile_journey(draft, Vocabulary(live=beside)).problems
    return [problem for problem in problems if problem.code.endswith("_chain")]
