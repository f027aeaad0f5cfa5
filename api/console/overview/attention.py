"""What needs somebody's attention now, as lines with a way to what can be done about it."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlencode

from api.pages.sender import unsaid
from api.pages.view import View
from orchestrator.core.run.pause_reasons import why_paused
from orchestrator.store.channels.provider_health import read_provider_state
from orchestrator.store.coupons.pools import journeys_short_of_codes
from orchestrator.store.heartbeats import living
from orchestrator.store.intake.held_merges import count_held
from orchestrator.store.journeys.journey_list import Choices
from orchestrator.store.operations.pauses import pauses
from orchestrator.store.runs.run_list import count_troubled
from orchestrator.store.surveys.complaints import count_open

LATELY = timedelta(days=1)
MOST_NAMED = 3


@dataclass(frozen=True)
class Line:
    """One matter. ``trouble``: it stops something; ``href``: where one deals with it, where the reader may."""

    icon: str
    text: str
    href: str = ""
    trouble: bool = False


async def attention(view: View, choices: Choices, names: dict[str, str]) -> list[Line]:
    """The gravest first. Empty: all is well."""
    return [
        *await _processes(view),
        *_everything_paused(view),
        *await _stopped(view),
        *await _stuck(view, names),
        *await _failing_channels(view),
        *await _short_pools(view, names),
        *_sender(view, choices),
        *await _waiting_for_people(view),
        *_paused(view, choices),
    ]


async def _processes(view: View) -> list[Line]:
    async with view.engine.connect() as db:
        kinds = {one.kind for one in await living(db)}
    return [
        Line(
            "octagon-exclamation-point",
            words,
            trouble=True,
        )
        for kind, words in (
            ("worker", view.words("attention.no_worker")),
            ("router", view.words("attention.no_router")),
        )
        if kind not in kinds
    ]


def _everything_paused(view: View) -> list[Line]:
    return [Line("pause", view.words("pauses.banner"), "/pauses", trouble=True)] if view.everything_paused else []


async def _stopped(view: View) -> list[Line]:
    """What was paused without anybody's word."""
    found = [one for one in await pauses(view.engine) if one.cause]
    places = await view.places((one.journey, one.step or "") for one in found if one.journey)
    return [
        Line(
            "pause",
            view.words(
                "attention.stopped",
                what=places[one.journey, one.step or ""] if one.journey else view.words("pauses.everything"),
                why=why_paused(one.reason, view.words.zone).to(view.locale),
            ),
            f"/pauses/resume?{urlencode({'what': one.what})}" if view.can("operate") else "/pauses",
            trouble=True,
        )
        for one in found
    ]


async def _stuck(view: View, names: dict[str, str]) -> list[Line]:
    found = list((await count_troubled(view.engine)).items())
    lines = [
        Line(
            "triangle-alert",
            view.words("attention.stuck", count=runs, journey=names.get(key, key)),
            f"/trouble?journey={quote(key, safe='')}",
            trouble=True,
        )
        for key, runs in found[:MOST_NAMED]
    ]
    rest = sum(runs for _, runs in found[MOST_NAMED:])
    if rest:
        lines.append(Line("triangle-alert", view.words("attention.stuck_elsewhere", count=rest), "/trouble", True))
    return lines


async def _failing_channels(view: View) -> list[Line]:
    state = await read_provider_state(view.engine, view.now - LATELY)
    href = "/channels" if view.can("administer") else ""
    return [
        Line(
            "radio",
            view.words(
                "attention.channel",
                channel=view.words.channel(channel),
                count=counts.failed + counts.unknown,
                of=view.words.number(counts.sent + counts.failed + counts.unknown),
            ),
            href,
            trouble=True,
        )
        for (_, channel), counts in state.counts.items()
        if counts.failed + counts.unknown
    ]


async def _short_pools(view: View, names: dict[str, str]) -> list[Line]:
    users: dict[str, list[str]] = {}
    for key, pools in (await journeys_short_of_codes(view.engine, view.now)).items():
        for pool in pools:
            users.setdefault(pool, []).append(names.get(key, key))
    called = await view.names() if users else {}
    return [
        Line(
            "ticket-percent",
            view.words(
                "attention.pool",
                pool=view.name(dict(called.get(("coupon_pool", pool), {})), pool),
                journeys=", ".join(journeys),
            ),
            f"/coupons/{pool}",
            True,
        )
        for pool, journeys in users.items()
    ]


def _sender(view: View, choices: Choices) -> list[Line]:
    missing = unsaid(view)
    if not missing or not choices.statuses:
        return []
    href = "/settings/workspace" if view.can("administer") else ""
    return [
        Line("mail", view.words("attention.sender", what=", ".join(missing)), href, choices.statuses.get("live", 0) > 0)
    ]


async def _waiting_for_people(view: View) -> list[Line]:
    merges, complaints = await count_held(view.engine), await count_open(view.engine)
    lines = []
    if merges:
        lines.append(Line("git-merge", view.words("attention.merges", count=merges), "/merges"))
    if complaints:
        lines.append(
            Line("message-circle-warning", view.words("attention.complaints", count=complaints), "/complaints")
        )
    return lines


def _paused(view: View, choices: Choices) -> list[Line]:
    paused = choices.statuses.get("paused", 0)
    return [Line("pause", view.words("attention.paused", count=paused), "/journeys?status=paused")] if paused else []
