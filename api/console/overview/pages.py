"""The first page: what this is, what needs attention, the first steps; and taking the sample data out again."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response
from temporalio.service import RPCError

from api.console.journeys.canvas import bundle
from api.console.overview.attention import attention
from api.console.overview.guide import guide_of
from api.console.reports.asked import PERIODS
from api.console.reports.compositions import GLANCE
from api.demo.routes import shop_is_open
from api.demo.sample import SAMPLE, remove
from api.pages.access import Admin, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from api.runs.routes import runs_of
from orchestrator.store.accounts.first_steps import forget_deed, note_deed
from orchestrator.store.demo.sample_data import has_sample, load_contents
from orchestrator.store.journeys.journey_list import Wanted, load_choices, page_of_journeys
from orchestrator.store.journeys.live_counts import load_figures
from orchestrator.store.measures.presence import missing_sources
from orchestrator.store.teamwork.comments import UnreadMention, list_unread

router = APIRouter(route_class=ConsoleRoute)
SHOWN = 5
"""Journeys, those that were changed last."""


@router.get("/")
async def overview(view: Reader, done: str = "", period: str = "") -> Response:
    """What there is to do, and how the business fares: its figures are fetched once the page stands."""
    names, choices = await view.journey_names(), await load_choices(view.engine)
    recent = await page_of_journeys(view.engine, Wanted(), limit=SHOWN)
    return view.render(
        "overview.html",
        guide=await guide_of(view, names),
        attention=await attention(view, choices, names),
        mentions=await unread_mentions(view),
        choices=choices,
        recent=recent.rows,
        figures=await load_figures(view.engine, [one.key for one in recent.rows]),
        shop=shop_is_open(view.settings),
        sample=await has_sample(view.engine, SAMPLE),
        figures_of=(period if period in PERIODS else GLANCE)
        if not await missing_sources(view.engine, ("customers",))
        else "",
        charts_bundle=bundle("src/charts.ts"),
        done=done,
    )


async def unread_mentions(view: View) -> list[UnreadMention]:
    """Where the reader was named in a comment and has not looked yet."""
    return await list_unread(view.engine, view.actor.account) if view.actor and view.actor.account else []


@router.post("/guide")
async def put_guide_aside(view: Reader) -> Response:
    """Puts the guide aside, or brings it back, for this reader alone."""
    account = view.actor.account if view.actor else None
    if view.form.get("show"):
        await forget_deed(view.engine, account, "dismissed")
    else:
        await note_deed(view.engine, account, "dismissed")
    return RedirectResponse("/", 303)


@router.get("/sample-data")
async def sample_data(view: Admin) -> Response:
    """What would go, and the way to let it go."""
    return await _sample(view)


@router.post("/sample-data")
async def remove_sample_data(view: Admin) -> Response:
    """Removes it, for who wrote what is asked for."""
    if view.form.get("typed", "").strip().casefold() != view.words("sample.word").casefold():
        return await _sample(view, "typed", 400)
    try:
        await remove(view.engine, runs_of(view.request), view.who)
    except (RuntimeError, RPCError, OSError):
        return await _sample(view, "away", 503)
    return RedirectResponse("/?done=sample_removed", 303)


async def _sample(view: View, wrong: str = "", status: int = 200) -> Response:
    contents = await load_contents(view.engine, SAMPLE)
    return view.render("sample_data.html", status, contents=contents, wrong=wrong)
