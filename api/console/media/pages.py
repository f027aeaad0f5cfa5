"""The library of pictures: looked through, added to, and one picture with what it shows and what shows it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from api.http.access import browsing
from api.http.problems import ApiProblem
from api.media.library import delete_picture, picture_as_json
from api.media.schemas import MOST_ALT, MOST_TITLE
from api.pages.access import NothingHere, PageAccess, Reader
from api.pages.console_route import ConsoleRoute
from api.pages.view import View
from orchestrator.core.media.names import FOLDER
from orchestrator.core.media.pictures import MOST_BYTES, MOST_SIDE
from orchestrator.store.media.pictures import change_picture, list_pictures, load_picture, uses_of_pictures

router = APIRouter(route_class=ConsoleRoute)
Drawer = Annotated[View, Depends(PageAccess("draw"))]
ON_A_PAGE = 36
_MEGA = 1024 * 1024


@router.get("/pictures")
async def pictures(view: Reader, search: str = "", before: str = "", done: str = "") -> Response:
    """The library, the newest first."""
    wanted = search.strip()[:200] or None
    page = await list_pictures(view.engine, search=wanted, before=before or None, limit=ON_A_PAGE)
    used = await uses_of_pictures(view.engine)
    shown = [{**picture_as_json(row, view.settings.public_url, used), "src": FOLDER + row.name} for row in page.rows]
    limits = {"bytes": MOST_BYTES // _MEGA, "side": MOST_SIDE}
    return view.render("pictures.html", pictures=shown, page=page, search=search, done=done, limits=limits)


@router.get("/pictures/{identity}")
async def picture(view: Reader, identity: UUID, done: str = "") -> Response:
    """One picture."""
    return await _picture(view, identity, done=done)


@router.post("/pictures/{identity}")
async def change(view: Drawer, identity: UUID) -> Response:
    """What it is called, and what it shows."""
    title, alt = view.form.get("title", "").strip()[:MOST_TITLE], view.form.get("alt", "").strip()[:MOST_ALT]
    if not await change_picture(view.engine, identity, title=title or None, alt=alt):
        raise NothingHere
    return RedirectResponse(f"/pictures/{identity}?done=picture_kept", 303)


@router.post("/pictures/{identity}/delete")
async def delete(view: Drawer, identity: UUID) -> Response:
    """Out of the library, where nothing shows it."""
    view.request.state.actor = await browsing(view.request)
    try:
        kept = await delete_picture(view.request, identity)
    except ApiProblem as problem:
        if problem.code == "unknown_picture":
            raise NothingHere from None
        return await _picture(view, identity, problem=problem.rendered(view.locale)["message"], status=409)
    return RedirectResponse(f"/pictures?done={'picture_hidden' if kept else 'picture_deleted'}", 303)


async def _picture(view: View, identity: UUID, *, done: str = "", problem: str = "", status: int = 200) -> Response:
    row = await load_picture(view.engine, identity)
    if row is None:
        raise NothingHere
    shown = picture_as_json(row, view.settings.public_url, await uses_of_pictures(view.engine, row.name))
    return view.render(
        "picture.html", status, one=shown, src=FOLDER + row.name, done=done, problem=problem, most_alt=MOST_ALT
    )
