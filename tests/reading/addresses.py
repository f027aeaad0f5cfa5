"""Every page of the application's own routes: a new one is there by itself; an unknown part in its address fails."""

import re
from uuid import uuid5

from fastapi import FastAPI

from orchestrator.core.measures.registry import reports
from tests.reading import world
from tests.routes import found_in

NOT_READ = (
    "/api",
    "/v1",
    "/docs",
    "/static",
    "/metrics",
    "/healthz",
    "/readyz",
    "/events/stream",
    "/sojourn",
    "/openapi",
    "/settings/brand/preview",  # an e-mail
    "/customer-list",  # leads back to the list, or is a table for programs
)
PLACES: dict[str, list[str]] = {
    "/journeys/{key}": ["zq-lifecycle"],
    "/journeys/{key}/figures": [*(plan.key for plan in world.plans()), "zq-broken"],
    "/customers/{identity:id}": [str(world.KNOWN), str(world.NAMELESS)],
    "/customers/{identity:id}/journeys": [str(world.KNOWN), str(world.NAMELESS)],
    "/customers/{identity:id}/messages": [str(world.KNOWN), str(world.NAMELESS)],
    "/customers/{identity:id}/edit": [str(world.KNOWN), str(world.NAMELESS)],
    "/customers/{identity:id}/merge": [str(world.KNOWN)],
    "/customers/{identity:id}/erase": [str(world.KNOWN)],
    "/customers/{identity:id}/everything.json": [],  # a file for programs
    "/imports/{identity}": [str(uuid5(world.SPACE, f"import{n}")) for n in range(3)],
    "/imports/{identity}/refused.csv": [],  # a table for programs
    "/erasures/{identity}": [str(uuid5(world.SPACE, f"erasure{n}")) for n in range(2)],
    "/outbox/{identity}": [str(uuid5(world.SPACE, f"send{n}")) for n in range(5)],
    "/outbox/{identity}/mail": [],  # what a customer gets: words of whoever wrote it
    "/templates/{key}": [world.TEMPLATE],
    "/coupons/{key}": [world.POOL],
    "/coupons/{key}/edit": [world.POOL],
    "/segments/{key}": [world.SEGMENT, f"{world.SEGMENT}-building", f"{world.SEGMENT}-failed"],
    "/segments/{key}/edit": [world.SEGMENT],
    "/experiments/{identity}": [str(world.EXPERIMENT)],
    "/reports/{name}": sorted(reports()),
    "/surveys/{key}": [world.SURVEY],
    "/surveys/{key}/edit": [world.SURVEY],
    "/surveys/{key}/answers.csv": [],  # a table for programs
    "/channels/{name}": ["smtp", "solapi", "nhn", "fcm", "web_push", "outbox", "in_app"],
    "/journeys/{key}/labels": ["zq-lifecycle"],
    "/journeys/{key}/end": ["zq-lifecycle"],
    "/journeys/{key}/report": ["zq-lifecycle", "zq-broken"],
    "/journeys/{key}/list": ["zq-lifecycle"],
    "/journeys/{key}/moves": ["zq-lifecycle"],
    "/operations/{identity}": [str(uuid5(world.SPACE, "operation"))],
    "/broadcasts/{identity}": [str(uuid5(world.SPACE, "broadcast"))],
    "/broadcasts/{identity}/customers.csv": [],  # a table for programs
    "/media/{name}": [],  # a picture
    "/pictures/{identity}": [],  # likewise
    "/runs/{identity}/temporal": [],  # leads to another program
    "/templates/new/look/{identity}": [],  # what a customer gets
    "/welcome/{link}": ["nothing"],
    "/s/{token}": ["nothing"],
    "/a/{token}": ["nothing"],
    "/s/{token}/coupon": [],
    "/l/{token}": ["nothing"],
    "/o/{name}": [],
    "/u/{token}": ["nothing"],
    "/p/{token}": ["nothing"],
}
"""What stands for the parts of an address."""
MORE = {
    "/customers": ["?tag=b2b&agreed=email&reachable=email"],
    "/customers/{identity:id}/merge": [f"?other={world.NAMELESS}", "?q=zz"],
    "/reports": ["?q=zz"],
    "/reports/{name}": ["?from=2026-12-03&to=2026-11-01&compare=previous"],
    "/runs": ["?status=live", "?status=finished", "?status=problem"],
    "/operations/new": ["?act=retry", "?act=skip", "?act=end"],
    "/broadcasts/new": [f"?journey=zq-lifecycle&segment={world.SEGMENT}"],
    "/pauses/resume": ["?what=everything"],
    "/audit": ["?check=1"],
    "/entries": ["?reason=refused"],
    "/complaints": ["?show=resolved"],
    "/surveys/new": [f"?kind={kind}" for kind in ("nps", "csat", "choice", "multiple", "text")],
    "/policies": ["?country=KR", "?country=*"],
    "/settings/people": ["?fault=taken"],
}


def addresses(app: FastAPI) -> list[str]:
    found: list[str] = []
    for route in found_in(app.routes):
        path = route.path
        if "GET" in (route.methods or ()) and not path.startswith(NOT_READ):
            given = PLACES[path] if "{" in path else [""]
            plain = [re.sub(r"\{[^}]*\}", value, path) for value in given]
            found += [*plain, *(one + more for one in plain for more in MORE.get(path, ()))]
    return found
