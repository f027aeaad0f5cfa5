"""Segments: the list, one with its members and their history, and the form of its condition."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.console.journeys.canvas import bundle
from api.console.segments.size_chart import draw_sizes
from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.canvas_words import canvas_words
from api.pages.console_route import ConsoleRoute
from api.pages.rendering import asset
from api.pages.view import View
from api.pages.words import languages
from api.segments.changes import RESERVED, check_segment, live_uses
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.explain import explain
from orchestrator.core.conditions.leaves.segment import SEGMENT_KEY
from orchestrator.core.keys import key_from_names
from orchestrator.core.segments.document import SegmentProblem
from orchestrator.core.segments.ready import READY
from orchestrator.core.text import LOCALES, Text
from orchestrator.store.customers.record import find_customer
from orchestrator.store.segments import documents, members
from orchestrator.store.segments.takeover import clean_up
from orchestrator.store.segments.used_in import used_in

router = APIRouter(route_class=ConsoleRoute)
Marketer = Annotated[View, Depends(PageAccess("draw"))]
CHART = timedelta(days=30)
_ENTRY = "src/segments.tsx"
_KEY = Text("Lower-case letters, digits and hyphens, starting with a letter.")
_TAKEN = Text("This key is already in use.")
_CHANGED = Text("Somebody else has saved this segment since you opened it. Open it again and repeat your change.")


@router.get("/segments")
async def segments(view: Reader, done: str = "") -> Response:
    """Every segment, with how large it is."""
    found, names = await documents.list_segments(view.engine), await view.names()
    said = {one.key: describe(one.document.condition).naming(names).to(view.locale) for one in found}
    return view.render("segments.html", segments=found, said=said, done=done)


@router.get("/segments/new")
async def new(view: Marketer, ready: str = "") -> Response:
    """What a segment may begin with; then its form."""
    if ready == "blank":
        return _form(view, {})
    if ready in READY:
        return _form(view, _filled(READY[ready].model_dump(mode="json"), ready))
    said = {key: describe(one.condition).to(view.locale) for key, one in READY.items()}
    return view.render("new_segment.html", ready=READY, said=said)


@router.post("/segments/new")
async def create(view: Marketer) -> Response:
    """Its members are worked out from now on."""
    given = _document(view.form)
    key = view.form.get("key", "").strip()
    if key and (not re.fullmatch(SEGMENT_KEY, key) or key in RESERVED):
        return _form(view, view.form, [SegmentProblem("key", "key", _KEY)])
    async with view.engine.begin() as db:
        document, problems = await check_segment(db, key, given)
        if document is None:
            return _form(view, view.form, problems)
        key = key or key_from_names(document.name, "segment")
        key = f"segment-{key}" if key in RESERVED else key
        try:
            starts = bool(view.form.get("starts"))
            await documents.create_segment(db, key, document, view.now, view.who, starts=starts)
        except documents.SegmentExists:
            return _form(view, view.form, [SegmentProblem("key", "taken", _TAKEN)])
    return RedirectResponse(f"/segments/{key}?done=segment_made", 303)


@router.get("/segments/{key}")
async def one(view: Reader, key: str, before: str = "", customer: str = "", done: str = "") -> Response:
    """One segment: who is in it, who came and left and why, and what asks about it."""
    return await _page(view, key, before=before, customer=customer.strip(), done=done)


@router.get("/segments/{key}/edit")
async def edit(view: Marketer, key: str) -> Response:
    """The form of its condition."""
    found = await _known(view, key)
    filled = _filled(found.document.model_dump(mode="json"), key)
    return _form(view, filled | {"revision": str(found.revision)}, segment=found)


@router.post("/segments/{key}/edit")
async def change(view: Marketer, key: str) -> Response:
    """Another condition is built beside the one that stands."""
    found = await _known(view, key)
    revision = view.form.get("revision", "")
    async with view.engine.begin() as db:
        document, problems = await check_segment(db, key, _document(view.form))
        if document is None:
            return _form(view, {**view.form, "key": key}, problems, found)
        try:
            await documents.change_segment(
                db,
                key,
                document,
                view.now,
                view.who,
                revision=int(revision) if revision.isdecimal() else None,
                starts=bool(view.form.get("starts")),
            )
        except documents.SegmentChanged:
            return _form(view, {**view.form, "key": key}, [SegmentProblem("condition", "changed", _CHANGED)], found)
    return RedirectResponse(f"/segments/{key}?done=segment_changed", 303)


@router.post("/segments/{key}/archive")
async def archive(view: Marketer, key: str) -> Response:
    """No members any more. Refused where something live asks about it."""
    await _known(view, key)
    async with view.engine.begin() as db:
        uses = await live_uses(db, key)
        if not uses:
            await documents.archive_segment(db, key, True, view.now, view.who)
    if uses:
        return await _page(view, key, status=409, refused=True)
    await clean_up(view.engine, key)
    return RedirectResponse(f"/segments/{key}?done=segment_archived", 303)


@router.post("/segments/{key}/restore")
async def restore(view: Marketer, key: str) -> Response:
    """Back in use."""
    await _known(view, key)
    async with view.engine.begin() as db:
        await documents.archive_segment(db, key, False, view.now, view.who)
    return RedirectResponse(f"/segments/{key}?done=segment_restored", 303)


@router.post("/segments/{key}/rebuild")
async def rebuild(view: Marketer, key: str) -> Response:
    """Who is in it is worked out once more."""
    await _known(view, key)
    async with view.engine.begin() as db:
        await documents.rebuild_segment(db, key, view.now)
    return RedirectResponse(f"/segments/{key}?done=segment_rebuilt", 303)


async def _known(view: View, key: str) -> documents.SegmentRow:
    found = await documents.load_segment(view.engine, key)
    if found is None:
        raise NothingHere
    return found


async def _page(
    view: View,
    key: str,
    *,
    status: int = 200,
    before: str = "",
    customer: str = "",
    done: str = "",
    refused: bool = False,
) -> Response:
    found, names = await _known(view, key), await view.names()
    sizes = await members.segment_sizes(view.engine, key, view.now - CHART)
    if found.size is not None:
        sizes = [*sizes, (view.now, found.size)]
    async with view.engine.connect() as db:
        uses = await used_in(db, key)
    return view.render(
        "segment.html",
        status=status,
        segment=found,
        said=describe(found.document.condition).naming(names).to(view.locale),
        chart=draw_sizes(sizes, view.words.local),
        sample=await members.sample_members(view.engine, key),
        page=await members.segment_changes(view.engine, key, before=before or None),
        uses=uses,
        asked=customer,
        why=await _why(view, found, customer) if customer else None,
        done=done,
        refused=refused,
    )


async def _why(view: View, segment: documents.SegmentRow, customer: str) -> dict[str, Any]:
    """Why somebody is in it, or is not; ``known`` is false where nobody has this id."""
    identity = await find_customer(view.engine, customer)
    if identity is None:
        return {"known": False}
    condition, zone = segment.document.condition, view.words.zone.key
    seen = await members.load_one_view(view.engine, identity, [condition], view.now, zone)
    verdict = evaluate(condition, seen, view.now)
    words = explain(condition, seen, view.now).naming(await view.names()).to(view.locale)
    return {"known": True, "customer": identity, "truth": verdict.truth, "until": verdict.until, "text": words}


def _form(
    view: View,
    given: Mapping[str, str],
    problems: Sequence[SegmentProblem] = (),
    segment: documents.SegmentRow | None = None,
) -> Response:
    wrong = {one.field.partition(".")[0]: one.text.to(view.locale) for one in reversed(problems)}
    told = {
        "key": segment.key if segment else "",
        "can": sorted(view.actor.can) if view.actor else [],
        "timeZone": view.words.zone.key,
        "icons": asset("icons.svg"),
        "words": canvas_words(view.locale).address,
        "languages": [code for code, _ in languages()],
    }
    return view.render(
        "segment_form.html",
        status=400 if problems else 200,
        given={"condition": "null", **given},
        wrong=wrong,
        segment=segment,
        bundle=bundle(_ENTRY),
        words=told["words"],
        told=json.dumps(told),
    )


def _document(form: Mapping[str, str]) -> dict[str, Any]:
    """The form as a document. A condition that is no JSON is none."""
    try:
        condition = json.loads(form.get("condition") or "null")
    except ValueError:
        condition = None
    document: dict[str, Any] = {} if condition is None else {"condition": condition}
    for name in ("name", "description"):
        given = {locale: form.get(f"{name}.{locale}", "").strip() for locale in LOCALES}
        document[name] = {locale: text for locale, text in given.items() if text}
    return document


def _filled(document: Mapping[str, Any], key: str) -> dict[str, str]:
    found = {"key": key, "condition": json.dumps(document["condition"], ensure_ascii=False)}
    for name in ("name", "description"):
        found |= {f"{name}.{locale}": words for locale, words in document[name].items()}
    return found
