"""What frequency caps count, kept in Redis over all workers, and rebuilt from the ledger when Redis is lost.

The caps themselves are judged by a pure function (``core.sending.frequency``) over what has been counted. What makes
the
judgement hold among many workers is here: whoever decides to send reserves a place under the version of the counts on
which the decision rests, and is refused if anybody has reserved since. One hash for each customer:

- ``server``, ``basis``, ``life``, ``n``: which server's life it belongs to, which rules it was filled for, and, as its
  version, a random name and a counter of changes;
- a field for each send: *reserved* (for :data:`LEASE`, real time: its worker may die) or *counted*.

The truth is the ledger (``sends.counted_at``); the hash may vanish or fall back in time at any moment, and no third
message comes of it, because:

1. A hash that is missing, or that belongs to another life of the server (it was restarted, another took over: what
   was written last may be lost) is filled anew from the ledger before anybody is judged by it.
2. A reservation is followed by the claim in the ledger, and that by :meth:`Frequency.confirm`: who no longer finds
   his reservation has not been seen by those who came in between, and must reserve again, or give up the claim. Only
   then is the provider called. So whoever fills the hash from the ledger finds every send that may have been called.
3. Between reading the ledger and filling the hash, others may do all of that. A mark that lies in Redis from before
   the reading until somebody fills, and dies with the server, makes whoever comes second read again.

So the hash may be dropped at any time, and does: :data:`KEPT` after its last use.
"""

from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import orjson
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from orchestrator.core.sending.frequency import Counted

KEPT = timedelta(days=1)
"""Real time after its last use for which a customer's counts stay in Redis."""
LEASE = timedelta(minutes=2)
"""Real time for which a reservation counts without its claim: more than a delivery takes from the one to the other."""
_MARKED = timedelta(minutes=1)
_PATIENCE = 2.0
"""Seconds for one answer of Redis."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class CountsUnavailable(Exception):
    """Redis does not answer: nothing can be counted now. The text names the kind of failure."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What has been counted, and the version to reserve under."""

    version: str
    counted: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class NotFilled:
    """Redis does not know this customer: read the ledger and :meth:`Frequency.fill`, naming this ``mark``."""

    mark: str


_SERVER = """
local told = redis.pcall('INFO', 'server')
local server = type(told) == 'string' and string.match(told, 'run_id:(%w+)') or '?'
"""
_READ = (
    _SERVER
    + """
local meta = redis.call('HMGET', KEYS[1], 'server', 'basis', 'life', 'n')
if meta[1] ~= server or meta[2] ~= ARGV[1] then
  local mark = redis.call('GET', KEYS[2])
  if not mark or string.sub(mark, 1, #server + 1) ~= server .. ':' then
    mark = server .. ':' .. ARGV[2]
    redis.call('SET', KEYS[2], mark, 'PX', ARGV[3])
  end
  return {'', mark}
end
local now = redis.call('TIME')[1] * 1
local n, found, all = meta[4], {}, redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 2) == 's:' then
    local lease = string.match(all[i + 1], '^r(%d+)|')
    if lease and lease * 1 < now then
      redis.call('HDEL', KEYS[1], all[i])
      n = redis.call('HINCRBY', KEYS[1], 'n', 1)
    else
      found[#found + 1] = all[i]
      found[#found + 1] = all[i + 1]
    end
  end
end
return {meta[3] .. ':' .. n, unpack(found)}
"""
)
_FILL = (
    _SERVER
    + """
if redis.call('GET', KEYS[2]) ~= ARGV[2] or string.sub(ARGV[2], 1, #server + 1) ~= server .. ':' then return 0 end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'server', server, 'basis', ARGV[1], 'life', ARGV[3], 'n', 0)
for i = 5, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
"""
)
_RESERVE = (
    _SERVER
    + """
local meta = redis.call('HMGET', KEYS[1], 'server', 'life', 'n')
if meta[1] ~= server or meta[2] .. ':' .. meta[3] ~= ARGV[1] then return 0 end
local own = redis.call('HGET', KEYS[1], ARGV[2])
local counted = own and string.sub(own, 1, 2) == 'c|'
local state = counted and 'c|' or string.format('r%d|', redis.call('TIME')[1] + ARGV[4])
redis.call('HSET', KEYS[1], ARGV[2], state .. ARGV[3])
for i = 6, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
redis.call('HINCRBY', KEYS[1], 'n', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
"""
)
_CONFIRM = """
local own = redis.call('HGET', KEYS[1], ARGV[1])
if not own then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], 'c|' .. string.match(own, '^[^|]*|(.*)$'))
return 1
"""
# The mark goes too: who has read the ledger with this send in it must read again.
_RELEASE = """
redis.call('DEL', KEYS[2])
if redis.call('HDEL', KEYS[1], ARGV[1]) == 1 then redis.call('HINCRBY', KEYS[1], 'n', 1) end
return 1
"""


class Frequency:
    """The counts of all customers. Every method raises :class:`CountsUnavailable` when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._read, self._fill, self._reserve, self._confirm, self._release = (
            redis.register_script(source) for source in (_READ, _FILL, _RESERVE, _CONFIRM, _RELEASE)
        )

    async def read(self, customer: UUID, basis: str) -> Counts | NotFilled:
        """What has been counted of a customer.

        ``basis`` names what the counts were filled from: the rules, for they say how far back to look, and how many
        customers this one was merged from. With another basis they are filled anew.
        """
        given: list[str | int] = [basis, uuid4().hex, _milliseconds(_MARKED)]
        async with _answering():
            version, *found = await _run(self._read(_keys(customer), given))
        if not version:
            return NotFilled(found[0].decode())
        return Counts(version.decode(), tuple(map(_loaded, found[::2], found[1::2])))

    async def fill(self, customer: UUID, basis: str, mark: str, counted: Iterable[Counted]) -> None:
        """Put in what the ledger says, if nobody else has meanwhile; what is reserved there stays. Then read again."""
        given: list[str | bytes | int] = [basis, mark, uuid4().hex, _milliseconds(KEPT)]
        for one in counted:
            given += [_field(one.id), b"c|" + _dumped(one)]
        async with _answering():
            await _run(self._fill(_keys(customer), given))

    async def reserve(self, customer: UUID, version: str, mine: Counted, forget: Iterable[str] = ()) -> bool:
        """Take a place; False where the counts have changed since that version: read and decide again.

        A place that this send has already becomes this one, and stays counted if it was. ``forget``: sends that are too
        old to matter.
        """
        lease, kept = int(LEASE.total_seconds()), _milliseconds(KEPT)
        given: list[str | bytes | int] = [version, _field(mine.id), _dumped(mine), lease, kept, *map(_field, forget)]
        async with _answering():
            return bool(await _run(self._reserve(_keys(customer)[:1], given)))

    async def confirm(self, customer: UUID, send: str) -> bool:
        """Once the claim is in the ledger: whether the place is still there. It then stays."""
        async with _answering():
            return bool(await _run(self._confirm(_keys(customer)[:1], [_field(send)])))

    async def release(self, customer: UUID, send: str) -> None:
        """Give the place back, once the ledger no longer counts the send: it surely did not go out."""
        async with _answering():
            await _run(self._release(_keys(customer), [_field(send)]))


def counting_redis(url: str) -> Redis:
    """A client for counts and channel rates: after a lost connection it tries once more, at once, and then says so."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=20,
        timeout=_PATIENCE,
        socket_timeout=_PATIENCE,
        socket_connect_timeout=_PATIENCE,
        retry=Retry(NoBackoff(), 1),
        retry_on_error=[RedisConnectionError],
    )
    return Redis.from_pool(pool)


async def forget_counts(redis: Redis, customer: UUID) -> None:
    """Nothing of what was counted of a customer stays. Raises :class:`CountsUnavailable`."""
    async with _answering():
        await _run(redis.delete(*_keys(customer)))


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, RedisTimeoutError, OSError, TimeoutError) as error:
        raise CountsUnavailable(type(error).__name__) from None


async def _run(answer: Any) -> Any:
    return await cast("Awaitable[Any]", answer)


def _keys(customer: UUID) -> list[str]:
    # One hash tag, so that both lie on one node of a cluster.
    return [f"sojourn:frequency:{{{customer}}}", f"sojourn:frequency:{{{customer}}}:filling"]


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _field(send: str) -> str:
    return f"s:{send}"


def _dumped(one: Counted) -> bytes:
    return orjson.dumps([(one.at - _EPOCH) // _MICROSECOND, one.message_class, one.channel, one.tags])


def _loaded(name: bytes, value: bytes) -> Counted:
    at, message_class, channel, tags = orjson.loads(value[value.index(b"|") + 1 :])
    return Counted(name[2:].decode(), _EPOCH + at * _MICROSECOND, channel, message_class, tuple(tags))
