"""Faults planted into the product, one at a time: steps, the step function, routing, the send decision."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from orchestrator.core.events.run_events import Committed, Sent, TimerFired
from orchestrator.core.experiments.assignment import assign
from orchestrator.core.run import advance
from orchestrator.core.sending import decide
from orchestrator.core.simulation import simulator
from orchestrator.core.steps import (
    branch,
    coupon,
    delay,
    experiment,
    message,
    survey,
    update_customer,
    wait_for_event,
    wait_until,
    webhook,
)
from orchestrator.core.steps.contract import ExitPort

Plant = Callable[[pytest.MonkeyPatch], None]
FAULTS: dict[str, Plant] = {}


def fault(plant: Plant) -> Plant:
    """Register a fault by the name of what plants it."""
    FAULTS[plant.__name__.replace("_", " ")] = plant
    return plant


def _around(patch: pytest.MonkeyPatch, owner: Any, name: str, change: Callable[..., Any]) -> None:
    original = getattr(owner, name)
    patch.setattr(owner, name, lambda *args, **kwargs: change(original, *args, **kwargs))


# --- steps -----------------------------------------------------------------------------------------------------------


@fault
def a_branch_takes_the_last_that_is_true(patch: pytest.MonkeyPatch) -> None:
    def last(self: Any, truths: Any) -> ExitPort:
        true = [one.port for one, truth in zip(self.settings.branches, truths, strict=True) if truth]
        return ExitPort(true[-1] if true else "otherwise")

    patch.setattr(branch.Branch, "_first", last)


@fault
def a_delay_is_a_second_short(patch: pytest.MonkeyPatch) -> None:
    _around(patch, delay.ForDuration, "until", lambda until, *a: until(*a) - timedelta(seconds=1))


@fault
def a_delay_counts_days_in_utc(patch: pytest.MonkeyPatch) -> None:
    _around(
        patch,
        delay.UntilTimeOfDay,
        "until",
        lambda until, self, now, facts: until(self, now, dict.fromkeys(facts, "UTC")),
    )


@fault
def a_wait_takes_any_event_of_its_name(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(wait_for_event.WaitForEvent, "_wanted", staticmethod(lambda context, one, answer: True))


@fault
def a_wait_ends_a_minute_late(patch: pytest.MonkeyPatch) -> None:
    _around(
        patch, wait_for_event.WaitForEvent, "_until", lambda until, *a: (at := until(*a)) and at + timedelta(minutes=1)
    )


@fault
def a_wait_until_goes_on_by_itself(patch: pytest.MonkeyPatch) -> None:
    def resume(original: Any, self: Any, context: Any, answer: Any) -> Any:
        return ExitPort("yes") if isinstance(answer, TimerFired) else original(self, context, answer)

    _around(patch, wait_until.WaitUntil, "resume", resume)


@fault
def a_message_that_is_skipped_counts_as_sent(patch: pytest.MonkeyPatch) -> None:
    def resume(original: Any, self: Any, context: Any, answer: Any) -> Any:
        outcome = original(self, context, answer)
        return outcome._replace(port="next") if isinstance(outcome, ExitPort) else outcome

    _around(patch, message.Message, "resume", resume)


@fault
def a_held_message_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    def resume(original: Any, self: Any, context: Any, answer: Any) -> Any:
        held = isinstance(answer, Sent) and answer.outcome == "held"
        return ExitPort("next") if held else original(self, context, answer)

    _around(patch, message.Message, "resume", resume)


@fault
def an_empty_pool_is_not_noticed(patch: pytest.MonkeyPatch) -> None:
    def resume(original: Any, self: Any, context: Any, answer: Any) -> Any:
        empty = isinstance(answer, Committed) and answer.facts[0] is None
        return ExitPort("next") if empty else original(self, context, answer)

    _around(patch, coupon.Coupon, "resume", resume)


@fault
def a_failed_webhook_goes_on(patch: pytest.MonkeyPatch) -> None:
    def resume(original: Any, self: Any, context: Any, answer: Any) -> Any:
        outcome = original(self, context, answer)
        return outcome._replace(port="ok") if isinstance(outcome, ExitPort) else outcome

    _around(patch, webhook.Webhook, "resume", resume)


@fault
def an_answer_takes_the_first_path(patch: pytest.MonkeyPatch) -> None:
    def answered(original: Any, self: Any, context: Any, answer: Any) -> Any:
        outcome = original(self, context, answer)
        return outcome and outcome._replace(port=self.settings.groups[0].port)

    _around(patch, survey.Survey, "_answered", answered)


@fault
def an_experiment_is_drawn_anew_for_each_run(patch: pytest.MonkeyPatch) -> None:
    def enter(original: Any, self: Any, context: Any) -> Any:
        weights = {variant.port: variant.weight for variant in self.settings.variants}
        return ExitPort(assign(self.settings.experiment, context.run_id, weights))

    _around(patch, experiment.Experiment, "enter", enter)


@fault
def an_experiment_forgets_its_weights(patch: pytest.MonkeyPatch) -> None:
    def enter(original: Any, self: Any, context: Any) -> Any:
        weights = dict.fromkeys((variant.port for variant in self.settings.variants), 1)
        return ExitPort(assign(self.settings.experiment, context.customer_id, weights))

    _around(patch, experiment.Experiment, "enter", enter)


@fault
def a_change_of_the_customer_is_lost(patch: pytest.MonkeyPatch) -> None:
    _around(patch, update_customer.UpdateCustomer, "enter", lambda enter, *a: enter(*a)._replace(changes=()))


# --- the step function and routing -----------------------------------------------------------------------------------


@fault
def exits_are_looked_at_before_their_filter(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(advance.Interpreter, "_passes", lambda self, where, event: True)


@fault
def exits_do_not_act_during_a_wait(patch: pytest.MonkeyPatch) -> None:
    def judge(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        if self.doing != "rest":
            original(self, *args, **kwargs)

    _around(patch, advance.Interpreter, "_judge", judge)


@fault
def a_goal_counts_each_time(patch: pytest.MonkeyPatch) -> None:
    def goals(original: Any, self: Any, event: Any) -> None:
        self.goals = ()
        original(self, event)

    _around(patch, advance.Interpreter, "_goals_and_exits", goals)


@fault
def a_late_event_ends_a_wait_that_is_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(advance.Interpreter, "_counts", lambda self, event: not self._is_entry(event))


@fault
def one_event_ends_two_waits(patch: pytest.MonkeyPatch) -> None:
    def consume(original: Any, self: Any, event: Any) -> None:
        original(self, event)
        self.consumed = {}

    _around(patch, advance.Interpreter, "_consume", consume)


@fault
def the_stage_is_not_moved(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(advance.Interpreter, "_enter_stage", lambda self, at: None)


@fault
def who_was_in_before_comes_in_again(patch: pytest.MonkeyPatch) -> None:
    def admit(original: Any, *given: Any) -> Any:
        return original(*given[:5], replace(given[5], last_entered=None), *given[6:])

    _around(patch, simulator, "admit", admit)


# --- the send decision -----------------------------------------------------------------------------------------------


def _without(patch: pytest.MonkeyPatch, *names: str) -> None:
    checks = tuple(check for check in decide.CHECKS if check.__name__ not in names)
    assert len(checks) == len(decide.CHECKS) - len(names), names
    patch.setattr(decide, "CHECKS", checks)


@fault
def consent_is_not_asked(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_consent")


@fault
def the_night_is_not_kept(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_legal_night", "_quiet_hours")


@fault
def caps_are_not_kept(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_frequency_cap")


@fault
def addresses_are_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    _without(patch, "_address_valid")
