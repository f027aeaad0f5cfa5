"""Pictures of the library on their way to a provider that shows only what lies in its own storage.

What a message's picture is for decides its shape and size: it is made fit, handed over once, and stands in the message
by the provider's name for it from then on. Addresses that are not ours stay as they are: somebody who names a file in
the provider's storage means that.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from activities.channels.contract import DefinitionError, Misconfigured, OutgoingMessage, Temporary
from orchestrator.core.media.names import name_in_address
from orchestrator.core.media.pictures import Fit, Picture, PictureProblem, fitted
from orchestrator.store.media.storage import Storage, StorageAway

Purpose = Literal["image", "wide", "first_item", "item", "feed", "commerce", "mms"]

_KAKAO = Fit(("jpeg", "png"), 5 * 1024 * 1024, 1_600, 1_600)
FITS: Mapping[Purpose, Fit] = {
    "image": _KAKAO,
    "wide": _KAKAO,
    "first_item": replace(_KAKAO, ratio=2.0),
    "item": replace(_KAKAO, ratio=1.0),
    "feed": replace(_KAKAO, ratio=2.0),
    "commerce": replace(_KAKAO, ratio=2.0),
    # The narrower of what Solapi (200 kB) and NHN Cloud (300 kB, 1,000 pixels) take; networks carry JPEG alone.
    "mms": Fit(("jpeg",), 200_000, 1_000, 1_000),
}
MOST_KNOWN = 2_000
Upload = Callable[[Picture, Purpose], Awaitable[str]]
"""Hands a picture to the provider: the provider's name for it. Raises a ``DeliveryError`` where it has none."""


class PictureUploads:
    """Those of one provider. What was handed over is known as long as the process lives."""

    def __init__(self, storage: Callable[[], Storage] | None, upload: Upload) -> None:
        self._open = storage
        self._storage: Storage | None = None
        self._upload = upload
        self._known: OrderedDict[tuple[str, Purpose], asyncio.Task[str]] = OrderedDict()

    async def exchanged(self, message: OutgoingMessage) -> OutgoingMessage:
        """The message with the provider's own names for pictures of ours. Raises a ``DeliveryError``."""
        image = await self._named(message.image, _purpose(message))
        return replace(message, image=image, parts=await self._parts(message))

    async def _parts(self, message: OutgoingMessage) -> Mapping[str, Any]:
        if message.channel != "kakao_brand" or not message.parts:
            return message.parts
        parts = dict(message.parts)
        card: Purpose = "commerce" if message.bubble == "CAROUSEL_COMMERCE" else "feed"
        places: tuple[tuple[str, Purpose], ...] = (("video", "image"), ("intro", card))
        for name, purpose in places:
            if parts.get(name):
                parts[name] = await self._part(parts[name], purpose)
        if parts.get("items"):
            items = parts["items"]
            parts["items"] = [await self._part(one, "item" if n else "first_item") for n, one in enumerate(items)]
        if parts.get("cards"):
            parts["cards"] = [await self._part(one, card) for one in parts["cards"]]
        return parts

    async def _part(self, part: Mapping[str, Any], purpose: Purpose) -> Mapping[str, Any]:
        image = part.get("image")
        return {**part, "image": await self._named(image, purpose)} if image else part

    async def _named(self, address: str, purpose: Purpose) -> str:
        name = name_in_address(address)
        if name is None or self._open is None:
            return address
        storage = self._storage = self._storage or self._open()
        found = self._known.get((name, purpose))
        if found is None:
            # One task for all who wait for it at once; what failed is tried again by the next.
            found = self._known[name, purpose] = asyncio.ensure_future(self._hand_over(storage, name, purpose))
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        try:
            return await asyncio.shield(found)
        except BaseException:
            if found.done():
                self._known.pop((name, purpose), None)
            raise

    async def _hand_over(self, storage: Storage, name: str, purpose: Purpose) -> str:
        try:
            data = await storage.get(name)
        except StorageAway as away:
            raise Temporary(str(away)) from None
        if data is None:
            raise Misconfigured("a picture of the message is gone from the library")
        try:
            picture = await asyncio.to_thread(fitted, data, FITS[purpose])
        except PictureProblem as problem:
            raise DefinitionError(f"a picture cannot be made fit for the channel: {problem.fault}") from None
        return await self._upload(picture, purpose)


def _purpose(message: OutgoingMessage) -> Purpose:
    if message.channel == "sms":
        return "mms"
    return "wide" if message.bubble == "WIDE" else "image"
