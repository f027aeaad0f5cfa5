"""What a shop's pages load from us (the snippet and its service worker), and the demo shop that shows how."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from api.demo.story import CATEGORY_EN, PRODUCTS
from api.http.body import read_body
from api.http.problems import language
from api.http.resources import Resources
from api.http.session import is_own_form
from api.intake.routes import Intake
from api.pages.rendering import asset, templates
from api.pages.static import STATIC
from api.pages.words import Words, choose_locale
from orchestrator.core.text import LOCALES, Locale
from orchestrator.settings import Settings

router = APIRouter(include_in_schema=False)

SECURITY = {
    # As strict as a shop's own policy may be: the snippet has to get along with it.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; "
    "connect-src 'self'; worker-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "x-robots-tag": "noindex",
}
_SCRIPT = {
    "cache-control": "public, max-age=300",
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}


@router.get("/sojourn.js")
async def snippet() -> Response:
    """The snippet of shops' pages."""
    return _script("sojourn.js")


@router.get("/sojourn-sw.js")
async def service_worker() -> Response:
    """The service worker of web push; a shop imports it into one on its own origin."""
    return _script("sojourn-sw.js")


def shop_is_open(settings: Settings) -> bool:
    """Whether there is a demo shop: on this machine alone, for its page tells a write key."""
    return settings.demo and not settings.is_exposed


def _script(name: str) -> Response:
    return Response((STATIC / name).read_bytes(), media_type="text/javascript; charset=utf-8", headers=_SCRIPT)


@router.get("/shop")
async def shop(request: Request) -> Response:
    """The demo shop, for everybody on this machine, as long as there is a demo."""
    resources: Resources = request.app.state.resources
    settings = resources.settings
    if not shop_is_open(settings):
        raise HTTPException(404)
    locale = choose_locale(request)
    chosen = request.query_params.get("lang")
    locale = next((one for one in LOCALES if one == chosen), locale)
    words = Words(locale, settings.workspace_time_zone)
    page = (
        templates()
        .get_template("shop.html")
        .render(
            t=words,
            locale=locale,
            asset=asset,
            write_key=(*settings.browser_keys, *settings.write_keys)[0],
            products=_products(locale),
        )
    )
    return HTMLResponse(page, headers=SECURITY)


@router.post("/shop/account")
async def account(request: Request) -> Response:
    """What the shop's own server would pass on of a new account: who a customer is, and what they agreed to."""
    resources: Resources = request.app.state.resources
    if not shop_is_open(resources.settings) or not is_own_form(request):
        raise HTTPException(404)
    intake: Intake = request.app.state.intake
    return await intake.take_from_server(await read_body(request), "identify", language(request))


def _products(locale: Locale) -> list[dict[str, Any]]:
    return [
        {
            "id": key,
            "name": ko if locale == "ko" else en,
            "category": category if locale == "ko" else CATEGORY_EN[category].capitalize(),
            "kind": key.partition("-")[0],
            "price": price,
        }
        for key, ko, en, category, price in PRODUCTS
    ]
