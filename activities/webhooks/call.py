"""The *webhook* step, carried out: one signed call to another system, and what is kept of its answer.

Signed as Standard Webhooks has it (https://www.standardwebhooks.com, "Signature scheme"). ``webhook-id`` is the send's
id, the same at every attempt: a call whose answer we never heard is repeated, and a receiver that keeps ids takes it
once. A step may name a secret of the workspace, which signs in the installation's stead; while that is rotated there is
a signature by each of its two values. What may pass (429, 5xx, no answer) is raised as ``Temporary``, for Temporal to
try again, until ``retry_for`` of journey time has gone by since the first attempt; then, and at once for every other
error, the step has failed.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError

from activities.http.guarded import Refused, TooLarge, guarded_client
from activities.http.retry_after import retry_after
from activities.sending.context import customer_zone, journey_status, template_variables
from activities.sending.contract import DeliverResult, StepWork, in_progress
from activities.webhooks.signature import signed, signing_key
from orchestrator.core.sending.decision import Reason
from orchestrator.core.sending.reasons import PAUSES, ReasonCode
from orchestrator.core.steps.webhook import WITHOUT_BODY, Webhook, WebhookSettings
from orchestrator.core.templating.budget import shared_budget
from orchestrator.core.templating.engine import RenderFailed, TemplateSyntaxProblem, compile_template, render
from orchestrator.core.templating.request_secrets import (
    HIDDEN,
    LEAST_SECRET,
    change_body,
    change_url,
    is_literal_secret,
    named_secrets,
    redact,
)
from orchestrator.core.templating.request_template import (
    MOST_BODY,
    RequestProblem,
    check_url,
    found_in,
    json_template,
    render_json,
    render_url,
    shown_url,
)
from orchestrator.core.timing import zone
from orchestrator.settings import Settings
from orchestrator.store.paused import step_paused
from orchestrator.store.secret_box import NotOurs
from orchestrator.store.secrets.named import OpenSecret, box, open_secrets
from orchestrator.store.sending.ledger import Entry, Ledger

CHANNEL = "webhook"
"""As which the ledger knows it."""
ASK_AGAIN = timedelta(hours=1)
"""Journey time after which the call of a paused journey is looked at again."""
LATER = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 529})
"""Answers that say: not now. Every other one that is not 2xx says: not so."""
MOST_ANSWER = 256 * 1024
MOST_VALUES = 16 * 1024
"""Bytes of JSON that are kept of an answer: they travel in the run's history."""
SLOWEST_RETRY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Request:
    """One call, filled in. ``secrets``: values that stand in it and are shown to nobody."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    """What signs it, the newest first; none: the installation's key."""
    secrets: tuple[str, ...] = field(default=(), repr=False)


class _Temporary(Exception):
    """The other side is busy or away. ``after``: how long it asks to be left alone."""

    def __init__(self, detail: str, after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.after = after


class _Failed(Exception):
    """It will not work, now or later."""

    def __init__(self, code: ReasonCode, detail: str, status: int | None = None) -> None:
        super().__init__(detail)
        self.code: ReasonCode = code
        self.status = status


class Webhooks:
    """The handler of webhook steps; one for a worker."""

    def __init__(self, engine: AsyncEngine, settings: Settings) -> None:
        self._engine = engine
        self._ledger = Ledger(engine)
        self._key = signing_key(settings)
        self._box = box(settings.secret_key.get_secret_value())
        self._client = guarded_client(settings.outgoing_allow, seconds=30.0, most=MOST_ANSWER)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def handle(self, work: StepWork) -> DeliverResult:
        """See :class:`~activities.sending.contract.StepHandler`."""
        row = work.seen.row
        if work.seen.status in {"sent", "skipped"} or (work.seen.status == "failed" and row["reason"] != "temporary"):
            return await self._as_before(work)
        await self._wait_for_others(work)
        stopped = _objection(work)
        if stopped is not None and stopped.code in PAUSES:
            until = work.now + ASK_AGAIN
            await self._write(work, "held", stopped, until=None if work.given.parks else until)
            return DeliverResult("held", stopped.code, until)
        if stopped is not None:
            return await self._ended(work, "skipped", stopped)
        if not isinstance(work.step, Webhook):
            raise TypeError(f"{work.place.step} is no webhook")
        try:
            secrets = await self._secrets(work.step)
            request = await asyncio.to_thread(made, work.step.settings, work, secrets)
        except (_Failed, RenderFailed) as fault:
            code = fault.code if isinstance(fault, _Failed) else "template_failed"
            return await self._ended(work, "failed", Reason(code, {"detail": str(fault)}))
        first = work.seen.claim.get("first") or work.now.isoformat()
        await self._write(work, "claimed", None, request=request, first=first)
        return await self._called(work, work.step.settings, request, datetime.fromisoformat(first))

    async def _secrets(self, step: Webhook) -> dict[str, OpenSecret]:
        """The secrets that the step names. Fails where one cannot be had: nothing is called without it."""
        names = {reference.name for reference in step.references()}
        try:
            found = await open_secrets(self._engine, self._box, names)
        except NotOurs:
            raise _Failed("webhook_secret", "SOJOURN_SECRET_KEY") from None
        for name in sorted(names - found.keys()):
            raise _Failed("webhook_secret", name)
        return found

    async def _called(
        self, work: StepWork, settings: WebhookSettings, request: Request, first: datetime
    ) -> DeliverResult:
        try:
            status, values = await self._call(work, settings, request)
        except _Failed as failed:
            more = {"status": failed.status} if failed.status else {}
            return await self._settled(work, "failed", Reason(failed.code, {"detail": str(failed)}), more)
        except _Temporary as fault:
            late = work.now - first + (fault.after or timedelta(0)) * work.seen.clock.speed
            if late >= settings.retry_for:
                return await self._settled(work, "failed", Reason("webhook_failed", {"detail": str(fault)}))
            await self._settled(work, "failed", Reason("temporary", {"channel": CHANNEL, "detail": str(fault)}))
            raise ApplicationError(str(fault), type="Temporary", next_retry_delay=fault.after) from None
        return await self._settled(work, "sent", None, {"status": status, "values": values})

    async def _call(self, work: StepWork, settings: WebhookSettings, request: Request) -> tuple[int, Mapping[str, Any]]:
        """The answer's status and the values kept of it."""
        keys = request.keys or (self._key,)
        headers = {**request.headers, **signed(keys, str(work.place.id), request.body, time.time())}
        try:
            async with asyncio.timeout(settings.timeout.total_seconds()):
                answer = await self._client.request(
                    request.method, request.url, headers=headers, content=request.body or None
                )
        except Refused as refused:
            raise _Failed("webhook_refused", str(refused)) from None
        except TooLarge:
            raise _Failed("webhook_answer", f"> {MOST_ANSWER} B") from None
        except (httpx2.TimeoutException, TimeoutError):
            raise _Temporary("timeout") from None
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError) as error:
            raise _Failed("webhook_refused", type(error).__name__) from None
        except httpx2.HTTPError as error:
            raise _Temporary(type(error).__name__) from None
        if answer.status_code in LATER:
            raise _Temporary(
                f"HTTP {answer.status_code}", retry_after(answer.headers.get("retry-after", ""), SLOWEST_RETRY)
            )
        if not answer.is_success:
            raise _Failed("webhook_failed", f"HTTP {answer.status_code}", answer.status_code)
        values = kept(settings.response, answer.content, answer.status_code)
        return answer.status_code, redact(values, request.secrets)

    # --- the ledger ----------------------------------------------------------------------------------------------

    async def _wait_for_others(self, work: StepWork) -> None:
        """Another process may be at it; one that is gone may have called, which is no harm: the id is the same."""
        if work.seen.status != "claimed" or work.seen.claim.get("by") == work.process:
            return
        async with self._ledger.page() as page:
            if await page.claimant_lives(work.seen):
                raise in_progress()

    async def _as_before(self, work: StepWork) -> DeliverResult:
        async with self._ledger.page() as page:
            inputs = await page.inputs(work.place)
        outcome: Any = "sent" if work.seen.status == "sent" else "skipped"
        return DeliverResult(outcome, work.seen.row["reason"], values=inputs.get("values") or {})

    async def _ended(self, work: StepWork, status: str, reason: Reason) -> DeliverResult:
        """Over before anything was called."""
        await self._write(work, status, reason)
        return DeliverResult("skipped", reason.code)

    async def _write(
        self,
        work: StepWork,
        status: str,
        reason: Reason | None,
        *,
        request: Request | None = None,
        until: datetime | None = None,
        first: str = "",
    ) -> None:
        claim = {"claim": {"by": work.process, "at": datetime.now(UTC).isoformat(), "first": first}} if request else {}
        told = {"reason": reason.as_json()} if reason else {}
        entry = Entry(
            message_class="informational",
            status=status,
            now=work.now,
            inputs={"now": work.now.isoformat(), "journey": work.seen.row["journey"], **told, **claim},
            reason=reason.code if reason else "",
            channel=CHANNEL,
            provider=CHANNEL,
            content=_shown(request) if request else {},
            hold_until=until,
        )
        async with self._ledger.page() as page:
            if not await page.write(work.place, work.seen, entry):
                raise in_progress()

    async def _settled(
        self, work: StepWork, status: str, reason: Reason | None, more: Mapping[str, Any] = MappingProxyType({})
    ) -> DeliverResult:
        """After a call."""
        told = {"reason": reason.as_json() if reason else None, **more}
        sent_at = work.now if status == "sent" else None
        async with self._ledger.page() as page:
            await page.settle(work.place, status, reason.code if reason else "", None, sent_at, told)
        if reason is None:
            return DeliverResult("sent", values=more["values"])
        return DeliverResult("skipped", reason.code)


def _objection(work: StepWork) -> Reason | None:
    """Why it waits, or why nothing is called."""
    if work.seen.row["run_over"]:
        return Reason("run_over")
    match journey_status(work.seen.row):
        case "stopped":
            return Reason("journey_stopped")
        case "paused":
            return Reason("journey_paused")
    settings = work.seen.row["workspace_settings"] or {}
    return Reason("step_paused") if step_paused(settings, work.seen.row["journey_key"], work.place.step) else None


# --- the request -----------------------------------------------------------------------------------------------------


@shared_budget()
def made(settings: WebhookSettings, work: StepWork, secrets: Mapping[str, OpenSecret]) -> Request:
    """The call for this customer. Raises ``RenderFailed``, or fails where the author's words make no request."""
    context = template_variables(work.seen, {**work.plan.variables, **work.given.variables})
    locale: str = work.seen.row["locale"] or work.seen.row["workspace_locale"] or "ko"
    tz = zone(customer_zone(work.seen.row))
    try:
        check_url(settings.url)
        context = {**context, "secret": _carried_along(settings, secrets)}
        url = render_url(settings.url, context, locale=locale, tz=tz)
        headers = {name: _header(value, context, locale, tz) for name, value in settings.headers.items()}
        body = _body(settings, context, locale, tz)
    except (RequestProblem, TemplateSyntaxProblem) as fault:
        raise _Failed("webhook_refused", str(fault)) from None
    if len(body) > MOST_BODY:
        raise _Failed("webhook_refused", f"> {MOST_BODY} B")
    keys = secrets[settings.secret].keys if settings.secret else ()
    shown_to_nobody = (*context["secret"].values(), *_literal_secrets(url, {**context["var"], **headers}, body))
    return Request(settings.method, url, headers, body, keys, shown_to_nobody)


def _carried_along(settings: WebhookSettings, secrets: Mapping[str, OpenSecret]) -> dict[str, str]:
    """The values that stand in the request itself, by name. Fails where one may not go to its host."""
    written = (settings.url, settings.body, *settings.headers.values())
    said = frozenset[str]().union(*map(named_secrets, written)) & secrets.keys()  # a body may be unused
    host = urlsplit(settings.url).hostname or ""
    for name in sorted(said):
        if not secrets[name].may_go_to(host):
            raise _Failed("webhook_secret", f"{name} → {host}")
    return {name: secrets[name].values[0] for name in said}


def _literal_secrets(url: str, named: Mapping[str, Any], body: bytes) -> list[str]:
    """What is written out in older files, in the journey's variables too, and what of it follows a scheme."""
    found: list[str] = []

    def note(value: str) -> str:
        found.extend(word for word in (value, *value.split()) if len(word) >= LEAST_SECRET)
        return value

    change_url(url, note)
    change_body(body.decode(), note)
    for name, value in named.items():
        if isinstance(value, str) and is_literal_secret(name, value):
            note(value)
    return found


def _body(settings: WebhookSettings, context: Mapping[str, Any], locale: str, tz: ZoneInfo) -> bytes:
    if settings.method in WITHOUT_BODY or not settings.body.strip():
        return b""
    tree = render_json(json_template(settings.body), context, locale=locale, tz=tz)
    try:
        return json.dumps(tree, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise RenderFailed(type(error).__name__) from None


def _header(source: str, context: Mapping[str, Any], locale: str, tz: ZoneInfo) -> str:
    """One line of printable ASCII: nothing that a customer sent begins a header of its own."""
    value = render(compile_template(source), context, locale=locale, tz=tz).text.strip()
    if not (value.isascii() and all(32 <= ord(letter) < 127 for letter in value)):
        raise RenderFailed("header")
    return value


def _shown(request: Request) -> dict[str, Any]:
    """What the ledger keeps of a call: no headers and no query, in which keys travel, and no secret of the body."""
    url = redact(shown_url(request.url), request.secrets)
    body = change_body(redact(request.body.decode(), request.secrets), lambda secret: HIDDEN)
    return {"to": url, "subject": f"{request.method} {url}", "body": body[:20_000]}


def kept(mapping: Mapping[str, str], content: bytes, status: int) -> dict[str, Any]:
    """The values that the author wants kept of an answer."""
    if not mapping:
        return {}
    try:
        answer = json.loads(content)
        values = {name: found_in(answer, path) for name, path in mapping.items()}
        size = len(json.dumps(values, allow_nan=False))
    except (ValueError, RecursionError):
        raise _Failed("webhook_answer", "JSON", status) from None
    if size > MOST_VALUES:
        raise _Failed("webhook_answer", f"> {MOST_VALUES} B", status)
    return values
