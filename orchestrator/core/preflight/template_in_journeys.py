"""What a template would say wrong in the journeys that send it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.messages.render import MessageWords
from orchestrator.core.messages.template_document import LiveTemplate, facts_of
from orchestrator.core.preflight.findings import Finding
from orchestrator.core.preflight.make_checks import PreflightContext, example_contexts
from orchestrator.core.preflight.sample_runs import Seen
from orchestrator.core.preflight.texts import Place, text_check
from orchestrator.core.sending.policies import rules_of
from orchestrator.core.steps.message import Sending
from orchestrator.core.text import Text, verbatim

SEVERAL = 5
"""Customers before whom it is read in each journey."""


def findings_in_journeys(
    template: LiveTemplate,
    document: Mapping[str, Any],
    live: Mapping[str, dict[str, Any]],
    seen: Seen,
    world: PreflightContext,
) -> list[Finding]:
    """What would go wrong in live journeys, were their messages to say this: told with the journey's name."""
    facts = {**world.vocabulary.templates, template.key: facts_of(document, live=True, archived=False)}
    vocabulary = replace(world.vocabulary, templates=facts)
    few, rules = replace(seen, people=seen.people[:SEVERAL]), rules_of(world.workspace.get("sending"))
    found = []
    for key, journey in live.items():
        result = compile_journey(journey, vocabulary)
        of_template = [one for one in result.problems if one.parameters.get("name") == template.key]
        if result.plan is None:
            found += [_named(key, Finding("stop", one.code, one.text)) for one in result.errors]
            continue
        found += [_named(key, Finding("look", one.code, one.text)) for one in of_template]
        places = _places(template, result.plan, few, world)
        found += [_named(key, one) for one in text_check(places, rules, world.sender)[0].findings] if places else []
    return found


def _places(template: LiveTemplate, plan: Plan, seen: Seen, world: PreflightContext) -> list[Place]:
    """The messages of a journey that say it."""
    contexts = example_contexts(plan, seen, world)
    messages = [step for step in plan.steps.values() if isinstance(step, Sending)]
    return [
        Place(
            step.id,
            MessageWords(step.settings, template),
            (step.settings.channel, *step.settings.fallback),
            contexts,
            real=False,
        )
        for step in messages
        if step.settings.template == template.key
    ]


def _named(journey: str, finding: Finding) -> Finding:
    """A finding of a journey in the checks of a template, whose editor knows no steps."""
    text = Text("In the journey {journey}: {text}", journey=verbatim(journey), text=finding.text)
    return replace(finding, text=text, step=None, field=None)
