"""Surveys: what is asked, in which words, what follows an answer; with the customer's page beside it."""

import re
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from api.public.survey import HEADERS, sheet_page
from orchestrator.core.email.brand import brand_of, logo_on_pages
from orchestrator.core.keys import key_from_names
from orchestrator.core.surveys.form import as_form, read_form
from orchestrator.core.surveys.invitations import INVITATIONS, new_document
from orchestrator.core.surveys.questionnaire import (
    KEY,
    KIND_TITLES,
    SurveyDocument,
    SurveyKind,
    SurveyProblem,
    comment_question,
    groups_of,
)
from orchestrator.core.text import LOCALES, Text, in_locale
from orchestrator.store.surveys import documents as store

router = APIRouter(route_class=ConsoleRoute)
Marketer = Annotated[View, Depends(PageAccess("draw"))]
KINDS: tuple[SurveyKind, ...] = get_args(SurveyKind)
_KEY = Text("Lower-case letters, digits and hyphens, up to 64.")
_TAKEN = Text("This id is already in use.")
_CHANGED = Text("Somebody else saved this survey in the meantime. Reload the page and make your change again.")
_FIXED = Text(
    "This survey has already been sent, so its answer groups cannot change. Duplicate it to use other groups."
)


@router.get("/surveys")
async def surveys(view: Reader, show: str = "", done: str = "") -> Response:
    """Every survey with how often it was answered."""
    rows = await store.list_surveys(view.engine, archived=show == "archived")
    return view.render(
        "surveys.html", rows=rows, kinds=KINDS, titles=KIND_TITLES, done=done, archived=show == "archived"
    )


@router.get("/surveys/new")
async def new(view: Marketer, kind: str = "", copy: str = "") -> Response:
    """A new one of a kind, with ready words; or a copy of another."""
    if copy:
        found = await _known(view, copy)
        return _form(view, found.document.kind, as_form(found.document), key="")
    chosen = _kind(kind)
    if chosen is None:
        return view.render("survey_kinds.html", kinds=KINDS, titles=KIND_TITLES)
    return _form(view, chosen, as_form(SurveyDocument.model_validate(new_document(chosen))), key="")


@router.post("/surveys/new")
async def create(view: Marketer) -> Response:
    """Stores it; its page says how to ask it."""
    kind = _kind(view.form.get("kind", ""))
    if kind is None:
        raise NothingHere
    document, problems = read_form(kind, view.form)
    key = view.form.get("key", "").strip() or key_from_names(document.name if document else "", "survey")
    found = [] if re.fullmatch(KEY, key) and key not in ("new", "preview") else [SurveyProblem("key", _KEY)]
    found += problems
    if document is not None and not found:
        try:
            await store.create_survey(view.engine, key, document, now=view.now, by=view.who)
            return RedirectResponse(f"/surveys/{key}/edit?done=survey_made", 303)
        except store.SurveyExists:
            found = [SurveyProblem("key", _TAKEN)]
    return _form(view, kind, view.form, key=key, problems=found)


@router.get("/surveys/{key}/edit")
async def edit(view: Marketer, key: str, done: str = "") -> Response:
    """The form of a survey, with where it is asked."""
    found = await _known(view, key)
    return await _editor(view, found, as_form(found.document), done=done)


@router.post("/surveys/{key}/edit")
async def change(view: Marketer, key: str) -> Response:
    """Holds for every page that is opened from now on."""
    found = await _known(view, key)
    given = view.form.get("revision", "")
    document, problems = read_form(found.document.kind, view.form)
    wrong = list(problems)
    if document is not None and not wrong:
        try:
            revision = int(given) if given.isdecimal() and len(given) < 9 else -1
            await store.save_survey(view.engine, key, document, revision=revision, now=view.now, by=view.who)
            return RedirectResponse(f"/surveys/{key}/edit?done=survey_saved", 303)
        except store.SurveyChanged:
            wrong = [SurveyProblem("", _CHANGED)]
        except store.GroupsFixed:
            wrong = [SurveyProblem("", _FIXED)]
    return await _editor(view, found, view.form, problems=wrong)


@router.post("/surveys/{key}/archive")
async def archive(view: Marketer, key: str) -> Response:
    """No new step can choose it; links that are out go on working."""
    return await _put_away(view, key, True)


@router.post("/surveys/{key}/restore")
async def restore(view: Marketer, key: str) -> Response:
    """To be chosen again."""
    return await _put_away(view, key, False)


@router.post("/surveys/preview")
async def preview(view: Marketer) -> Response:
    """The customer's page as the form stands, for the frame beside it."""
    kind = _kind(view.form.get("kind", "")) or "text"
    document, _ = read_form(kind, view.form)
    if document is None:
        document = SurveyDocument.model_validate(new_document(kind))
    locale = next((one for one in LOCALES if one == view.form.get("preview_locale")), view.words.locale)
    shown, groups = view.form.get("preview_state", "open"), [group.key for group in groups_of(document)]
    sender = str(view.workspace.settings.get("sender_name") or "") if view.workspace else ""
    asks_more = in_locale(comment_question(document, shown), locale) if shown in groups else ""
    answer = sheet_page(
        document,
        locale,
        state="answered" if shown in groups else "open",
        sender=sender,
        logo=logo_on_pages(brand_of(view.workspace.settings if view.workspace else None)),
        asks_more=asks_more,
        preview=True,
    )
    policy = HEADERS["content-security-policy"].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    answer.headers["content-security-policy"] = policy.replace("form-action 'self'", "form-action 'none'")
    return answer


async def _put_away(view: View, key: str, away: bool) -> Response:
    try:
        at = view.now if away else None
        await store.set_archived(view.engine, key, at, by=view.who, now=view.now)
    except store.UnknownSurvey:
        raise NothingHere from None
    return RedirectResponse(f"/surveys?done=survey_{'archived' if away else 'restored'}", 303)


async def _known(view: View, key: str) -> store.SurveyRow:
    async with view.engine.connect() as db:
        found = await store.load_survey(db, key)
    if found is None:
        raise NothingHere
    return found


def _kind(given: str) -> SurveyKind | None:
    return next((kind for kind in KINDS if kind == given), None)


async def _editor(view: View, found: store.SurveyRow, given: Any, **more: Any) -> Response:
    async with view.engine.connect() as db:
        uses = await store.uses_of(db, found.key)
        asked = await store.was_asked(db, found.key)
    return _form(view, found.document.kind, given, key=found.key, survey=found, uses=uses, asked=asked, **more)


def _form(
    view: View,
    kind: SurveyKind,
    given: Any,
    *,
    key: str,
    survey: store.SurveyRow | None = None,
    problems: Any = (),
    uses: Any = (),
    asked: bool = False,
    done: str = "",
) -> Response:
    """``given``: what the fields hold."""
    document, _ = read_form(kind, given)
    drawn = document or SurveyDocument.model_validate(new_document(kind))
    return view.render(
        "survey_form.html",
        status=400 if problems else 200,
        kind=kind,
        titles=KIND_TITLES,
        given=given,
        key=key,
        survey=survey,
        groups=groups_of(drawn),
        wrong={problem.field: problem.text.to(view.locale) for problem in reversed(list(problems))},
        uses=uses,
        asked=asked,
        done=done,
        invitation=INVITATIONS[kind],
    )
