"""The checks of a draft, made in one go: from the plan, a sample of customers, the workspace, templates and pools."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestrator.core.coupons.facts import COUPON
from orchestrator.core.coupons.pool import VirtualPools
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import CompileResult, Plan
from orchestrator.core.journey.vocabulary import Vocabulary
from orchestrator.core.messages.render import MessageWords
from orchestrator.core.messages.template_document import LiveTemplate, empty_live_template
from orchestrator.core.preflight.audience import audience_check, condition_check, time_check
from orchestrator.core.preflight.coupons import DecisionInputs, PoolFacts, coupon_check, pools_of
from orchestrator.core.preflight.findings import Check, Finding
from orchestrator.core.preflight.links import Link, links_in
from orchestrator.core.preflight.sample_runs import SampleContext, Seen, context_of, inspect_sample
from orchestrator.core.preflight.texts import Place, text_check
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import rules_of
from orchestrator.core.simulation.example_events import entry_events
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.steps.message import Sending
from orchestrator.core.text import Text

LONGEST = 3.0
"""Seconds for walking the sample."""
EXAMPLES = 5
"""Customers before whom a message is read where none came to it."""
_ERRORS_FIRST = Text("Not checked: fix the draft's errors first.")


@dataclass(frozen=True)
class PreflightContext:
    """What the checks know beside the draft."""

    now: datetime
    time_zone: str
    locale: str
    workspace: Mapping[str, Any]
    vocabulary: Vocabulary
    pools: Mapping[str, PoolFacts]

    @property
    def sender(self) -> Sender:
        """With a way out as every send has one of its own."""
        return Sender.of(self.workspace, "https://links.invalid/unsubscribe")

    @property
    def domains(self) -> tuple[str, ...]:
        """The workspace's own domains (``link_domains`` of its settings)."""
        given = self.workspace.get("link_domains")
        return tuple(one.lower() for one in given if isinstance(one, str)) if isinstance(given, list) else ()

    def virtual_pools(self) -> VirtualPools:
        """The pools, for a walk that takes nothing."""
        closed = frozenset(key for key, pool in self.pools.items() if pool.standing in ("archived", "over", "empty"))
        return VirtualPools({key: one.document for key, one in self.pools.items()}, closed, self.time_zone, self.locale)


@dataclass(frozen=True)
class PreflightResult:
    """All checks except the link check, and the links that it is to try."""

    checks: tuple[Check, ...]
    links: tuple[Link, ...]


def make_checks(
    plan: Plan,
    result: CompileResult,
    sample: Sequence[tuple[Person, list[CustomerEvent]]],
    of: int,
    templates: Mapping[str, LiveTemplate],
    matching: int | None,
    world: PreflightContext,
) -> PreflightResult:
    """Every check of a plan with a sample of the customers there are (``of``), which is walked for some seconds."""
    rules = rules_of(world.workspace.get("sending"))
    end = time.monotonic() + LONGEST
    seen = inspect_sample(
        plan,
        sample,
        of,
        world.now,
        rules,
        world.workspace,
        lambda: time.monotonic() < end,
        {COUPON.name: world.virtual_pools()},
    )
    places = _places(plan, seen, templates, world)
    classes = {place.step: place.words.message_class for place in places if place.step is not None}
    text, read = text_check(places, rules, world.sender)
    about = DecisionInputs(world.now, world.time_zone, world.pools, templates)
    checks = (
        condition_check(plan.journey, result.problems, seen, matching),
        time_check(plan, seen, world.now, world.time_zone),
        audience_check(plan, seen, rules, classes, world.now),
        text,
        coupon_check(plan, seen, about),
    )
    return PreflightResult(checks, tuple(links_in(read, _ours(world))))


def checks_of_unreadable(result: CompileResult) -> PreflightResult:
    """Of a draft with errors nobody can be walked through: that is said, and nothing is called fine."""
    left = Finding("look", "draft_has_errors", _ERRORS_FIRST)
    others = tuple(Check(name, _ERRORS_FIRST, (), (left,)) for name in ("time", "audience", "text", "coupon"))
    return PreflightResult((condition_check(None, result.problems, None, None), *others), ())


def _ours(world: PreflightContext) -> tuple[str, ...]:
    return tuple(filter(None, (world.sender.opt_out_url,)))


def _places(plan: Plan, seen: Seen, templates: Mapping[str, LiveTemplate], world: PreflightContext) -> list[Place]:
    found = []
    for step in plan.steps.values():
        if isinstance(step, Sending):
            named = step.settings.template
            words = MessageWords(
                step.settings, None if named is None else templates.get(named, empty_live_template(named))
            )
            channels = (step.settings.channel, *step.settings.fallback)
            sample_contexts = seen.sample_contexts.get(step.id)
            found.append(
                Place(
                    step.id,
                    words,
                    channels,
                    sample_contexts or example_contexts(plan, seen, world),
                    bool(sample_contexts),
                )
            )
    return found


def example_contexts(plan: Plan | None, seen: Seen, world: PreflightContext) -> list[SampleContext]:
    """Some customers of the sample, with what an entry event would look like: for a message that nobody came to."""
    from_plan = entry_events(plan)[:1] if plan is not None else []
    properties = from_plan[0]["properties"] if from_plan else {}
    pools, variables = world.virtual_pools(), dict(plan.variables) if plan is not None else {}
    if plan is not None:
        variables |= _given_by_steps(plan, pools, world.now)
    people = seen.people[:EXAMPLES] or [Person("example", {"first_name": "지우", "name": "김지우"})]
    sample_contexts = []
    for person in people:
        context = context_of(person, None, None, variables, world.workspace)
        context |= {"entry": properties, "event": properties}
        sample_contexts.append(SampleContext(context, person.locale or world.locale, person.zone))
    return sample_contexts


def _given_by_steps(plan: Plan, pools: VirtualPools, now: datetime) -> dict[str, Any]:
    """What steps that give coupons would have put into the run's variables."""
    return {
        variable: pools.example(pool, step.id, now)
        for step in plan.steps.values()
        for pool in pools_of(step)
        for variable in step.sets()
    }
