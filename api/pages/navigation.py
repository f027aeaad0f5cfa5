"""The parts of the console as they stand in the bar on the left: groups, and in each the pages that there are.

One list feeds the bar, the search over everything and the test that no link leads nowhere. A new page is one line here,
with a word of its own (``nav.…``) in both languages.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import NamedTuple

from orchestrator.core.roles import Permission


class Page(NamedTuple):
    """A page that stands in the bar. ``name``: its word; ``within``: addresses below which one is on it as well."""

    name: str
    href: str
    icon: str
    needs: Permission = "read"
    within: tuple[str, ...] = ()


class Group(NamedTuple):
    """Pages under one heading. A ``quiet`` one shows only its first page until one is within it."""

    name: str
    pages: tuple[Page, ...]
    quiet: bool = False


GROUPS: tuple[Group, ...] = (
    Group("overview", (Page("home", "/", "house"), Page("connect", "/connect", "plug", "administer"))),
    Group(
        "journeys",
        (
            Page("journeys", "/journeys", "route"),
            Page("runs", "/runs", "list-checks"),
            Page("entries", "/entries", "log-in"),
        ),
    ),
    Group(
        "audience",
        (
            Page("customers", "/customers", "users"),
            Page("segments", "/segments", "list-filter"),
            Page("traits", "/traits", "sparkles"),
            Page("imports", "/imports", "file-down"),
            Page("consents", "/consents", "shield-check"),
            Page("events", "/events", "activity"),
            Page("merges", "/merges", "git-merge"),
            Page("erasures", "/erasures", "x", "administer"),
        ),
    ),
    Group(
        "messages",
        (
            Page("templates", "/templates", "layout-template"),
            Page("pictures", "/pictures", "image"),
            Page("coupons", "/coupons", "ticket-percent"),
            Page("outbox", "/outbox", "inbox"),
        ),
    ),
    Group(
        "results",
        (
            Page("reports", "/reports", "chart-column"),
            Page("experiments", "/experiments", "flask-conical"),
            Page("suggestions", "/suggestions", "target"),
            Page("surveys", "/surveys", "clipboard-list"),
            Page("complaints", "/complaints", "message-circle-warning"),
        ),
    ),
    Group(
        "operations",
        (
            Page("trouble", "/trouble", "triangle-alert"),
            Page("operations", "/operations", "list-checks"),
            Page("broadcasts", "/broadcasts", "send"),
            Page("pauses", "/pauses", "pause"),
            Page("audit", "/audit", "shield-check", "operate"),
            Page("channels", "/channels", "radio", "administer"),
            Page("policies", "/policies", "sliders-horizontal", "administer"),
        ),
    ),
    Group(
        "settings",
        (
            Page("settings", "/settings", "settings"),
            Page("people", "/settings/people", "user-plus", "administer"),
            Page("workspace", "/settings/workspace", "building-complex", "administer"),
            Page("brand", "/settings/brand", "palette", "administer"),
            Page("keys", "/settings/keys", "key-round", "administer"),
            Page("tokens", "/settings/tokens", "lock", "administer"),
            Page("secrets", "/settings/secrets", "webhook", "administer"),
            Page("links", "/settings/links", "link", "administer"),
        ),
        quiet=True,
    ),
)


@dataclass(frozen=True)
class Shown:
    """A page as one reader sees it in the bar. ``here``: it is the one that is open, or what is open is below it."""

    page: Page
    here: bool


@dataclass(frozen=True)
class ShownGroup:
    """A group with those of its pages that its reader may open."""

    group: Group
    pages: tuple[Shown, ...]
    open: bool


def pages_for(can: Set[Permission]) -> Iterator[tuple[Group, Page]]:
    """Every page that somebody with these permissions may open, in the order of the bar."""
    return ((group, page) for group in GROUPS for page in group.pages if page.needs in can)


def navigation(path: str, can: Set[Permission]) -> tuple[ShownGroup, ...]:
    """The bar on the page ``path``; groups of which nothing may be opened are left out."""
    here = current(path, can)
    found: list[ShownGroup] = []
    for group in GROUPS:
        pages = tuple(Shown(page, page is here) for page in group.pages if page.needs in can)
        if pages:
            found.append(ShownGroup(group, pages, not group.quiet or any(one.here for one in pages)))
    return tuple(found)


def current(path: str, can: Set[Permission]) -> Page | None:
    """The page that ``path`` is, or the nearest above it; None where it stands in no part of the console."""
    found = [
        (len(place), page) for _, page in pages_for(can) for place in (page.href, *page.within) if _below(path, place)
    ]
    return max(found, key=lambda one: one[0])[1] if found else None


def _below(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(place + "/"))
