"""Where pictures lie: a folder and a bucket keep, give and forget alike."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from orchestrator.settings import Settings
from orchestrator.store.media.storage import Storage, StorageAway, open_storage
from tests.protocol_servers.s3 import KEY_ID, S3

NAME = "0123456789abcdef0123456789abcdef.png"


@pytest.fixture
async def s3() -> AsyncIterator[S3]:
    server = S3()
    await server.start()
    yield server
    await server.stop()


def bucket_settings(s3: S3, key_id: str = KEY_ID) -> Settings:
    return Settings(
        media_store="s3://pictures/of-the-shop/",
        media_s3_endpoint=s3.url,
        media_s3_region="ap-northeast-2",
        media_s3_key_id=key_id,
        media_s3_secret=SecretStr("only-for-tests"),
    )


@pytest.fixture(params=["folder", "bucket"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path, s3: S3) -> Storage:
    return open_storage(Settings(data_dir=tmp_path) if request.param == "folder" else bucket_settings(s3))


async def test_keeps_gives_and_forgets(storage: Storage) -> None:
    assert await storage.get(NAME) is None
    await storage.put(NAME, b"pixels", "image/png")
    await storage.put(NAME, b"pixels", "image/png")
    assert await storage.get(NAME) == b"pixels"
    await storage.delete(NAME)
    await storage.delete(NAME)
    assert await storage.get(NAME) is None


async def test_a_bucket_is_told_what_kind_of_file_it_is(s3: S3) -> None:
    await open_storage(bucket_settings(s3)).put(NAME, b"pixels", "image/png")
    assert s3.types == {f"/pictures/of-the-shop/{NAME}": "image/png"}


async def test_a_bucket_that_does_not_let_us_in_is_away(s3: S3) -> None:
    storage = open_storage(bucket_settings(s3, key_id="somebody-else"))
    for attempt in (storage.get(NAME), storage.put(NAME, b"pixels", "image/png")):
        with pytest.raises(StorageAway) as away:
            await attempt
        assert "only-for-tests" not in str(away.value)


async def test_a_folder_of_ones_own_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "shared" / "pictures"
    await open_storage(Settings(data_dir=tmp_path, media_store=str(folder))).put(NAME, b"pixels", "image/png")
    assert (folder / NAME).read_bytes() == b"pixels"


@pytest.mark.parametrize("wrong", ["s3://", "ftp://somewhere", "https://bucket.example"])
def test_a_place_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValidationError, match="media_store"):
        Settings(media_store=wrong)
