"""What a browser key may say. It stands in pages, where everybody can read it: who holds it is nobody in particular.

It speaks of the visitor in whose browser it is: of an anonymous visitor, whose id nobody else knows, and of a customer
only with the shop's proof (``userHash``). It agrees to nothing in anybody's name, and says nothing that the product
itself or the shop's servers say.
"""

from collections.abc import Mapping
from typing import Any

from api.http.problems import ApiProblem
from api.intake.user_hash import proven, requires_user_hash
from orchestrator.core.events.system_events import SYSTEM_EVENTS
from orchestrator.settings import Settings
from orchestrator.store.intake.incoming import Incoming

USER_HASH = "userHash"
RESERVED = frozenset(name.casefold() for name in SYSTEM_EVENTS)
"""Events that decide something: they enter journeys, resolve complaints, use up coupons, answer surveys."""
SPOKEN_BY_ITSELF = frozenset({"identify", "group", "alias"})
"""Calls that are about who somebody is: without proof there is nothing left of them."""


def user_hash_of(item: Mapping[str, Any], context: Mapping[str, Any]) -> object:
    """The proof that a call carries: beside its ids, or in its context, which official libraries can fill."""
    return item.get(USER_HASH) or context.get(USER_HASH)


def without_proof(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """The context as it is stored: the proof would open the same door again."""
    return {name: value for name, value in context.items() if name != USER_HASH} if USER_HASH in context else context


def require_may_say(kind: str, name: object) -> None:
    """Refuses events that a browser key may not send. Raises the problem ``server_key_needed``."""
    if kind == "track" and isinstance(name, str) and " ".join(name.split()).casefold() in RESERVED:
        raise ApiProblem("server_key_needed", "event")


def speaks_for(settings: Settings, kind: str, user: str | None, anonymous: str | None, given: object) -> str | None:
    """The user id of whom a browser may speak; None: of the anonymous visitor alone.

    Raises the problem ``unproven_identity`` where nothing would be left of the call.
    """
    if user is None or not requires_user_hash(settings) or proven(settings, user, given):
        return user
    if anonymous is None or kind in SPOKEN_BY_ITSELF:
        raise ApiProblem("unproven_identity", USER_HASH)
    return None


def drop_grants(event: Incoming, path: str, warnings: list[ApiProblem]) -> None:
    """Consents are withdrawn from a page, and not given: who agreed is not known. What was said stays in the event."""
    if event.traits is None:
        return
    for name in [name for name, granted in event.traits.consents.items() if granted]:
        del event.traits.consents[name]
        warnings.append(ApiProblem("consent_needs_evidence", f"{path}.consents.{name}"))
