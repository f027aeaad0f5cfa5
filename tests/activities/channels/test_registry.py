"""Which provider carries which channel."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels import registry
from activities.channels.registry import NoSuchProvider, build_provider, build_providers
from orchestrator.core.channels import CHANNELS
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine


@pytest.fixture
def engine() -> AsyncEngine:
    return create_engine("postgresql://nobody@127.0.0.1:1/nothing")


def test_everything_goes_to_the_outbox_unless_said_otherwise(engine: AsyncEngine, tmp_path: Path) -> None:
    providers = build_providers(Settings(data_dir=tmp_path), engine)
    assert set(providers) == set(CHANNELS)
    assert {provider.name for provider in providers.values()} == {"outbox"}
    assert len({id(provider) for provider in providers.values()}) == 1


def test_a_channels_setting_names_its_provider(engine: AsyncEngine, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, email_provider="smtp", smtp_host="mail.example")
    names = {channel: provider.name for channel, provider in build_providers(settings, engine).items()}
    assert names == {**dict.fromkeys(CHANNELS, "outbox"), "email": "smtp"}


@pytest.mark.parametrize("name", ["pigeon", "contract", "registry", "../outbox", "Outbox", ""])
def test_a_provider_that_is_not_there_is_refused(engine: AsyncEngine, tmp_path: Path, name: str) -> None:
    with pytest.raises(NoSuchProvider):
        build_provider(name, Settings(data_dir=tmp_path), engine)


def test_a_provider_must_carry_the_channel_it_is_named_for(engine: AsyncEngine) -> None:
    class Mistaken:
        sms_provider = "smtp"
        smtp_host, smtp_port, smtp_username, smtp_starttls, email_from = "h", 25, "", False, "a@b.kr"

        class smtp_password:  # noqa: N801
            get_secret_value = staticmethod(str)

    with pytest.raises(NoSuchProvider, match="SOJOURN_SMS_PROVIDER"):
        build_providers(Mistaken(), engine)  # type: ignore[arg-type]


def test_every_provider_has_a_test_file_with_the_shared_suite() -> None:
    here = Path(__file__).parent
    for file in Path(str(registry.__file__)).parent.glob("[a-z]*.py"):
        if file.stem not in registry._NOT_PROVIDERS:
            assert "(ProviderSuite)" in (here / f"test_{file.stem}.py").read_text()
