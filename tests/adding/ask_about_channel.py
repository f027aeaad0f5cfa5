"""Run in a copy of the sources, with the URLs of an empty database and Redis: what the product knows of ``pigeon``."""

import asyncio
import json
import sys
from typing import Any

import orjson
from httpx2 import ASGITransport, AsyncClient

from activities.channels.registry import chosen_by_settings, find_kind
from api.app import create_app
from api.journeys.step_types import _body
from api.public.preferences import OFFERED
from orchestrator.core.conditions.leaves.consent import Consent
from orchestrator.core.customers.consents import title
from orchestrator.core.journey.graph import journey_schema
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.messages.template_checks import check_template
from orchestrator.core.messages.template_forms import template_forms
from orchestrator.core.sending.policies import KR, policy_for, unknown_channels
from orchestrator.settings import Settings
from orchestrator.store.journeys.vocabulary import ALWAYS
from orchestrator.store.workspace import prepare_workspace
from tests.test_channel_docs import undocumented


def journey(channel: str) -> dict[str, Any]:
    """One message by a channel."""
    content = {"en": {"subject": "Coo", "body": "Coo."}}
    message = {"channel": channel, "fallback": ["email"], "class": "informational", "content": content}
    return {
        "key": "coo",
        "name": "Coo",
        "entry": {"triggers": [{"kind": "event", "event": "Enter"}]},
        "steps": [
            {"id": "say", "kind": "message", "stage": "intake", "settings": message},
            {"id": "end", "kind": "exit", "stage": "intake", "settings": {}},
        ],
        "edges": [{"from": "entry", "to": "say"}, {"from": "say", "to": "end"}],
    }


def template() -> list[list[str]]:
    """What is said of a template that is too long and heavy for a pigeon."""
    words = {"subject": "Coo", "body": "coo " * 40, "ring": "golden with a stone"}
    document = {"name": "Coo", "class": "informational", "channels": {"pigeon": {"en": words}}}
    _, problems = check_template(document)
    return sorted([problem.code, problem.field or ""] for problem in problems if problem.severity == "error")


async def pages(database_url: str, redis_url: str) -> dict[str, bool]:
    """Where the console shows it."""
    settings = Settings(database_url=database_url, redis_url=redis_url, temporal_address="127.0.0.1:1")
    await prepare_workspace(settings)
    app = create_app(settings)
    transport = ASGITransport(app, client=("127.0.0.1", 50000))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://localhost:8000") as browser,
    ):
        paths = ("/channels", "/channels/outbox", "/policies", "/outbox")
        return {path: "Carrier pigeon" in (await browser.get(path)).text for path in paths}


def main() -> None:
    """Prints it as JSON."""
    told = orjson.loads(_body())
    message = next(one for one in told["items"] if one["kind"] == "message")
    consent = next(leaf for leaf in told["conditions"]["leaves"] if leaf["kind"] == "consent")
    form = next(one for one in template_forms()["channels"] if one["channel"] == "pigeon")
    policy = policy_for({"day_only": ["pigeon"], "caps": [{"most": 1, "channels": ["pigeon"]}]}, "KR")
    found = {
        "compiles": [problem.code for problem in compile_journey(journey("pigeon")).problems],
        "another": [problem.code for problem in compile_journey(journey("dove")).problems],
        "in_schema": "pigeon" in json.dumps(journey_schema()["$defs"]["MessageSettings"]),
        "inspector": message["schema"]["properties"]["channel"]["x-options"]["pigeon"]["en"],
        "told": next(one for one in told["channels"] if one["name"] == "pigeon"),
        "form": list(form["schema"]["properties"]),
        "template": template(),
        "consent_option": consent["schema"]["properties"]["channel"]["x-options"]["pigeon"]["en"],
        "consent": Consent(channel="pigeon", purpose="night").describe().to("en"),
        "consents": [title(name).to("en") for name in ALWAYS if name.startswith("pigeon")],
        "offered": "pigeon" in OFFERED,
        "unknown_to_policy": unknown_channels(policy),
        "needs_night_consent": KR.night is not None and "pigeon" not in KR.night.exempt,
        "provider": chosen_by_settings(Settings())["pigeon"],
        "carried_by_the_outbox": "pigeon" in find_kind("outbox").carries,
        "undocumented": sorted(undocumented()),
        "pages": asyncio.run(pages(*sys.argv[1:])),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
