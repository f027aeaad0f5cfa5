"""Sending policies: the rules for everybody, and for the customers of one country, with a summary in plain words."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from api.pages.access import Admin
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.channels.registry import CHANNELS, channel_title
from orchestrator.core.sending.frequency import PER_TEXT, WHEN_FULL_TEXT
from orchestrator.core.sending.policies import AUTO, POLICY_TEXT, Hours, Policy, policy_for
from orchestrator.store.workspace import change_setting

router = APIRouter(route_class=ConsoleRoute)
MOST_CAPS = 10
"""Rows of the form; a policy may hold more, written by the API."""
_COUNTRY = re.compile(r"[A-Z]{2}")
_NUMBER = re.compile(r"[0-9]{1,4}")


@router.get("/policies")
async def policies(view: Admin, country: str = "", done: str = "") -> Response:
    """The rules for everybody (``country`` empty), or what a country's customers have besides."""
    return _page(view, _wanted(country), _part(_sending(view), _wanted(country)), done=done)


@router.post("/policies")
async def change(view: Admin, country: str = "") -> Response:
    """Keep the rules; or add or take away a row, which keeps nothing yet."""
    chosen, form = _wanted(country), view.form
    part = _given(form, _part(_sending(view), chosen))
    if "add" in form or "remove" in form:
        caps = [cap for n, cap in enumerate(part.get("caps", ())) if str(n) != form.get("remove")]
        return _page(view, chosen, {**part, "caps": [*caps, {"most": 2}] if "add" in form else caps})
    faults = _faults(part)
    sending = _with(_sending(view), chosen, part)
    try:
        policy_for(sending, chosen or "KR")
        policy_for(sending, chosen or None)
    except ValidationError as wrong:
        faults |= {_field(problem["loc"]) for problem in wrong.errors()}
    if faults:
        return _page(view, chosen, part, status=400, faults=faults)
    async with view.request.app.state.resources.sessions.begin() as session:
        await change_setting(session, "sending", lambda stored: _with(stored, chosen, part))
    return RedirectResponse(f"/policies?{f'country={chosen}&' if chosen else ''}done=policy", 303)


def _wanted(country: str) -> str:
    return country if _COUNTRY.fullmatch(country) else ""


def _sending(view: View) -> dict[str, Any]:
    return dict((view.workspace.settings.get("sending") if view.workspace else None) or {})


def _part(sending: Mapping[str, Any], country: str) -> dict[str, Any]:
    """What is said for everybody, or for a country alone."""
    if country:
        return dict((sending.get("countries") or {}).get(country) or {})
    return {name: value for name, value in sending.items() if name != "countries"}


def _with(sending: Mapping[str, Any], country: str, part: Mapping[str, Any]) -> dict[str, Any]:
    countries = dict(sending.get("countries") or {})
    if not country:
        return {**part, **({"countries": countries} if countries else {})}
    countries[country] = dict(part)
    kept = {code: wishes for code, wishes in countries.items() if wishes}
    rest = {name: value for name, value in sending.items() if name != "countries"}
    return {**rest, **({"countries": kept} if kept else {})}


def _given(form: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """The form as a setting; what it has no field for stays as it was."""
    shown = {"policy", "quiet_hours", "night", "reconfirm_after", "day_only", "caps"}
    kept = {name: value for name, value in before.items() if name not in shown}
    given: dict[str, Any] = {"policy": form.get("policy") if form.get("policy") in POLICY_TEXT else None}
    for name in ("quiet_hours", "night"):
        start, end = form.get(f"{name}_start", ""), form.get(f"{name}_end", "")
        exempt = [channel for channel in CHANNELS if f"{name}_{channel}" in form]
        given[name] = {"start": start, "end": end, "exempt": exempt} if start or end else None
    days = form.get("reconfirm_days", "")
    given["reconfirm_after"] = f"P{days}D" if _NUMBER.fullmatch(days) else days or None
    given["day_only"] = [channel for channel in CHANNELS if f"day_{channel}" in form] or None
    caps = [_cap(form, n) for n in range(MOST_CAPS) if f"cap{n}_most" in form]
    return {**kept, **{name: value for name, value in given.items() if value is not None}, "caps": caps}


def _cap(form: Mapping[str, str], n: int) -> dict[str, Any]:
    most, hours = form[f"cap{n}_most"], form.get(f"cap{n}_within", "")
    channel, tags = form.get(f"cap{n}_channel", ""), form.get(f"cap{n}_tags", "")
    return {
        "most": int(most) if _NUMBER.fullmatch(most) else most,
        "per": form.get(f"cap{n}_per", "day"),
        "calendar": f"cap{n}_calendar" in form,
        "channels": [channel] if channel in CHANNELS else [],
        "tags": [tag.strip() for tag in tags.split(",") if tag.strip()],
        "counts": ["advertising", "informational"] if f"cap{n}_all" in form else ["advertising"],
        "when_full": form.get(f"cap{n}_when_full", "hold"),
        "within": f"PT{hours}H" if _NUMBER.fullmatch(hours) else "P1D",
    }


def _faults(part: Mapping[str, Any]) -> set[str]:
    """What the form itself can see."""
    hours = [name for name in ("quiet_hours", "night") if (found := part.get(name)) and not all(_both(found))]
    return set(hours)


def _both(hours: Mapping[str, Any]) -> tuple[bool, bool]:
    return bool(hours["start"]), bool(hours["end"])


def _field(place: tuple[int | str, ...]) -> str:
    """The form's name of a fault's place; windows that leave no time open are no single field's fault."""
    if not place:
        return "windows"
    return f"cap{place[1]}" if place[0] == "caps" and len(place) > 1 else str(place[0])


def _page(view: View, country: str, part: Mapping[str, Any], *, status: int = 200, **more: Any) -> Response:
    sending = _sending(view)
    countries = sorted({"KR", *(sending.get("countries") or {}), *([country] if country else [])})
    context = {"faults": set(), "done": "", **more}
    return view.render(
        "policies.html",
        status=status,
        country=country,
        countries=countries,
        part=part,
        caps=[_row(cap) for cap in part.get("caps", ())][:MOST_CAPS],
        most_caps=MOST_CAPS,
        days=_days(part.get("reconfirm_after")),
        policies={name: words.to(view.locale) for name, words in POLICY_TEXT.items()},
        channels={name: channel.title.to(view.locale) for name, channel in CHANNELS.items()},
        pers={name: words.to(view.locale) for name, words in PER_TEXT.items()},
        when_full={name: words.to(view.locale) for name, words in WHEN_FULL_TEXT.items()},
        summaries=[(code, summary(view, policy_for(sending, code or None))) for code in ("KR", "")],
        auto=AUTO,
        **context,
    )


def _row(cap: Mapping[str, Any]) -> dict[str, Any]:
    """A cap with everything that the form asks, whatever of it was said."""
    within = re.fullmatch(r"PT([0-9]+)H", str(cap.get("within", "")))
    return {
        "most": cap.get("most", ""),
        "per": cap.get("per", "day"),
        "calendar": bool(cap.get("calendar")),
        "channel": next(iter(cap.get("channels") or ()), ""),
        "tags": ", ".join(cap.get("tags") or ()),
        "all": "informational" in (cap.get("counts") or ()),
        "when_full": cap.get("when_full", "hold"),
        "within": within.group(1) if within else "24",
    }


def _days(span: Any) -> str:
    found = re.fullmatch(r"P([0-9]+)D", str(span or ""))
    return found.group(1) if found else ""


def summary(view: View, policy: Policy) -> list[str]:
    """A policy in plain words, a line for each rule."""
    words = view.words
    lines = [words("policy.says_consent") if policy.consent else words("policy.says_no_consent")]
    if policy.consent and policy.same_goods:
        lines.append(words("policy.says_same_goods"))
    if policy.consent and policy.reconfirm_after is not None:
        lines.append(words("policy.says_reconfirm", days=policy.reconfirm_after.days))
    if policy.night is not None:
        lines.append(words("policy.says_night", hours=_hours(view, policy.night)))
    if policy.quiet_hours is not None:
        lines.append(words("policy.says_quiet", hours=_hours(view, policy.quiet_hours)))
    for channel, hours in policy.closed.items():
        title = channel_title(channel).to(view.locale)
        lines.append(words("policy.says_closed", channel=title, hours=_hours(view, hours)))
    if policy.label:
        lines.append(words("policy.says_label", label=policy.label))
    if policy.marked:
        lines.append(words("policy.says_marked"))
    full = {name: text.to(view.locale) for name, text in WHEN_FULL_TEXT.items()}
    lines += [
        words("policy.says_cap", cap=cap.text.to(view.locale), full=full[cap.when_full].lower()) for cap in policy.caps
    ]
    return lines if policy.caps else [*lines, words("policy.says_no_cap")]


def _hours(view: View, hours: Hours) -> str:
    exempt = ", ".join(channel_title(one).to(view.locale) for one in hours.exempt if one in CHANNELS)
    span = f"{hours.start:%H:%M}–{hours.end:%H:%M}"
    return view.words("policy.says_except", hours=span, channels=exempt) if exempt else span
