"""Small forms, as browsers send them."""

from urllib.parse import parse_qs

from fastapi import Request

from orchestrator.core.characters import storable_text

LONGEST_FORM = 65_536
MOST_FIELDS = 100


async def read_form(request: Request, longest: int = 0) -> dict[str, str]:
    """The fields; of a name given twice, the last value. A body that is too long, or has more fields than any form of
    ours, counts as empty."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > (longest or LONGEST_FORM):
            return {}
    try:
        given = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: storable_text(values[-1]) for name, values in given.items()}


def local_path(given: str) -> str:
    """``given`` if it is a path of this console, else ``/``: never another site (``//elsewhere``, ``/\\elsewhere``)."""
    return given if given.startswith("/") and given[1:2] not in ("/", "\\") and given.isprintable() else "/"
