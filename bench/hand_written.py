"""What somebody who needs just this one journey would write on Temporal by hand: sleep, one activity, end.

The measure of our driver. Nothing is left out that belongs to it, and nothing is in it that it could do without: no
search attributes, no summaries, no record but Temporal's own.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow


@dataclass(frozen=True)
class Welcome:
    """Whom to greet."""

    customer: str
    message: str


@workflow.defn
class HandWritten:
    """Entry, a delay of a second, one message, end."""

    @workflow.run
    async def run(self, given: Welcome) -> str:
        """Returns a word, as ours does."""
        await asyncio.sleep(1)
        await workflow.execute_activity("send", given, start_to_close_timeout=timedelta(seconds=60))
        return "completed"
