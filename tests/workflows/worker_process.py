"""A worker as a process of its own, to be killed. It is set up by its environment, as every process of ours."""

import asyncio

from orchestrator.settings import Settings
from workflows.worker import main

if __name__ == "__main__":
    asyncio.run(main(Settings()))
