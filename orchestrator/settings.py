"""Every setting of Sojourn, read from environment variables that start with `SOJOURN_`.

One frozen model, so that a process cannot change its mind half-way, and so that the documentation can be held against
it (`docs/settings.md`, by test). An empty address means "the embedded server": `sojourn run` starts one and tells the
other processes of the same data folder where it listens.
"""

import base64
import json
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from orchestrator.addresses import is_host_or_network, is_loopback
from orchestrator.core.timing import known_zones
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.data_folder import RUNNING, kept_secret, read_running, running_file
from orchestrator.limit_settings import LimitSettings
from orchestrator.media_settings import MediaSettings
from orchestrator.temporal_settings import Port, TemporalSettings, web_address

DEV_WRITE_KEY = "dev-write-key"
DEV_ADMIN_TOKEN = "dev-admin-token"  # noqa: S105 - public on purpose, and refused beyond loopback
LOCAL_PREFIX = "local_"
"""How keys begin that the first start on a machine makes, and keeps in its data folder: for that machine alone."""
PREFIX = "SOJOURN_"

EmbeddedPort = Annotated[int, Field(ge=0, le=65535)]


class SettingsProblem(Exception):
    """A setting is wrong or missing. The message is for a person: what is wrong and what to do, a line for each."""


class Settings(LimitSettings, MediaSettings, TemporalSettings):
    """All settings. Times are seconds, ports TCP ports, addresses `host:port` unless a URL is named."""

    # An empty variable counts as none: compose files pass a variable that is not set on as an empty one.
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    data_dir: Path = Field(
        default=Path(".sojourn"), description="Folder for the embedded servers' data, logs and generated secrets."
    )
    database_url: str = Field(
        default="",
        repr=False,
        description="PostgreSQL URL (17 or newer); postgres://, postgresql:// and postgresql+psycopg:// mean the same. "
        "Empty: the embedded server.",
    )
    redis_url: str = Field(
        default="", repr=False, description="Redis or Valkey URL, redis:// or rediss://. Empty: the embedded Valkey."
    )

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address that the API listens on. Beyond loopback, write keys, admin token and secret key "
        "of your own are required.",
    )
    port: Port = Field(default=8000, description="Port of the API and the console.")
    postgres_port: EmbeddedPort = Field(
        default=0, description="Port of the embedded PostgreSQL; 0 picks a free one and keeps to it."
    )
    valkey_port: EmbeddedPort = Field(
        default=0, description="Port of the embedded Valkey; 0 picks a free one and keeps to it."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses and networks of your own reverse proxies, separated by commas, such as `10.0.0.0/8`: "
        "what they say in X-Forwarded-For and X-Forwarded-Proto is believed. Never name more than them: whoever is "
        "in here may claim to be anybody. Empty: nobody is believed, and everybody behind a proxy is one address.",
    )
    public_url: str = Field(
        default="",
        description="Where customers' browsers reach the API, for links in messages. Empty: http://localhost:<port>.",
    )

    write_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        repr=False,
        description="Server keys, separated by commas: they may send any event and every consent, so they belong into "
        "programs of yours and never into a page. More are made in the console. Empty, on loopback only: generated "
        "once and kept in the data folder.",
    )
    browser_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        repr=False,
        description="Browser keys, separated by commas, for pages and apps, where everybody can read them: they speak "
        "of the visitor only. More are made in the console. Empty, on loopback only: generated once and kept in the "
        "data folder.",
    )
    admin_token: SecretStr = Field(
        default=SecretStr(""),
        description="Bearer token of the API with the role admin; whoever knows it creates the console's first "
        "account. Empty, on loopback only: generated once and kept in the data folder.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Signs links and sessions; at least 32 characters, the same in every process. "
        "Empty, on loopback only: generated once and kept in the data folder.",
    )

    workspace_time_zone: str = Field(
        default=DEFAULT_ZONE, description="IANA time zone for customers without one, and for reports."
    )
    workspace_locale: str = Field(
        default="ko", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="Language for customers without one."
    )
    day_seconds: float | None = Field(
        default=None,
        gt=0,
        le=86400,
        description="Accelerated clock for demo workspaces: a day passes in this many seconds. Empty: real time; "
        "`sojourn run` uses 20 unless this is set (86400 is real time there).",
    )
    demo: bool = Field(
        default=True, description="Whether `sojourn run` loads the demo shop and keeps its customers moving."
    )
    open_browser: bool = Field(
        default=True,
        description="Whether `sojourn run` opens the console in a browser once it is ready, where there is one: at a "
        "terminal with a screen, and neither over SSH nor in CI. `sojourn run --no-browser` does not, this once.",
    )

    email_provider: Literal["outbox", "smtp"] = Field(
        default="outbox",
        description="How e-mail leaves: `outbox` stores it for the console and sends nothing; `smtp` sends.",
    )
    email_from: str = Field(
        default="Sojourn <sojourn@localhost>",
        min_length=3,
        description="From address of e-mail, with or without a name.",
    )
    smtp_host: str = Field(default="", description="SMTP server; required when the e-mail provider is `smtp`.")
    smtp_port: Port = Field(default=587, description="SMTP port.")
    smtp_username: str = Field(default="", repr=False, description="SMTP user name; empty: no authentication.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="SMTP password.")
    smtp_starttls: bool = Field(
        default=True, description="Upgrade the SMTP connection with STARTTLS before anything is sent."
    )

    identity_secret: SecretStr = Field(
        default=SecretStr(""),
        description="With it a shop proves who is signed in on its pages: `userHash` is the HMAC-SHA256 of the user "
        "id, in hexadecimal. Empty: one that follows from the secret key; `sojourn identity-secret` shows it.",
    )
    user_hash: Literal["auto", "required", "off"] = Field(
        default="auto",
        description="Whether a browser key needs `userHash` to speak of a known customer and to read their on-site "
        "messages: `required`, `off`, or `auto`: beyond loopback, and wherever an identity secret is set.",
    )
    in_app_provider: Literal["in_app", "outbox"] = Field(
        default="in_app",
        description="Where on-site messages go: `in_app` shows them on the shop's pages; `outbox` to the console "
        "alone.",
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Signs the calls of webhook steps: `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks). "
        "Empty: one that follows from the secret key; `sojourn webhook-secret` shows it.",
    )
    outgoing_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Internal places that webhooks and checks of links may call all the same, separated by commas: "
        "hosts, addresses or networks such as `10.1.0.0/16`. Empty: public addresses only.",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="`console` for people, `json` for machines: one object a line."
    )

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        """A child process may have another working directory; the folder must be the same one."""
        return value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _one_scheme(cls, value: str) -> str:
        """SQLAlchemy wants the driver's name in the scheme, hosting services write it without: accept both."""
        scheme, separator, rest = value.partition("://")
        if not value:
            return value
        if separator and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
            return f"postgresql+psycopg://{rest}"
        raise ValueError("must start with postgresql://; PostgreSQL is the only database")

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value

    @field_validator("write_keys", "browser_keys", "trusted_proxies", "outgoing_allow", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _standard_secret(cls, value: SecretStr) -> SecretStr:
        written = value.get_secret_value()
        try:
            size = len(base64.b64decode(written.removeprefix("whsec_"), validate=True))
        except ValueError:
            size = 0
        if written and not (written.startswith("whsec_") and 24 <= size <= 64):
            raise ValueError("must be whsec_ and 24 to 64 bytes in base64")
        return value

    @field_validator("outgoing_allow")
    @classmethod
    def _hosts_and_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            if not is_host_or_network(entry):
                raise ValueError(f"{entry!r} is not a host, an address or a network such as 10.1.0.0/16")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            try:
                network = ip_network(entry, strict=False)
            except ValueError:
                raise ValueError(f"{entry!r} is no address and no network such as 10.0.0.0/8") from None
            if not network.prefixlen:
                raise ValueError(f"{entry} is everybody, who could then claim to be anybody: name your proxies alone")
        return value

    @field_validator("workspace_time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in known_zones():
            raise ValueError(f"{value!r} is not an IANA time zone such as {DEFAULT_ZONE}")
        return value

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return web_address(value)

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        """The public development keys open nothing beyond this machine, be it bound wide or proxied to."""
        if not self.public_url:
            object.__setattr__(self, "public_url", f"http://localhost:{self.port}")
        exposed = self._exposed()
        if exposed and (not self.write_keys or any(map(is_development_key, self.write_keys))):
            raise ValueError(f"{exposed}: set SOJOURN_WRITE_KEYS to keys of your own")
        if exposed and any(map(is_development_key, self.browser_keys)):
            raise ValueError(f"{exposed}: set SOJOURN_BROWSER_KEYS to keys of your own")
        if both := set(self.write_keys) & set(self.browser_keys):
            raise ValueError(
                f"{len(both)} keys are in SOJOURN_WRITE_KEYS and SOJOURN_BROWSER_KEYS: a key is one or other"
            )
        admin_token = self.admin_token.get_secret_value()
        if exposed and (not admin_token or is_development_key(admin_token)):
            raise ValueError(f"{exposed}: set SOJOURN_ADMIN_TOKEN to a token of your own")
        if exposed and len(self.secret_key.get_secret_value()) < 32:
            raise ValueError(f"{exposed}: set SOJOURN_SECRET_KEY to at least 32 random characters")
        if self.email_provider == "smtp" and not self.smtp_host:
            raise ValueError("SOJOURN_EMAIL_PROVIDER is smtp: set SOJOURN_SMTP_HOST as well")
        if not self.write_keys:
            object.__setattr__(self, "write_keys", (DEV_WRITE_KEY,))
        if not self.admin_token.get_secret_value():
            object.__setattr__(self, "admin_token", SecretStr(DEV_ADMIN_TOKEN))
        return self

    @property
    def is_exposed(self) -> bool:
        """Whether other machines may reach the API."""
        return bool(self._exposed())

    @property
    def has_development_keys(self) -> bool:
        """Whether keys open this API that are good on this machine alone; it then answers to no other host's name."""
        keys = (*self.write_keys, *self.browser_keys, self.admin_token.get_secret_value())
        return any(map(is_development_key, keys))

    @property
    def lets_local_admin_in(self) -> bool:
        """Whether the admin token is one for this machine alone: who sits at it needs no other proof."""
        return is_development_key(self.admin_token.get_secret_value())

    def _exposed(self) -> str:
        """Why the API counts as reachable from other machines; empty when it is not."""
        if not is_loopback(self.host):
            return f"SOJOURN_HOST is {self.host}, reachable from other machines"
        public = urlsplit(self.public_url).hostname or ""
        if not is_loopback(public):
            return f"SOJOURN_PUBLIC_URL is {self.public_url}, reachable from other machines"
        return ""

    @property
    def database_dsn(self) -> str:
        """The database's URL as libpq and psycopg read it, without SQLAlchemy's driver name."""
        return self.database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def is_development_key(key: str) -> bool:
    """Whether a key or token is good on this machine alone: made by the first start, or public."""
    return key in (DEV_WRITE_KEY, DEV_ADMIN_TOKEN) or key.startswith(LOCAL_PREFIX)


def load_settings(**overrides: Any) -> Settings:
    """Settings of a process here: the environment, then what a running `sojourn run` left in the data folder.

    Raises `SettingsProblem` with one line for each wrong setting. Makes the secret key on first use.
    """
    settings = read_settings(**overrides)
    found = {name: value for name, value in read_running(settings.data_dir).items() if not getattr(settings, name)}
    if not settings.secret_key.get_secret_value():
        found["secret_key"] = kept_secret(settings.data_dir, "secret-key")
    found |= kept_keys(settings)
    return read_settings(**{**overrides, **found}) if found else settings


def kept_keys(settings: Settings) -> dict[str, Any]:
    """Admin token and write keys of this machine, made on first use, for those that no setting names; beyond loopback
    none, for there every key has to be somebody's decision."""
    made = {"admin_token": "admin-token", "write_keys": "server-key", "browser_keys": "browser-key"}
    missing = {} if settings.is_exposed else {name: made[name] for name in made.keys() - settings.model_fields_set}
    kept = {
        name: kept_secret(settings.data_dir, file, f"{LOCAL_PREFIX}{file.partition('-')[0]}_")
        for name, file in missing.items()
    }
    return {name: key if name == "admin_token" else (key,) for name, key in kept.items()}


def read_settings(**overrides: Any) -> Settings:
    """Settings from the environment alone, with errors a person can act on."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsProblem("\n".join(_line(problem["loc"], problem["msg"]) for problem in error.errors())) from None


def require_addresses(settings: Settings) -> Settings:
    """The same settings, once it is sure that a database, a Redis and a Temporal are named."""
    missing = [name for name in ("database_url", "redis_url", "temporal_address") if not getattr(settings, name)]
    if missing:
        names = ", ".join(PREFIX + name.upper() for name in missing)
        raise SettingsProblem(f"Nothing runs in {settings.data_dir}: start `make run` first, or set {names}.")
    return settings


def write_running(settings: Settings) -> None:
    """Tell later processes of this data folder, such as `sojourn import`, where the servers are and how time passes."""
    path = running_file(settings.data_dir)
    scratch = path.with_suffix(".new")
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600)
    scratch.write_text(json.dumps({name: getattr(settings, name) for name in RUNNING}))
    scratch.rename(path)


def _line(location: tuple[int | str, ...], message: str) -> str:
    """One problem as one line, named as the person set it."""
    message = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(location[0]).upper()}: {message}" if location else message
