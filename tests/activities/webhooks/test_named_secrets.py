"""Webhook steps that name secrets: what signs, what is carried along and where to, and what nobody is shown."""

import base64
import hashlib
import hmac
import json

import pytest
from pydantic import SecretStr

from activities.sending.deliver import DeliverResult, Delivery
from activities.webhooks.call import Webhooks
from orchestrator.settings import Settings
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.secrets.named import box, create_secret, open_secrets, revoke_secret, rotate_secret, set_hosts
from tests.activities.shop import NOON
from tests.activities.webhooks.hook import CALL, Hook
from tests.protocol_servers.plain_http import Request, said

SECRET_KEY = "only-for-tests-only-for-tests-32"
OLD, NEW = "whsec_" + base64.b64encode(b"o" * 32).decode(), "whsec_" + base64.b64encode(b"n" * 32).decode()
CARRIED = 'points/key+of "ours" a\\b'
SEAL = box(SECRET_KEY)


class Named:
    """The hook, in an installation with secrets."""

    def __init__(self, hook: Hook) -> None:
        self.hook = hook
        self.engine = hook.shop.engine

    async def call(self, secret_key: str = SECRET_KEY) -> DeliverResult:
        settings = Settings(secret_key=SecretStr(secret_key), outgoing_allow=("127.0.0.1",))
        self.hook.made.append(Webhooks(self.engine, settings))
        plans = Plans(self.engine)
        return await Delivery(self.engine, plans, {}, {"webhook": self.hook.made[-1]}).carry_out(CALL, NOON)

    def request(self) -> Request:
        return self.hook.server.requests[-1]


@pytest.fixture
async def named(hook: Hook) -> Named:
    found = Named(hook)
    await create_secret(found.engine, SEAL, "signing", OLD, hosts=[], by="A")
    await create_secret(found.engine, SEAL, "points", CARRIED, hosts=["127.0.0.1"], by="A")
    return found


def receives(request: Request, secret: str) -> bool:
    """A receiver as Standard Webhooks describes it, who knows one secret."""
    told = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    own = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), told, hashlib.sha256)
    given = request.headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(one, "v1," + base64.b64encode(own).decode()) for one in given)


async def test_signs_with_the_one_that_it_names(named: Named) -> None:
    await named.hook.open(body='{"a": 1}', secret="signing")
    assert (await named.call()).outcome == "sent"
    assert receives(named.request(), OLD)
    assert not receives(named.request(), NEW)
    assert " " not in named.request().headers["webhook-signature"]


async def test_whoever_knows_either_value_takes_a_call_during_a_rotation(named: Named) -> None:
    await named.hook.open(body='{"a": 1}', secret="signing")
    await rotate_secret(named.engine, SEAL, "signing", NEW, by="A")
    assert (await named.call()).outcome == "sent"
    assert receives(named.request(), OLD)
    assert receives(named.request(), NEW)
    assert not receives(named.request(), "whsec_" + base64.b64encode(b"x" * 32).decode())


async def test_carries_one_along_and_shows_it_to_nobody(named: Named) -> None:
    await named.hook.open(
        headers={"X-Api-Key": "{{ secret.points }}"},
        body='{"token": "{{secret.points}}", "name": "{{ customer.first_name }}"}',
        response={"echo": "echo", "whole": "all"},
    )
    named.hook.replies = [said({"echo": f"you sent {CARRIED}", "all": {"headers": [CARRIED, "x"], CARRIED: 1}})]
    result = await named.call()
    assert named.request().headers["x-api-key"] == CARRIED
    assert named.request().json() == {"token": CARRIED, "name": "지은"}
    assert result.values == {"echo": "you sent ••••", "whole": {"headers": ["••••", "x"], "••••": 1}}
    kept = json.dumps((await named.hook.row()).model_dump(mode="json"), ensure_ascii=False)
    assert "points/key" not in kept
    assert "지은" in kept


async def test_goes_to_its_own_hosts_only(named: Named) -> None:
    await named.hook.open(headers={"X-Api-Key": "{{ secret.points }}"})
    await set_hosts(named.engine, "points", ["points.example"], by="A")
    assert await named.call() == DeliverResult("skipped", "webhook_secret")
    assert named.hook.server.requests == []
    assert CARRIED not in json.dumps((await named.hook.row()).inputs)


async def test_a_body_that_is_not_sent_asks_for_none(named: Named) -> None:
    await named.hook.open(method="GET", body='{"token": "{{ secret.nobody }}"}')
    assert (await named.call()).outcome == "sent"


async def test_that_is_gone_is_a_failure_and_nothing_is_called(named: Named) -> None:
    await named.hook.open(secret="signing")
    await revoke_secret(named.engine, "signing", by="A")
    assert await open_secrets(named.engine, SEAL, ["signing"]) == {}
    assert await named.call() == DeliverResult("skipped", "webhook_secret")
    assert named.hook.server.requests == []


async def test_that_another_secret_key_sealed_is_a_failure(named: Named) -> None:
    await named.hook.open(secret="signing")
    assert await named.call("another-secret-key-of-this-installation") == DeliverResult("skipped", "webhook_secret")
    assert named.hook.server.requests == []


async def test_literals_of_older_files_go_on_working_and_are_not_kept(named: Named) -> None:
    await named.hook.open(
        headers={"Authorization": "Bearer older-literal-key"},
        body='{"api_key": "literal-in-a-body"}',
        response={"echo": "echo"},
    )
    named.hook.replies = [said({"echo": "Bearer older-literal-key, older-literal-key, literal-in-a-body"})]
    result = await named.call()
    assert named.request().headers["authorization"] == "Bearer older-literal-key"
    assert named.request().json() == {"api_key": "literal-in-a-body"}
    kept = json.dumps((await named.hook.row()).model_dump(mode="json"))
    for secret in ("older-literal-key", "literal-in-a-body", "very-secret"):
        assert secret not in kept
        assert secret not in str(result.values)
