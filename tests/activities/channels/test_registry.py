"""The providers that there are, and what each declares."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from pydantic import SecretStr

from activities.channels.contract import Services
from activities.channels.registry import NoSuchProvider, NotSetUp, chosen_by_settings, find_kind, provider_kinds
from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.labels import schema_of
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine

AT_FIRST = {**dict.fromkeys(CHANNELS, "outbox"), "in_app": "in_app"}
"""Nothing leaves; what stays on our own pages needs no outbox."""


def test_everything_goes_to_the_outbox_unless_said_otherwise(tmp_path: Path) -> None:
    assert chosen_by_settings(Settings(data_dir=tmp_path)) == AT_FIRST


def test_a_channels_setting_names_its_provider(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, email_provider="smtp", smtp_host="mail.example")
    assert chosen_by_settings(settings) == {**AT_FIRST, "email": "smtp"}


@pytest.mark.parametrize("name", ["pigeon", "contract", "registry", "batching", "carriers", "../outbox", "Outbox", ""])
def test_a_provider_that_is_not_there_is_refused(name: str) -> None:
    assert name not in provider_kinds()
    with pytest.raises(NoSuchProvider):
        find_kind(name)


def test_a_provider_must_carry_the_channel_it_is_named_for() -> None:
    class Mistaken:
        sms_provider = "smtp"

    with pytest.raises(NoSuchProvider, match="SOJOURN_SMS_PROVIDER"):
        chosen_by_settings(Mistaken())  # type: ignore[arg-type]


def without_suite(names: Iterable[str]) -> set[str]:
    """Providers that no test file puts through the shared suite."""
    files = {name: Path(__file__).parent / "providers" / f"test_{name}.py" for name in names}
    return {name for name, file in files.items() if not file.exists() or "(ProviderSuite)" not in file.read_text()}


@pytest.mark.parametrize("name", sorted(provider_kinds()))
def test_every_provider_has_a_test_file_with_the_shared_suite(name: str) -> None:
    assert without_suite([name]) == set()


@pytest.mark.parametrize("name", sorted(provider_kinds()))
def test_every_provider_says_in_both_languages_what_it_needs(name: str) -> None:
    kind = find_kind(name)
    assert kind.title.to("en")
    assert kind.title.to("ko")
    assert kind.carries
    assert kind.carries <= set(CHANNELS)
    schema = schema_of(kind.config)
    for field, described in schema.get("properties", {}).items():
        assert described["x-label"]["en"], field
        assert described["x-label"]["ko"], field
        assert field not in kind.secrets or described["format"] == "password"


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    services = Services(Settings(data_dir=tmp_path), create_engine("postgresql://nobody@127.0.0.1:1/nothing"))
    with pytest.raises(NotSetUp) as wrong:
        find_kind("smtp").build({"port": 99_999}, services)
    assert set(wrong.value.fields) == {"host", "port"}


def test_what_is_entered_is_laid_over_what_the_environment_says(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, smtp_host="mail.example", smtp_password=SecretStr("from the environment"))
    config = find_kind("smtp").configured({"port": 2525}, settings)
    assert config.model_dump(include={"host", "port"}) == {"host": "mail.example", "port": 2525}
    assert find_kind("smtp").secrets == {"password"}
    assert "from the environment" not in json.dumps(config.model_dump(mode="json"))
