"""A customer is changed by hand: contact, attributes, tags; consents with what proves them; notes."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api.console.customers.pages import known_customer, profile_of
from api.customers.editing import change_customer
from api.customers.schemas import ConsentWord, CustomerChange
from api.http.problems import ApiProblem
from api.pages.access import NotAllowed, PageAccess
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.channels.registry import consent_names
from orchestrator.core.customers.consents import title
from orchestrator.core.customers.editing import LONGEST_NOTE, LONGEST_PROOF, WAYS
from orchestrator.files.events import typed
from orchestrator.store.customers.notes import add_note, remove_note
from orchestrator.store.customers.record import CustomerRow

router = APIRouter(route_class=ConsoleRoute)
Caring = Annotated[View, Depends(PageAccess("draw", "operate"))]
"""Whoever works with customers."""
Editing = Annotated[View, Depends(PageAccess("draw", "operate", longest_form=512 * 1024))]
"""With all attributes, as they are and as they were."""
CONTACT = {"email": "email", "phone": "phone", "locale": "locale", "timezone": "time_zone"}
"""Fields of the form by their trait, as the customer's row calls them."""
MOST_ATTRIBUTES = 60
"""That the form shows."""


@router.get("/customers/{identity:id}/edit")
async def edit(view: Caring, identity: str, done: str = "") -> Response:
    """The forms, filled with how it stands."""
    return await _page(view, await known_customer(view, identity), done=done)


@router.post("/customers/{identity:id}/edit")
async def save(view: Editing, identity: str) -> Response:
    """Take over what was changed in the form, and nothing else."""
    found = await known_customer(view, identity)
    traits = _changed_traits(view.form, _shown(found))
    tags = {tag.strip() for tag in view.form.get("tags", "").split(",") if tag.strip()}
    before = set(_before(view.form).get("tags", "").split(",")) - {""}
    change = CustomerChange(traits=traits, add_tags=sorted(tags - before), remove_tags=sorted(before - tags))
    return await _apply(view, found, change)


@router.post("/customers/{identity:id}/consents")
async def say(view: Caring, identity: str) -> Response:
    """A consent, with how it came about."""
    found, form = await known_customer(view, identity), view.form
    try:
        word = ConsentWord(
            name=form.get("name", ""),
            granted=form.get("granted") == "yes",
            way=form.get("way") or None,  # type: ignore[arg-type]
            at=_local(view, form.get("at", "")) if form.get("way") else None,
            note=form.get("note", ""),
        )
    except ValidationError:
        return await _page(view, found, problem=ApiProblem("invalid_parameter", "consents", reason="–"))
    return await _apply(view, found, CustomerChange(consents=[word]))


@router.post("/customers/{identity:id}/notes")
async def note(view: Caring, identity: str) -> Response:
    """What somebody of the team wants the others to know."""
    found, body = await known_customer(view, identity), view.form.get("body", "").strip()[:LONGEST_NOTE]
    if body:
        account = view.actor.account if view.actor else None
        await add_note(view.engine, found.id, body, author=view.who, account=account, at=view.now)
    return RedirectResponse(f"/customers/{found.id}#notes", 303)


@router.post("/customers/{identity:id}/notes/{note}/remove")
async def take_note_away(view: Caring, identity: str, note: UUID) -> Response:
    """It is gone for good."""
    found = await known_customer(view, identity)
    await remove_note(view.engine, found.id, note)
    return RedirectResponse(f"/customers/{found.id}#notes", 303)


async def _apply(view: View, found: CustomerRow, change: CustomerChange) -> Response:
    if view.actor is None:
        raise NotAllowed("role")
    try:
        edited = await change_customer(view.request, found.id, change, view.actor, view.now)
    except ApiProblem as problem:
        return await _page(view, found, problem=problem)
    done = "consent_overruled" if edited.overruled else "customer_changed"
    return RedirectResponse(f"/customers/{found.id}?done={done}", 303)


async def _page(view: View, found: CustomerRow, *, done: str = "", problem: ApiProblem | None = None) -> Response:
    shown = _shown(found)
    return view.render(
        "customer_edit.html",
        422 if problem else 200,
        **await profile_of(view, found),
        shown={**shown, **{name: view.form[name] for name in shown if name in view.form}},
        before=orjson.dumps(shown).decode(),
        consent_choices={name: title(name).to(view.locale) for name in consent_names()},
        ways={name: words.to(view.locale) for name, words in WAYS.items()},
        longest_proof=LONGEST_PROOF,
        now=view.now.astimezone(view.words.zone).strftime("%Y-%m-%dT%H:%M"),
        problem=problem.rendered(view.locale)["message"] if problem else "",
        done=done,
    )


def _shown(found: CustomerRow) -> dict[str, str]:
    """What the form's fields hold, by name."""
    contact = {trait: getattr(found, column) or "" for trait, column in CONTACT.items()}
    attributes = {f"a.{name}": _as_text(value) for name, value in sorted(found.attributes.items())[:MOST_ATTRIBUTES]}
    return {**contact, "tags": ",".join(found.tags), **attributes}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _before(form: Any) -> dict[str, str]:
    """What the form held when its page was made: what somebody else changed meanwhile is not taken back."""
    try:
        given = orjson.loads(form.get("before", ""))
    except orjson.JSONDecodeError:
        return {}
    return {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}


def _changed_traits(form: Any, shown: dict[str, str]) -> dict[str, Any]:
    before = _before(form) or shown
    traits: dict[str, Any] = {}
    for name in (*CONTACT, *(one for one in form if one.startswith("a."))):
        text = _plain(form.get(name, before.get(name, "")))
        if text != _plain(before.get(name, "")):
            value = text if name in CONTACT else _read(text, before.get(name, ""))
            traits[name.removeprefix("a.")] = value if text else None
    new = form.get("new_name", "").strip()
    if new and form.get("new_value", "").strip():
        traits[new] = typed(form["new_value"].strip())
    return traits


def _plain(text: str) -> str:
    """A browser sends line ends of its own."""
    return text.replace("\r\n", "\n").strip()


def _read(text: str, before: str) -> Any:
    """A value of the kind that it was: an object or a list as JSON, else by how it looks."""
    if before[:1] in ("{", "[") or text[:1] in ("{", "["):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return typed(text)


def _local(view: View, given: str) -> datetime | None:
    """A time as a browser's field has it, in the zone of the page; None: now."""
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return None
    return min(at if at.tzinfo else at.replace(tzinfo=view.words.zone), view.now)
