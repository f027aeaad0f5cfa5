"""Who carries each channel follows what is set up, without a restart."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.active_providers import ActiveProviders, Unusable
from activities.channels.contract import DefinitionError, Services
from activities.channels.providers.smtp import Smtp
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.settings import Settings
from orchestrator.store.channels.providers import choose_provider, read_setups, save_setup
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.secret_box import NotOurs, Seal
from orchestrator.store.workspace import ensure_workspace
from tests.activities.channels.providers.provider_suite import message_for

SECRET = "x" * 40
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    async with session_factory(engine)() as session:
        await ensure_workspace(session, Settings())
        await session.commit()
    yield engine
    await engine.dispose()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, secret_key=SecretStr(SECRET))


async def _set_up(engine: AsyncEngine, secret: str = SECRET, **values: object) -> None:
    async with engine.begin() as db:
        given = {"host": "mail.example", "sender": "news@shop.example", **values}
        await save_setup(db, Seal(secret), "smtp", given, {"password": "hidden"}, who="kim", now=NOW)
        await choose_provider(db, "email", "smtp")


async def test_at_first_the_environment_says_who_carries_what(engine: AsyncEngine, settings: Settings) -> None:
    active_providers = ActiveProviders(Services(settings, engine))
    await active_providers.refresh()
    named = {channel: provider.name for channel, provider in active_providers.items()}
    assert named == {**dict.fromkeys(CHANNELS, "outbox"), "in_app": "in_app"}
    assert len({id(provider) for provider in active_providers.values()}) == 2


async def test_what_is_set_up_in_the_console_holds_from_the_next_look(engine: AsyncEngine, settings: Settings) -> None:
    active_providers = ActiveProviders(Services(settings, engine))
    await active_providers.refresh()
    await _set_up(engine)
    assert active_providers["email"].name == "outbox"
    await active_providers.refresh()
    first = active_providers["email"]
    assert isinstance(first, Smtp)
    assert first._connection["hostname"] == "mail.example"
    assert first._connection["password"] == "hidden"
    assert active_providers["sms"].name == "outbox"

    await active_providers.refresh()
    assert active_providers["email"] is first
    await _set_up(engine, host="other.example")
    await active_providers.refresh()
    second = active_providers["email"]
    assert isinstance(second, Smtp)
    assert second._connection["hostname"] == "other.example"
    await active_providers.close()


async def test_a_provider_that_is_not_set_up_sends_nothing_and_says_why(
    engine: AsyncEngine, settings: Settings
) -> None:
    async with engine.begin() as db:
        await choose_provider(db, "email", "smtp")
    active_providers = ActiveProviders(Services(settings, engine))
    await active_providers.refresh()
    provider = active_providers["email"]
    assert isinstance(provider, Unusable)
    with pytest.raises(DefinitionError, match="host"):
        await provider.send(message_for(ActiveProviders.__getitem__(active_providers, "sms"), channel="email"), uuid4())


async def test_secrets_of_another_key_are_asked_for_again(engine: AsyncEngine, settings: Settings) -> None:
    await _set_up(engine, "y" * 40)
    active_providers = ActiveProviders(Services(settings, engine))
    await active_providers.refresh()
    assert isinstance(active_providers["email"], Unusable)
    assert "SOJOURN_SECRET_KEY" in active_providers["email"].why


async def test_a_choice_that_makes_no_sense_any_more_sends_nothing(engine: AsyncEngine, settings: Settings) -> None:
    async with engine.begin() as db:
        await choose_provider(db, "email", "pigeon")
        await choose_provider(db, "sms", "smtp")
        await save_setup(db, Seal(""), "smtp", {"host": "h", "sender": "a@b.kr"}, {}, who="kim", now=NOW)
    active_providers = ActiveProviders(Services(settings, engine))
    await active_providers.refresh()
    assert isinstance(active_providers["email"], Unusable)
    with pytest.raises(DefinitionError, match="sms"):
        await active_providers["sms"].send(message_for(Smtp("h", 1, "a@b.kr"), channel="sms"), uuid4())
    await active_providers.close()


async def test_secrets_are_not_readable_where_they_are_kept(engine: AsyncEngine) -> None:
    await _set_up(engine)
    async with engine.connect() as db:
        [setup] = (await read_setups(db)).values()
    assert b"hidden" not in (setup.sealed or b"")
    assert "hidden" not in repr(setup)
    assert setup.secrets(Seal(SECRET)) == {"password": "hidden"}
    assert setup.revision == 1
    with pytest.raises(NotOurs):
        setup.secrets(Seal("z" * 40))
    with pytest.raises(NotOurs):
        Seal("").close({"a": "b"})
