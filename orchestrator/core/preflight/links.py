"""The link check: which links a message has once it is filled, and what is wrong with them at sight.

Whether they can be reached, others find out (``activities.http.link_check``); what that means is judged here.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from orchestrator.core.preflight.findings import Check, Finding, each_once, figure, summed_up
from orchestrator.core.preflight.texts import Read
from orchestrator.core.text import Text
from orchestrator.core.web_addresses import find_urls

MOST_LINKS = 60
"""Different addresses of one draft that are called; filled from samples, one link may be many."""
MOST_OF_ONE = 3
"""Addresses that one link, filled for different customers, is called at."""

_HREF = re.compile(r'\bhref="([^"]*)"')
_NOT_WEB = ("mailto:", "tel:", "sms:", "kakaotalk:", "intent:")
_PLACEHOLDER_HOSTS = re.compile(
    r"(^|\.)(example\.(com|org|net|co\.kr)|example|test|invalid|localhost|local|your-?(domain|shop|site)\.\w+)$"
)
_OURS = "links.invalid"
"""The way out of a sample's message: made for each send, there is nothing to call."""


@dataclass(frozen=True, slots=True)
class Link:
    """One address in a message."""

    url: str
    step: str | None
    channel: str


@dataclass(frozen=True, slots=True)
class Reached:
    """What calling an address came to. ``hops``: the addresses that it was redirected to, in order."""

    status: int | None = None
    hops: tuple[str, ...] = ()
    problem: str = ""
    """``refused`` (leads into an internal network), ``no_answer``, ``too_slow`` or ``too_many_redirects``."""

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        return {"status": self.status, "hops": list(self.hops), "problem": self.problem}

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Reached":
        """The inverse of :meth:`as_json`."""
        return cls(given.get("status"), tuple(given.get("hops") or ()), str(given.get("problem") or ""))


def links_in(read: Read, ours: Sequence[str]) -> list[Link]:
    """The links of everything that was read, each address once; ``ours``: beginnings of our own addresses."""
    found: dict[tuple[str, str | None, str], Link] = {}
    for place, channel, _, composed in read.texts:
        addresses = [html.unescape(one) for one in _HREF.findall(composed.html)]
        addresses += (found.url for found in find_urls(composed.words.body))
        addresses += list(_in_options(composed.options))
        for url in addresses:
            if url.startswith(_NOT_WEB) or _OURS in url or any(one and url.startswith(one) for one in ours):
                continue
            found.setdefault((url, place.step, channel), Link(url, place.step, channel))
    return list(found.values())


def _in_options(node: Any) -> Iterator[str]:
    """Addresses of buttons and pictures."""
    if isinstance(node, str) and node.startswith(("http://", "https://")):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _in_options(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _in_options(value)


def to_call(links: Sequence[Link]) -> list[str]:
    """The addresses that are worth calling: web addresses that are no placeholder, few of each page."""
    pages: dict[tuple[str | None, str], int] = {}
    found: list[str] = []
    for link in links:
        host, path = _host(link.url), link.url.partition("?")[0]
        if link.url in found or not host or _PLACEHOLDER_HOSTS.search(host):
            continue
        page = (link.step, path)
        pages[page] = pages.get(page, 0) + 1
        if pages[page] <= MOST_OF_ONE and len(found) < MOST_LINKS:
            found.append(link.url)
    return found


def link_check(links: Sequence[Link], reached: Mapping[str, Reached], domains: Sequence[str], of: int) -> Check:
    """What is known of the links by now. ``domains``: the workspace's own; empty: any. ``of``: addresses to call."""
    findings = [one for link in links for one in (*_url_findings(link, domains), *_called(link, reached.get(link.url)))]
    if links and not domains:
        text = Text(
            "Your own domains are not set, so links to a wrong shop cannot be spotted. Set them under Settings."
        )
        findings.append(Finding("look", "no_domains", text))
    found = each_once(findings)
    done = sum(link in reached for link in dict.fromkeys(link.url for link in links))
    fine = Text(
        "{count} link; all that were called answer.",
        plural="{count} links; all that were called answer.",
        count=len({link.url for link in links}),
    )
    none = Text("The messages have no links.")
    moved = [(url, one.hops[-1]) for url, one in reached.items() if one.hops]
    figures = [
        figure(Text("Links"), len({link.url for link in links})),
        figure(Text("Links checked"), f"{min(done, of)} / {of}"),
        *(figure(Text("Redirected"), f"{_short(url)} → {_short(to)}") for url, to in moved[:8]),
    ]
    progress = (min(done, of), of) if done < of else None
    return Check("link", summed_up(found, fine if links else none), tuple(figures), found, progress)


def _url_findings(link: Link, domains: Sequence[str]) -> Iterator[Finding]:
    url, host = link.url, _host(link.url)
    if url.strip() in ("", "#") or url.startswith(("javascript:", "about:")):
        yield _found("stop", "link_nowhere", link, Text("goes nowhere"))
    elif not host:
        yield _found("stop", "link_unreadable", link, Text("is not a web address"))
    elif _PLACEHOLDER_HOSTS.search(host) or re.fullmatch(r"[\d.]+|\[.*\]", host):
        yield _found("stop", "link_placeholder", link, Text("is a placeholder"))
    else:
        if "{{" in url or "{%" in url or "None" in url.split("?")[-1].split("="):
            yield _found("stop", "link_unfilled", link, Text("has an unfilled variable"))
        if url.startswith("http://"):
            yield _found("look", "link_plain", link, Text("is not https"))
        if domains and not any(host == one or host.endswith(f".{one}") for one in domains):
            listed = ", ".join(domains[:3])
            strange = Text("is not on {listed}", listed=listed)
            yield _found("look", "link_foreign", link, strange)


def _called(link: Link, reached: Reached | None) -> Iterator[Finding]:
    if reached is None:
        return
    status = reached.status
    if reached.problem:
        words, verdict = _PROBLEMS.get(reached.problem, _PROBLEMS["no_answer"])
        yield _found(verdict, f"link_{reached.problem}", link, words)
    elif status in (401, 403, 405, 406, 429):
        closed = Text("returns {status} to automated checks: open it yourself", status=status)
        yield _found("look", "link_closed", link, closed)
    elif status is not None and status >= 400:
        broken = Text("returns error {status}", status=status)
        yield _found("stop", "link_broken", link, broken)
    elif reached.hops and _site(_host(reached.hops[-1])) != _site(_host(link.url)):
        away = Text("redirects to {hops}", hops=_short(reached.hops[-1]))
        yield _found("look", "link_moves_away", link, away)


_PROBLEMS: Mapping[str, tuple[Text, Any]] = {
    "refused": (Text("points to an internal network"), "stop"),
    "no_answer": (Text("does not answer"), "stop"),
    "too_slow": (Text("does not respond within 10 seconds"), "look"),
    "too_many_redirects": (Text("redirects endlessly"), "stop"),
}


def _found(verdict: Any, code: str, link: Link, what: Text) -> Finding:
    short = _short(link.url) or "#"
    return Finding(verdict, code, Text("{short} {what}.", short=short, what=what), link.step)


def _host(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        return (parts.hostname or "").lower() if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _site(host: str) -> str:
    """Good enough to tell one's own shop from another's: ``www.`` is no difference."""
    return host.removeprefix("www.").removeprefix("m.")


def _short(url: str) -> str:
    plain = url.removeprefix("https://")
    return plain if len(plain) <= 60 else f"{plain[:59]}…"
