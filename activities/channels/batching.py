"""Many messages in one call, for providers that take them so.

Each delivery sends its own message and waits for its own answer. Those that are handed over within a few milliseconds
travel together; each gets the result of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from activities.channels.contract import (
    Ambiguous,
    Callback,
    CallRefused,
    Capabilities,
    Closes,
    DefinitionError,
    DeliveryError,
    OutgoingMessage,
    Provider,
    Receipt,
    Result,
    SendsMany,
    SubmittedMessage,
    SupportsStatusLookup,
)

GATHER = 0.005
"""Seconds for which the first message of a call waits for others."""
CALL_TIMEOUT = 40.0
"""Seconds for one call. Shorter than a delivery waits for its provider, so that what is told is told by us."""


class OneByMany(SendsMany):
    """The ground of providers whose one call takes many."""

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        """One message, in a call of its own."""
        [result] = await self.send_many([(message, key)])
        if isinstance(result, DeliveryError):
            raise result from None
        return result


class _Waiting:
    """One message, and who waits for what becomes of it."""

    __slots__ = ("answer", "key", "message")

    def __init__(self, message: OutgoingMessage, key: UUID) -> None:
        self.message = message
        self.key = key
        self.answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()

    def settle(self, result: Result) -> None:
        """Tell the one who waits, if they still do."""
        if self.answer.done():
            return
        if isinstance(result, Receipt):
            self.answer.set_result(result)
        else:
            self.answer.set_exception(result)


class Batching:
    """A provider, called with as many messages at once as come together. ``gather``: seconds."""

    def __init__(self, provider: Provider, gather: float = GATHER, timeout: float = CALL_TIMEOUT) -> None:
        if not isinstance(provider, SendsMany):
            raise TypeError(f"{provider.name} takes one message at a time")
        self._provider: Provider = provider
        self._sends_many: SendsMany = provider
        self._gather = gather
        self._timeout = timeout
        self._waiting: list[_Waiting] = []
        self._timer: asyncio.TimerHandle | None = None
        self._calls: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        """The provider's."""
        return self._provider.name

    @property
    def capabilities(self) -> Capabilities:
        """The provider's."""
        return self._provider.capabilities

    async def send(self, message: OutgoingMessage, key: UUID) -> Receipt:
        """Hand the message over together with others. Who is cancelled before the call takes their message back."""
        self.capabilities.refuse(message)
        one = _Waiting(message, key)
        self._waiting.append(one)
        if len(self._waiting) >= self.capabilities.most_at_once:
            self._go()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._gather, self._go)
        return await one.answer

    def _go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        taken, self._waiting = self._waiting, []
        together = [one for one in taken if not one.answer.cancelled()]
        if together:
            task = asyncio.create_task(self._call(together))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    async def _call(self, together: list[_Waiting]) -> None:
        """One call. Nobody's cancellation ends it: others' messages are in it, and it may have been heard."""
        try:
            results = await results_of(self._in_time, [(one.message, one.key) for one in together])
        except BaseException:
            _settle_all(together, Ambiguous, "the call was interrupted")
            raise
        for one, result in zip(together, results, strict=True):
            one.settle(result)

    async def _in_time(self, messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._sends_many.send_many(messages)
        except TimeoutError:
            raise Ambiguous("no answer in time") from None

    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> tuple[Callback, ...]:
        """The provider's."""
        return self._provider.parse_callback(headers, body)

    async def ask(self, message: SubmittedMessage) -> Callback | None:
        """The provider's; None where it cannot be asked."""
        return await self._provider.ask(message) if isinstance(self._provider, SupportsStatusLookup) else None

    async def close(self) -> None:
        """Let calls end, then close the provider."""
        self._go()
        if self._calls:
            await asyncio.wait(self._calls)
        if isinstance(self._provider, Closes):
            await self._provider.close()


Call = Callable[[Sequence[tuple[OutgoingMessage, UUID]]], Awaitable[list[Result]]]


async def results_of(call: Call, messages: Sequence[tuple[OutgoingMessage, UUID]]) -> list[Result]:
    """What became of each message of a call, in order.

    A fault of the whole call is everybody's. Where it was refused for one message without saying which, none was sent:
    it is tried again half and half, until the one is found. What we do not understand is ambiguous.
    """
    try:
        results = await call(messages)
    except CallRefused as refused:
        if len(messages) == 1:
            return [DefinitionError(str(refused), refused.raw)]
        middle = len(messages) // 2
        return [*await results_of(call, messages[:middle]), *await results_of(call, messages[middle:])]
    except DeliveryError as error:
        return [error.again() for _ in messages]
    except Exception as error:
        return [Ambiguous(type(error).__name__) for _ in messages]
    if len(results) != len(messages):
        return [Ambiguous("an answer that does not tell messages apart") for _ in messages]
    return results


def _settle_all(together: list[_Waiting], kind: type[DeliveryError], why: str) -> None:
    for one in together:
        one.settle(kind(why))
