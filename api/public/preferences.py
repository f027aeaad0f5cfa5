"""The preference page: all that a customer consented to, channel by channel, by day and by night, dated.

What is saved here is said on purpose: a consent that stays is thereby confirmed, and its two years begin anew. The page
that follows says what is remembered since when, which is how Korea's Network Act, Art. 50 (7), wants a customer to be
told; the event ``Consent Changed`` lets a journey say it by e-mail too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.pages.forms import read_form
from api.public.contacts import masked
from api.public.view import InvalidLink, PublicRoute, PublicView, open_public, read_link
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.customers.consent_record import NIGHT
from orchestrator.core.customers.consents import ConsentChanges
from orchestrator.core.sending.policies import Policy, policy_for
from orchestrator.links import PREVIEW, Signed
from orchestrator.store.customers.addresses import load_addresses
from orchestrator.store.customers.consents import change_consents
from orchestrator.store.customers.contacts import contacts_in

router = APIRouter(route_class=PublicRoute)

OFFERED = tuple(name for name, channel in CHANNELS.items() if channel.advertises)
"""Channels that advertise, in the order of the page."""

_EXAMPLE: dict[str, Any] = {
    "email": "kim@example.com",
    "phone": "+821012345678",
    "id": PREVIEW,
    "attributes": {},
    "locale": None,
    "consents": {"email": True, "sms": True},
    "consented_at": {},
    "devices": {},
}
"""Whose page a marketer sees who only looks."""


@dataclass(frozen=True)
class Choice:
    """One channel on the page. ``has_night``: advertising at night needs a consent of its own there."""

    channel: str
    to: str
    agreed: bool
    night: bool
    since: datetime | None
    has_night: bool


@router.get("/p/{token}")
async def show(token: str, request: Request) -> Response:
    """How things stand."""
    signed = read_link(request, "preferences", token)
    view = await open_public(request)
    return _page(view, signed, await _customer(view, signed), None)


@router.post("/p/{token}")
async def save(token: str, request: Request) -> Response:
    """Take over what is ticked, for the channels that the page showed."""
    signed = read_link(request, "preferences", token)
    form = await read_form(request)
    view = await open_public(request)
    row = await _customer(view, signed)
    said = _said(form, _choices(row, _policy(view)))
    changes = ConsentChanges()
    if not signed.is_preview:
        evidence = {"form": "preferences", "shown": sorted(said), "locale": view.locale}
        async with view.engine.begin() as db:
            given: dict[str, Any] = {"source": "preferences", "evidence": evidence, "at": view.now}
            changes = await change_consents(db, row["id"], said, confirm=True, **given)
        row = await _customer(view, signed)
    return _page(view, signed, row, changes)


async def _customer(view: PublicView, signed: Signed) -> Mapping[str, Any]:
    if signed.is_preview:
        return _EXAMPLE
    async with view.engine.connect() as db:
        row = await load_addresses(db, signed.id)
    if row is None:
        raise InvalidLink
    return row


def _policy(view: PublicView) -> Policy:
    """Korea's where the workspace goes by the customer's country: what is agreed to here is asked by the strictest."""
    return policy_for(view.settings.get("sending"), "KR")


def _choices(row: Mapping[str, Any], policy: Policy) -> list[Choice]:
    """The channels by which this customer can be reached, or about which something is known."""
    known = contacts_in(str(row["id"]), row)
    kinds = {channel: CHANNELS[channel].contact for channel in OFFERED}
    # Everybody can be reached on the shop's own pages, but is asked only where something was said of it.
    reachable = {channel for channel, kind in kinds.items() if kind.kept != "id" and known[kind.name]}
    consents, dates = row["consents"], row["consented_at"]
    return [
        Choice(
            channel,
            masked((kinds[channel].kept == "column" and known[kinds[channel].name]) or ""),
            agreed=consents.get(channel) is True,
            night=consents.get(channel) is True and consents.get(channel + NIGHT) is True,
            since=_instant(dates.get(channel)) if consents.get(channel) is True else None,
            # A channel that its owner closes at night needs no consent for it.
            has_night=policy.night is not None and channel not in (*policy.night.exempt, *policy.closed),
        )
        for channel in OFFERED
        if channel in reachable or channel in consents
    ]


def _said(form: Mapping[str, str], choices: list[Choice]) -> dict[str, bool]:
    """What the form says: a night without its day is none, and neither is a tick beside the button "none at all"."""
    every = form.get("action") != "none"
    said: dict[str, bool] = {}
    for choice in choices:
        agreed = every and form.get(choice.channel) == "on"
        said[choice.channel] = agreed
        if choice.has_night:
            said[choice.channel + NIGHT] = agreed and form.get(choice.channel + NIGHT) == "on"
    return said


def _instant(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _page(view: PublicView, signed: Signed, row: Mapping[str, Any], changes: ConsentChanges | None) -> Response:
    view = view.in_language_of(row["locale"])
    return view.render(
        "public_preferences.html",
        choices=_choices(row, _policy(view)),
        changes=changes,
        saved=changes is not None,
        preview=signed.is_preview,
    )
