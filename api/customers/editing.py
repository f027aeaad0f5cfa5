"""What somebody of the team says of a customer, read by the rules of a call, and refused where a call only warns."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from fastapi import Request
from uuid_utils.compat import uuid7

from api.customers.schemas import ConsentWord, CustomerChange
from api.http.access import Actor, by_of
from api.http.body import require_shallow
from api.http.lists import resources_of
from api.http.problems import ApiProblem
from api.intake.calls import MOST_EVENT_BYTES
from api.intake.contact_traits import read_traits
from orchestrator.core.channels.registry import consent_names
from orchestrator.core.characters import comparable, storable_text, with_comparable_names
from orchestrator.core.customers.consent_record import ConsentAct
from orchestrator.core.customers.editing import LONGEST_TAG, MOST_TAGS
from orchestrator.core.customers.traits import Traits
from orchestrator.core.text import Text
from orchestrator.store.intake.edit_profile import Edited, edit_profile

_ADVICE: dict[str, Text] = {
    "invalid_email": Text("It must be an e-mail address such as mina@example.com."),
    "invalid_phone": Text("It must be a telephone number; numbers without + are read as Korean."),
    "invalid_locale": Text("It must be a language such as ko or en-US."),
    "invalid_time_zone": Text("It must be an IANA time zone such as Europe/Paris."),
    "attribute_name": Text("Its name must have 1 to 200 characters."),
}
"""By the warning of a call: what is right."""


async def change_customer(
    request: Request, customer: UUID, change: CustomerChange, actor: Actor, now: datetime
) -> Edited:
    """Apply a change of one customer, as of ``now`` (journey time). Raises problems that name the field."""
    said = replace(read_change(change, actor.name, now), cause=f"console/{uuid7()}")
    properties = dict(change.traits)
    properties |= {name: tags for name in ("add_tags", "remove_tags") if (tags := getattr(change, name))}
    async with resources_of(request).engine.begin() as db:
        edited = await edit_profile(db, customer, said, properties, by_of(actor))
    if edited is None:
        raise ApiProblem("unknown_customer", "customer")
    return edited


def read_change(change: CustomerChange, by: str, now: datetime) -> Traits:
    """A change as the core takes it. ``by``: who makes it; evidence of what it says of consents."""
    require_shallow(change.traits)
    given = with_comparable_names(change.traits)
    if "consents" in given:
        raise ApiProblem("unusable_value", "traits.consents", advice=Text("Use “consents” beside “traits”."))
    if len(orjson.dumps(given)) > MOST_EVENT_BYTES:
        raise ApiProblem("event_too_large", "traits", size=len(orjson.dumps(given)), limit=MOST_EVENT_BYTES)
    warnings: list[ApiProblem] = []
    said = read_traits(given, now, "traits", warnings)
    for one in warnings:
        raise ApiProblem("unusable_value", one.field, advice=_ADVICE[one.code])
    evidence: dict[str, Any] = {"by": by}
    for place, word in enumerate(change.consents):
        _hear(word, f"consents.{place}", said, evidence, now)
    tags = {**_tags(change.add_tags, "add_tags", True), **_tags(change.remove_tags, "remove_tags", False)}
    return replace(said, source="console", evidence=evidence, tags=tags)


def _tags(given: list[str], field: str, borne: bool) -> dict[str, bool]:
    tags = [comparable(storable_text(tag)) for tag in given]
    if len(tags) > MOST_TAGS or any(not 0 < len(tag) <= LONGEST_TAG for tag in tags):
        raise ApiProblem("unusable_tag", field, most=MOST_TAGS, longest=LONGEST_TAG)
    return dict.fromkeys(tags, borne)


def _hear(word: ConsentWord, field: str, said: Traits, evidence: dict[str, Any], now: datetime) -> None:
    """With a way in which the customer said it, it is their own act; otherwise a statement about them.

    ``evidence``: of statements, to which a note is added.
    """
    if word.name not in consent_names():
        raise ApiProblem("unknown_consent", f"{field}.name", allowed=", ".join(consent_names()))
    note = storable_text(word.note).strip()
    proof = {"note": note} if note else {}
    if word.way is None:
        said.consents[word.name] = word.granted
        evidence.update(proof)
        return
    at = now if word.at is None else word.at.astimezone(UTC)
    if at > now:
        raise ApiProblem("unusable_value", f"{field}.at", advice=Text("It must not lie in the future."))
    if word.granted and not note:
        raise ApiProblem("consent_unproven", f"{field}.note")
    said.acts[word.name] = ConsentAct(word.granted, at, {"way": word.way, **proof})
