"""What pictures are called, and where they are served: an address tells of nothing but the picture itself."""

import re
from typing import Any, Literal

PictureType = Literal["png", "jpeg", "gif"]

ENDINGS: dict[PictureType, str] = {"png": "png", "jpeg": "jpg", "gif": "gif"}
CONTENT_TYPES: dict[str, str] = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif"}
NAME_PATTERN = r"^[0-9a-f]{32}\.(png|jpg|gif)$"
FOLDER = "/media/"
"""Of addresses: what follows is a name."""
_ADDRESS = re.compile(r"/media/([0-9a-f]{32}\.(?:png|jpg|gif))\b")


def picture_name(digest: str, kind: PictureType) -> str:
    """The name of a file."""
    return f"{digest}.{ENDINGS[kind]}"


def is_picture_name(name: str) -> bool:
    """Whether a picture could be called so."""
    return re.fullmatch(NAME_PATTERN, name) is not None


def content_type(name: str) -> str:
    """The media type of a picture by its name."""
    return CONTENT_TYPES[name.rpartition(".")[2]]


def picture_address(public_url: str, name: str) -> str:
    """Where everybody can see it. ``public_url`` without a slash at its end."""
    return f"{public_url}{FOLDER}{name}"


def name_in_address(address: str) -> str | None:
    """The picture of ours that an address leads to, whatever its host; None: it leads elsewhere."""
    found = _ADDRESS.search(address)
    return found[1] if found else None


def picture_names(document: Any) -> frozenset[str]:
    """Every picture of ours that a document (JSON) speaks of, in whichever text."""
    if isinstance(document, str):
        return frozenset(_ADDRESS.findall(document))
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list | tuple):
        return frozenset().union(*(picture_names(one) for one in document))
    return frozenset()
