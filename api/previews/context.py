"""Finds what previews are made with: the workspace, and the customer who is looked at, real or invented."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import Request

from activities.channels.registry import provider_kinds
from api.http.lists import known_customer, resources_of
from api.http.problems import ApiProblem
from api.pages.links import links_of
from api.previews.setting import Setting
from api.previews.test_run_schemas import TestCustomer
from orchestrator.core.channels.contacts import OWN_CONTACTS
from orchestrator.core.channels.kinds.email import EMAIL
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.customers.consents import consent_dates
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.policies import country_of, policy_for
from orchestrator.core.text import SOURCE, Locale, supported_locale
from orchestrator.links import PREVIEW
from orchestrator.store.channels.providers import read_choices, read_setups
from orchestrator.store.customers.record import load_customer
from orchestrator.store.customers.view import load_all_segments, load_newest
from orchestrator.store.journeys.publish import load_vocabulary
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

MOST_HISTORY = 2_000
_EXAMPLE: dict[Locale, dict[str, Any]] = {
    "ko": {"first_name": "지우", "name": "김지우"},
    "en": {"first_name": "Jiwoo", "name": "Jiwoo Kim"},
}
"""Whom a message is shown to where nobody was picked."""


async def setting_of(request: Request, given: TestCustomer | None) -> Setting:
    """The workspace as it is, and the customer; nobody given: somebody called by an example's name."""
    resources = resources_of(request)
    async with resources.sessions() as session:
        workspace, vocabulary = await load_workspace(session), await load_vocabulary(session)
    now = clock_of(workspace).now()
    own = workspace.settings if workspace else {}
    locale = workspace.locale if workspace else resources.settings.workspace_locale
    home = zone_of(workspace, resources.settings)
    customer, known = await _customer(request, given or TestCustomer(), home, now)
    if given is None or (given.id is None and not given.attributes):
        example = _EXAMPLE.get(supported_locale(locale), _EXAMPLE[SOURCE])
        known = {**example, **known}
    country = country_of(known.get("phone"), known.get("locale"), customer.zone)
    policy = policy_for(own.get("sending"), country)
    public_links = links_of(request)
    links = {
        "unsubscribe": public_links.unsubscribe(PREVIEW, EMAIL.name),
        "preferences": public_links.preferences(PREVIEW),
        "survey": public_links.survey(PREVIEW),
    }
    sender = Sender.of(own, links["unsubscribe"])
    return Setting(now, locale, policy, sender, own, vocabulary, customer, known, links, await _numbers(request))


async def _numbers(request: Request) -> dict[str, str]:
    """The number that text messages come from, where their provider is set up with one."""
    async with resources_of(request).engine.connect() as db:
        choices, setups = await read_choices(db), await read_setups(db)
    numbers = {}
    for channel, name in choices.items():
        kind, setup = provider_kinds().get(name), setups.get(name)
        if kind and setup and kind.sender_field and CHANNELS[channel].marks.opt_out == "number":
            numbers[channel] = str(setup.values.get(kind.sender_field) or "")
    return numbers


async def _customer(request: Request, given: TestCustomer, home: str, now: datetime) -> tuple[Customer, dict[str, Any]]:
    attributes: dict[str, Any] = {}
    consents: dict[str, Any] = dict(given.consents or {})
    dates: dict[str, datetime] = {}
    about: dict[str, Any] = dict.fromkeys(("external_id", *OWN_CONTACTS, "locale", "stage"))
    tags, time_zone, log, segments = list(given.tags or []), given.time_zone, Log(), dict(given.segments or {})
    if given.id is not None:
        engine = resources_of(request).engine
        row = await load_customer(engine, await known_customer(request, given.id))
        if row is None:
            raise ApiProblem("unknown_customer", "customer")
        async with engine.connect() as db:
            log = Log(await load_newest(db, row.id, now, MOST_HISTORY))
            segments = await load_all_segments(db, row.id) | segments
        dates = consent_dates(row.consents, row.consented_at, row.created_at)
        attributes, consents = dict(row.attributes), dict(row.consents) | consents
        tags, time_zone = tags or list(row.tags), time_zone or row.time_zone
        about = {name: getattr(row, name) for name in about}
    attributes |= given.attributes
    about |= {name: value for name, value in (given.contacts or {}).items() if name in OWN_CONTACTS}
    about |= {name: getattr(given, name) for name in ("locale", "stage") if getattr(given, name)}
    known = {**attributes, **about, "tags": tags, "time_zone": time_zone or home, "id": given.id or ""}
    contact = {**{name: about[name] for name in ("external_id", "email", "phone", "locale")}, "time_zone": time_zone}
    stage, zone = about["stage"], time_zone or home
    seen = Customer(attributes, consents, stage, zone, log, dates, tags=tags, contact=contact, segments=segments)
    return replace(seen, devices=[name for name, address in (given.contacts or {}).items() if address]), known
