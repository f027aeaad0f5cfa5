"""Channels: which provider carries each, how providers are set up, how they are doing; a test to one address.

A provider's form is made of the schema of its ``Config``. What is secret can be entered and never read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import Any
from uuid import UUID, uuid4

import structlog
from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from activities.channels.active_providers import Unusable
from activities.channels.contract import (
    Ambiguous,
    DeliveryError,
    OutgoingMessage,
    Provider,
    Temporary,
    Unreachable,
)
from activities.channels.registry import (
    DEFAULT,
    Kind,
    NoSuchProvider,
    NotSetUp,
    chosen_by_settings,
    find_kind,
    provider_kinds,
)
from api.channels.callbacks import Callbacks
from api.pages.access import Admin, NothingHere
from api.pages.console_route import ConsoleRoute
from api.pages.sender import unsaid
from api.pages.view import View
from orchestrator.core.channels.registry import CHANNELS, channel_titles
from orchestrator.core.labels import schema_of
from orchestrator.core.sending.reasons import reason_in_words
from orchestrator.core.text import Text, in_locale
from orchestrator.core.timing import resolve
from orchestrator.store.channels.provider_health import Counts, ProviderState, read_provider_state
from orchestrator.store.channels.providers import Setup, choose_provider, read_choices, read_setups, save_setup
from orchestrator.store.secret_box import NotOurs, Seal

router = APIRouter(route_class=ConsoleRoute)
log = structlog.get_logger(__name__)
TEST_TEXT = Text("This is a test of the channel.")
_AS_SENT = {"advertising": "(광고) ", "informational": ""}


@dataclass(frozen=True)
class Line:
    """One channel on the page."""

    channel: str
    provider: str
    kinds: tuple[Kind, ...]
    usable: bool
    counts: Counts


@dataclass(frozen=True)
class FormField:
    """One field of a provider's form."""

    name: str
    label: str
    help: str
    kind: str
    """``text``, ``number``, ``secret``, ``switch`` or ``choice``."""
    value: Any
    options: Mapping[str, str]
    required: bool
    advanced: bool
    kept: bool
    """A secret is stored already."""
    fault: str


@router.get("/channels")
async def channels(view: Admin, done: str = "") -> Response:
    """Every channel with who carries it, and every provider."""
    active_providers = await _callbacks(view).current()
    choices, setups = await _stored(view)
    state = await _state(view)
    chosen = {**chosen_by_settings(view.settings), **choices}
    kinds = provider_kinds()
    lines = [
        Line(
            channel,
            name,
            tuple(kind for kind in kinds.values() if channel in kind.carries),
            not isinstance(active_providers.named(name), Unusable),
            state.counts.get((name, channel), Counts()),
        )
        for channel, name in chosen.items()
        if channel in CHANNELS
    ]
    usable = {name: not isinstance(active_providers.named(name), Unusable) for name in kinds}
    return view.render(
        "channels.html",
        titles=channel_titles(),
        lines=lines,
        kinds=kinds,
        usable=usable,
        setups=setups,
        faults=_faults(view, state),
        unsaid=unsaid(view),
        done=done,
    )


@router.post("/channels")
async def choose(view: Admin) -> Response:
    """From now on another provider carries a channel."""
    channel, name = view.form.get("channel", ""), view.form.get("provider", "")
    kind = _kind(name)
    if channel not in CHANNELS or channel not in kind.carries:
        raise NothingHere
    async with view.engine.begin() as db:
        await choose_provider(db, channel, name)
    await _changed(view)
    log.info("a channel has another provider", channel=channel, provider=name)
    return RedirectResponse("/channels?done=provider_chosen", 303)


@router.get("/channels/{name}")
async def provider(view: Admin, name: str, done: str = "") -> Response:
    """One provider: its form, its callback address, a test."""
    return await _page(view, _kind(name), done=done)


@router.post("/channels/{name}")
async def set_up(view: Admin, name: str) -> Response:
    """Keep a provider's configuration. A secret that is left empty stays as it is."""
    kind = _kind(name)
    _, setups = await _stored(view)
    values, secrets = _given(kind, view.form)
    seal = _seal(view)
    kept = _secrets(setups.get(name), seal)
    secrets = {**kept, **secrets}
    try:
        kind.configured({**values, **secrets}, view.settings)
    except NotSetUp as wrong:
        faults = {field: what.to(view.locale) for field, what in wrong.fields.items()}
        return await _page(view, kind, given=values, faults=faults, status=400)
    async with view.engine.begin() as db:
        await save_setup(db, seal, name, values, secrets, who=view.who, now=view.now)
    await _changed(view)
    log.info("a provider was set up", provider=name)
    return RedirectResponse(f"/channels/{name}?done=provider_saved", 303)


@router.post("/channels/{name}/test")
async def send_test(view: Admin, name: str) -> Response:
    """One message to one address, at once and outside of every journey."""
    kind = _kind(name)
    active_providers = await _callbacks(view).current()
    channel, address = view.form.get("channel", ""), view.form.get("address", "").strip()
    if channel not in kind.carries:
        raise NothingHere
    if not CHANNELS[channel].contact.valid(address):
        return await _page(view, kind, test={"fault": view.words("channels.test_address"), **view.form}, status=400)
    outcome = await _tested(view, active_providers.named(name), channel, address)
    return await _page(view, kind, test={**outcome, **view.form})


async def _tested(view: View, found: Provider, channel: str, address: str) -> dict[str, str]:
    """``good`` or ``fault``, in words; nothing of it is kept."""
    facts = CHANNELS[channel]
    message_class = facts.test_class
    message = OutgoingMessage(
        channel=channel,
        recipient=address,
        locale=view.locale,
        subject="Sojourn" if facts.subject in ("shown", "required") else "",
        body=_AS_SENT[message_class] + TEST_TEXT.to(view.locale),
        html="",
        sender="",
        message_class=message_class,
        at=view.now,
        tags={"customer": str(UUID(int=0)), "journey": "", "step": ""},
    )
    code = view.form.get("template_code", "").strip()
    if facts.approved and code:
        message = replace(message, template_code=code)
    try:
        receipt = await found.send(message, uuid4())
    except DeliveryError as error:
        return {"fault": view.words("channels.test_failed", why=_meaning(view, error), detail=str(error))}
    return {"good": view.words("channels.test_sent", number=receipt.provider_message_id)}


def _meaning(view: View, error: DeliveryError) -> str:
    kinds = ((Ambiguous, "ambiguous"), (Temporary, "temporary"), (Unreachable, "unreachable"))
    return view.words.of("channel_fault", next((word for kind, word in kinds if isinstance(error, kind)), "definition"))


def _kind(name: str) -> Kind:
    try:
        return find_kind(name)
    except NoSuchProvider:
        raise NothingHere from None


def _callbacks(view: View) -> Callbacks:
    found: Callbacks = view.request.app.state.callbacks
    return found


async def _changed(view: View) -> None:
    """This process need not wait to notice what it did itself."""
    await _callbacks(view).active_providers.refresh()


def _seal(view: View) -> Seal:
    return Seal(view.settings.secret_key.get_secret_value())


async def _stored(view: View) -> tuple[dict[str, str], dict[str, Setup]]:
    async with view.engine.connect() as db:
        return await read_choices(db), await read_setups(db)


async def _state(view: View) -> ProviderState:
    """Since the day began, for those who look."""
    tz = view.words.zone
    began = resolve(view.now.astimezone(tz).date(), time(), tz)
    return await read_provider_state(view.engine, began)


def _secrets(setup: Setup | None, seal: Seal) -> dict[str, str]:
    """What was stored; nothing where it was sealed with another key, so that it is entered again."""
    try:
        return setup.secrets(seal) if setup else {}
    except NotOurs:
        return {}


def _faults(view: View, state: ProviderState) -> dict[str, str]:
    """The last fault of each provider today, in words."""
    told = {}
    for name, fault in state.faults.items():
        why = reason_in_words(fault.reason, view.words.zone).to(view.locale)
        told[name] = f"{view.words.instant(fault.at)} · {why}"
    return told


def _given(kind: Kind, form: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the form says: values, and secrets that were entered. An empty field is not given."""
    fields = schema_of(kind.config).get("properties", {})
    values: dict[str, Any] = {}
    for name, described in fields.items():
        if name in kind.secrets:
            continue
        if described.get("type") == "boolean":
            values[name] = name in form
        elif form.get(name, "").strip():
            values[name] = form[name].strip()
    return values, {name: form[name] for name in kind.secrets if form.get(name)}


async def _page(
    view: View,
    kind: Kind,
    *,
    given: Mapping[str, Any] | None = None,
    faults: Mapping[str, str] | None = None,
    test: Mapping[str, str] | None = None,
    done: str = "",
    status: int = 200,
) -> Response:
    _, setups = await _stored(view)
    setup = setups.get(kind.name)
    found = (await _callbacks(view).current()).named(kind.name)
    state = await _state(view)
    fields = _form(view, kind, setup, given, faults or {})
    return view.render(
        "channel_provider.html",
        status=status,
        titles=channel_titles(),
        kind=kind,
        fields=fields,
        setup=setup,
        provider=found,
        why=None if not isinstance(found, Unusable) else _why(view, kind, setup),
        callback=f"{view.settings.public_url}/callbacks/{kind.name}",
        last_fault=_faults(view, state).get(kind.name),
        whole_fault=(faults or {}).get(""),
        test=test or {},
        done=done,
        needs_code=kind.name != DEFAULT and any(CHANNELS[one].approved for one in found.capabilities.channels),
        carried=sorted(kind.carries, key=list(CHANNELS).index),
        example=_example(sorted(kind.carries)[0]),
    )


def _example(channel: str) -> str:
    return CHANNELS[channel].contact.example


def _why(view: View, kind: Kind, setup: Setup | None) -> str:
    """Why a provider cannot be used, in the reader's language."""
    try:
        stored = setup.opened(_seal(view)) if setup else {}
        kind.configured(stored, view.settings)
    except NotOurs:
        return view.words("channels.other_key")
    except NotSetUp as missing:
        fields = schema_of(kind.config).get("properties", {})
        named = [in_locale(fields[name]["x-label"], view.locale) for name in missing.fields if name in fields]
        whole = [what.to(view.locale) for name, what in missing.fields.items() if name not in fields]
        return view.words("channels.missing", fields=", ".join(named)) if named else " ".join(whole)
    return ""


def _form(
    view: View, kind: Kind, setup: Setup | None, given: Mapping[str, Any] | None, faults: Mapping[str, str]
) -> list[FormField]:
    stored = given if given is not None else dict(setup.values) if setup else kind.defaults(view.settings)
    kept = _secrets(setup, _seal(view))
    schema = schema_of(kind.config)
    needed = set(schema.get("required", ()))
    fields = []
    for name, described in schema.get("properties", {}).items():
        options = {str(one): in_locale(words, view.locale) for one, words in described.get("x-options", {}).items()}
        fields.append(
            FormField(
                name,
                in_locale(described["x-label"], view.locale),
                in_locale(described.get("x-help", {}), view.locale),
                _input(name, described, kind),
                stored.get(name, described.get("default", "")),
                options,
                name in needed and name not in kept,
                bool(described.get("x-advanced")),
                name in kept,
                faults.get(name, ""),
            )
        )
    return fields


def _input(name: str, described: Mapping[str, Any], kind: Kind) -> str:
    if name in kind.secrets:
        return "secret"
    if "enum" in described or "x-options" in described:
        return "choice"
    types = {described.get("type"), *(one.get("type") for one in described.get("anyOf", ()))}
    if "boolean" in types:
        return "switch"
    return "number" if types & {"integer", "number"} else "text"
