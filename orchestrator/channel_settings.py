"""Settings of how messages leave, where the console says nothing else."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class ChannelSettings(BaseSettings):
    """A part of ``Settings``."""

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
    smtp_port: int = Field(default=587, ge=1, le=65535, description="SMTP port.")
    smtp_username: str = Field(default="", repr=False, description="SMTP user name; empty: no authentication.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="SMTP password.")
    smtp_starttls: bool = Field(
        default=True, description="Upgrade the SMTP connection with STARTTLS before anything is sent."
    )
    in_app_provider: Literal["in_app", "outbox"] = Field(
        default="in_app",
        description="Where on-site messages go: `in_app` shows them on the shop's pages; `outbox` to the console "
        "alone.",
    )
