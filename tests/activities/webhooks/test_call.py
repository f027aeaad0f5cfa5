"""Webhook steps, carried out: what is called, signed, repeated and kept, and what the ledger says of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError

from activities.http.retry_after import retry_after
from activities.sending.deliver import DeliverResult
from activities.webhooks.call import SLOWEST_RETRY
from activities.webhooks.signature import signed, signing_key
from orchestrator.core.events.ids import send_id
from orchestrator.settings import Settings
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.journeys import Journey
from orchestrator.store.tables.runs import Run
from tests.activities.shop import NOON, RUN
from tests.activities.webhooks.hook import CALL, KEY, Hook
from tests.protocol_servers.plain_http import Reply, said


class TestTheCall:
    async def test_is_filled_in_signed_and_answered(self, hook: Hook) -> None:
        body = '{"name": "{{ customer.first_name }}", "cart": {{ entry.cart_id }}, "none": {{ var.nothing }}}'
        await hook.open(
            body=body.replace("var.nothing", "customer.nothing"), headers={"X-Shop": "{{ customer.email }}"}
        )
        hook.replies = [said({"data": {"balance": 5}})]
        assert await hook.call() == DeliverResult("sent")
        [request] = hook.server.requests
        assert (request.method, request.path) == ("POST", "/customers/c%2F1?key=very-secret")
        assert request.json() == {"name": "지은", "cart": "c-1", "none": None}
        assert request.headers["x-shop"] == "kim@example.com"
        assert request.headers["content-type"] == "application/json"
        message_id, stamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        assert message_id == str(send_id(RUN, "call", 1))
        assert abs(int(stamp) - datetime.now(UTC).timestamp()) < 60
        assert (
            signed([KEY], message_id, request.body, int(stamp))["webhook-signature"]
            == request.headers["webhook-signature"]
        )

    async def test_without_a_body(self, hook: Hook) -> None:
        await hook.open(method="GET", body='{"not": "sent"}')
        assert (await hook.call()).outcome == "sent"
        [request] = hook.server.requests
        assert (request.method, request.body) == ("GET", b"")
        assert "content-type" not in request.headers

    def test_is_signed_as_the_standard_has_it(self) -> None:
        """The example of the reference implementations of Standard Webhooks."""
        key = signing_key(Settings(webhook_secret=SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")))
        headers = signed([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', 1614265330)
        assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_has_a_key_that_follows_from_the_secret_key(self) -> None:
        one, other = (signing_key(Settings(secret_key=SecretStr(letter * 32))) for letter in "ab")
        assert len(one) == 32
        assert one != other

    async def test_a_header_that_a_customer_could_break_is_not_sent(self, hook: Hook) -> None:
        await hook.open(headers={"X-Name": "{{ customer.first_name }}"})
        await hook.shop.change(Customer, attributes={"first_name": "a\r\nx-admin: 1"})
        assert await hook.call() == DeliverResult("skipped", "template_failed")
        assert hook.server.requests == []

    async def test_an_internal_address_is_not_called(self, hook: Hook) -> None:
        await hook.open()
        assert await hook.delivery("10.0.0.1").carry_out(CALL, NOON) == DeliverResult("skipped", "webhook_refused")
        assert hook.server.requests == []
        assert (await hook.row()).status == "failed"


class TestTheAnswer:
    MAPPING = {"points": "data.balance", "first": "items.0", "none": "nothing.here"}  # noqa: RUF012

    async def test_sets_variables(self, hook: Hook) -> None:
        await hook.open(response=self.MAPPING)
        hook.replies = [said({"data": {"balance": 5}, "items": ["a"]})]
        assert await hook.call() == DeliverResult("sent", values={"points": 5, "first": "a", "none": None})

    async def test_is_given_again_without_another_call(self, hook: Hook) -> None:
        await hook.open(response=self.MAPPING)
        hook.replies = [said({"data": {"balance": 5}})]
        first = await hook.call()
        assert await hook.call() == first
        assert len(hook.server.requests) == 1

    @pytest.mark.parametrize("answer", [b"", b"<html>", b"\xff", b"[" * 100_000, b'"' + b"x" * 300_000 + b'"'])
    async def test_that_cannot_be_read_is_a_failure_only_where_values_are_wanted(
        self, hook: Hook, answer: bytes
    ) -> None:
        await hook.open(response=self.MAPPING)
        hook.replies = [Reply(200, answer)]
        assert await hook.call() == DeliverResult("skipped", "webhook_answer")

    async def test_that_nobody_reads_may_be_anything(self, hook: Hook) -> None:
        await hook.open()
        hook.replies = [Reply(204)]
        assert await hook.call() == DeliverResult("sent")

    async def test_too_much_of_it_is_not_kept(self, hook: Hook) -> None:
        await hook.open(response={"all": "data"})
        hook.replies = [said({"data": "x" * 20_000})]
        assert await hook.call() == DeliverResult("skipped", "webhook_answer")

    @pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410, 422, 501])
    async def test_that_says_no_is_final(self, hook: Hook, status: int) -> None:
        await hook.open()
        hook.replies = [Reply(status, headers={"location": "http://127.0.0.1:1/"})]
        assert await hook.call() == DeliverResult("skipped", "webhook_failed")
        assert await hook.call() == DeliverResult("skipped", "webhook_failed")
        assert len(hook.server.requests) == 1
        row = await hook.row()
        assert (row.status, row.inputs["reason"]) == ("failed", {"code": "webhook_failed", "detail": f"HTTP {status}"})


class TestTryingAgain:
    @pytest.mark.parametrize(
        "reply", [Reply(429), Reply(500), Reply(502), Reply(503), Reply(408), Reply(behave="drop")]
    )
    async def test_while_it_is_busy_or_away(self, hook: Hook, reply: Reply) -> None:
        await hook.open()
        hook.replies = [reply]
        assert await hook.fails_for_now() is None
        assert await hook.call(NOON + timedelta(minutes=1)) == DeliverResult("sent")
        assert len({request.headers["webhook-id"] for request in hook.server.requests}) == 1
        assert (await hook.row()).attempts == 2

    async def test_when_it_does_not_answer_in_time(self, hook: Hook) -> None:
        await hook.open(timeout="1s")
        hook.replies = [Reply(behave="hang")]
        assert await hook.fails_for_now() is None
        assert (await hook.row()).inputs["reason"]["detail"] == "timeout"

    async def test_when_nobody_listens(self, hook: Hook) -> None:
        await hook.open(url="http://127.0.0.1:1/")
        await hook.fails_for_now()

    async def test_as_late_as_it_asks(self, hook: Hook) -> None:
        await hook.open()
        hook.replies = [Reply(503, headers={"retry-after": "120"})]
        assert await hook.fails_for_now() == timedelta(minutes=2)

    async def test_for_a_bounded_time(self, hook: Hook) -> None:
        await hook.open(retry_for="10m")
        hook.replies = [Reply(503)] * 3
        await hook.fails_for_now(NOON)
        await hook.fails_for_now(NOON + timedelta(minutes=9))
        assert await hook.call(NOON + timedelta(minutes=10)) == DeliverResult("skipped", "webhook_failed")
        assert await hook.call(NOON + timedelta(minutes=11)) == DeliverResult("skipped", "webhook_failed")
        assert len(hook.server.requests) == 3

    async def test_not_when_it_asks_for_longer_than_that(self, hook: Hook) -> None:
        await hook.open(retry_for="1m")
        hook.replies = [Reply(429, headers={"retry-after": "120"})]
        assert await hook.call() == DeliverResult("skipped", "webhook_failed")

    @pytest.mark.parametrize(
        ("value", "wait"),
        [("", None), ("0", timedelta(0)), ("90", timedelta(seconds=90)), ("99999999999", timedelta(minutes=15)),
         ("-5", None), ("soon", None), ("²", None), ("Wed, 21 Oct 2015 07:28:00 GMT", timedelta(0)),
         ("Wed, 21 Oct 2999 07:28:00 GMT", timedelta(minutes=15))],
    )  # fmt: skip
    def test_retry_after(self, value: str, wait: timedelta | None) -> None:
        assert retry_after(value, SLOWEST_RETRY) == wait


class TestHowThingsStand:
    async def test_a_run_that_is_over_calls_nobody(self, hook: Hook) -> None:
        await hook.open()
        await hook.shop.change(Run, finished_at=NOON)
        assert await hook.call() == DeliverResult("skipped", "run_over")
        assert hook.server.requests == []

    async def test_nor_does_a_stopped_journey(self, hook: Hook) -> None:
        await hook.open()
        await hook.shop.change(Journey, status="stopped")
        assert await hook.call() == DeliverResult("skipped", "journey_stopped")

    async def test_a_paused_one_waits_and_calls_later(self, hook: Hook) -> None:
        await hook.open()
        await hook.shop.change(Journey, status="paused")
        later = NOON + timedelta(hours=1)
        assert await hook.call() == DeliverResult("held", "journey_paused", later)
        assert (await hook.row()).hold_until == later
        await hook.shop.change(Journey, status="live")
        assert await hook.call(later) == DeliverResult("sent")


class TestTheLedger:
    async def test_says_what_happened_and_keeps_no_secret(self, hook: Hook) -> None:
        await hook.open(headers={"Authorization": "Bearer top-secret"}, response={"points": "balance"}, body='{"a": 1}')
        hook.replies = [said({"balance": 7})]
        await hook.call()
        row = await hook.row()
        assert (row.status, row.channel, row.provider, row.message_class) == (
            "sent",
            "webhook",
            "webhook",
            "informational",
        )
        assert (row.sent_at, row.attempts) == (NOON, 1)
        assert row.content["subject"] == f"POST {hook.server.url}/customers/c%2F1?…"
        assert row.content["body"] == '{"a":1}'
        assert (row.inputs["status"], row.inputs["values"]) == (200, {"points": 7})
        assert "secret" not in repr((row.content, row.inputs))

    async def test_a_call_whose_caller_died_is_made_again_with_the_same_id(self, hook: Hook) -> None:
        """Killed between the call and the record: the receiver, not we, knows whether it has taken it."""
        await hook.open()
        hook.replies = [Reply(behave="hang")]
        dying = hook.delivery()
        task = asyncio.create_task(dying.carry_out(CALL, NOON))
        await hook.server.heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await hook.row()).status == "claimed"
        with pytest.raises(ApplicationError) as caught:
            await hook.call()
        assert caught.value.type == "InProgress"  # as long as the process that claimed it is there
        await dying._presence.end()
        assert await hook.call() == DeliverResult("sent")
        assert len({request.headers["webhook-id"] for request in hook.server.requests}) == 1
