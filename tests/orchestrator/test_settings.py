"""Settings: read as people write them, refused in one line, documented to the last one."""

import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from orchestrator.addresses import is_loopback
from orchestrator.data_folder import kept_secret, running_file
from orchestrator.settings import (
    DEV_ADMIN_TOKEN,
    DEV_WRITE_KEY,
    PREFIX,
    Settings,
    SettingsProblem,
    load_settings,
    read_settings,
    require_addresses,
    write_running,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"
OWN = {
    "SOJOURN_WRITE_KEYS": "shop-1, shop-2",
    "SOJOURN_ADMIN_TOKEN": "a-token-of-our-own",
    "SOJOURN_SECRET_KEY": "x" * 32,
}


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Sets environment variables; the data folder is this test's own."""
    monkeypatch.setenv("SOJOURN_DATA_DIR", str(tmp_path / "data"))

    def put(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


def problem() -> str:
    with pytest.raises(SettingsProblem) as caught:
        read_settings()
    return str(caught.value)


class TestDevelopmentKeys:
    def test_are_given_on_loopback(self, environ: Any) -> None:
        settings = read_settings()
        assert settings.write_keys == (DEV_WRITE_KEY,)
        assert settings.admin_token.get_secret_value() == DEV_ADMIN_TOKEN

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "shop.example"])
    @pytest.mark.parametrize("missing", sorted(OWN))
    def test_are_refused_beyond_loopback(self, environ: Any, host: str, missing: str) -> None:
        environ(SOJOURN_HOST=host, **{name: value for name, value in OWN.items() if name != missing})
        said = problem()
        assert f"set {missing} to" in said
        assert "\n" not in said

    def test_are_refused_behind_a_public_address_too(self, environ: Any) -> None:
        """A reverse proxy on the same machine makes loopback public."""
        environ(SOJOURN_PUBLIC_URL="https://journeys.shop.example")
        assert "SOJOURN_PUBLIC_URL" in problem()

    @pytest.mark.parametrize(
        "named", [{"SOJOURN_WRITE_KEYS": f"own,{DEV_WRITE_KEY}"}, {"SOJOURN_ADMIN_TOKEN": DEV_ADMIN_TOKEN}]
    )
    def test_are_refused_when_named_outright(self, environ: Any, named: dict[str, str]) -> None:
        environ(SOJOURN_HOST="0.0.0.0", **(OWN | named))
        assert f"set {next(iter(named))} to" in problem()

    def test_own_keys_open_the_server(self, environ: Any) -> None:
        environ(SOJOURN_HOST="0.0.0.0", **OWN)
        assert read_settings().write_keys == ("shop-1", "shop-2")

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]", "sojourn.localhost"])
    def test_loopback_has_many_names(self, host: str) -> None:
        assert is_loopback(host)


class TestReading:
    def test_gives_the_driver_that_sqlalchemy_needs(self, environ: Any) -> None:
        for written in ("postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"):
            environ(SOJOURN_DATABASE_URL=written)
            settings = read_settings()
            assert settings.database_url == "postgresql+psycopg://u:p@h/d"
            assert settings.database_dsn == "postgresql://u:p@h/d"

    @pytest.mark.parametrize(
        ("name", "value", "says"),
        [
            ("DATABASE_URL", "mysql://u@h/d", "PostgreSQL is the only database"),
            ("REDIS_URL", "localhost:6379", "must start with redis://"),
            ("TEMPORAL_ADDRESS", "temporal", "must be host:port"),
            ("PORT", "99999", "less than or equal to 65535"),
            ("WORKSPACE_TIME_ZONE", "Seoul", "'Seoul' is not an IANA time zone"),
            ("DAY_SECONDS", "0", "greater than 0"),
            ("EMAIL_PROVIDER", "smtp", "set SOJOURN_SMTP_HOST as well"),
            ("PUBLIC_URL", "journeys.example", "must start with http://"),
        ],
    )
    def test_says_in_one_line_what_is_wrong(self, environ: Any, name: str, value: str, says: str) -> None:
        environ(**{PREFIX + name: value})
        said = problem()
        assert says in said
        assert "\n" not in said
        assert PREFIX + name in said

    def test_takes_an_empty_variable_as_none(self, environ: Any) -> None:
        """A compose file passes a variable that is not set on as an empty one."""
        environ(SOJOURN_DATABASE_URL="", SOJOURN_WRITE_KEYS="", SOJOURN_PORT="", SOJOURN_DAY_SECONDS="")
        settings = read_settings()
        assert settings.day_seconds is None
        assert settings.public_url == "http://localhost:8000"

    def test_turns_tls_on_for_an_api_key(self) -> None:
        assert Settings(temporal_api_key=SecretStr("key")).uses_temporal_tls
        assert not Settings().uses_temporal_tls

    def test_shows_no_secret(self, environ: Any) -> None:
        environ(
            SOJOURN_DATABASE_URL="postgresql://u:hidden1@h/d",
            SOJOURN_REDIS_URL="redis://:hidden2@h",
            SOJOURN_WRITE_KEYS="hidden3",
            SOJOURN_ADMIN_TOKEN="hidden4",
            SOJOURN_SECRET_KEY="hidden5",
            SOJOURN_SMTP_PASSWORD="hidden6",
            SOJOURN_TEMPORAL_API_KEY="hidden7",
        )
        assert "hidden" not in repr(read_settings())


class TestWhatARunLeaves:
    def test_is_found_by_other_processes_of_the_folder(self, environ: Any) -> None:
        data_dir = load_settings().data_dir
        running_file(data_dir).parent.mkdir(parents=True)
        decided: dict[str, Any] = {
            "database_url": "postgresql+psycopg://u:p@127.0.0.1:5/sojourn",
            "redis_url": "redis://127.0.0.1:6/0",
            "temporal_address": "127.0.0.1:7",
            "day_seconds": 20,
        }
        write_running(Settings(data_dir=data_dir, **decided))
        assert stat.S_IMODE(running_file(data_dir).stat().st_mode) == 0o600
        settings = require_addresses(load_settings())
        assert {name: getattr(settings, name) for name in decided} == decided

    def test_gives_way_to_the_environment(self, environ: Any) -> None:
        data_dir = load_settings().data_dir
        running_file(data_dir).parent.mkdir(parents=True)
        write_running(Settings(data_dir=data_dir, redis_url="redis://left-over:1", day_seconds=20))
        environ(SOJOURN_REDIS_URL="redis://chosen:2", SOJOURN_DAY_SECONDS="60")
        settings = load_settings()
        assert (settings.redis_url, settings.day_seconds) == ("redis://chosen:2", 60)

    def test_when_nothing_runs_one_line_says_what_to_do(self, environ: Any) -> None:
        with pytest.raises(SettingsProblem, match=r"start `make run` first, or set SOJOURN_DATABASE_URL"):
            require_addresses(load_settings())


class TestSecretKey:
    def test_is_made_once_and_only_its_owner_reads_it(self, environ: Any) -> None:
        first = load_settings()
        assert load_settings().secret_key == first.secret_key
        assert len(first.secret_key.get_secret_value()) >= 32
        kept = first.data_dir / "secrets" / "secret-key"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    def test_the_first_of_two_processes_decides(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The other process makes the file after we looked and before we make ours."""
        link = os.link

        def late(source: str, path: Path) -> None:
            path.write_text("theirs")
            link(source, path)

        monkeypatch.setattr(os, "link", late)
        assert kept_secret(tmp_path, "key") == "theirs"
        assert [file.name for file in (tmp_path / "secrets").iterdir()] == ["key"]


class TestDocumentation:
    def rows(self) -> dict[str, list[str]]:
        """The tables' rows by setting: default, meaning."""
        found = re.findall(r"^\| `(SOJOURN_\w+)` \| (.*?) \| (.*?) \|$", DOCUMENT.read_text(), re.MULTILINE)
        return {name: rest for name, *rest in found}

    def test_names_every_setting_and_no_other(self) -> None:
        assert sorted(self.rows()) == sorted(PREFIX + name.upper() for name in Settings.model_fields)

    @pytest.mark.parametrize("name", sorted(Settings.model_fields))
    def test_says_what_the_code_says(self, name: str) -> None:
        field = Settings.model_fields[name]
        default, meaning = self.rows()[PREFIX + name.upper()]
        assert meaning == field.description, "docs/settings.md and orchestrator/settings.py describe one thing"
        assert default == written(field.default)


def written(default: Any) -> str:
    """A default as the document writes it: as one would set it, or empty."""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default in {"", None} or default == ():
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
