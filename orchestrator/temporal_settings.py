"""Settings of where Temporal is: part of :class:`orchestrator.settings.Settings`."""

from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

Port = Annotated[int, Field(ge=1, le=65535)]


def web_address(value: str) -> str:
    """An address for browsers, without a slash at its end; empty stays empty."""
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return value.rstrip("/")


class TemporalSettings(BaseSettings):
    """The server that `sojourn run` starts, or one of your own."""

    temporal_address: str = Field(
        default="", description="host:port of the Temporal front end. Empty: the embedded development server."
    )
    temporal_namespace: str = Field(
        default="default", min_length=1, description="Temporal namespace of this workspace."
    )
    temporal_ui_url: str = Field(
        default="",
        description="Where people's browsers reach the Temporal UI, for links to runs. Empty: the embedded server's, "
        "`http://localhost:<port>`; with a Temporal server of your own, no links.",
    )
    temporal_api_key: SecretStr = Field(
        default=SecretStr(""), description="API key for Temporal Cloud; sent only over TLS, which it turns on."
    )
    temporal_tls: bool = Field(default=False, description="Use TLS towards Temporal.")
    task_queue: str = Field(default="sojourn", min_length=1, description="Temporal task queue of the worker.")
    temporal_port: Port = Field(default=7233, description="Port of the embedded Temporal server.")
    temporal_ui_port: Port = Field(default=8233, description="Port of the embedded Temporal Web UI.")

    @field_validator("temporal_address")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        if value and not value.rpartition(":")[2].isdecimal():
            raise ValueError("must be host:port, for example temporal.internal:7233")
        return value

    @field_validator("temporal_ui_url")
    @classmethod
    def _temporal_ui_address(cls, value: str) -> str:
        return web_address(value)

    @property
    def embedded_temporal(self) -> bool:
        """Whether Temporal is the server that `sojourn run` starts."""
        return self.temporal_address in ("", f"127.0.0.1:{self.temporal_port}")

    @property
    def temporal_ui(self) -> str | None:
        """Where people's browsers reach the Temporal UI, without a slash at its end; None: nobody said where."""
        if self.temporal_ui_url:
            return self.temporal_ui_url
        return f"http://localhost:{self.temporal_ui_port}" if self.embedded_temporal else None

    @property
    def uses_temporal_tls(self) -> bool:
        """An API key must not travel in the clear, so it turns TLS on by itself."""
        return self.temporal_tls or bool(self.temporal_api_key.get_secret_value())
