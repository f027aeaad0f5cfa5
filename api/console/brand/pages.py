"""Settings: the brand, which e-mails and customers' pages have, with a preview and a look at whether it can be read."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from api.bounded_work.pool import bounded
from api.pages.access import Admin
from api.pages.console_route import ConsoleRoute
from api.pages.mail_frame import frame_headers, in_scheme
from api.pages.view import View
from orchestrator.core.email.blocks import Theme
from orchestrator.core.email.brand import LEAST, SETTING, Faint, brand_of, faint_words, logo_on_pages
from orchestrator.core.labels import schema_of
from orchestrator.core.text import in_locale
from orchestrator.message_gallery.looks import sample_email
from orchestrator.store.workspace import change_settings

router = APIRouter(route_class=ConsoleRoute)
COLORS = ("accent", "accent_text", "text", "muted", "page", "card")
NUMBERS = ("logo_width", "radius", "width")
TEXTS = ("logo", "logo_link", "font")


@router.get("/settings/brand")
async def brand(view: Admin, done: str = "") -> Response:
    """The brand as it is."""
    settings = view.workspace.settings if view.workspace else {}
    return _page(view, brand_of(settings) or Theme(), done=done)


@router.post("/settings/brand")
async def change(view: Admin) -> Response:
    """Holds at once, for messages that are sent and pages that are opened from now on."""
    theme, wrong = _given(view.form)
    if theme is None or wrong:
        return _page(view, theme or Theme(), given=view.form, wrong=wrong, status=400)
    kept = {**theme.model_dump(mode="json", exclude_defaults=True), "accent": theme.accent}
    async with view.request.app.state.resources.sessions.begin() as session:
        await change_settings(session, {SETTING: kept})
    return RedirectResponse("/settings/brand?done=brand", 303)


@router.get("/settings/brand/preview")
async def preview(view: Admin) -> Response:
    """An e-mail in the look that the parameters say, in a frame that may do nothing."""
    theme, _ = _given(view.request.query_params)
    settings = view.workspace.settings if view.workspace else {}
    sender = str(settings.get("sender_name") or "")
    html = await bounded(view.request, sample_email, theme or Theme(), view.locale, sender)
    dark = view.request.query_params.get("scheme") == "dark"
    return HTMLResponse(in_scheme(html, dark=dark), headers=frame_headers(view.settings.public_url))


@router.get("/settings/brand/check")
async def check(view: Admin) -> Response:
    """What of this look is hard to read, in words."""
    theme, wrong = _given(view.request.query_params)
    return JSONResponse({"wrong": wrong, "faint": [] if theme is None else _in_words(view, theme)})


def _given(form: Mapping[str, str]) -> tuple[Theme | None, str]:
    """The theme that a form says; or the name of the field that is wrong."""
    said: dict[str, Any] = {name: form[name].strip() for name in (*COLORS, *TEXTS, *NUMBERS) if form.get(name)}
    try:
        return Theme.model_validate(said), _wrong_link(said)
    except ValidationError as faults:
        return None, str(faults.errors()[0]["loc"][0])


def _wrong_link(said: Mapping[str, str]) -> str:
    for name in ("logo", "logo_link"):
        if said.get(name) and not said[name].startswith(("https://", "http://")):
            return name
    return ""


def _in_words(view: View, theme: Theme) -> list[str]:
    return [_sentence(view, one) for one in faint_words(theme)]


def _sentence(view: View, one: Faint) -> str:
    ratio = view.words.number(round(one.ratio, 1))
    least = view.words.number(LEAST)
    return view.words("brand.faint", what=one.what.to(view.locale), ratio=ratio, least=least, better=one.better)


def _page(
    view: View,
    theme: Theme,
    *,
    given: Mapping[str, str] | None = None,
    wrong: str = "",
    done: str = "",
    status: int = 200,
) -> Response:
    fields = schema_of(Theme)["properties"]
    titles = {name: in_locale(field["x-label"], view.locale) for name, field in fields.items()}
    values = {name: str(getattr(theme, name)) for name in (*COLORS, *TEXTS, *NUMBERS)}
    values.update({name: given[name] for name in values if given and name in given})
    fonts = {name: in_locale(words, view.locale) for name, words in fields["font"]["x-options"].items()}
    shown = {"titles": titles, "fonts": fonts, "colors": COLORS, "values": values, "logo": logo_on_pages(theme)}
    faint = _in_words(view, theme) if not wrong else []
    return view.render("settings_brand.html", status, wrong=wrong, done=done, faint=faint, **shown)
