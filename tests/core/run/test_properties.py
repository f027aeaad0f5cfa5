"""What holds for every run of every journey, whatever happens: held by generated journeys and generated trouble."""

import copy
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from orchestrator.core.commands import Commit, Transition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Sent, Started
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.run.routing import Routes
from orchestrator.core.simulation.simulator import Person, SimulationResult, walk
from orchestrator.core.simulation.simulator import compliant as lawfully
from tests.core.run.driver import Driver
from tests.examples import examples
from tests.strategies.journeys import ENTER, EVENTS, START, event_logs, gaps, journeys, people, properties

MODEST = settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
OUTCOMES = ("sent", "sent", "sent", "skipped", "unknown", "held")


@dataclass
class Act:
    """Something that happens to a run. ``age``: how long before its arrival an event occurred."""

    what: str
    gap: timedelta = timedelta(0)
    name: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    age: timedelta = timedelta(0)
    outcome: Any = "sent"
    which: int = 0


def acts() -> st.SearchStrategy[Act]:
    """Events in time and late, stored but not routed, and again; timers; results of sends that took their time."""
    name, age = st.sampled_from(EVENTS), st.one_of(st.just(timedelta(0)), gaps())
    arrives = st.builds(Act, st.sampled_from(["hear", "hear", "store"]), gaps(), name, properties(), age)
    again = st.builds(Act, st.just("again"), gaps(), which=st.integers(0, 20))
    passes = st.builds(Act, st.just("pass"), gaps())
    result = st.builds(Act, st.just("result"), gaps(), outcome=st.sampled_from(OUTCOMES))
    return st.one_of(arrives, arrives, again, passes, result)


class Trouble(Driver):
    """A driver that does what acts say."""

    def begin(self) -> None:
        self.now = START
        entry = CustomerEvent("enter", ENTER, START, {"cart_id": "c1", "price": 10})
        self.person.log.add(entry)
        self.feed(Started(START, "run-1", self.person.id, entry, self.person.zone, self.person.stage))

    def go(self, act: Act, n: int) -> None:
        self.timers_until(self.now + act.gap, inclusive=act.what not in ("hear", "store"))
        match act.what:
            case "hear" | "store":
                customer_event = CustomerEvent(f"act-{n}", act.name, self.now - act.age, act.properties)
                self.person.log.add(customer_event)
                if act.what == "hear":
                    self.route(customer_event)
            case "again":
                known = list(self.person.log)
                self.route(known[act.which % len(known)])
            case "result" if self.sending is not None:
                self.sending = None
                held = self.now + timedelta(hours=3) if act.outcome == "held" else None
                self.feed(Sent(self.now, act.outcome, "drawn", held))

    def whole(self) -> list[Transition]:
        return [*self.transitions, *self.state.unrecorded]


def drive(document: dict[str, Any], person: Person, story: list[Act], forgetful: bool = False) -> Trouble:
    run = Trouble(document, slow=True, forgetful=forgetful, person=copy.deepcopy(person))
    run.begin()
    for n, act in enumerate(story):
        run.go(act, n)
    return run


stories = st.lists(acts(), max_size=14)


@MODEST
@given(journeys(), people(), stories)
def test_no_run_sticks(document: dict[str, Any], person: Person, story: list[Act]) -> None:
    """After every act: who is not over awaits something that can come."""
    run = Trouble(document, slow=True, person=person)
    run.begin()
    for n, act in enumerate(story):
        run.go(act, n)
        state = run.state
        event(f"doing {state.doing}")
        assert state.doing in ("rest", "send", "over")
        assert not state.committing
        if state.doing == "rest":
            assert run.timer is not None or state.listening
            assert state.until is None or (run.timer is not None and run.timer <= state.until)
        elif state.doing == "send":
            assert run.sending is not None
        else:
            assert state.reason


@MODEST
@given(journeys(), people(), stories)
def test_a_trace_is_a_path_through_the_graph(document: dict[str, Any], person: Person, story: list[Act]) -> None:
    run = drive(document, person, story)
    lines = run.whole()
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    assert all(one.at <= other.at for one, other in pairwise(lines))

    visits: Counter[str] = Counter()
    moves = [line for line in lines if line.what != "goal"]
    ways = {(edge["from"], edge.get("port", "next")): edge["to"] for edge in document["edges"]}
    here = ways["entry", "next"]
    for n, line in enumerate(moves):
        assert line.step == here
        if line.what == "entered":
            assert n == 0 or moves[n - 1].what == "left"
            visits[here] += 1
        assert line.occurrence == visits[here]
        if line.what == "left":
            assert moves[n - 1].what == "entered"
            jump = run.plan.steps[here].targets()
            ports = {port.name: port.otherwise for port in run.plan.steps[here].ports()}
            here = jump[0] if jump else ways.get((here, line.port)) or ways[here, ports[line.port]]
    assert [line.what for line in moves].count("ended") == (run.over())


@MODEST
@given(journeys(), people(), stories)
def test_no_visit_to_a_step_sends_twice(document: dict[str, Any], person: Person, story: list[Act]) -> None:
    """A message is handed out again only where it was held."""
    run = drive(document, person, story)
    asked = Counter((send.step, send.occurrence) for _, send in run.sends)
    for (step, occurrence), times in asked.items():
        lines = [one for one in run.whole() if one.step == step and one.occurrence == occurrence]
        left = [one for one in lines if one.what == "left"]
        held = sum(act.outcome == "held" for act in story if act.what == "result")
        assert times <= 1 + held
        assert len(left) <= 1


@MODEST
@given(journeys(), people(), stories)
def test_a_run_written_out_and_read_again_goes_on_as_if_nothing_had_been(
    document: dict[str, Any], person: Person, story: list[Act]
) -> None:
    kept, written = (drive(document, person, story, forgetful) for forgetful in (False, True))
    assert kept.state == written.state
    assert kept.commands == written.commands


@MODEST
@given(journeys(), people(), stories, st.data())
def test_an_event_fed_twice_changes_nothing_more(
    document: dict[str, Any], person: Person, story: list[Act], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(story)))
    once, twice = drive(document, person, story[:place]), drive(document, person, story[:place])
    for customer_event in list(twice.person.log):  # some are stored but not routed yet: once is news, twice is not
        once.route(customer_event)
        twice.route(customer_event)
        twice.route(customer_event)
    for n, act in enumerate(story[place:], place):
        if act.what != "again":
            once.go(act, n)
            twice.go(act, n)
    assert _told(once) == _told(twice)


def _told(run: Trouble) -> tuple[Any, ...]:
    return run.whole(), run.sends, run.state.reason, run.timer if not run.over() else None


@MODEST
@given(journeys(), people(), stories)
def test_the_same_story_is_the_same_run(document: dict[str, Any], person: Person, story: list[Act]) -> None:
    one, other = drive(document, person, story), drive(document, person, story)
    assert one.commands == other.commands


@MODEST
@given(journeys(), people(), stories)
def test_a_stopped_run_ends_at_once_whatever_it_does(
    document: dict[str, Any], person: Person, story: list[Act]
) -> None:
    run = drive(document, person, story)
    if not run.over():
        run.eject()
        assert run.state.reason == "stopped"
        last = [command for command in run.commands if isinstance(command, Commit)][-1]
        assert last.ended == "stopped"
    assert run.state.unrecorded == ()


# --- the simulator ---------------------------------------------------------------------------------------------------


def _walk(document: dict[str, Any], person: Person, log: list[CustomerEvent]) -> SimulationResult:
    plan = compile_journey(document).plan
    assert plan is not None
    return walk(Routes((plan,)), copy.deepcopy(person), log, START + timedelta(days=60), lawfully())


@MODEST
@given(journeys(), people(), event_logs())
def test_a_walk_is_the_same_again_in_any_order_of_events_and_with_each_twice(
    document: dict[str, Any], person: Person, log: list[CustomerEvent]
) -> None:
    first = _walk(document, person, log)
    assert _outcome(first) == _outcome(_walk(document, person, log[::-1]))
    assert _outcome(first) == _outcome(_walk(document, person, [*log, *log]))


def _outcome(passage: SimulationResult) -> tuple[Any, ...]:
    return passage.entries, [(run.run_id, run.transitions, run.state) for run in passage.runs], passage.sends


@MODEST
@given(journeys(), people(), event_logs())
def test_every_trigger_is_an_entry_or_has_its_reason(
    document: dict[str, Any], person: Person, log: list[CustomerEvent]
) -> None:
    passage = _walk(document, person, log)
    admitted = [entry for entry in passage.entries if entry.admission.admitted]
    assert len(admitted) == len(passage.runs)
    assert len(passage.entries) == sum(customer_event.name == ENTER for customer_event in log)
    live = Counter(run.workflow_id for run in passage.runs if run.live)
    assert not live or max(live.values()) == 1


@MODEST
@given(journeys(), st.data())
def test_a_broken_journey_compiles_or_says_what_is_wrong(document: dict[str, Any], data: st.DataObject) -> None:
    broken = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        _break(broken, data)
    result = compile_journey(broken)
    assert (result.plan is None) == bool(result.errors)
    for problem in result.problems:
        assert problem.text.to("en")
        assert problem.text.to("ko")
        assert "{" not in problem.code


def _break(node: Any, data: st.DataObject) -> None:
    """Take something out of a document, or put something wrong in its place."""
    while True:
        places = list(node) if isinstance(node, dict) else range(len(node))
        if not places:
            return
        place = data.draw(st.sampled_from(places))
        if isinstance(node[place], dict | list) and node[place] and data.draw(st.integers(0, 3)):
            node = node[place]
            continue
        if data.draw(st.booleans()):
            del node[place]
        else:
            node[place] = data.draw(st.sampled_from([None, "s1", "", 0, -1, [], {}, "99999999999d", "entry", True]))
        return
