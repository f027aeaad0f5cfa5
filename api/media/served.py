"""Pictures as everybody sees them: mail programs, phones, Kakao's servers. No sign-in, no database, no cookie."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.http.lists import resources_of
from api.http.problems import ApiProblem
from orchestrator.core.media.names import content_type, is_picture_name
from orchestrator.store.media.storage import StorageAway

router = APIRouter(include_in_schema=False)
YEAR = 365 * 24 * 3600
HEADERS = {
    # What is served here is a picture that we wrote ourselves, and still nothing but one, whatever a browser thinks.
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",
    "content-disposition": "inline",
    "cache-control": f"public, max-age={YEAR}, immutable",
}


@router.api_route("/media/{name}", methods=["GET", "HEAD"])
async def picture(request: Request, name: str) -> Response:
    """The picture of this name, for ever the same."""
    if not is_picture_name(name):
        raise ApiProblem("not_found")
    tag = f'"{name.partition(".")[0]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={**HEADERS, "etag": tag})
    try:
        data = await resources_of(request).media.get(name)
    except StorageAway:
        raise ApiProblem("storage_away", seconds=10) from None
    if data is None:
        raise ApiProblem("not_found")
    return Response(data, media_type=content_type(name), headers={**HEADERS, "etag": tag})
