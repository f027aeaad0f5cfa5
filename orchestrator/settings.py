"""Every setting of Sojourn, read from environment variables that start with `SOJOURN_`.

One frozen model, so that a process cannot change its mind half-way, and so that the documentation can be held against
it (`docs/settings.md`, by test). An empty address means "the embedded server": `sojourn run` starts one and tells the
other processes of the same data folder where it listens.
"""

import base64
import json
import os
import re
import secrets
import tempfile
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from orchestrator.core.timing import known_zones
from orchestrator.core.zone_settings import DEFAULT_ZONE

DEV_WRITE_KEY = "dev-write-key"
DEV_ADMIN_TOKEN = "dev-admin-token"  # noqa: S105 - public on purpose, and refused beyond loopback
PREFIX = "SOJOURN_"
# What `sojourn run` decides where the environment does not, and other processes of the data folder need to know.
RUNNING = ("database_url", "redis_url", "temporal_address", "day_seconds")

Port = Annotated[int, Field(ge=1, le=65535)]
EmbeddedPort = Annotated[int, Field(ge=0, le=65535)]


class SettingsProblem(Exception):
    """A setting is wrong or missing. The message is for a person: what is wrong and what to do, a line for each."""


class Settings(BaseSettings):
    """All settings. Times are seconds, ports TCP ports, addresses `host:port` unless a URL is named."""

    # An empty variable counts as none: compose files pass a variable that is not set on as an empty one.
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    data_dir: Path = Field(
        default=Path(".sojourn"), description="Folder for the embedded servers' data, logs and generated secrets."
    )
    database_url: str = Field(
        default="",
        repr=False,
        description="PostgreSQL URL; postgres://, postgresql:// and postgresql+psycopg:// mean the same. "
        "Empty: the embedded server.",
    )
    redis_url: str = Field(
        default="", repr=False, description="Redis or Valkey URL, redis:// or rediss://. Empty: the embedded Valkey."
    )

    temporal_address: str = Field(
        default="", description="host:port of the Temporal front end. Empty: the embedded development server."
    )
    temporal_namespace: str = Field(
        default="default", min_length=1, description="Temporal namespace of this workspace."
    )
    temporal_api_key: SecretStr = Field(
        default=SecretStr(""), description="API key for Temporal Cloud; sent only over TLS, which it turns on."
    )
    temporal_tls: bool = Field(default=False, description="Use TLS towards Temporal.")
    task_queue: str = Field(default="sojourn", min_length=1, description="Temporal task queue of the worker.")

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address that the API listens on. Beyond loopback, write keys, admin token and secret key "
        "of your own are required.",
    )
    port: Port = Field(default=8000, description="Port of the API and the console.")
    temporal_port: Port = Field(default=7233, description="Port of the embedded Temporal server.")
    temporal_ui_port: Port = Field(default=8233, description="Port of the embedded Temporal Web UI.")
    postgres_port: EmbeddedPort = Field(
        default=0, description="Port of the embedded PostgreSQL; 0 picks a free one and keeps to it."
    )
    valkey_port: EmbeddedPort = Field(
        default=0, description="Port of the embedded Valkey; 0 picks a free one and keeps to it."
    )
    public_url: str = Field(
        default="",
        description="Where customers' browsers reach the API, for links in messages. Empty: http://localhost:<port>.",
    )

    write_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        repr=False,
        description="Keys that may send events, separated by commas. Empty, on loopback only: dev-write-key.",
    )
    admin_token: SecretStr = Field(
        default=SecretStr(""),
        description="Bearer token of the API with the role admin; whoever knows it creates the console's first "
        "account. Empty, on loopback only: dev-admin-token.",
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
    most_starts: int = Field(
        default=100,
        ge=1,
        description="Journeys that one customer may begin within an hour, all together; further entries are refused. "
        "It ends what goes round by way of another system.",
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
        description="With it a shop proves to the snippet who is signed in: `userHash` is the HMAC-SHA256 of the "
        "user id, in hexadecimal. Set, on-site messages of known customers are shown with that proof only. "
        "Empty: not asked for.",
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

    @field_validator("temporal_address")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        if value and not value.rpartition(":")[2].isdigit():
            raise ValueError("must be host:port, for example temporal.internal:7233")
        return value

    @field_validator("write_keys", "outgoing_allow", mode="before")
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

    @field_validator("workspace_time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in known_zones():
            raise ValueError(f"{value!r} is not an IANA time zone such as {DEFAULT_ZONE}")
        return value

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        """The public development keys open nothing beyond this machine, be it bound wide or proxied to."""
        if not self.public_url:
            object.__setattr__(self, "public_url", f"http://localhost:{self.port}")
        exposed = self._exposed()
        if exposed and (not self.write_keys or DEV_WRITE_KEY in self.write_keys):
            raise ValueError(f"{exposed}: set SOJOURN_WRITE_KEYS to keys of your own")
        if exposed and self.admin_token.get_secret_value() in {"", DEV_ADMIN_TOKEN}:
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

    @property
    def uses_temporal_tls(self) -> bool:
        """An API key must not travel in the clear, so it turns TLS on by itself."""
        return self.temporal_tls or bool(self.temporal_api_key.get_secret_value())


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`; a name other than localhost is taken as reachable from elsewhere."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_host_or_network(entry: str) -> bool:
    """Whether this is a host's name, an address, or a network in CIDR notation; not a URL, and no port."""
    try:
        ip_network(entry, strict=False)
    except ValueError:
        labels = entry.rstrip(".").split(".")
        return not labels[-1].isdigit() and all(re.fullmatch(r"[A-Za-z0-9_]([\w-]{0,62})", label) for label in labels)
    return True


def load_settings(**overrides: Any) -> Settings:
    """Settings of a process here: the environment, then what a running `sojourn run` left in the data folder.

    Raises `SettingsProblem` with one line for each wrong setting. Makes the secret key on first use.
    """
    settings = read_settings(**overrides)
    found = {name: value for name, value in read_running(settings.data_dir).items() if not getattr(settings, name)}
    if not settings.secret_key.get_secret_value():
        found["secret_key"] = kept_secret(settings.data_dir, "secret-key")
    return read_settings(**{**overrides, **found}) if found else settings


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


def running_file(data_dir: Path) -> Path:
    """Where `sojourn run` writes what it decided, while it runs (0600: addresses carry passwords)."""
    return data_dir / "run" / "running.json"


def read_running(data_dir: Path) -> dict[str, Any]:
    """What the `sojourn run` of this data folder decided; nothing when none runs or the file is another user's."""
    try:
        found = json.loads(running_file(data_dir).read_text())
    except (OSError, ValueError):
        return {}
    return {name: found[name] for name in RUNNING if found.get(name)}


def write_running(settings: Settings) -> None:
    """Tell later processes of this data folder, such as `sojourn import`, where the servers are and how time passes."""
    path = running_file(settings.data_dir)
    scratch = path.with_suffix(".new")
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600)
    scratch.write_text(json.dumps({name: getattr(settings, name) for name in RUNNING}))
    scratch.rename(path)


def kept_secret(data_dir: Path, name: str) -> str:
    """A random secret, made on first use and kept in the data folder as a file that only its owner reads.

    Two processes that start at once agree on one: the file appears whole, by a hard link that only the first can make.
    """
    path = data_dir / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
        try:
            os.link(scratch, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(scratch)
    return path.read_text().strip()


def _line(location: tuple[int | str, ...], message: str) -> str:
    """One problem as one line, named as the person set it."""
    message = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(location[0]).upper()}: {message}" if location else message
