"""Pictures of the library reach a provider as it takes them: made fit, handed over once, named as it names them."""

import asyncio
import base64
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from obstore.store import LocalStore
from PIL import Image

from activities.channels.contract import DefinitionError, OutgoingMessage, Temporary
from activities.channels.picture_uploads import PictureUploads, Purpose
from activities.channels.providers.nhn.config import Config as NhnConfig
from activities.channels.providers.nhn.provider import Nhn
from activities.channels.providers.solapi.provider import Config as SolapiConfig
from activities.channels.providers.solapi.provider import Solapi
from activities.sending.context import extras_of
from orchestrator.core.channels.kinds.kakao_brand import BrandWords
from orchestrator.core.media.pictures import Picture, read_picture
from orchestrator.store.media.storage import ObjectStorage, StorageAway
from tests.activities.channels.providers.provider_suite import message_for
from tests.bubbles import words_of
from tests.protocol_servers import nhn, solapi
from tests.protocol_servers.nhn import NhnServer
from tests.protocol_servers.solapi import SolapiServer


class Kept:
    """A library with one picture, a PNG of 900 x 600."""

    def __init__(self, folder: Path) -> None:
        drawn = io.BytesIO()
        Image.effect_noise((900, 600), 60).convert("RGB").save(drawn, "PNG")
        self.picture = read_picture(drawn.getvalue())
        self.address = f"https://sojourn.example/media/{self.picture.name}"
        self.storage = ObjectStorage(LocalStore(folder))

    async def fill(self) -> "Kept":
        await self.storage.put(self.picture.name, self.picture.data, "image/png")
        return self


@pytest.fixture
async def kept(tmp_path: Path) -> Kept:
    return await Kept(tmp_path).fill()


@pytest.fixture
async def solapi_server() -> AsyncIterator[SolapiServer]:
    server = SolapiServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def nhn_server() -> AsyncIterator[NhnServer]:
    server = NhnServer()
    await server.start()
    yield server
    await server.stop()


def ours(node: Any, address: str) -> Any:
    """A bubble's words with the library's picture in every place for one."""
    if isinstance(node, dict):
        return {name: address if name == "image" else ours(value, address) for name, value in node.items()}
    return [ours(one, address) for one in node] if isinstance(node, list) else node


def brand(provider: Any, bubble: str, address: str) -> OutgoingMessage:
    words = BrandWords.model_validate(ours(words_of(bubble), address))
    return message_for(provider, channel="kakao_brand", body=words.content().body, **extras_of(words.options()))


async def test_solapi_has_each_picture_once_for_each_purpose(kept: Kept, solapi_server: SolapiServer) -> None:
    config = SolapiConfig.model_validate(
        {
            "api_key": solapi.API_KEY,
            "api_secret": solapi.API_SECRET,
            "sender": solapi.SENDER,
            "pf_id": solapi.PF_ID,
            "address": solapi_server.url,
        }
    )
    provider = Solapi(config, httpx2.Timeout(5), storage=lambda: kept.storage)
    message = brand(provider, "WIDE_ITEM_LIST", kept.address)
    await provider.send(message, uuid4())
    await provider.send(message, uuid4())
    files = [one.json for one in solapi_server.requests if one.path == "/storage/v1/files"]
    assert [one["type"] for one in files] == ["BMS_WIDE_MAIN_ITEM_LIST", "BMS_WIDE_SUB_ITEM_LIST"]
    first = Image.open(io.BytesIO(base64.b64decode(files[0]["file"])))
    assert first.width / first.height == pytest.approx(2.0, abs=0.02)
    sent = solapi_server.requests[-1].json["messages"][0]["kakaoOptions"]["bms"]
    assert sent["mainWideItem"]["imageId"] == "ST01BMS_WIDE_MAIN_ITEM_LIST"
    assert {one["imageId"] for one in sent["subWideItemList"]} == {"ST01BMS_WIDE_SUB_ITEM_LIST"}
    await provider.close()


async def test_solapi_sends_a_picture_as_an_mms(kept: Kept, solapi_server: SolapiServer) -> None:
    config = SolapiConfig.model_validate(
        {
            "api_key": solapi.API_KEY,
            "api_secret": solapi.API_SECRET,
            "sender": solapi.SENDER,
            "address": solapi_server.url,
        }
    )
    provider = Solapi(config, httpx2.Timeout(5), storage=lambda: kept.storage)
    await provider.send(message_for(provider, channel="sms", image=kept.address), uuid4())
    [file] = [one.json for one in solapi_server.requests if one.path == "/storage/v1/files"]
    data = base64.b64decode(file["file"])
    assert (file["type"], data[:2], len(data) <= 200_000) == ("MMS", b"\xff\xd8", True)
    sent = solapi_server.requests[-1].json["messages"][0]
    assert (sent["type"], sent["imageId"]) == ("MMS", "ST01MMS")
    await provider.close()


async def test_nhn_has_pictures_in_its_own_store(kept: Kept, nhn_server: NhnServer) -> None:
    config = NhnConfig.model_validate(
        {
            "kakao_app_key": nhn.KAKAO_KEY,
            "kakao_secret_key": nhn.KAKAO_SECRET,
            "sender_key": nhn.SENDER_KEY,
            "sms_app_key": nhn.SMS_KEY,
            "sms_secret_key": nhn.SMS_SECRET,
            "sms_sender": nhn.SMS_SENDER,
            "kakao_address": nhn_server.url,
            "sms_address": nhn_server.url,
        }
    )
    provider = Nhn(config, httpx2.Timeout(5), storage=lambda: kept.storage)
    await provider.send(brand(provider, "CAROUSEL_COMMERCE", kept.address), uuid4())
    uploaded = [one for one in nhn_server.requests if one.path.endswith("/images")]
    assert len(uploaded) == 1
    assert b"CAROUSEL_COMMERCE_IMAGE" in uploaded[0].body
    carousel = nhn_server.requests[-1].json["carousel"]
    assert {carousel["head"]["imageUrl"], *(one["imageUrl"] for one in carousel["list"])} == {nhn.PICTURE}

    await provider.send(message_for(provider, channel="sms", image=kept.address), uuid4())
    assert nhn_server.requests[-1].path.endswith("/sender/ad-mms")
    assert nhn_server.requests[-1].json["attachFileIdList"] == [77]
    await provider.close()


class Uploading:
    """A provider that takes a picture when it is let."""

    def __init__(self) -> None:
        self.taken: list[Purpose] = []
        self.faults: list[Exception] = []

    async def __call__(self, picture: Picture, purpose: Purpose) -> str:
        await asyncio.sleep(0)
        if self.faults:
            raise self.faults.pop()
        self.taken.append(purpose)
        return f"theirs-{purpose}"


def text_message(image: str) -> OutgoingMessage:
    at = datetime(2026, 3, 2, 3, tzinfo=UTC)
    return OutgoingMessage("sms", "+821012345678", "ko", "", "봄", "", "", "informational", at, image=image)


async def test_many_who_wait_for_a_picture_have_it_from_one_upload(kept: Kept) -> None:
    provider = Uploading()
    uploads = PictureUploads(lambda: kept.storage, provider)
    sent = await asyncio.gather(*(uploads.exchanged(text_message(kept.address)) for _ in range(20)))
    assert {one.image for one in sent} == {"theirs-mms"}
    assert provider.taken == ["mms"]


async def test_a_failed_upload_is_tried_again_by_the_next(kept: Kept) -> None:
    provider = Uploading()
    provider.faults = [Temporary("HTTP 503")]
    uploads = PictureUploads(lambda: kept.storage, provider)
    with pytest.raises(Temporary):
        await uploads.exchanged(text_message(kept.address))
    assert (await uploads.exchanged(text_message(kept.address))).image == "theirs-mms"


async def test_what_is_not_of_the_library_stays(kept: Kept) -> None:
    uploads = PictureUploads(lambda: kept.storage, provider := Uploading())
    assert (await uploads.exchanged(text_message("ST01FZ"))).image == "ST01FZ"
    assert provider.taken == []


async def test_a_picture_that_is_gone_is_a_fault_of_the_message(tmp_path: Path) -> None:
    empty = ObjectStorage(LocalStore(tmp_path))
    uploads = PictureUploads(lambda: empty, Uploading())
    with pytest.raises(DefinitionError):
        await uploads.exchanged(text_message(f"https://sojourn.example/media/{'0' * 32}.png"))


async def test_a_storage_that_is_away_sends_nothing_and_may_be_tried_again() -> None:
    class Away:
        async def get(self, name: str) -> bytes | None:
            raise StorageAway("timeout")

    uploads = PictureUploads(Away, Uploading())  # type: ignore[arg-type] # a storage of which only `get` is asked
    with pytest.raises(Temporary):
        await uploads.exchanged(text_message(f"https://sojourn.example/media/{'0' * 32}.png"))
