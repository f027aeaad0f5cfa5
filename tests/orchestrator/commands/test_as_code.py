"""``pull``, ``plan``, ``push`` and ``diff`` against a served API: two people at once lose nothing."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import typer
from fastapi import FastAPI
from httpx2 import AsyncClient
from typer.testing import CliRunner, Result

from orchestrator.commands.as_code import command
from orchestrator.settings import DEV_ADMIN_TOKEN
from tests.serving import served

EXAMPLE = Path("examples/cart-recovery.yaml").read_text()
SCENARIOS = Path("examples/cart-recovery.scenario.yaml").read_text()
RECIPE = Path("examples/ci.sh").resolve()
WORDS = {"name": "Hello", "class": "informational", "channels": {"email": {"en": {"subject": "Hi", "body": "Hello"}}}}


@pytest.fixture
async def server(app: FastAPI) -> AsyncIterator[str]:
    async with served(app) as address:
        yield address


@pytest.fixture
async def admin(server: str) -> AsyncIterator[AsyncClient]:
    headers = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
    async with AsyncClient(base_url=server, headers=headers, timeout=60) as client:
        answer = await client.put(
            "/api/journeys/cart-recovery", content=EXAMPLE.encode(), headers={"Content-Type": "application/yaml"}
        )
        assert answer.is_success, answer.text
        assert (await client.post("/api/message-templates", json={"key": "hello", "document": WORDS})).is_success
        yield client


class Person:
    """Somebody with a folder of their own."""

    def __init__(self, server: str, folder: Path) -> None:
        self.server, self.folder = server, folder

    async def does(self, app: typer.Typer, *more: str) -> Result:
        arguments = [str(self.folder), "--server", self.server, "--token", DEV_ADMIN_TOKEN, "--lang", "en", *more]
        return await asyncio.to_thread(CliRunner().invoke, app, arguments)

    @property
    def journey(self) -> Path:
        return self.folder / "journeys" / "cart-recovery.yaml"

    def edit(self, before: str, after: str, file: Path | None = None) -> None:
        file = file or self.journey
        text = file.read_text()
        assert before in text
        file.write_text(text.replace(before, after))


@pytest.fixture
def ana(server: str, tmp_path: Path) -> Person:
    return Person(server, tmp_path / "ana")


@pytest.fixture
def bo(server: str, tmp_path: Path) -> Person:
    return Person(server, tmp_path / "bo")


async def drafted(admin: AsyncClient) -> Any:
    return (await admin.get("/api/journeys/cart-recovery")).json()["draft"]


async def test_what_is_pulled_edited_and_pushed_is_the_draft(ana: Person, admin: AsyncClient) -> None:
    assert (await ana.does(command.pull_app)).exit_code == 0
    assert "Nothing would change" in (await ana.does(command.plan_app)).output
    assert (await ana.does(command.diff_app)).exit_code == 0
    ana.edit("window: 1h", "window: 2h")
    planned = await ana.does(command.plan_app)
    assert planned.exit_code == 0
    assert "step “장바구니" not in planned.output
    assert "Until they stop filling it" in planned.output
    assert "1 hour → 2 hours" in planned.output
    compared = await ana.does(command.diff_app)
    assert compared.exit_code == 1
    assert "+      window: 2h" in compared.output or "2h" in compared.output
    assert (await ana.does(command.push_app)).exit_code == 0
    step = next(one for one in (await drafted(admin))["steps"] if one["id"] == "still-filling")
    assert step["settings"]["window"] == "2h"
    assert "Nothing would change" in (await ana.does(command.plan_app)).output


async def test_two_people_at_once_lose_nothing(ana: Person, bo: Person, admin: AsyncClient) -> None:
    for person in (ana, bo):
        assert (await person.does(command.pull_app)).exit_code == 0
    ana.edit("window: 1h", "window: 2h")
    bo.edit("duration: 3h", "duration: 4h")
    assert (await ana.does(command.push_app)).exit_code == 0
    refused = await bo.does(command.push_app)
    assert refused.exit_code == 1
    assert "changed on both sides" in refused.stderr
    assert "duration: 4h" in bo.journey.read_text()

    assert (await bo.does(command.pull_app)).exit_code == 1
    theirs = bo.journey.with_name("cart-recovery.theirs.yaml")
    assert "window: 2h" in theirs.read_text()
    assert "duration: 4h" in bo.journey.read_text()
    assert (await bo.does(command.push_app)).exit_code == 1  # not before the two are put together
    bo.edit("window: 1h", "window: 2h")
    theirs.unlink()
    assert (await bo.does(command.push_app)).exit_code == 0
    settings = {one["id"]: one.get("settings", {}) for one in (await drafted(admin))["steps"]}
    assert settings["still-filling"]["window"] == "2h"
    assert settings["checkout-help"]["duration"] == "4h"

    assert (await ana.does(command.pull_app)).exit_code == 0
    assert "duration: 4h" in ana.journey.read_text()


async def test_new_files_are_made_in_the_order_in_which_they_are_named(ana: Person, admin: AsyncClient) -> None:
    assert (await ana.does(command.pull_app)).exit_code == 0
    text = ana.journey.read_text().replace("key: cart-recovery", "key: other")
    (ana.folder / "journeys" / "other.yaml").write_text(text)
    (ana.folder / "templates" / "bye.yaml").write_text((ana.folder / "templates" / "hello.yaml").read_text())
    planned = await ana.does(command.plan_app, "--markdown")
    assert "### 📝 journeys/other: new" in planned.output
    pushed = await ana.does(command.push_app)
    assert pushed.exit_code == 0, pushed.output
    assert pushed.output.splitlines()[-2:] == ["templates/bye: pushed", "journeys/other: pushed"]
    assert (await admin.get("/api/message-templates/bye")).is_success


async def test_segments_go_with_them(ana: Person, bo: Person, admin: AsyncClient) -> None:
    tier = {"kind": "attribute", "name": "tier", "value": "vip"}
    told = {"key": "vip", "segment": {"name": "VIP", "condition": tier}}
    assert (await admin.post("/api/segments", json=told)).is_success
    for person in (ana, bo):
        assert (await person.does(command.pull_app)).exit_code == 0
    vip, new = ana.folder / "segments" / "vip.yaml", ana.folder / "segments" / "gold.yaml"
    ana.edit("vip", "gold", vip)
    new.write_text("name: {en: Gold, ko: 골드}\ncondition: {kind: segment, segment: vip}\n")
    assert (await ana.does(command.plan_app)).exit_code == 0
    pushed = await ana.does(command.push_app, "--publish")
    assert pushed.output.splitlines() == ["segments/gold: pushed", "segments/vip: pushed"], pushed.output
    assert "Nothing would change" in (await ana.does(command.plan_app)).output
    kept = (await admin.get("/api/segments/vip")).json()["segment"]["condition"]
    assert (kept["name"], kept["value"]) == ("tier", "gold")

    bo.edit("tier", "level", bo.folder / "segments" / "vip.yaml")
    assert (await bo.does(command.push_app)).exit_code == 1

    new.write_text("name: Gold\ncondition:\n  kind: segment\n  segment: gold\n")
    wrong = await ana.does(command.plan_app)
    assert wrong.exit_code == 1
    assert "gold.yaml:" in wrong.output
    assert ": error:" in wrong.output


@pytest.mark.long
@pytest.mark.usefixtures("admin")
async def test_who_makes_one_of_the_same_key_meanwhile_is_not_written_over(ana: Person, bo: Person) -> None:
    for person in (ana, bo):
        assert (await person.does(command.pull_app)).exit_code == 0
        file = person.folder / "journeys" / "other.yaml"
        file.write_text(person.journey.read_text().replace("key: cart-recovery", "key: other"))
    bo.edit("window: 1h", "window: 5h", bo.folder / "journeys" / "other.yaml")
    assert (await ana.does(command.push_app)).exit_code == 0
    assert (await bo.does(command.push_app)).exit_code == 1


async def test_what_is_wrong_is_told_with_its_line_and_nothing_is_pushed(ana: Person, admin: AsyncClient) -> None:
    assert (await ana.does(command.pull_app)).exit_code == 0
    before = await drafted(admin)
    ana.edit("window: 1h", "window: soon")
    (ana.folder / "templates" / "bye.yaml").write_text((ana.folder / "templates" / "hello.yaml").read_text())
    line = next(n for n, text in enumerate(ana.journey.read_text().splitlines(), 1) if "window: soon" in text)
    planned = await ana.does(command.plan_app)
    assert planned.exit_code == 1
    assert f"cart-recovery.yaml:{line}: error:" in planned.output
    assert (await ana.does(command.push_app)).exit_code == 1
    assert await drafted(admin) == before
    assert (await admin.get("/api/message-templates/bye")).status_code == 404

    ana.journey.write_text("key: [")
    broken = await ana.does(command.plan_app)
    assert broken.exit_code == 2
    assert "cart-recovery.yaml" in broken.stderr


async def test_the_recipe_for_ci_plays_scenarios_and_writes_the_plan(ana: Person, admin: AsyncClient) -> None:
    assert (await ana.does(command.pull_app)).exit_code == 0
    (ana.folder / "cart.scenario.yaml").write_text(
        SCENARIOS.replace("[cart-recovery.yaml]", "[journeys/cart-recovery.yaml]")
    )

    async def run() -> tuple[int, str, str]:
        bin_folder = str(Path(sys.executable).parent)
        environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "LANG": "en_US.UTF-8"}
        environment |= {"SOJOURN_SERVER": ana.server, "SOJOURN_TOKEN": DEV_ADMIN_TOKEN}
        process = await asyncio.create_subprocess_exec(
            RECIPE,
            ".",
            cwd=ana.folder,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode(), (ana.folder / "plan.md").read_text()

    code, output, plan = await run()
    assert code == 0, output
    assert "Nothing would change." in plan
    assert (ana.folder / "scenarios.xml").exists()
    ana.edit("window: 1h", "window: 3h")
    code, output, plan = await run()
    assert code == 1, output  # the scenarios say an hour
    assert "### 📝 journeys/cart-recovery: changed" in plan


async def test_a_server_that_does_not_answer_or_refuses_is_told_of(ana: Person, server: str) -> None:
    ana.server = "http://127.0.0.1:9"
    away = await ana.does(command.plan_app)
    assert (away.exit_code, "does not answer" in away.stderr) == (2, True)
    arguments = [str(ana.folder), "--server", server, "--token", "wrong", "--lang", "en"]
    refused = await asyncio.to_thread(CliRunner().invoke, command.plan_app, arguments)
    assert (refused.exit_code, "401" in refused.stderr) == (2, True)


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOJOURN_SERVER", raising=False)
    monkeypatch.delenv("SOJOURN_TOKEN", raising=False)
