"""What is told of journeys, whatever is in them: for people, in their own language, by names and not by ids."""

import copy
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.diff import difference
from orchestrator.core.journey.drawing import draw
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.sending.policies import KR
from orchestrator.core.simulation.interactive_run import InteractiveRun, RunEnvironment
from orchestrator.core.text import LOCALES, Named, Names, Text
from tests.core.simulation.test_simulator import reachable
from tests.examples import examples, some
from tests.hostile import HOSTILE
from tests.reading.renamed import NAMED, renamed, written_in
from tests.reading.strange import strange
from tests.reading.world import documents
from tests.strategies.journeys import START, event_logs, journeys

DOCUMENTS = {document["key"]: document for document in documents()}


def names_of(document: dict[str, Any]) -> Names:
    """Every pool, survey, journey and template that a file speaks of has a name."""
    kinds = {"pool": "coupon_pool", "survey": "survey", "journey": "journey", "template": "template"}
    found = {("journey", document["key"]): NAMED}
    for step in document["steps"]:
        settings = step.get("settings", {})
        found |= {(kind, settings[name]): NAMED for name, kind in kinds.items() if isinstance(settings.get(name), str)}
    return found


def told_of(document: dict[str, Any]) -> Iterator[Text]:
    """What the canvas shows of it, and what is wrong with it. What there is not has no name."""
    names = names_of(document)
    drawn = draw(document, Vocabulary(names=names))
    for step in drawn.steps.values():
        yield from (step.summary, *(port.label for port in step.ports))
    yield drawn.entry
    if drawn.filter is not None:
        yield drawn.filter
    known = (one for one in drawn.problems if not one.code.startswith("unknown_"))
    yield from (problem.text for problem in known)


def run_of(plan: Plan, document: dict[str, Any], log: list[CustomerEvent]) -> Iterator[Text]:
    """A test run, line by line."""
    environment = RunEnvironment(KR, names=names_of(document))
    run = InteractiveRun(plan, copy.deepcopy(reachable()), START + timedelta(days=60), environment, {})
    run.play(log)
    for one in run.runs:
        yield from (run.text(one, line) for line in run.trace(one))
        if one.live:
            yield run.standing(one)
    yield from (entry.text for entry in run.entries)
    yield from (event.text for event in run.heard)
    yield from (send.text for send in run.sends)


def wrong_in(texts: Iterator[Text], document: Any) -> dict[str, str]:
    data = written_in([document, NAMED, *(event for event in ("c1", "c2", "high", "low", "strange"))])
    data |= {"Unsubscribed", "customer-1", "run-1", "run-2"}
    said = {(text.to(locale).replace("*", ""), locale) for text in texts for locale in LOCALES}
    return {fault: words for words, locale in said for fault in strange(words, locale, data)}


@pytest.mark.parametrize("key", DOCUMENTS)
def test_a_journey_of_the_gallery_is_told_by_names(key: str) -> None:
    document = DOCUMENTS[key]
    plan = compile_journey(document).plan
    assert plan is not None
    event = next((one.event for one in plan.journey.entry.triggers if one.kind == "event"), "Signed Up")
    log = [CustomerEvent(f"m{n}", event, START + timedelta(days=n), {"cart_id": "c1"}) for n in range(3)]
    assert wrong_in(told_of(document), document) == {}
    assert wrong_in(run_of(plan, document, log), document) == {}


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(journeys(), event_logs())
def test_any_journey_and_its_test_run_are_told_by_names(document: dict[str, Any], log: list[CustomerEvent]) -> None:
    marked = renamed(document)
    plan = compile_journey(marked).plan
    assert plan is not None
    assert wrong_in(told_of(marked), marked) == {}
    assert wrong_in(run_of(plan, marked, log), [marked, [event.properties for event in log]]) == {}


@settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(journeys(), journeys())
def test_what_changed_is_told_by_the_words_of_forms(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = difference(renamed(before), renamed(after))
    data = [renamed(before), renamed(after), NAMED]
    labels = (field.label for step in found.steps.values() for field in step.fields)
    assert wrong_in(labels, data) == {}
    assert wrong_in((step.title for step in found.steps.values() if step.change == "changed"), data) == {}


@pytest.mark.parametrize("name", some(HOSTILE, 8))
def test_what_is_wrong_with_a_file_is_told_without_a_machines_spelling(name: str) -> None:
    document = HOSTILE[name]
    problems = compile_journey(document).problems
    spelt = {
        fault
        for problem in problems
        for locale in LOCALES
        for fault in strange(problem.text.to(locale), locale, written_in([document, list(problem.parameters.values())]))
        if not fault.startswith("no word of")  # what stands in a broken file is told as it stands there
    }
    assert spelt == set()


def test_a_thing_is_told_by_its_key_until_its_name_is_known() -> None:
    text = Text("A code of {pool}", pool=Named("coupon_pool", "spring"))
    assert text.to("en") == "A code of spring"
    assert text.naming({("coupon_pool", "spring"): {"en": "Spring sale"}}).to("en") == "A code of Spring sale"
    assert text.naming({("survey", "spring"): {"en": "Spring sale"}}) == text
