"""What the API answers and takes of secrets."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from orchestrator.core.templating.request_secrets import NAME_PATTERN
from orchestrator.store.secrets.named import (
    LONGEST_OVERLAP,
    OVERLAP,
)

Value = Annotated[
    SecretStr | None,
    Field(None, description="`whsec_` and 24 to 64 bytes in base64, or any text of 8 to 4,000 characters. "
          "Left out: a new one is made, and answered this once."),
]  # fmt: skip


Hosts = Annotated[
    list[str],
    Field(default_factory=list, description="Where the value may be sent as `{{ secret.name }}`. None: it only signs."),
]


class SecretBody(BaseModel):
    """A secret, without its value."""

    name: str
    hosts: list[str]
    created_by: str
    created_at: datetime
    rotated_at: datetime | None
    previous_until: datetime | None = Field(description="Until then calls are signed with the value of before as well.")
    revoked_at: datetime | None
    journeys: list[str] = Field(description="Journeys whose draft or live version names it.")


class SecretList(BaseModel):
    """All secrets."""

    items: list[SecretBody]


class SecretChangeBody(BaseModel):
    """Who did what to a secret."""

    name: str
    what: Literal["created", "rotated", "hosts", "revoked"]
    by: str
    at: datetime


class SecretChanges(BaseModel):
    """The newest hundred."""

    items: list[SecretChangeBody]


class NewSecret(BaseModel):
    """A secret to be made."""

    name: str = Field(pattern=NAME_PATTERN)
    value: Value
    hosts: Hosts


class Rotation(BaseModel):
    """A new value for a secret."""

    value: Value
    overlap_hours: int = Field(
        int(OVERLAP.total_seconds() // 3600),
        ge=0,
        le=LONGEST_OVERLAP.days * 24,
        description="For so long calls are signed with the value of before as well; 0: it is over at once.",
    )


class NewHosts(BaseModel):
    """Where the value may be sent from now on."""

    hosts: Hosts


class SecretMade(SecretBody):
    """A secret that was made or rotated."""

    value: str | None = Field(description="What was made, shown this once; null where a value was given.")
