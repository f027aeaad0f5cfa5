"""The checks before a draft goes live, over HTTP: with figures, a verdict each, and where to look.

The checks of a revision are kept for some minutes; its links are called in the background, and each answer tells how
far that is. Verdicts that were shown count when the draft is published: see ``preflight_verdicts.stops_shown``.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from api.bounded_work.pool import bounded
from api.documents.keys import Key
from api.documents.revisions import known_draft
from api.http.access import Require
from api.http.lists import REFUSALS, resources_of
from api.http.problems import json_response
from api.http.words import Words
from api.preflight.context import checks_of, load_context
from api.preflight.verdicts import keep_checks, kept_checks, links_of
from api.templates.responses import known_template
from orchestrator.core.messages.render import MessageWords
from orchestrator.core.messages.template_document import LiveTemplate, TemplateDocument
from orchestrator.core.preflight.findings import CHECKS, Check, Finding, Verdict, each_once
from orchestrator.core.preflight.links import Link, links_in
from orchestrator.core.preflight.make_checks import PreflightResult, example_contexts
from orchestrator.core.preflight.sample_runs import Seen
from orchestrator.core.preflight.texts import Place, text_check
from orchestrator.core.sending.policies import rules_of
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.steps.message import Message, MessageSettings
from orchestrator.core.text import SOURCE, Text
from orchestrator.store.customers.sample import load_sample
from orchestrator.store.journeys.drafts import load_draft
from orchestrator.store.templates.documents import uses

router = APIRouter(prefix="/api", tags=["Journeys"], dependencies=[Depends(Require("draw"))], responses=REFUSALS)

KEPT = 600
"""Seconds for which the checks of a revision are kept."""
FEW = 20
"""Customers before whom a template is read."""


class FigureBody(BaseModel):
    """One figure, in words."""

    label: Words
    value: Words


class FindingBody(BaseModel):
    """One thing that was found."""

    verdict: Verdict
    code: str
    text: Words
    step: str | None = Field(description="The step that it is about, where it has a place.")
    field: str | None


class Progress(BaseModel):
    """Of what is still under way."""

    done: int
    of: int


class CheckBody(BaseModel):
    """One check."""

    check: str = Field(description="`condition`, `time`, `audience`, `text`, `link` or `coupon`.")
    title: Words
    verdict: Verdict
    verdict_title: Words
    summary: Words
    figures: list[FigureBody]
    findings: list[FindingBody]
    more_findings: int
    progress: Progress | None = Field(description="Null: the check is done.")


class Preflight(BaseModel):
    """The checks of a draft. Ask again while one has `progress`."""

    revision: int
    verdict: Verdict = Field(description="The worst of them.")
    checks: list[CheckBody]


Fresh = Annotated[bool, Query(description="Look at everything again, and call every link again.")]


@router.get("/journeys/{key}/preflight", summary="Check a draft before it goes live", response_model=Preflight)
async def of_journey(request: Request, key: Key, fresh: Fresh = False) -> Response:
    """Condition, time, audience, text, link and coupon: what every marketer looks at, looked at by the machine.

    About 1,000 customers, always the same ones, are walked through the draft with their events of the last 30 days;
    messages are read with their data; links are called. Nothing is sent.
    """
    resources = resources_of(request)
    async with resources.sessions() as session:
        draft = await known_draft(session, key)
    kept = None if fresh else await kept_checks(request, key, draft.revision)
    world = await load_context(resources)
    if kept is None:
        kept = _as_kept(await checks_of(request, draft.draft, world))
        await keep_checks(request, key, draft.revision, kept)
    links = [Link(*one) for one in kept["links"]]
    checks = {one["check"]: one for one in kept["checks"]}
    checks["link"] = (await links_of(request, links, world, fresh)).as_json()
    return json_response(_response(draft.revision, checks))


@router.get(
    "/message-templates/{key}/preflight",
    tags=["Message templates"],
    summary="Check a template before it is put into use",
    response_model=Preflight,
)
async def of_template(request: Request, key: Key, fresh: Fresh = False) -> Response:
    """Text, link and coupon of a template's draft, read with the data of some customers."""
    resources = resources_of(request)
    async with resources.sessions() as session:
        stored = await known_template(session, key)
        used = await uses(session, key)
        drafts = [await load_draft(session, one) for one in dict.fromkeys(use.key for use in used)]
    documents = {draft.key: draft.draft for draft in drafts if draft is not None}
    world = await load_context(resources)
    try:
        document = TemplateDocument.model_validate(stored.document)
    except ValidationError:
        unfinished = Text("The template is not finished: its problems come first.")
        check = Check("text", unfinished, (), (Finding("stop", "draft_has_errors", unfinished),))
        return json_response(_response(stored.revision, {"text": check.as_json()}))
    sample = await load_sample(resources.engine, frozenset(), world.now, FEW, world.time_zone)
    people = [person for person, _ in sample.customers[:FEW]]
    sample_contexts = example_contexts(None, Seen(of=sample.of, people=people), world)
    template = LiveTemplate(key, stored.revision, document)
    settings = MessageSettings.model_validate(
        {
            "channel": next(iter(document.written_channels), Message.DEFAULTS["channel"]),
            "class": document.message_class,
            "template": key,
        }
    )
    place = Place(None, MessageWords(settings, template), document.written_channels, sample_contexts, real=False)
    rules = rules_of(world.workspace.get("sending"))
    text, read = await bounded(request, text_check, [place], rules, world.sender)
    links = await links_of(request, links_in(read, (world.sender.opt_out_url,)), world, fresh)
    checks = {"text": _of_template(text), "link": links, "coupon": _coupons_of(template, documents)}
    return json_response(_response(stored.revision, {name: one.as_json() for name, one in checks.items()}))


def _response(revision: int, checks: dict[str, Any]) -> dict[str, Any]:
    listed = [checks[name] for name in CHECKS if name in checks]
    worst = next((verdict for verdict in ("stop", "look") if any(one["verdict"] == verdict for one in listed)), "ok")
    return {"revision": revision, "verdict": worst, "checks": listed}


def _of_template(text: Check) -> Check:
    """What only a journey knows (its variables, its events) is no fault of a template's."""
    left = tuple(one for one in text.findings if not (one.code == "unset" and _of_a_run(one.text.to(SOURCE))))
    return Check(text.name, text.summary if left == text.findings else _SOME, text.figures, left)


_SOME = Text("What only a journey fills is left out here.")


def _of_a_run(words: str) -> bool:
    return any(f"“{root}." in words for root in ("var", "entry", "event", "links"))


def _coupons_of(template: LiveTemplate, documents: dict[str, dict[str, Any]]) -> Check:
    """Whether the journeys that use a template which tells a code have a coupon step."""
    if "var." not in template.document.model_dump_json() or "code" not in template.document.model_dump_json():
        return Check("coupon", Text("The template tells no coupon code."))
    kind = Coupon.model_fields["kind"].default
    lacking = [
        key
        for key, document in documents.items()
        if not any(isinstance(step, dict) and step.get("kind") == kind for step in document.get("steps") or ())
    ]
    text = Text(
        "It tells a coupon code, but these journeys have no coupon step: {lacking}.", lacking=", ".join(lacking)
    )
    fine = Text("Every journey that uses it has a coupon step.")
    findings = (Finding("stop", "no_coupon_step", text),) if lacking else ()
    return Check("coupon", text if lacking else fine, (), each_once(findings))


def _as_kept(made: PreflightResult) -> dict[str, Any]:
    return {
        "checks": [one.as_json() for one in made.checks],
        "links": [[link.url, link.step, link.channel] for link in made.links],
    }
