"""What a workspace keeps as files, and the API that it is read from and written to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

import httpx2

Kind = Literal["journeys", "segments", "templates"]
KINDS: tuple[Kind, ...] = ("templates", "segments", "journeys")
"""In the order in which they are pushed: what is named comes before what names it."""
PATHS: Mapping[Kind, str] = {
    "journeys": "/api/journeys",
    "segments": "/api/segments",
    "templates": "/api/message-templates",
}
DRAFT: Mapping[Kind, str] = {"journeys": "draft", "segments": "segment", "templates": "document"}
NEW: Mapping[Kind, str] = {"journeys": "document", "segments": "segment", "templates": "document"}
"""What holds the document in a call that makes one."""
PUBLISHED: Mapping[Kind, str] = {"journeys": "publish", "templates": "use"}
"""What makes a draft the one that counts; a segment has no drafts, and is built as soon as it is saved."""
PATIENCE = 60.0


@dataclass(frozen=True)
class Resource:
    """One as the workspace has it. ``document``: its draft; ``live``: what customers get now, None where nothing is."""

    kind: Kind
    key: str
    document: dict[str, Any]
    revision: int
    edited_by: str = ""


class ServerProblem(Exception):
    """The server cannot be reached, or refuses. The text is for people."""


class Changed(Exception):
    """Somebody else has changed a draft, or made one of this key, since it was looked at."""


class Workspace:
    """The API of a server, as one who may draw."""

    def __init__(self, server: str, token: str, locale: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": locale}
        self._client = httpx2.Client(base_url=server.rstrip("/"), headers=headers, timeout=PATIENCE)
        self.server = server

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def keys(self, kind: Kind) -> Iterator[str]:
        """All of a kind that are not archived."""
        cursor: str | None = None
        while True:
            page = self._json("GET", PATHS[kind], params={"limit": 100, **({"cursor": cursor} if cursor else {})})
            yield from (one["key"] for one in page["items"] if not _archived(one))
            cursor = page.get("next")
            if cursor is None:
                return

    def get(self, kind: Kind, key: str) -> Resource | None:
        """One, or None where there is none of this key."""
        answer = self._call("GET", f"{PATHS[kind]}/{key}")
        if answer.status_code == 404:
            return None
        told = self._told(answer)
        document = {name: value for name, value in told[DRAFT[kind]].items() if name != "layout"}
        return Resource(kind, key, document, told["revision"], told.get("edited_by") or "")

    def text(self, key: str) -> str:
        """A journey's draft as the file that people read."""
        answer = self._call("GET", f"{PATHS['journeys']}/{key}/file")
        self._require(answer)
        return answer.text

    def create(self, kind: Kind, key: str, document: Mapping[str, Any]) -> int:
        """Make one; its revision. Raises :class:`Changed` where there is one of this key by now."""
        answer = self._call("POST", PATHS[kind], json={"key": key, NEW[kind]: dict(document)})
        if answer.status_code == 409:
            raise Changed
        return int(self._told(answer)["revision"])

    def save(self, kind: Kind, key: str, document: Mapping[str, Any], revision: int) -> int:
        """Save a draft over the revision that was changed; the new one. Raises :class:`Changed`."""
        headers = {"If-Match": f'"{revision}"'}
        answer = self._call("PUT", f"{PATHS[kind]}/{key}", json=dict(document), headers=headers)
        if answer.status_code == 412:
            raise Changed
        return int(self._told(answer)["revision"])

    def publish(self, kind: Kind, key: str) -> None:
        """Make a draft what customers get; of what has no drafts nothing is left to do."""
        if kind in PUBLISHED:
            self._told(self._call("POST", f"{PATHS[kind]}/{key}/{PUBLISHED[kind]}", json={}))

    def problems(self, document: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Everything the compiler has to say of a journey file, in this workspace."""
        found: list[dict[str, Any]] = self._json("POST", "/api/journeys/read", json=dict(document))["problems"]
        return found

    def segment_problems(self, key: str, document: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Everything that is wrong with a segment's condition, in this workspace."""
        asked = {"key": key, "condition": document.get("condition")}
        found: list[dict[str, Any]] = self._json("POST", "/api/segments/estimate", json=asked)["problems"]
        return found

    def standing(self, key: str) -> dict[str, int]:
        """Runs under way by step."""
        found: dict[str, int] = {}
        for version in self._json("GET", f"/api/journeys/{key}/in-flight")["versions"]:
            for at in version["steps"]:
                if at["step"] is not None:
                    found[at["step"]] = found.get(at["step"], 0) + at["runs"]
        return found

    # --- calls -------------------------------------------------------------------------------------------------------

    def _json(self, method: str, path: str, **more: Any) -> Any:
        return self._told(self._call(method, path, **more))

    def _call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        try:
            return self._client.request(method, path, **more)
        except httpx2.HTTPError as error:
            raise ServerProblem(f"{self.server} does not answer: {error}") from None

    def _told(self, answer: httpx2.Response) -> Any:
        self._require(answer)
        return answer.json()

    def _require(self, answer: httpx2.Response) -> None:
        if answer.is_success:
            return
        _refused(answer)


def _refused(answer: httpx2.Response) -> NoReturn:
    try:
        told = answer.json()
        words = told.get("detail") or told.get("title") or told
    except ValueError:
        words = answer.text[:200]
    raise ServerProblem(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {words}")


def _archived(one: Mapping[str, Any]) -> bool:
    return one.get("status") == "archived" or bool(one.get("archived"))
