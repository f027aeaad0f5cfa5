"""The workspace's colours and font on customers' pages: a style sheet, for these pages allow no other styles."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.public.view import PublicRoute, open_public
from orchestrator.core.email.brand import brand_of, page_styles

router = APIRouter(route_class=PublicRoute)


@router.get("/brand.css")
async def styles(request: Request) -> Response:
    """What differs from the pages' own look; nothing where no brand is set."""
    theme = brand_of((await open_public(request)).settings)
    headers = {"cache-control": "public, max-age=300"}
    return Response("" if theme is None else page_styles(theme), media_type="text/css", headers=headers)
