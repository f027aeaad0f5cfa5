"""Settings: one's own account, and the workspace as it is set up."""

import re
from dataclasses import asdict

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from api.accounts.passwords import check_password, fault_of, hash_password
from api.http.session import session_token
from api.http.throttle import throttle_of
from api.pages.access import Admin, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.sender import unsaid
from api.pages.view import View
from api.pages.words import COOKIE
from orchestrator.core.roles import PERMISSIONS
from orchestrator.core.run.alerts import SETTING as ALERTS
from orchestrator.core.run.alerts import AlertSettings
from orchestrator.core.sending.breaker import SETTING as BREAKER
from orchestrator.core.sending.breaker import Bounds
from orchestrator.core.text import LOCALES
from orchestrator.store.accounts.people import find_account, set_locale, set_name, set_password
from orchestrator.store.journeys.notices import tell_changed
from orchestrator.store.runs.live_plans import percent_of
from orchestrator.store.teamwork.approvals import enough_approvers
from orchestrator.store.workspace import LISTS, SENDER, change_settings, set_lists, set_sender

router = APIRouter(route_class=ConsoleRoute)
_LONGEST_NAME = 100
MOST_HELD_OUT = 50
"""Percent of customers in the workspace's holdout: with more, the few who get messages tell little of the many."""


@router.get("/settings")
async def account(view: Reader, done: str = "") -> Response:
    """One's own account: name, password, language."""
    return view.render("settings_account.html", wrong="", done=done, permissions=PERMISSIONS)


@router.post("/settings/name")
async def rename(view: Reader) -> Response:
    """What others read."""
    name = view.form.get("name", "").strip()[:_LONGEST_NAME]
    if view.actor is None or view.actor.via != "session" or view.actor.id is None:
        return RedirectResponse("/setup", 303)
    if not name:
        return _again(view, "name")
    await set_name(view.engine, view.actor.id, name)
    return RedirectResponse("/settings?done=name", 303)


@router.post("/settings/password")
async def change_password(view: Reader) -> Response:
    """A new password, by who knows the present one; every other session ends."""
    if view.actor is None or view.actor.via != "session" or view.actor.id is None:
        return RedirectResponse("/setup", 303)
    found = await find_account(view.engine, identity=view.actor.id)
    if found is None or not await throttle_of(view.request).admits(found.email, view.address):
        return _again(view, "often", 429)
    right, _ = await check_password(view.form.get("current", ""), found.password)
    new = view.form.get("password", "")
    wrong = fault_of(new, found.email, found.name) if right else "current"
    if wrong:
        return _again(view, wrong)
    await throttle_of(view.request).clear_failures(found.email, view.address)
    await set_password(view.engine, found.id, await hash_password(new), keep=session_token(view.request))
    return RedirectResponse("/settings?done=password", 303)


@router.post("/settings/language")
async def choose_language(view: Reader) -> Response:
    """The language of one's account, in every browser; empty: as each browser chosen."""
    chosen = view.form.get("language", "")
    response = RedirectResponse("/settings?done=language", 303)
    if chosen in LOCALES:
        response.set_cookie(COOKIE, chosen, max_age=365 * 24 * 3600, httponly=True, samesite="lax")
    else:
        response.delete_cookie(COOKIE)
    if view.actor is not None and view.actor.via == "session" and view.actor.id is not None:
        await set_locale(view.engine, view.actor.id, chosen if chosen in LOCALES else None)
    return response


@router.get("/settings/workspace")
async def workspace(view: Admin, done: str = "") -> Response:
    """Zone, language, sender, keys."""
    keys = [masked(key) for key in view.settings.write_keys]
    chosen = view.workspace.settings if view.workspace else {}
    return view.render(
        "settings_workspace.html",
        keys=keys,
        done=done,
        sender=SENDER,
        lists=LISTS,
        unsaid=unsaid(view),
        bounds=Bounds.of(chosen),
        alerts=AlertSettings.of(chosen),
        holdout=percent_of(chosen.get("holdout")),
    )


@router.post("/settings/workspace")
async def change_workspace(view: Admin) -> Response:
    """Who advertising says it is from, and how to opt out of it."""
    given = {name: view.form.get(name, "").strip()[:200] for name in SENDER}
    async with view.request.app.state.resources.sessions.begin() as session:
        await set_sender(session, given)
    return RedirectResponse("/settings/workspace?done=workspace", 303)


@router.post("/settings/workspace/lists")
async def change_lists(view: Admin) -> Response:
    """Where orders have their coupon codes, and which domains are the workspace's own."""
    given = {name: _listed(view.form.get(name, "")) for name in LISTS}
    given["link_domains"] = [_domain(one) for one in given["link_domains"] if _domain(one)]
    async with view.request.app.state.resources.sessions.begin() as session:
        await set_lists(session, given)
    return RedirectResponse("/settings/workspace?done=workspace", 303)


@router.post("/settings/workspace/team")
async def change_team(view: Admin) -> Response:
    """Whether what goes live needs another person's leave, and what operators read in Temporal."""
    approval = view.form.get("approval") == "on"
    async with view.request.app.state.resources.sessions.begin() as session:
        if approval and not await enough_approvers(session):
            return RedirectResponse("/settings/workspace?done=too_few", 303)
        by = {"by": view.actor.name if view.actor else "", "at": view.now.isoformat()}
        shown = {"external_id": view.form.get("external_id") == "on"}
        await change_settings(session, {"publishing": {"approval": approval, **by}, "temporal": shown})
    return RedirectResponse("/settings/workspace?done=workspace", 303)


@router.post("/settings/workspace/holdout")
async def change_holdout(view: Admin) -> Response:
    """How many customers enter no journey, to be compared with."""
    percent = view.form.get("percent", "").strip()
    if not re.fullmatch(r"[0-9]{1,3}", percent, re.ASCII) or int(percent) > MOST_HELD_OUT:
        return RedirectResponse("/settings/workspace?done=holdout_wrong", 303)
    async with view.request.app.state.resources.sessions.begin() as session:
        await change_settings(session, {"holdout": int(percent)})
        await tell_changed(session)
    return RedirectResponse("/settings/workspace?done=workspace", 303)


@router.post("/settings/workspace/breaker")
async def change_breaker(view: Admin) -> Response:
    """When a journey is paused for what receivers say of its messages."""
    try:
        given = [float(view.form.get(name, "")) for name in ("complaints", "bounces", "least", "hours")]
        bounds = Bounds(view.form.get("on") == "on", given[0], given[1], int(given[2]), int(given[3]))
    except (ValueError, OverflowError):
        return RedirectResponse("/settings/workspace?done=breaker_wrong", 303)
    if not bounds.sensible:
        return RedirectResponse("/settings/workspace?done=breaker_wrong", 303)
    async with view.request.app.state.resources.sessions.begin() as session:
        await change_settings(session, {BREAKER: asdict(bounds)})
    return RedirectResponse("/settings/workspace?done=workspace", 303)


@router.post("/settings/workspace/alerts")
async def change_alerts(view: Admin) -> Response:
    """Who is told of trouble, from how many runs on, and how often at most."""
    url = view.form.get("url", "").strip()[:500]
    try:
        chosen = AlertSettings(url, int(view.form.get("least", "")), int(view.form.get("quiet", "")))
    except ValueError:
        return RedirectResponse("/settings/workspace?done=alerts_wrong", 303)
    if not chosen.sensible or (url and not re.fullmatch(r"https?://[^\s/]+\S*", url)):
        return RedirectResponse("/settings/workspace?done=alerts_wrong", 303)
    async with view.request.app.state.resources.sessions.begin() as session:
        await change_settings(session, {ALERTS: asdict(chosen)})
    return RedirectResponse("/settings/workspace?done=workspace", 303)


def _listed(text: str) -> list[str]:
    """Names between commas or on lines of their own."""
    return list(dict.fromkeys(one.strip()[:200] for one in re.split(r"[,\n]", text) if one.strip()))[:50]


def _domain(text: str) -> str:
    """The domain of what may be an address: who copies one out of a browser means its domain."""
    plain = re.sub(r"^[a-z]+://", "", text.lower()).split("/")[0].split(":")[0].removeprefix("www.")
    return plain if re.fullmatch(r"([a-z0-9-]+\.)+[a-z0-9-]{2,}", plain) else ""


def masked(secret: str) -> str:
    """Enough of a key to tell it from another, and no more."""
    return f"{secret[:4]}{'•' * 8}" if len(secret) > 8 else "•" * 8


def _again(view: View, wrong: str, status: int = 400) -> Response:
    return view.render("settings_account.html", status=status, wrong=wrong, done="", permissions=PERMISSIONS)
