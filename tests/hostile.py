"""Journey files that somebody might send by mistake or by malice."""

import copy
import json
from typing import Any

SOUND: dict[str, Any] = {
    "key": "victim",
    "name": {"ko": "여정", "en": "Journey"},
    "entry": {"triggers": [{"kind": "event", "event": "Cart Updated"}]},
    "steps": [
        {"id": "wait", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "1h"}},
        {
            "id": "ask",
            "kind": "branch",
            "stage": "intake",
            "settings": {"branches": [{"port": "yes", "when": {"kind": "attribute", "name": "vip", "value": True}}]},
        },
        {
            "id": "mail",
            "kind": "message",
            "stage": "intake",
            "settings": {"channel": "email", "content": {"ko": {"subject": "안녕", "body": "안녕하세요"}}},
        },
        {"id": "done", "kind": "exit", "stage": "intake", "settings": {"reason": "told"}},
    ],
    "edges": [
        {"from": "entry", "to": "wait"},
        {"from": "wait", "to": "ask"},
        {"from": "ask", "port": "yes", "to": "mail"},
        {"from": "ask", "port": "otherwise", "to": "done"},
        {"from": "mail", "to": "done"},
    ],
    "goals": [{"id": "bought", "event": "Order Completed"}],
    "exits": [{"id": "left", "event": "Account Closed"}],
    "layout": {"positions": {"wait": {"x": 1, "y": 2}}},
}
OTHER_TYPES: list[Any] = [1, None, True, [], {}, 1.5]
SCRIPT = "<script>alert(1)</script>"
OVERRIDE = "\u202eevil\u202c"
DEEP: Any = {"kind": "stage", "of": ["intake"]}
for _ in range(90):
    DEEP = {"kind": "not", "of": DEEP}


def with_(**fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SOUND), **fields}


def with_step(n: int, **fields: Any) -> dict[str, Any]:
    document = copy.deepcopy(SOUND)
    document["steps"][n] |= fields
    return document


def with_settings(n: int, **settings: Any) -> dict[str, Any]:
    return with_step(n, settings={**SOUND["steps"][n]["settings"], **settings})


def loop(*edges: dict[str, str]) -> dict[str, Any]:
    return with_(edges=[*SOUND["edges"][:2], *edges])


HOSTILE: dict[str, Any] = {
    "a cycle": loop({"from": "ask", "port": "yes", "to": "ask"}, {"from": "ask", "port": "otherwise", "to": "ask"}),
    "a step that is its own target": with_step(3, kind="go_to", settings={"target": "done"}),
    "edges from an end": with_(edges=[*SOUND["edges"], {"from": "done", "to": "wait"}]),
    "edges to the entry": with_(edges=[*SOUND["edges"], {"from": "mail", "to": "entry"}]),
    "a hundred edges of one port": with_(edges=SOUND["edges"] + [{"from": "mail", "to": "wait"}] * 100),
    "edges that are none": with_(edges=[3, None, [], {}, {"from": []}, {"from": "wait", "to": {"a": 1}}]),
    "edges that are no list": with_(edges={"from": "entry", "to": "wait"}),
    "scripts in labels": with_step(0, label={"ko": SCRIPT, "en": SCRIPT, SCRIPT: SCRIPT}),
    "scripts in names": with_(name=SCRIPT, description={"ko": SCRIPT}, key="victim"),
    "scripts in ids": with_step(0, id=SCRIPT),
    "scripts in ports": with_settings(1, branches=[{"port": SCRIPT, "when": {"kind": "all", "of": []}}]),
    "scripts in templates": with_settings(2, content={"ko": {"body": SCRIPT + "{{ customer.__class__ }}"}}),
    "templates without end": with_settings(
        2, content={"ko": {"body": "{% for a in range(10**9) %}{{ a }}{% endfor %}"}}
    ),
    "templates that nest": with_settings(2, content={"ko": {"body": "{{ " + "(" * 500 + "1" + ")" * 500 + " }}"}}),
    "templates that do not end": with_settings(2, content={"ko": {"subject": "{{", "body": "{% if"}}),
    "locales of all kinds": with_settings(
        2, content={SCRIPT: {"body": "x"}, "": {"body": "x"}, "x" * 500: {"body": "x"}}
    ),
    "hundreds of locales": with_settings(2, content={f"l{n}": {"body": "x"} for n in range(300)}),
    "an unknown kind": with_step(0, kind="teleport"),
    "a kind that is no text": with_step(0, kind={"a": 1}),
    "a kind that is a list": with_step(0, kind=["delay"]),
    "no kind": with_(steps=[{"id": "wait"}]),
    "no id": with_(steps=[{"kind": "exit"}]),
    "ids of other types": with_(steps=[{"id": one, "kind": "exit"} for one in OTHER_TYPES]),
    "steps of other types": with_(steps=[1, None, "x", [], True, [[]]]),
    "steps that are an object": with_(steps={"wait": {"kind": "exit"}}),
    "settings of other types": with_step(0, settings=[1, 2]),
    "settings that are null": with_step(2, settings=None),
    "branches of other types": with_settings(1, branches={"yes": 1}),
    "conditions of other types": with_settings(1, branches=[{"port": "yes", "when": 3}, {"port": "no", "when": []}]),
    "a condition of an unknown kind": with_settings(1, branches=[{"port": "yes", "when": {"kind": "magic"}}]),
    "a deep condition": with_settings(1, branches=[{"port": "yes", "when": DEEP}]),
    "a wide condition": with_settings(
        1,
        branches=[
            {"port": "yes", "when": {"kind": "any", "of": [{"kind": "attribute", "name": "a", "value": 1}] * 2_000}}
        ],
    ),
    "a duration beyond time": with_settings(0, duration="99999999999999999999d"),
    "a duration that is negative": with_settings(0, duration="-P1D"),
    "a duration that is a number": with_settings(0, duration=1e308),
    "dates beyond the calendar": with_step(0, settings={"mode": "date", "date": "9999-12-31", "at": "23:59"}),
    "a date before all dates": with_step(0, settings={"mode": "date", "date": "0001-01-01"}),
    "NUL": with_(name="a\0b", description={"k\0o": "\0"}),
    "NUL in ids": with_step(0, id="wa\0it"),
    "half of an emoji": with_step(0, label={"ko": "\ud83d"}),
    "half of an emoji in a name": with_(**{"\ud83d": 1}),
    "bidi in ids": with_step(0, id=OVERRIDE),
    "bidi in labels": with_step(0, label={"ko": OVERRIDE}),
    "duplicate ids": with_(steps=SOUND["steps"] + SOUND["steps"]),
    "a step called entry": with_step(0, id="entry"),
    "names of a prototype": with_(
        steps=[{"id": one, "kind": "exit"} for one in ("__proto__", "constructor", "prototype", "hasownproperty")]
    ),
    "fields of a prototype": with_(__proto__={"polluted": True}, constructor={"prototype": {"polluted": True}}),
    "settings of a prototype": with_settings(0, __proto__={"mode": "date"}, constructor=1, toString=2),
    "layout of NaN": with_(layout={"positions": {"wait": {"x": float("nan"), "y": float("inf")}}}),
    "layout beyond all screens": with_(layout={"positions": {"wait": {"x": 1e300, "y": -1e300}}}),
    "layout of other types": with_(layout=[1]),
    "layout of thousands": with_(layout={"positions": {f"s{n}": {"x": n, "y": n} for n in range(5_000)}}),
    "layout with notes without end": with_(layout={"notes": [{"id": "n", "x": 0, "y": 0, "text": "x" * 50_000}] * 3}),
    "layout with unknown fields": with_(layout={"positions": {}, "onload": SCRIPT}),
    "a number beyond all numbers": with_(entry={**SOUND["entry"], "holdout": 10**400}),
    "a goal of other types": with_(goals=[{"id": [], "event": {}, "value": []}, 3]),
    "a goal worth a reference to nothing": with_(goals=[{"id": "g", "event": "x", "value": {"ref": "__import__.os"}}]),
    "exits of other types": with_(exits="all"),
    "variables of other types": with_(variables={"a": {"b": {}}, "": [], "__class__": 1}),
    "reentry of other types": with_(reentry=3),
    "an entry of other types": with_(entry=[[]]),
    "triggers without end": with_(entry={"triggers": [{"kind": "event", "event": "x"}] * 1_000}),
    "unknown fields": with_(**{f"field-{n}": n for n in range(500)}),
    "nothing": {},
    "a thousand faults": with_(
        steps=[{"id": f"s{n}", "kind": "delay", "settings": {"mode": "x"}} for n in range(1_000)]
    ),
    "a long row": with_(
        steps=[{"id": f"s{n}", "kind": "exit", "stage": "intake"} for n in range(1_999)],
        edges=[{"from": f"s{n}", "to": f"s{n + 1}"} for n in range(1_998)],
    ),
}
"""All of these may be kept as drafts: harmless, with problems that name the place."""

BEYOND: dict[str, tuple[Any, str]] = {
    "5,000 steps": (with_(steps=[{"id": f"s{n}", "kind": "exit"} for n in range(5_000)]), "steps"),
    "a million edges": (with_(edges=[1] * 100_000), "edges"),
    "a giant label": (with_step(0, label={"ko": "가" * 200_000}), "steps.0.label.ko"),
    "a giant id": (with_step(0, id="x" * 200_000), "steps.0.id"),
    "a giant field": (with_(**{"x" * 200_000: 1}), "x" * 40),
    "a deep file": (with_(layout=json.loads("[" * 150 + "]" * 150)), "layout"),
    "a deep condition": (with_(entry={"filter": json.loads('{"of":' * 150 + "1" + "}" * 150)}), "entry.filter"),
}
"""These are not even kept. With the place that is named (or where its name begins)."""
