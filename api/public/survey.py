"""The page of a survey: opened by a signed link, without a login, by whoever has it in hand.

A GET never answers, because scanners of mail open every link, and run scripts too. A link that names an answer shows
the page with that answer chosen, and one tap, which is a POST, counts it. Everything works without a script.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode

import structlog
from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from api.http.resources import Resources
from api.http.throttle import throttle_of
from api.pages.rendering import templates
from api.pages.words import Words
from orchestrator.core.email.brand import brand_of, logo_on_pages
from orchestrator.core.surveys.questionnaire import (
    MOST_COMMENT,
    BadAnswer,
    SurveyDocument,
    answer_from,
    comment_question,
    numbers_of,
)
from orchestrator.core.surveys.questionnaire import group_of as judged
from orchestrator.core.text import LOCALES, SOURCE, Locale, closest_locale, in_locale
from orchestrator.links import Links
from orchestrator.store.surveys.answers import Asking, coupon_of, load_asking, store_answer, store_comment
from orchestrator.store.surveys.documents import SurveyRow, load_survey
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https: data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",  # the address is the key to the answer
    "x-robots-tag": "noindex",
    "cache-control": "no-store",
}
MOST_FORM = 64 * 1024
"""Bytes: a comment of the greatest length, in any script, as browsers encode it."""
MOST_POSTS = 120
"""Of one network in a quarter of an hour; many customers may sit behind one address."""
FRESH = timedelta(days=1)
"""So long after an answer, in journey time, its words may still be added."""

log = structlog.get_logger(__name__)

State = Literal["open", "answered", "over", "gone", "busy", "trouble"]


class SurveyRoute(APIRoute):
    """Answers customers: with a page in their language where the API would answer with a problem."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, its headers set."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handler(request)
            except (ClientDisconnect, HTTPException):
                raise
            except Exception as error:
                log.error("unforeseen", path=request.scope.get("route_path", ""), problem=type(error).__name__)
                response = _note(request, "trouble", 503)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer


router = APIRouter(route_class=SurveyRoute, include_in_schema=False)


@dataclass(frozen=True)
class SurveyPageView:
    """One customer's look at one survey."""

    request: Request
    token: str
    asking: Asking
    survey: SurveyRow
    now: datetime
    locale: Locale
    sender: str
    logo: str
    zone: str
    """The workspace's, in which dates are told."""

    @property
    def document(self) -> SurveyDocument:
        """What is asked."""
        return self.survey.document

    @property
    def state(self) -> State:
        """What the page shows."""
        if self.asking.given is not None:
            return "answered"
        return "over" if self.asking.is_over(self.document.open_for, self.now) else "open"

    @property
    def asks_more(self) -> str:
        """The question for words after the answer; empty where it is late, or they are there."""
        given = self.asking.given
        if given is None or given.comment or self.now > given.at + FRESH:
            return ""
        return in_locale(comment_question(self.document, given.group), self.locale)


def sheet_page(
    document: SurveyDocument,
    locale: Locale,
    *,
    state: State,
    sender: str = "",
    logo: str = "",
    action: str = "",
    chosen: tuple[str, ...] = (),
    written: str = "",
    wrong: str = "",
    asks_more: str = "",
    again: bool = False,
    preview: bool = False,
    status: int = 200,
) -> HTMLResponse:
    """The page; also what the editor shows of a survey that nobody was asked yet."""

    def said(words: dict[str, str]) -> str:
        return in_locale(words, locale)

    kept = {"a": chosen[0]} if chosen else {}
    return _rendered(
        "survey.html",
        locale,
        status,
        state=state,
        document=document,
        said=said,
        numbers=list(numbers_of(document)),
        sender=sender,
        logo=logo,
        action=action,
        chosen=chosen,
        written=written,
        wrong=wrong,
        asks_more=asks_more,
        again=again,
        preview=preview,
        most=MOST_COMMENT,
        languages=[(one, f"{action}?{urlencode({'lang': one, **kept})}") for one in LOCALES],
    )


def _rendered(template: str, locale: Locale, status: int, **context: Any) -> HTMLResponse:
    words = Words(locale, "UTC")  # the page itself tells no time
    return HTMLResponse(templates().get_template(template).render(t=words, locale=locale, **context), status)


@router.get("/s/{token}")
async def open_survey(request: Request, token: str) -> Response:
    """The question, or that it is answered, over or gone. ``a``: the answer that the message's link named."""
    return await _shown(request, token, tuple(request.query_params.getlist("a")[:20]))


@router.get("/a/{token}")
async def open_with_answer(request: Request, token: str) -> Response:
    """A link of one answer: the same page with that answer chosen."""
    signed = _links(request).read("survey_answer", token)
    if signed is None:
        return await _shown(request, "", ())
    own = _links(request).survey(signed.id).rpartition("/")[2]
    asked = {"a": signed.detail, **_language(request)}
    return RedirectResponse(f"/s/{own}?{urlencode(asked)}", 303)


@router.post("/s/{token}")
async def answer_survey(request: Request, token: str) -> Response:
    """Counts the answer, or adds words to it; then shows the page again, so that reloading sends nothing twice."""
    address = request.client.host if request.client else ""
    if not await throttle_of(request).admits_page("survey", address, MOST_POSTS):
        return _note(request, "busy", 429)
    form = await _form(request)
    sheet = await _sheet(request, token, form.get("lang", [""])[0])
    if sheet is None:
        return _note(request, "gone", 404)
    if sheet.state == "answered":
        done = await _add_words(sheet, form)
    elif sheet.state == "open":
        values, words = tuple(form.get("answer", [])[:20]), form.get("text", [""])[0]
        try:
            done = await _answer(sheet, values, words)
        except BadAnswer as refusal:
            wrong = refusal.text.to(sheet.locale)
            return _page(sheet, chosen=values, written=words[: 2 * MOST_COMMENT], wrong=wrong, status=422)
    else:
        return _page(sheet, status=410)
    kept = {"lang": sheet.locale, **({"done": "1"} if done else {})}
    return RedirectResponse(f"/s/{token}?{urlencode(kept)}", 303)


@router.get("/s/{token}/coupon")
async def coupon(request: Request, token: str) -> Response:
    """The code that the journey has given for the answer, if it has yet: the page asks for some seconds."""
    sheet = await _sheet(request, token, "")
    if sheet is None or sheet.asking.given is None:
        return JSONResponse({}, 404)
    found = await coupon_of(_resources(request).engine, sheet.asking)
    if found is None:
        return JSONResponse({})
    until = Words(sheet.locale, sheet.zone).local(found.valid_until, "day")
    return JSONResponse({"code": found.code, "until": until})


async def _answer(sheet: SurveyPageView, values: tuple[str, ...], words: str) -> bool:
    answer = answer_from(sheet.document, values, words)
    group = judged(sheet.document, answer)
    engine = _resources(sheet.request).engine
    return await store_answer(engine, sheet.asking, sheet.survey, answer, group, sheet.now, sheet.locale)


async def _add_words(sheet: SurveyPageView, form: dict[str, list[str]]) -> bool:
    words = form.get("comment", [""])[0].replace("\0", "").strip()[:MOST_COMMENT]
    if not words or not sheet.asks_more:
        return False
    return await store_comment(_resources(sheet.request).engine, sheet.asking, words)


async def _shown(request: Request, token: str, chosen: tuple[str, ...]) -> Response:
    sheet = await _sheet(request, token, request.query_params.get("lang", ""))
    if sheet is None:
        return _note(request, "gone", 404)
    return _page(sheet, chosen=chosen, status=410 if sheet.state == "over" else 200)


def _page(sheet: SurveyPageView, **more: Any) -> Response:
    return sheet_page(
        sheet.document,
        sheet.locale,
        state=sheet.state,
        sender=sheet.sender,
        logo=sheet.logo,
        action=f"/s/{sheet.token}",
        asks_more=sheet.asks_more,
        again=sheet.request.query_params.get("done") != "1",
        **more,
    )


def _note(request: Request, state: State, status: int) -> Response:
    """What can be said to somebody of whom we know nothing."""
    locale = _wished(request)
    empty = SurveyDocument.model_construct(kind="text")
    response = sheet_page(empty, locale, state=state, status=status)
    if status == 429:
        response.headers["retry-after"] = "300"
    return response


async def _sheet(request: Request, token: str, language: str) -> SurveyPageView | None:
    signed = _links(request).read("survey", token) if token else None
    if signed is None:
        return None
    resources = _resources(request)
    asking = await load_asking(resources.engine, signed.id)
    survey = None if asking is None else await _survey_of(resources, asking)
    if asking is None or survey is None:
        return None
    async with resources.sessions() as session:
        workspace = await load_workspace(session)
    sender = str(workspace.settings.get("sender_name") or "") if workspace else ""
    logo = logo_on_pages(brand_of(workspace.settings)) if workspace else ""
    locale = _chosen(language) or _first(*asking.locales, request.headers.get("accept-language", ""))
    zone = zone_of(workspace, resources.settings)
    return SurveyPageView(request, token, asking, survey, clock_of(workspace).now(), locale, sender, logo, zone)


async def _survey_of(resources: Resources, asking: Asking) -> SurveyRow | None:
    """What the step of the run's own version asks."""
    key = asking.given.survey if asking.given else ""
    if not key:
        try:
            step = (await resources.plans.get(asking.plan_hash)).steps[asking.step]
        except LookupError:
            return None
        surveys = [named.name for named in step.references() if named.kind == "survey"]
        if not surveys:
            return None
        key = surveys[0]
    async with resources.engine.connect() as db:
        return await load_survey(db, key)


def _resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources


def _links(request: Request) -> Links:
    settings = _resources(request).settings
    return Links(settings.secret_key.get_secret_value(), str(settings.public_url))


def _language(request: Request) -> dict[str, str]:
    chosen = _chosen(request.query_params.get("lang", ""))
    return {"lang": chosen} if chosen else {}


def _chosen(given: str) -> Locale | None:
    return next((locale for locale in LOCALES if locale == given), None)


def _wished(request: Request) -> Locale:
    return _chosen(request.query_params.get("lang", "")) or _first(request.headers.get("accept-language", ""))


def _first(*wishes: str) -> Locale:
    """The first language that we speak; English serves all others."""
    for wish in wishes:
        for part in wish.split(","):
            found = closest_locale(part.strip().split(";")[0])
            if found:
                return found
    return SOURCE


async def _form(request: Request) -> dict[str, list[str]]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM:
            return {}
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}
