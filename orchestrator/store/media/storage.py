"""Where the pixels of pictures lie: a folder, or a bucket of S3, behind one interface.

A name follows from what it holds (``core/media/names.py``), so that a file is written once and never changes.
"""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from orchestrator.settings import Settings

if TYPE_CHECKING:
    from obstore.store import S3Config

FOLDER = "media"
"""In the data folder, where no other place is set."""


class StorageAway(Exception):
    """The storage could not be reached, or does not let us in. Its message has no picture and no key in it."""


class Storage(Protocol):
    """Keeps files under names. Every method raises :class:`StorageAway`."""

    async def put(self, name: str, data: bytes, content_type: str) -> None:
        """Keeps a file; the same name again is the same file."""

    async def get(self, name: str) -> bytes | None:
        """A file, or None."""

    async def delete(self, name: str) -> None:
        """Forgets a file, if there is one."""


class ObjectStorage:
    """A folder or a bucket, by ``obstore``: a file appears whole or not at all in both."""

    def __init__(self, store: LocalStore | S3Store) -> None:
        self._store = store

    async def put(self, name: str, data: bytes, content_type: str) -> None:
        """Keeps a file under its media type, where the storage knows of such."""
        told = {"Content-Type": content_type} if isinstance(self._store, S3Store) else None
        try:
            await self._store.put_async(name, data, attributes=told)
        except AlreadyExistsError:
            return
        except (BaseError, OSError) as error:
            raise StorageAway(type(error).__name__) from None

    async def get(self, name: str) -> bytes | None:
        """A file, or None."""
        try:
            found = await self._store.get_async(name)
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            return None
        except (BaseError, OSError) as error:
            raise StorageAway(type(error).__name__) from None

    async def delete(self, name: str) -> None:
        """Forgets a file, if there is one."""
        try:
            await self._store.delete_async(name)
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise StorageAway(type(error).__name__) from None


def open_storage(settings: Settings) -> Storage:
    """The storage that the settings name. A folder is made where there is none."""
    if settings.media_store.startswith("s3://"):
        return ObjectStorage(_bucket(settings))
    folder = Path(settings.media_store) if settings.media_store else settings.data_dir / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return ObjectStorage(LocalStore(folder))


def _bucket(settings: Settings) -> S3Store:
    bucket, _, prefix = settings.media_store.removeprefix("s3://").partition("/")
    config: S3Config = {"region": settings.media_s3_region}
    if settings.media_s3_endpoint:  # services that are not Amazon's have the bucket in the path
        config = {**config, "endpoint": settings.media_s3_endpoint, "virtual_hosted_style_request": False}
    if settings.media_s3_key_id:
        secret = settings.media_s3_secret.get_secret_value()
        config = {**config, "access_key_id": settings.media_s3_key_id, "secret_access_key": secret}
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options={
            "timeout": timedelta(seconds=10),
            "connect_timeout": timedelta(seconds=3),
            "allow_http": settings.media_s3_endpoint.startswith("http://"),
        },
        retry_config={"max_retries": 2},
    )
