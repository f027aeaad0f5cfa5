"""Work in processes of its own: it answers as in place, and whatever it comes to, it ends and another takes over."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from api.bounded_work.pool import PRELOADED, BoundedWork, Pieces
from api.http.problems import ApiProblem
from tests.api.bounded_work import jobs
from tests.waiting import until, until_true

LONG = 30.0
SHORT = 1


@pytest.fixture
async def work() -> AsyncIterator[BoundedWork]:
    work = BoundedWork(memory=200 * 1024 * 1024, most=2)
    yield work
    await asyncio.to_thread(work.close)


def ends(pid: int) -> None:
    until_true(lambda: not psutil.pid_exists(pid), "the end of a process")


async def test_it_answers_as_in_place(work: BoundedWork) -> None:
    assert await work.run(LONG, jobs.double, "가") == "가가"
    with pytest.raises(ValueError, match="no reason"):
        await work.run(LONG, jobs.refused, "no reason")


async def test_a_process_does_one_job_after_the_other(work: BoundedWork) -> None:
    assert len({await work.run(LONG, jobs.process) for _ in range(5)}) == 1


@pytest.mark.parametrize("job", [jobs.for_ever, jobs.in_one_expression_for_ever])
async def test_work_without_end_is_broken_off_and_its_process_replaced(work: BoundedWork, job: object) -> None:
    before = await work.run(LONG, jobs.process)
    began = time.monotonic()
    with pytest.raises(ApiProblem) as found:
        await work.run(SHORT, job)  # type: ignore[arg-type]
    assert found.value.code == "too_slow"
    assert time.monotonic() - began < 20
    ends(before)
    assert await work.run(LONG, jobs.process) != before


@pytest.mark.parametrize(("job", "args"), [(jobs.memory, (500,)), (jobs.growing, ()), (jobs.ended, ())])
async def test_work_that_wants_too_much_memory_fails_and_nothing_else(
    work: BoundedWork, job: object, args: tuple[int, ...]
) -> None:
    before = await work.run(LONG, jobs.process)
    with pytest.raises(ApiProblem) as found:
        await work.run(LONG, job, *args)  # type: ignore[arg-type]
    assert found.value.code == "too_much_memory"
    ends(before)
    assert await work.run(LONG, jobs.memory, 50) == 50 * 1024 * 1024


async def test_what_is_nested_without_end_is_an_error_of_its_own(work: BoundedWork) -> None:
    with pytest.raises(RecursionError):
        await work.run(LONG, jobs.deep, 100_000)
    assert await work.run(LONG, jobs.double, "b") == "bb"


async def test_others_go_on_meanwhile(work: BoundedWork) -> None:
    slow = asyncio.ensure_future(work.run(SHORT, jobs.for_ever))
    assert await work.run(LONG, jobs.double, "a") == "aa"
    assert not slow.done()
    with pytest.raises(ApiProblem):
        await slow


async def test_who_waits_too_long_for_a_turn_is_told_so(tmp_path: Path) -> None:
    work, path = BoundedWork(most=1, patience=0.05), tmp_path / "go"
    first = asyncio.ensure_future(work.run(LONG, jobs.waited, str(path)))
    await asyncio.sleep(0)
    with pytest.raises(ApiProblem) as found:
        await work.run(LONG, jobs.process)
    assert found.value.code == "no_turn"
    path.touch()
    assert await first
    assert await work.run(LONG, jobs.process)
    await asyncio.to_thread(work.close)


async def test_who_leaves_while_waiting_keeps_nobodys_turn(tmp_path: Path) -> None:
    work, path = BoundedWork(most=1), tmp_path / "go"
    first = asyncio.ensure_future(work.run(LONG, jobs.waited, str(path)))
    waiting = asyncio.ensure_future(work.run(LONG, jobs.process))
    await asyncio.sleep(0)
    waiting.cancel()
    first.cancel()
    await asyncio.gather(first, waiting, return_exceptions=True)
    path.touch()
    assert await work.run(LONG, jobs.process)
    await asyncio.to_thread(work.close)


async def test_closing_ends_what_is_under_way(work: BoundedWork, tmp_path: Path) -> None:
    idle = await work.run(LONG, jobs.process)
    running = asyncio.ensure_future(work.run(LONG, jobs.for_ever, str(tmp_path / "began")))
    await until((tmp_path / "began").exists)
    began = time.monotonic()
    await asyncio.to_thread(work.close)
    assert time.monotonic() - began < 5
    assert not psutil.pid_exists(idle)
    with pytest.raises(ApiProblem):
        await running


async def test_a_process_that_was_killed_is_replaced(work: BoundedWork) -> None:
    pid = await work.run(LONG, jobs.process)
    psutil.Process(pid).send_signal(signal.SIGKILL)
    ends(pid)
    assert await work.run(LONG, jobs.process) != pid


async def test_long_lists_arrive_whole(work: BoundedWork) -> None:
    assert await work.run(LONG, sum, Pieces(range(1_000))) == 499_500


SERVER = """
import asyncio, sys
from api.bounded_work.pool import BoundedWork
from tests.api.bounded_work import jobs

async def main():
    work = BoundedWork(most=2)
    print(await work.run(30, jobs.process), flush=True)
    await work.run(600, jobs.for_ever)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_processes_end_with_whoever_is_killed(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    root = Path(__file__).parents[3]
    command = [sys.executable, str(tmp_path / "server.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONPATH": str(root)}) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        assert psutil.pid_exists(pid)
        server.kill()
    ends(pid)


def test_what_is_loaded_beforehand_is_there_and_is_no_more_than_the_work_needs() -> None:
    script = f"import sys; [__import__(one) for one in {PRELOADED!r}]; print('fastapi' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
