"""Variables without which a message makes no sense: a coupon's code, what the entry event was about, a link's address.

A customer's first name may be left blank; “Your code: ” without a code, or a link that leads nowhere, is worse than no
message.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.core.web_addresses import find_urls

ESSENTIAL_ROOTS = frozenset({"var", "entry", "event", "links"})
"""What the journey brings along: the customer has nothing to do with its being there."""
_LINK_FIELDS = frozenset({"link", "url", "href", "image", "image_link", "link_mobile", "link_pc", "src"})
_PLACE = re.compile(r"\{\{([^{}]{0,300})\}\}")
_PATH = re.compile(r"\b[a-z]{1,20}\.[A-Za-z_][A-Za-z0-9_.]{0,200}")


def essential(missing: Iterable[str], written: Any) -> list[str]:
    """Those of the unset variables without which the message must not go out. ``written``: its words, as JSON."""
    unset = list(missing)
    in_links = frozenset(_in_links(written, "")) if unset else frozenset[str]()
    return [path for path in unset if path.split(".")[0] in ESSENTIAL_ROOTS or path in in_links]


def _in_links(node: Any, name: str) -> Iterator[str]:
    if isinstance(node, str):
        filled = _PLACE.sub(lambda place: "0" * len(place[0]), node)
        links = [node] if name in _LINK_FIELDS else [node[one.start : one.end] for one in find_urls(filled)]
        for link in links:
            for place in _PLACE.finditer(link):
                yield from _PATH.findall(place[1])
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _in_links(value, str(key))
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _in_links(value, name)
