"""Coupons: pools with their stock, what they promise, their codes, what became of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from api.preflight.pool_checks import check_pool_change
from orchestrator.core.coupons.pool import (
    MOST_AT_ONCE,
    POOL_KEY,
    PoolDocument,
    PoolProblem,
    read_pool,
    too_guessable,
)
from orchestrator.core.keys import key_from_names
from orchestrator.core.text import LOCALES, Text
from orchestrator.store.coupons import codes, pools
from orchestrator.store.pagination import Page

router = APIRouter(route_class=ConsoleRoute)
Marketer = Annotated[View, Depends(PageAccess("draw"))]
_NUMBERS = ("percent", "amount", "currency", "valid_until", "valid_days")
_NEW = {"low_at": "100", "pattern.length": "8", "pattern.group": "4", "currency": "KRW"}
_KEY = Text("Lower-case letters, digits and hyphens, starting with a letter.")
_TAKEN = Text("This key is already in use.")
_HOW_MANY = Text("A number from 1 to {most_at_once:,}.", most_at_once=MOST_AT_ONCE)


@router.get("/coupons")
async def coupons(view: Reader, done: str = "") -> Response:
    """Every pool, with what is left of it."""
    found = await pools.list_pools(view.engine)
    return view.render("coupons.html", pools=found, standing=standings(view, found), done=done)


@router.get("/coupons/new")
async def new(view: Marketer) -> Response:
    """The form of a new pool."""
    return _form(view, _NEW)


@router.post("/coupons/new")
async def create(view: Marketer) -> Response:
    """A pool without codes; its page says how to add some."""
    document, problems = read_pool(_document(view.form))
    key = view.form.get("key", "").strip() or key_from_names(document.name if document else "", "pool")
    found = list(problems)
    if not re.fullmatch(POOL_KEY, key):
        found.insert(0, PoolProblem("key", _KEY))
    if found or document is None:
        return _form(view, view.form, found)
    try:
        await pools.create_pool(view.engine, key, document, view.now, view.who)
    except pools.PoolExists:
        return _form(view, view.form, [PoolProblem("key", _TAKEN)])
    return RedirectResponse(f"/coupons/{key}?done=pool_made", 303)


@router.get("/coupons/{key}")
async def pool(
    view: Reader, key: str, state: str = "taken", code: str = "", before: str = "", done: str = ""
) -> Response:
    """One pool: stock, codes, report."""
    return await _pool(view, key, state=state, code=code.strip(), before=before, done=done)


@router.get("/coupons/{key}/edit")
async def edit(view: Marketer, key: str) -> Response:
    """The form of what a pool promises."""
    found = await _known(view, key)
    return _form(view, _filled(key, found.document), pool=found)


@router.post("/coupons/{key}/edit")
async def change(view: Marketer, key: str) -> Response:
    """Holds for codes that are taken from now on."""
    found = await _known(view, key)
    document, problems = read_pool(_document(view.form))
    if document is None:
        return _form(view, {**view.form, "key": key}, list(problems), found)
    stops = await check_pool_change(view.request.app.state.resources, found, document=document)
    if stops and not view.form.get("override"):
        return _form(view, {**view.form, "key": key}, pool=found, stops=[one.text.to(view.locale) for one in stops])
    await pools.change_pool(view.engine, key, document, view.now, view.who)
    return RedirectResponse(f"/coupons/{key}?done=pool_changed", 303)


@router.post("/coupons/{key}/generate")
async def generate(view: Marketer, key: str) -> Response:
    """So many new codes of the pool's pattern."""
    found = await _known(view, key)
    given = view.form.get("number", "").replace(",", "").strip()
    number = int(given) if given.isdecimal() and len(given) < 9 else 0
    pattern, after = found.document.pattern, found.stock.total + number
    wrong = _HOW_MANY if not 1 <= number <= MOST_AT_ONCE else None
    if wrong is None and after > pattern.most_codes():
        wrong = too_guessable(pattern, after)
    if wrong is not None:
        return await _pool(view, key, status=400, wrong=wrong.to(view.locale), number=given)
    await codes.generate_codes(view.engine, key, pattern, number)
    return RedirectResponse(f"/coupons/{key}?state=free&done=codes_made", 303)


@router.post("/coupons/{key}/archive")
async def archive(view: Marketer, key: str) -> Response:
    """No codes any more. Where live journeys give them, that is said first."""
    found = await _known(view, key)
    stops = await check_pool_change(view.request.app.state.resources, found, archived=True)
    if stops and not view.form.get("override"):
        return await _pool(view, key, status=409, stops=[one.text.to(view.locale) for one in stops])
    await pools.archive_pool(view.engine, key, True, view.now, view.who)
    return RedirectResponse(f"/coupons/{key}?done=pool_archived", 303)


@router.post("/coupons/{key}/restore")
async def restore(view: Marketer, key: str) -> Response:
    """Back in use."""
    await _known(view, key)
    await pools.archive_pool(view.engine, key, False, view.now, view.who)
    return RedirectResponse(f"/coupons/{key}?done=pool_restored", 303)


def standings(view: View, found: list[pools.Pool]) -> dict[str, str]:
    """How each pool stands, by key."""
    return {one.key: one.standing(view.now, view.words.zone.key) for one in found}


async def _known(view: View, key: str) -> pools.Pool:
    found = await pools.load_pool(view.engine, key)
    if found is None:
        raise NothingHere
    return found


async def _pool(
    view: View,
    key: str,
    *,
    status: int = 200,
    state: str = "free",
    code: str = "",
    before: str = "",
    **shown: Any,
) -> Response:
    found = await _known(view, key)
    state = state if state in codes.STATES else "taken"
    if code:
        rows = [row for row in await codes.find_codes(view.engine, [code[:64]]) if row.pool_key == key]
        listed = Page(rows)
    else:
        listed = await codes.list_codes(view.engine, key, state, before or None)
    names = await view.journey_names()
    context = {"wrong": "", "number": "", "done": "", "stops": (), **shown}
    return view.render(
        "coupon_pool.html",
        status=status,
        pool=found,
        standing=standings(view, [found])[key],
        report=await pools.pool_report(view.engine, key),
        page=listed,
        state=state,
        states=codes.STATES,
        code=code,
        names=names,
        good_until=found.document.good_until(view.now, view.words.zone.key),
        most=MOST_AT_ONCE,
        **context,
    )


def _form(
    view: View,
    given: Mapping[str, str],
    problems: list[PoolProblem] | None = None,
    pool: pools.Pool | None = None,
    stops: Sequence[str] = (),
) -> Response:
    """``stops``: what the change would spoil in live journeys."""
    wrong = {one.field: one.text.to(view.locale) for one in reversed(problems or [])}
    status = 400 if problems else 409 if stops else 200
    return view.render("coupon_form.html", status=status, given=given, wrong=wrong, pool=pool, stops=stops)


def _document(form: Mapping[str, str]) -> dict[str, Any]:
    """The form as a document. What is left empty is not said."""
    given = {name: text.strip() for name, text in form.items() if text.strip()}
    document: dict[str, Any] = {name: given[name] for name in _NUMBERS if name in given}
    if "amount" not in document:
        document.pop("currency", None)
    for name in ("name", "worth"):
        document[name] = {locale: given[f"{name}.{locale}"] for locale in LOCALES if f"{name}.{locale}" in given}
    document["pattern"] = {
        name: given[f"pattern.{name}"] for name in ("prefix", "length", "group") if f"pattern.{name}" in given
    }
    if "low_at" in given:
        document["low_at"] = given["low_at"]
    return document


def _filled(key: str, document: PoolDocument) -> dict[str, str]:
    plain = document.model_dump(mode="json")
    found = {"key": key, "low_at": str(document.low_at)}
    found |= {name: str(plain[name]) for name in _NUMBERS if plain[name] is not None}
    found |= {f"{name}.{locale}": words for name in ("name", "worth") for locale, words in plain[name].items()}
    return found | {f"pattern.{name}": str(value) for name, value in plain["pattern"].items()}
