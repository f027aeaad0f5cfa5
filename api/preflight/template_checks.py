"""The checks of a template: its words by themselves, and in each live journey that sends them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from pydantic import ValidationError

from api.bounded_work.pool import bounded, bounded_walk
from api.http.lists import resources_of
from api.http.resources import Resources
from api.preflight.context import load_context
from orchestrator.core.messages.render import MessageWords
from orchestrator.core.messages.template_document import LiveTemplate, TemplateDocument
from orchestrator.core.preflight.findings import Check, Finding, each_once, summed_up
from orchestrator.core.preflight.links import Link, links_in
from orchestrator.core.preflight.make_checks import PreflightContext, example_contexts
from orchestrator.core.preflight.sample_runs import Seen
from orchestrator.core.preflight.template_in_journeys import findings_in_journeys
from orchestrator.core.preflight.texts import Place, text_check
from orchestrator.core.sending.policies import rules_of
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.steps.message import Message, MessageSettings
from orchestrator.core.text import SOURCE, Text
from orchestrator.store.customers.sample import load_sample
from orchestrator.store.journeys.drafts import load_draft
from orchestrator.store.journeys.versions import load_version
from orchestrator.store.templates.documents import StoredTemplate, uses

FEW = 20
"""Customers before whom a template is read."""
MOST_JOURNEYS = 50
"""Live journeys in which it is read."""


@dataclass(frozen=True)
class TemplateChecks:
    """The checks by name, but for that of its links, and the links that it is to try."""

    checks: dict[str, Check]
    links: Sequence[Link]
    world: PreflightContext

    @property
    def unfinished(self) -> bool:
        """Whether it could not be read."""
        return "coupon" not in self.checks


async def check_stored_template(request: Request, stored: StoredTemplate) -> TemplateChecks:
    """Text and coupon of a template's draft; of one that cannot be read, that."""
    resources = resources_of(request)
    async with resources.sessions() as session:
        used = await uses(session, stored.key)
        drafts = [await load_draft(session, one) for one in dict.fromkeys(use.key for use in used)]
        live = await _live_documents(session, [use.key for use in used if use.live][:MOST_JOURNEYS])
    documents = {draft.key: draft.draft for draft in drafts if draft is not None}
    world = await load_context(resources)
    try:
        document = TemplateDocument.model_validate(stored.document)
    except ValidationError:
        unfinished = Text("Fix the template's problems first.")
        check = Check("text", unfinished, (), (Finding("stop", "draft_has_errors", unfinished),))
        return TemplateChecks({"text": check}, (), world)
    template = LiveTemplate(stored.key, stored.revision, document)
    seen = await _seen(resources, world)
    place = _alone(template, seen, world)
    rules = rules_of(world.workspace.get("sending"))
    text, read = await bounded(request, text_check, [place], rules, world.sender)
    text = _of_template(text)
    within = await bounded_walk(request, findings_in_journeys, template, stored.document, live, seen, world)
    if within:
        findings = each_once([*text.findings, *within])
        text = Check("text", summed_up(findings, text.summary), text.figures, findings)
    checks = {"text": text, "coupon": _coupons_of(template, documents)}
    return TemplateChecks(checks, links_in(read, (world.sender.opt_out_url,)), world)


async def _live_documents(session: Any, keys: list[str]) -> dict[str, dict[str, Any]]:
    """What customers enter now, by journey."""
    found = {}
    for key in keys:
        draft = await load_draft(session, key)
        version = None if draft is None or draft.version is None else await load_version(session, key, draft.version)
        if version is not None:
            found[key] = version.document
    return found


async def _seen(resources: Resources, world: PreflightContext) -> Seen:
    sample = await load_sample(resources.engine, frozenset(), world.now, FEW, world.time_zone)
    return Seen(of=sample.of, people=[person for person, _ in sample.customers[:FEW]])


def _alone(template: LiveTemplate, seen: Seen, world: PreflightContext) -> Place:
    document = template.document
    settings = MessageSettings.model_validate(
        {
            "channel": next(iter(document.written_channels), Message.DEFAULTS["channel"]),
            "class": document.message_class,
            "template": template.key,
        }
    )
    words = MessageWords(settings, template)
    return Place(None, words, document.written_channels, example_contexts(None, seen, world), real=False)


def _of_template(text: Check) -> Check:
    """What only a journey knows (its variables, its events) is no fault of a template's."""
    left = tuple(one for one in text.findings if not (one.code == "unset" and _of_a_run(one.text.to(SOURCE))))
    return Check(text.name, text.summary if left == text.findings else _SOME, text.figures, left)


_SOME = Text("Variables that only a journey fills are not checked here.")


def _of_a_run(words: str) -> bool:
    return any(f"“{root}." in words for root in ("var", "entry", "event", "links"))


def _coupons_of(template: LiveTemplate, documents: Mapping[str, Mapping[str, Any]]) -> Check:
    """Whether the journeys that use a template which tells a code have a coupon step."""
    if "var." not in template.document.model_dump_json() or "code" not in template.document.model_dump_json():
        return Check("coupon", Text("The template shows no coupon code."))
    kind = Coupon.model_fields["kind"].default
    lacking = [
        key
        for key, document in documents.items()
        if not any(isinstance(step, dict) and step.get("kind") == kind for step in document.get("steps") or ())
    ]
    text = Text(
        "It shows a coupon code, but these journeys have no coupon step: {lacking}.", lacking=", ".join(lacking)
    )
    fine = Text("Every journey that uses it has a coupon step.")
    findings = (Finding("stop", "no_coupon_step", text),) if lacking else ()
    return Check("coupon", text if lacking else fine, (), each_once(findings))
