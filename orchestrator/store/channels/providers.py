"""How providers are set up, and which of them carries which channel: what was entered in the console.

What is secret is sealed (``secret_box.py``) and leaves this module only towards the provider that needs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.store.secret_box import Seal

# Among the workspace's settings, ``providers``: the provider of each channel, by the channel's name.
_READ = text("select name, settings, secrets, revision, updated_at, updated_by from channel_providers")
_SAVE = text("""
insert into channel_providers (name, settings, secrets, revision, updated_at, updated_by)
values (:name, :settings, :secrets, 1, :now, :who)
on conflict (name) do update set settings = excluded.settings, secrets = excluded.secrets,
    revision = channel_providers.revision + 1, updated_at = excluded.updated_at, updated_by = excluded.updated_by
""").bindparams(bindparam("settings", type_=JSONB))
_CHOICES = text("select settings -> 'providers' from workspace where id = 1")
_CHOOSE = text("""
update workspace set settings = settings || jsonb_build_object('providers',
    coalesce(settings -> 'providers', '{}') || jsonb_build_object(cast(:channel as text), cast(:name as text)))
where id = 1
""")


@dataclass(frozen=True, slots=True)
class Setup:
    """One provider's configuration as it is kept. ``sealed``: what is secret."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    sealed: bytes | None = field(default=None, repr=False)
    revision: int = 0
    updated_at: datetime | None = None
    updated_by: str | None = None

    def secrets(self, seal: Seal) -> dict[str, str]:
        """What is secret. Raises ``sealing.NotOurs``."""
        return seal.open(self.sealed) if self.sealed else {}

    def opened(self, seal: Seal) -> dict[str, Any]:
        """Everything. Raises ``sealing.NotOurs``."""
        return {**self.values, **self.secrets(seal)}


async def read_setups(db: AsyncConnection) -> dict[str, Setup]:
    """Every provider that was set up in the console, by name."""
    rows = (await db.execute(_READ)).mappings()
    return {
        row["name"]: Setup(
            row["name"],
            row["settings"],
            bytes(row["secrets"]) if row["secrets"] is not None else None,
            row["revision"],
            row["updated_at"],
            row["updated_by"],
        )
        for row in rows
    }


async def save_setup(
    db: AsyncConnection,
    seal: Seal,
    name: str,
    values: Mapping[str, Any],
    secrets: Mapping[str, str],
    *,
    who: str,
    now: datetime,
) -> None:
    """Keep a provider's configuration, whole. The caller commits."""
    sealed = seal.close(secrets) if secrets else None
    given = {"name": name, "settings": dict(values), "secrets": sealed, "now": now, "who": who}
    await db.execute(_SAVE, given)


async def read_choices(db: AsyncConnection) -> dict[str, str]:
    """The provider of each channel for which one was chosen."""
    return dict((await db.execute(_CHOICES)).scalar_one_or_none() or {})


async def choose_provider(db: AsyncConnection, channel: str, name: str) -> None:
    """From now on ``name`` carries ``channel``. The caller commits."""
    await db.execute(_CHOOSE, {"channel": channel, "name": name})
