"""The links of a message: UTM parameters for the shop's own analytics, and our address in place of the target.

Where a link leads is kept in the ledger; what the receiver has is a signed number (``orchestrator/links.py``). The same
target has the same number wherever it stands in a message, in its HTML and in its plain text.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from pydantic import Field, ValidationError

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.labels import labelled
from orchestrator.core.text import Frozen, Text
from orchestrator.core.web_addresses import replace_urls

MOST_LINKS = 200
"""Different targets in one message; what is beyond leads where it leads, uncounted."""

_HREF = re.compile(r'\bhref="([^"]*)"')
_NEVER = re.compile(r"\s*(javascript|data|vbscript|file|blob|about)\s*:", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DOMAIN = r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$"


class LinkSettings(Frozen):
    """``links`` of the workspace's settings. In ``utm_*``, ``{channel}``, ``{journey}``, ``{step}`` and ``{class}``
    stand for what they name; an empty one is left out."""

    clicks: bool = Field(
        True,
        json_schema_extra=labelled(
            Text("Count clicks"),
            help=Text("Links lead through this server, which counts and sends on."),
        ),
    )
    opens: bool = Field(
        True,
        json_schema_extra=labelled(
            Text("Count opens of e-mails"),
            help=Text("Counted with an invisible image. Mail apps that preload images count as opens too."),
        ),
    )
    utm: bool = Field(True, json_schema_extra=labelled(Text("Add UTM parameters")))
    utm_source: str = Field("sojourn", max_length=100, json_schema_extra=labelled(Text("Source")))
    utm_medium: str = Field("{channel}", max_length=100, json_schema_extra=labelled(Text("Medium", context="utm")))
    utm_campaign: str = Field("{journey}", max_length=100, json_schema_extra=labelled(Text("Campaign")))
    utm_content: str = Field("{step}", max_length=100, json_schema_extra=labelled(Text("Content", context="utm")))
    domains: tuple[Annotated[str, Field(pattern=_DOMAIN)], ...] = Field(
        (),
        max_length=50,
        json_schema_extra=labelled(
            Text("Only on these domains"),
            help=Text("UTM parameters are added to links to these domains and what lies below them; empty: to all."),
            item=Text("Domain"),
        ),
    )

    def opened_channels(self) -> frozenset[str]:
        """Channels of whose messages it is known who opened them: the script of the shop's pages tells what happens to
        messages on them, no image of ours is needed there."""
        return frozenset(name for name, one in CHANNELS.items() if one.opens and (self.opens or not one.html))

    def clicked_channels(self) -> frozenset[str]:
        """Channels of whose messages it is known who clicked in them."""
        return frozenset(
            name for name, one in CHANNELS.items() if one.clicks and (self.clicks or one.preview == "page")
        )

    @classmethod
    def of(cls, workspace: Mapping[str, Any]) -> "LinkSettings":
        """From the workspace's settings; what cannot be read there counts as not set."""
        given = workspace.get("links")
        try:
            return cls.model_validate(given) if isinstance(given, dict) else cls()
        except ValidationError:
            return cls()

    def parameters(self, place: Mapping[str, str]) -> dict[str, str]:
        """The UTM parameters of a message. ``place``: ``channel``, ``journey``, ``step``, ``class``."""
        if not self.utm:
            return {}
        names = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
        return {name: value for name in names if (value := _filled(getattr(self, name), place))}


def _filled(pattern: str, place: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: place.get(name[1], ""), pattern)


@dataclass(frozen=True, slots=True)
class Tracking:
    """What becomes of the links of one message. ``click``: our address for the n-th target; None: they stay.

    ``ours``: beginnings of addresses that are left alone: of unsubscribing, above all. ``pixel``: address of the image
    that tells of an opening; empty: none.
    """

    click: Callable[[int], str] | None = None
    pixel: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()


NO_TRACKING = Tracking()


class Linker:
    """Sees to the links of one message: gives them their parameters and our addresses.

    ``targets``: where the counted ones lead, by number; it grows with each part of the message that is seen to.
    """

    def __init__(self, channel: str, tracking: Tracking, targets: tuple[str, ...] = ()) -> None:
        self._tracking = tracking
        self._brief = CHANNELS[channel].charged_by_length
        self._silent = CHANNELS[channel].approved
        self._numbers = {target: n for n, target in enumerate(targets)}
        self._led: dict[str, str] = {}

    @property
    def targets(self) -> tuple[str, ...]:
        """For the ledger."""
        return tuple(self._numbers)

    def text(self, body: str) -> str:
        """Plain text with its links seen to."""
        if self._silent:
            return body
        return replace_urls(body, self._no_longer if self._brief else self.url)

    def page(self, page: str) -> str:
        """HTML with its links seen to; those that could do harm lead nowhere."""
        page = _HREF.sub(lambda found: f'href="{html.escape(self.url(harmless(html.unescape(found[1]))))}"', page)
        pixel = self._tracking.pixel
        if pixel and page:
            image = f'<img src="{html.escape(pixel)}" width="1" height="1" alt="" style="display:block;border:0">'
            page = page.replace("</body>", f"{image}</body>", 1)
        return page

    def options(self, options: Any) -> Any:
        """A channel's own options: the links of pictures, buttons and coupons."""
        if self._silent:
            return options
        if isinstance(options, Mapping):
            return {name: self._option(name, value) for name, value in options.items()}
        return [self.options(one) for one in options] if isinstance(options, list | tuple) else options

    def _option(self, name: str, value: Any) -> Any:
        return self.url(value) if name in OPTIONS and isinstance(value, str) else self.options(value)

    def url(self, url: str) -> str:
        """Where a link in the message points in the end; the same link stands in a message many times."""
        led = self._led.get(url)
        if led is None:
            led = self._led[url] = self._lead(url)
        return led

    def _lead(self, url: str) -> str:
        tracking = self._tracking
        if url.startswith(tracking.ours) or not url.lower().startswith(("http://", "https://")):
            return url
        target = with_parameters(url, tracking.parameters, tracking.domains)
        if tracking.click is None or (target not in self._numbers and len(self._numbers) >= MOST_LINKS):
            return target
        return tracking.click(self._numbers.setdefault(target, len(self._numbers)))

    def _no_longer(self, url: str) -> str:
        """The same where every letter costs: ours only if it is no longer, and no parameters otherwise."""
        click = self._tracking.click
        return url if click is None or len(click(len(self._numbers))) > len(url) else self.url(url)


OPTIONS = frozenset({"link", "url", "url_pc"})
"""Names by which a channel's options say where something leads."""


def harmless(address: str) -> str:
    """The address, or ``#`` for one that runs something or reads from the receiver's own machine, or is none."""
    plain = _CONTROL.sub("", address)
    if _NEVER.match(plain) or not _SCHEME.match(plain):
        return "#"
    return address.strip()


def with_parameters(url: str, parameters: Mapping[str, str], domains: tuple[str, ...] = ()) -> str:
    """The address with parameters that it does not have yet. ``domains``: whose addresses get them; empty: all."""
    if not parameters:
        return url
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return url
    if domains and not any(host == domain or host.endswith(f".{domain}") for domain in domains):
        return url
    present = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = [f"{name}={quote(value, safe='')}" for name, value in parameters.items() if name not in present]
    query = "&".join(filter(None, (parts.query, *added)))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))
