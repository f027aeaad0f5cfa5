"""The survey step: it asks, waits for its customer's answer, and loses none."""

from typing import Any

import pytest

from orchestrator.core.events.run_events import Sent
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.problems import Problem
from orchestrator.core.steps.survey import Survey
from tests.core.run.driver import Document, Driver, after, delay, journey, leave, planned, step

GROUPS = [{"port": "promoter"}, {"port": "passive"}, {"port": "detractor"}]
WORDS = {"en": {"subject": "Hello", "body": "{{ links.survey }}"}}


def ask(id: str = "ask", window: str = "2d", survey: str = "nps", **more: Any) -> Document:
    given = {"survey": survey, "groups": GROUPS, "window": window, "channel": "email", "content": WORDS, **more}
    return step(id, "survey", **given)


def asking(**more: Any) -> Document:
    """Each way to an exit of its own."""
    ends = ("promoter", "passive", "detractor", "no_answer", "not_sent")
    edges = "entry > ask, " + ", ".join(f"ask:{way} > {way}" for way in ends)
    return journey(ask(**more), *(leave(way, way) for way in ends), edges=edges)


ANSWER: dict[str, Any] = {
    "survey": "nps",
    "group": "promoter",
    "score": 9,
    "run": "run-1",
    "step": "ask",
    "occurrence": 1,
}


def test_an_answer_leaves_by_its_group() -> None:
    run = Driver(asking()).start().until("1h")
    assert (run.state.doing, run.state.names) == ("rest", ("Survey Answered",))
    run.hear("Survey Answered", **ANSWER)
    assert run.state.reason == "promoter"
    assert "01:00 left ask promoter" in run.trace


def test_who_does_not_answer_within_the_window_leaves_by_no_answer() -> None:
    run = Driver(asking()).start().until("47h")
    assert not run.over()
    assert run.until("48h").state.reason == "no_answer"


def test_an_answer_and_the_deadline_tie_and_the_answer_wins() -> None:
    run = Driver(asking()).start().at("48h")
    run.store("Survey Answered", **ANSWER)
    assert run.until("48h").state.reason == "promoter"


@pytest.mark.parametrize(
    "strange",
    [
        {"run": "run-2"},
        {"run": None},
        {"survey": "taste"},
        {"group": "delighted"},
        {"group": None},
        {"group": ["promoter"]},
        {"group": {"promoter": 1}},
    ],
)
def test_an_answer_of_another_run_or_to_another_question_is_none(strange: dict[str, Any]) -> None:
    run = Driver(asking()).start().until("1h")
    run.hear("Survey Answered", **{**ANSWER, **strange})
    assert run.state.doing == "rest"


def test_an_answer_that_names_no_run_counts_for_whoever_waits_for_the_survey() -> None:
    run = Driver(asking()).start().until("1h")
    run.hear("Survey Answered", survey="nps", group="detractor")
    assert run.state.reason == "detractor"


def test_an_answer_that_is_faster_than_our_record_of_the_sending_counts() -> None:
    run = Driver(asking(), slow=True).start().at("10m")
    run.hear("Survey Answered", **ANSWER)
    assert run.state.doing == "send"
    run.at("11m").sent()
    assert run.state.reason == "promoter"


@pytest.mark.parametrize("outcome", ["sent", "unknown"])
def test_what_may_have_been_sent_is_waited_for(outcome: Any) -> None:
    run = Driver(asking(), slow=True).start()
    run.sent(outcome)
    assert (run.state.doing, run.state.until) == ("rest", after("2d"))


def test_who_could_not_be_asked_leaves_at_once_by_not_sent_or_as_without_answer() -> None:
    skipped = [Sent(after("0s"), "skipped", "no_consent")]
    assert Driver(asking(), outcomes=list(skipped)).start().state.reason == "not_sent"
    document = asking()
    document["edges"] = [edge for edge in document["edges"] if edge["port"] != "not_sent"]
    document["steps"] = [one for one in document["steps"] if one["id"] != "not_sent"]
    assert Driver(document, outcomes=list(skipped)).start().state.reason == "no_answer"


def test_a_held_question_is_asked_when_its_time_comes_and_the_window_begins_then() -> None:
    held = [Sent(after("0s"), "held", "legal_night", after("8h"))]
    run = Driver(asking(), outcomes=held).start().until("8h")
    assert len(run.sends) == 2
    assert run.state.until == after("56h")
    run.hear("Survey Answered", **ANSWER)
    assert run.state.reason == "promoter"


def test_an_answer_to_the_first_asking_counts_for_the_second_and_ends_one_wait_only() -> None:
    ends = ("promoter", "passive", "detractor")
    edges = "entry > ask, ask:no_answer > rest, rest > ask, " + ", ".join(f"ask:{way} > {way}" for way in ends)
    run = Driver(journey(ask(), delay("rest", "1d"), *(leave(way, way) for way in ends), edges=edges)).start()
    run.until("73h")
    assert run.state.occurrences["ask"] == 2
    run.hear("Survey Answered", **{**ANSWER, "group": "passive"})
    assert run.state.reason == "passive"


def test_an_answer_before_the_second_asking_is_not_taken_for_its_own() -> None:
    edges = "entry > ask, again > end, " + ", ".join(
        f"{one}:{way} > {to}"
        for one, to in (("ask", "rest"), ("again", "end"))
        for way in ("promoter", "passive", "detractor", "no_answer")
    )
    steps = (ask(), delay("rest", "1d"), ask("again"), leave())
    document = journey(*steps, edges=edges.replace("again > end, ", "rest > again, ", 1))
    run = Driver(document).start().until("1h")
    run.hear("Survey Answered", **ANSWER)
    run.until("26h")
    assert (run.state.step, run.state.doing) == ("again", "rest")


def test_what_the_step_looks_at_travels_with_the_event() -> None:
    assert planned(asking()).mentioned >= {"survey", "group", "score", "run"}


def test_the_answers_that_would_do_are_told_to_who_tries_the_journey_out() -> None:
    step = planned(asking()).steps["ask"]
    assert isinstance(step, Survey)
    told = step.awaits()
    assert [one.example["group"] for one in told] == ["promoter", "passive", "detractor"]
    for one in told:
        run = Driver(asking()).start().until("1h")
        run.hear(one.event, **one.example)
        assert run.state.reason == one.example["group"]


def problems(known: dict[str, frozenset[str]] | None) -> list[Problem]:
    found = compile_journey(asking(), Vocabulary({"Enter": frozenset()}, surveys=known)).problems
    return [problem for problem in found if "survey" in problem.code]


def test_the_survey_is_there_and_has_these_groups_or_nothing_is_published() -> None:
    assert problems(None) == []
    assert problems({"nps": frozenset({"promoter", "passive", "detractor"})}) == []
    assert [one.code for one in problems({})] == ["unknown_survey"]
    [differ] = problems({"nps": frozenset({"promoter", "detractor"})})
    assert (differ.code, differ.severity, differ.field) == ("survey_groups_differ", "error", "settings.groups")
