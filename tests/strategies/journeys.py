"""Journeys that compile, customers, and what happens to them: small, and drawn from pools that meet.

A journey is a row of steps; each port leads ahead, or back to a step that waits for a day, so that every loop takes
time. Delays go from seconds to weeks. Names and values come from few, so that events are waited for and filters
sometimes pass; times are drawn such that deadlines and events fall together now and then.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.steps import KINDS

START = datetime(2026, 3, 27, 22, 30, tzinfo=UTC)
"""Two days before the clocks change in Europe."""
ENTER = "Product Added"
EVENTS = (ENTER, "Order Completed", "Product Viewed", "Survey Answered")
EMITTED = ("Told", "Marked")
POOLS = ("welcome", "none")
"""Coupon pools: one with codes enough, one that there is not."""
SPANS = ("1s", "30s", "10m", "1h", "2h", "1d", "3d", "7d", "21d")
ZONES = ("Asia/Seoul", "Europe/Berlin", "America/Sao_Paulo", "UTC", "Nowhere/Unknown")
CARTS = ("c1", "c2")
SURVEYS = ("nps", "taste")
STAGES = ("intake", "adaptation", "retention", "churn_signal")
MOST_STEPS = 6

Document = dict[str, Any]


# --- conditions ------------------------------------------------------------------------------------------------------


def _property(name: str, value: Any, op: str = "eq") -> Document:
    return {"kind": "property", "name": name, "op": op, "value": value}


def _history(event: str, **more: Any) -> Document:
    return {"kind": "history", "event": event, **more}


def filters() -> st.SearchStrategy[Document]:
    """On one event; some compare with the entry event, the event that ended a wait, or a variable."""
    return st.sampled_from(
        [
            _property("cart_id", {"ref": "entry.cart_id"}),
            _property("cart_id", {"ref": "entry.cart_id"}, "ne"),
            _property("cart_id", {"ref": "event.cart_id"}),
            _property("price", {"ref": "var.limit"}, "gte"),
            _property("price", 10, "lt"),
            {"kind": "any", "of": [_property("price", 20), _property("cart_id", "c2")]},
        ]
    )


def conditions() -> st.SearchStrategy[Document]:
    """On the customer: what they are, what they did, and what time alone changes."""
    event = st.sampled_from(EVENTS)
    leaf = st.one_of(
        st.sampled_from(
            [
                {"kind": "attribute", "name": "vip", "value": True},
                {"kind": "attribute", "name": "score", "op": "gte", "value": 2},
                {"kind": "attribute", "name": "cart", "value": {"ref": "entry.cart_id"}},
                {"kind": "consent", "channel": "email"},
                {"kind": "stage", "of": ["retention", "churn_signal"]},
                _history("Told", value=2),
            ]
        ),
        st.builds(lambda e, n: _history(e, value=n), event, st.integers(1, 3)),
        st.builds(lambda e, n: _history(e, value=n, since_entry=True), event, st.integers(1, 3)),
        st.builds(lambda e, span: _history(e, within=span), event, st.sampled_from(SPANS[3:])),
        st.builds(lambda e, span: _history(e, within=span, op="eq", value=0), event, st.sampled_from(SPANS[3:])),
        st.builds(lambda e, n: _history(e, measure="days_since_last", value=n), event, st.sampled_from([0.5, 1, 3])),
        st.builds(lambda e: _history(e, measure="sum", property="price", value=30), event),
        st.builds(lambda e: _history(e, where=_property("cart_id", {"ref": "entry.cart_id"})), event),
    )
    inverse = st.builds(lambda part: {"kind": "not", "of": part}, leaf)
    either = st.builds(lambda *parts: {"kind": "any", "of": list(parts)}, leaf, leaf)
    return st.one_of(leaf, leaf, inverse, either)


# --- steps -----------------------------------------------------------------------------------------------------------


def delays() -> st.SearchStrategy[Document]:
    """Settings of a delay, in every form."""
    span, clock = st.sampled_from(SPANS), st.sampled_from(["00:00", "02:30", "10:00", "23:59:59"])
    jitter = st.sampled_from([None, None, "1h"])
    return st.one_of(
        st.fixed_dictionaries({"mode": st.just("duration"), "duration": span, "jitter": jitter}),
        st.fixed_dictionaries({"mode": st.just("duration"), "duration": span}),
        st.fixed_dictionaries(
            {"mode": st.just("time_of_day"), "at": clock, "weekdays": st.sampled_from([[], ["sun"], ["mon", "fri"]])}
        ),
        st.fixed_dictionaries({"mode": st.just("date"), "date": st.sampled_from(["2026-03-29", "2026-04-05"])}),
        st.fixed_dictionaries(
            {
                "mode": st.just("attribute"),
                "attribute": st.sampled_from(["birthday", "renewal"]),
                "offset_days": st.sampled_from([-7, 0, 1]),
                "yearly": st.booleans(),
                "at": clock,
            }
        ),
        st.fixed_dictionaries({"mode": st.just("best_hour"), "otherwise": clock}),
        st.fixed_dictionaries({"mode": st.just("own_interval"), "event": st.sampled_from(EVENTS), "otherwise": span}),
    )


def waits() -> st.SearchStrategy[Document]:
    """Settings of a wait for events: a window, or none; a look-back, or none; one or two branches."""
    names = st.sampled_from([*EVENTS, *EVENTS, *EMITTED])
    way = st.fixed_dictionaries({"event": names}, optional={"where": filters()})
    ways = st.lists(way, min_size=1, max_size=2).map(
        lambda found: [{**one, "port": f"way-{n}"} for n, one in enumerate(found)]
    )
    window = st.sampled_from([*SPANS, "0s", None])
    return st.fixed_dictionaries({"branches": ways, "window": window}, optional={"look_back": st.sampled_from(SPANS)})


def _branches() -> st.SearchStrategy[Document]:
    condition = st.one_of(conditions(), filters())
    return st.lists(condition, min_size=1, max_size=2).map(
        lambda found: {"branches": [{"port": f"way-{n}", "when": when} for n, when in enumerate(found)]}
    )


def _messages() -> st.SearchStrategy[Document]:
    # A webhook's answer may leave the limit empty; a text that is always whole goes out under every reading of it.
    content = {"en": {"subject": "Hello", "body": "{{ entry.cart_id }} {{ var.limit | default('', true) }}"}}
    return st.fixed_dictionaries(
        {"channel": st.sampled_from(["email", "sms", "push"]), "content": st.just(content)},
        optional={"only_if": conditions(), "fallback": st.just(["email"]), "class": st.just("informational")},
    )


def _webhooks() -> st.SearchStrategy[Document]:
    body = '{"cart": "{{ entry.cart_id }}", "limit": {{ var.limit }}}'
    return st.fixed_dictionaries(
        {"url": st.just("https://points.example/{{ customer.id }}")},
        optional={"body": st.just(body), "response": st.just({"limit": "balance"}), "method": st.just("GET")},
    )


def _surveys() -> st.SearchStrategy[Document]:
    """An answer may come at any time, to this survey or another, of a group that has a way or of none."""
    content = {"en": {"subject": "Hello", "body": "{{ links.survey }}"}}
    return st.fixed_dictionaries(
        {
            "survey": st.sampled_from(SURVEYS),
            "groups": st.sampled_from([[{"port": "high"}, {"port": "low"}], [{"port": "low"}]]),
            "window": st.sampled_from(SPANS),
            "channel": st.sampled_from(["email", "sms"]),
            "content": st.just(content),
        },
        optional={"only_if": conditions(), "class": st.just("informational")},
    )


CHANGES = (
    {"op": "set", "name": "vip", "value": True},
    {"op": "increment", "name": "score", "value": 1},
    {"op": "remove", "name": "vip"},
    {"op": "set", "name": "cart", "value": {"ref": "entry.cart_id"}},
    {"op": "add_tag", "name": "seen"},
    {"op": "withdraw", "name": "email"},
)
ARMS = [{"port": "a", "weight": 1}, {"port": "b", "weight": 1, "control": True}]


def settings_of() -> dict[str, st.SearchStrategy[Document]]:
    """Settings by kind of step."""
    told = {"properties": {"cart_id": {"ref": "event.cart_id"}, "price": 10}}
    return {
        "message": _messages(),
        "survey": _surveys(),
        "delay": delays(),
        "wait_for_event": waits(),
        "wait_until": st.fixed_dictionaries({"condition": conditions(), "window": st.sampled_from([*SPANS, None])}),
        "branch": _branches(),
        "experiment": st.sampled_from([{"experiment": name, "variants": ARMS} for name in ("one", "two")]),
        "update_customer": st.lists(st.sampled_from(CHANGES), min_size=1, max_size=2).map(lambda c: {"changes": c}),
        "coupon": st.fixed_dictionaries(
            {"pool": st.sampled_from(POOLS), "variable": st.sampled_from(["coupon", "gift"])},
            optional={"once": st.booleans()},
        ),
        "emit_event": st.sampled_from([{"event": name, **told} for name in EMITTED]),
        "start_journey": st.just({"journey": "other", "properties": {"price": {"ref": "event.price"}}}),
        "webhook": _webhooks(),
        "go_to": st.just({"target": ""}),
        "goal": st.fixed_dictionaries({"goal": st.just("reached"), "ends": st.sampled_from([False, False, True])}),
        "exit": st.sampled_from([{"reason": "done"}, {"reason": "left"}]),
    }


OFTEN = ("message", "survey", "delay", "wait_for_event", "wait_until", "branch")


def nodes() -> st.SearchStrategy[Document]:
    """One step without its id; the kinds that matter most come most often."""
    by_kind = settings_of()
    assert set(by_kind) == set(KINDS), "every kind of step is drawn"
    return st.sampled_from([*OFTEN, *OFTEN, *by_kind]).flatmap(
        lambda kind: st.fixed_dictionaries(
            {"kind": st.just(kind), "stage": st.sampled_from(STAGES), "settings": by_kind[kind]}
        )
    )


# --- journeys --------------------------------------------------------------------------------------------------------


def _rules() -> st.SearchStrategy[Document]:
    event = st.sampled_from([*EVENTS, "Told"])
    on_event = st.fixed_dictionaries({"event": event}, optional={"where": filters()})
    exits = st.lists(st.one_of(on_event, conditions().map(lambda when: {"when": when})), max_size=2)
    goals = st.lists(
        st.fixed_dictionaries(
            {"event": event, "value": st.sampled_from([None, 5, {"ref": "event.price"}]), "repeat": st.booleans()},
            optional={"where": filters(), "ends": st.booleans()},
        ),
        max_size=2,
    )
    return st.fixed_dictionaries(
        {
            "exits": st.one_of(st.builds(list), exits).map(lambda found: _numbered("exit", found)),
            "goals": st.one_of(st.builds(list), goals).map(lambda found: _numbered("goal", found)),
            "reentry": st.sampled_from(
                [{"mode": "never"}, {"mode": "after_end"}, {"mode": "cool_down", "cool_down": "2h"}]
            ),
        }
    )


def _numbered(what: str, found: list[Document]) -> list[Document]:
    return [{"id": f"{what}-{n}", **one} for n, one in enumerate(found)]


SHORT = ("0s", "1s", "30s", "10m", "1h", "2h")


def _may_recur(node: Document) -> bool:
    """Whether a loop may lead here: it surely takes time (what a journey tells itself is no wait), and so much of it
    that months go round in a few hundred visits."""
    settings = node["settings"]
    tells = any(way.get("event") in EMITTED for way in settings.get("branches", ()))
    short = settings.get("duration") in SHORT or settings.get("window") in SHORT
    return not tells and not short and KINDS[node["kind"]].model_validate(node).waits()


@st.composite
def journeys(draw: st.DrawFn, key: str = "test", most_steps: int = MOST_STEPS, keyed: bool | None = None) -> Document:
    """A journey that compiles. Its entry is :data:`ENTER`; ``keyed``: whether there is one run for each cart."""
    found = draw(st.lists(nodes(), min_size=min(2, most_steps), max_size=most_steps))
    row = [{"id": f"s{n}", **node} for n, node in enumerate(found)]
    row.append({"id": "end", "kind": "exit", "stage": draw(st.sampled_from(STAGES))})
    edges = [{"from": "entry", "to": "s0"}]
    for place, node in enumerate(row):
        ahead = [other["id"] for other in row[place + 1 :]]
        back = [other["id"] for other in row[: place + 1] if other["kind"] != "exit" and _may_recur(other)]
        targets = st.sampled_from([*ahead[:1] * 4, *ahead, *back])
        if node["kind"] == "go_to":
            node["settings"] = {"target": draw(targets)}
        for port in KINDS[node["kind"]].model_validate(node).ports():
            if port.required or draw(st.booleans()):
                edges.append({"from": node["id"], "port": port.name, "to": draw(targets)})
    key_of = {"key": "cart_id"} if (draw(st.booleans()) if keyed is None else keyed) else {}
    graph, rules = _reachable(row, edges), draw(_rules())
    if all(node["kind"] != "exit" and not node["settings"].get("ends") for node in graph["steps"]):
        rules["exits"].append({"id": "way-out", "event": EVENTS[1]})
    return {
        "key": key,
        "name": {"en": "Drawn", "ko": "무작위"},
        "entry": {"triggers": [{"kind": "event", "event": ENTER}], **key_of},
        "moves_stage": True,
        "variables": {"limit": 10},
        **rules,
        **graph,
    }


def _reachable(row: list[Document], edges: list[Document]) -> Document:
    """The part of a graph that can be got to."""
    jumps = [{"from": node["id"], "to": node["settings"]["target"]} for node in row if node["kind"] == "go_to"]
    found, ahead = {"entry"}, ["entry"]
    while ahead:
        here = ahead.pop()
        new = {edge["to"] for edge in (*edges, *jumps) if edge["from"] == here} - found
        found |= new
        ahead += new
    steps = [node for node in row if node["id"] in found]
    return {"steps": steps, "edges": [edge for edge in edges if edge["from"] in found]}


# --- customers and what they do --------------------------------------------------------------------------------------


def people() -> st.SearchStrategy[Person]:
    """A customer before anything has happened."""
    return st.builds(
        Person,
        st.sampled_from(["customer-1", "customer-2", "customer-3"]),
        attributes=st.fixed_dictionaries(
            {},
            optional={
                "vip": st.booleans(),
                "score": st.integers(0, 3),
                "birthday": st.sampled_from(["2000-02-29", "1990-03-29", "yesterday", "0001-01-01", "9999-12-31"]),
                "renewal": st.sampled_from(["2026-03-30", "2026-04-02T09:00:00Z", None]),
            },
        ),
        consents=st.fixed_dictionaries({"email": st.booleans()}),
        zone=st.sampled_from(ZONES),
    )


def gaps() -> st.SearchStrategy[timedelta]:
    """Time between two events: often exactly as long as a delay or a window may be."""
    seconds = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
    exact = st.sampled_from([timedelta(seconds=int(span[:-1]) * seconds[span[-1]]) for span in SPANS])
    return st.one_of(exact, exact, st.just(timedelta(0)), st.integers(0, 200_000).map(lambda s: timedelta(seconds=s)))


def properties() -> st.SearchStrategy[Document]:
    """Of any event."""
    return st.fixed_dictionaries(
        {"cart_id": st.sampled_from(CARTS), "price": st.sampled_from([5, 10, 20])},
        optional={
            "sku": st.just("s-1"),
            "survey": st.sampled_from(SURVEYS),
            "group": st.sampled_from(["high", "low", "strange"]),
            "run": st.sampled_from(["run-1", "run-2"]),
        },
    )


@st.composite
def event_logs(draw: st.DrawFn, most: int = 12) -> list[CustomerEvent]:
    """What one customer did, in order; the first event lets them in."""
    now, found = START, []
    for n in range(draw(st.integers(1, most))):
        name = ENTER if n == 0 else draw(st.sampled_from(EVENTS))
        found.append(CustomerEvent(f"event-{n}", name, now, draw(properties())))
        now += draw(gaps())
    return found
