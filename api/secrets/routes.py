"""Secrets of the workspace: listed by name, made, rotated, revoked. Their values come in, and never go out again."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import SecretStr
from starlette.responses import Response

from api.http.access import Require, actor_of
from api.http.body import BoundedBody
from api.http.lists import REFUSALS, ProblemBody, resources_of
from api.http.problems import ApiProblem, json_response
from api.secrets.given import hosts_given, name_given, value_given
from api.secrets.schemas import NewHosts, NewSecret, Rotation, SecretBody, SecretChanges, SecretList, SecretMade
from orchestrator.core.templating.request_secrets import NAME_PATTERN
from orchestrator.store.secrets.named import (
    SecretRow,
    box,
    create_secret,
    journeys_by_secret,
    list_changes,
    list_secrets,
    revoke_secret,
    rotate_secret,
    set_hosts,
)

router = APIRouter(
    prefix="/api/secrets",
    tags=["Secrets"],
    dependencies=[Depends(Require("read"))],
    responses=REFUSALS,
    route_class=BoundedBody,
)
_ADMINISTER = [Depends(Require("administer"))]
Name = Annotated[str, Path(pattern=NAME_PATTERN, max_length=64)]


@router.get("", summary="List secrets", response_model=SecretList)
async def secrets(request: Request) -> Response:
    """Names, never values; those that are revoked last."""
    engine = resources_of(request).engine
    used = await journeys_by_secret(engine)
    return json_response({"items": [_body(row, used.get(row.name, [])) for row in await list_secrets(engine)]})


@router.get("/changes", summary="List changes of secrets", response_model=SecretChanges, dependencies=_ADMINISTER)
async def changes(request: Request) -> Response:
    """Who made, rotated and revoked what, the newest first."""
    return json_response({"items": await list_changes(resources_of(request).engine)})


@router.post(
    "",
    summary="Make a secret",
    response_model=SecretMade,
    status_code=201,
    dependencies=_ADMINISTER,
    responses={409: {"model": ProblemBody, "description": "There is one of this name."}},
)
async def make(request: Request, new: NewSecret) -> Response:
    """A secret that journeys can name at once."""
    resources, name, hosts = resources_of(request), name_given(new.name), hosts_given(new.hosts)
    value = value_given(_plain(new.value))
    seal = box(resources.settings.secret_key.get_secret_value())
    if not await create_secret(resources.engine, seal, name, value, hosts=hosts, by=actor_of(request).name):
        raise ApiProblem("secret_exists", "name", name=name)
    return await _made(request, name, None if new.value else value, 201)


@router.post("/{name}/rotate", summary="Rotate a secret", response_model=SecretMade, dependencies=_ADMINISTER)
async def rotate(request: Request, name: Name, given: Rotation) -> Response:
    """A new value; that of before goes on signing beside it. `{{ secret.name }}` is the new one at once."""
    resources = resources_of(request)
    value = value_given(_plain(given.value))
    seal, overlap = box(resources.settings.secret_key.get_secret_value()), timedelta(hours=given.overlap_hours)
    by = actor_of(request).name
    if not await rotate_secret(resources.engine, seal, name, value, overlap=overlap, by=by):
        raise ApiProblem("unknown_secret", "name", name=name)
    return await _made(request, name, None if given.value else value)


@router.put("/{name}/hosts", summary="Say where a secret may go", response_model=SecretBody, dependencies=_ADMINISTER)
async def hosts(request: Request, name: Name, given: NewHosts) -> Response:
    """The hosts that its value may be sent to."""
    if not await set_hosts(resources_of(request).engine, name, hosts_given(given.hosts), by=actor_of(request).name):
        raise ApiProblem("unknown_secret", "name", name=name)
    return json_response(await _found(request, name))


@router.delete("/{name}", summary="Revoke a secret", status_code=204, dependencies=_ADMINISTER)
async def revoke(request: Request, name: Name) -> Response:
    """Its value is gone at once. Calls of steps that name it fail until there is one of its name again."""
    if not await revoke_secret(resources_of(request).engine, name, by=actor_of(request).name):
        raise ApiProblem("unknown_secret", "name", name=name)
    return Response(status_code=204)


def _plain(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()


async def _made(request: Request, name: str, value: str | None, status: int = 200) -> Response:
    answer = json_response({**await _found(request, name), "value": value}, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def _found(request: Request, name: str) -> dict[str, object]:
    engine = resources_of(request).engine
    used = await journeys_by_secret(engine)
    found = [row for row in await list_secrets(engine) if row.name == name]
    if not found:
        raise ApiProblem("unknown_secret", "name", name=name)
    return _body(found[0], used.get(name, []))


def _body(row: SecretRow, journeys: list[str]) -> dict[str, object]:
    told: dict[str, object] = {name: getattr(row, name) for name in SecretBody.model_fields if name != "journeys"}
    return {**told, "journeys": journeys}
