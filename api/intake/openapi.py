"""What /docs says of the intake endpoints, which read their bodies themselves."""

from typing import Any

_IDENTITY = {
    "userId": {"type": "string", "maxLength": 255, "description": "Your id of a known customer."},
    "anonymousId": {"type": "string", "maxLength": 255, "description": "Id of a visitor who is not known yet."},
}
_COMMON = {
    "messageId": {
        "type": "string",
        "maxLength": 255,
        "description": "Of this call: sent twice, it is stored once. Assigned when missing, without that protection.",
    },
    "timestamp": {"type": "string", "format": "date-time", "description": "When it happened, by the client's clock."},
    "sentAt": {
        "type": "string",
        "format": "date-time",
        "description": "When it was sent, by the same clock: corrects a clock that is wrong.",
    },
    "context": {"type": "object", "description": "Circumstances; `context.traits` is applied like an identify."},
    "writeKey": {"type": "string", "description": "Unless it is the user name of basic authentication."},
}
_TRAITS = {
    "type": "object",
    "description": "`email`, `phone`, `locale` (or `language`) and `timezone` say how a customer is reached; "
    "`consents` is an object of channels (`email`, `email:night`) and true or false, or, where the customer did it "
    "themselves, `{granted, at, evidence}`; all others are attributes. "
    "null takes a value away.",
}

_CALLS: dict[str, tuple[str, dict[str, Any], list[str], dict[str, Any]]] = {
    "track": (
        "Something a customer did.",
        {"event": {"type": "string", "maxLength": 200}, "properties": {"type": "object"}},
        ["event"],
        {
            "userId": "u-1001",
            "event": "Order Completed",
            "messageId": "order-55012",
            "properties": {"order_id": "55012", "total": 129000, "currency": "KRW"},
        },
    ),
    "identify": (
        "Who a customer is. With both ids, what the visitor did becomes the customer's.",
        {"traits": _TRAITS},
        [],
        {
            "userId": "u-1001",
            "anonymousId": "a-77",
            "traits": {"email": "mina@example.com", "phone": "010-1234-5678", "consents": {"email": True}},
        },
    ),
    "page": (
        "A page was seen: stored as event `Page Viewed`.",
        {"name": {"type": "string"}, "category": {"type": "string"}, "properties": {"type": "object"}},
        [],
        {"anonymousId": "a-77", "name": "Home", "properties": {"path": "/"}},
    ),
    "screen": (
        "An app's screen was seen: stored as event `Screen Viewed`.",
        {"name": {"type": "string"}, "category": {"type": "string"}, "properties": {"type": "object"}},
        [],
        {"userId": "u-1001", "name": "Cart"},
    ),
    "group": (
        "Which company, household or team a customer belongs to: attribute `group`, by group id.",
        {"groupId": {"type": "string", "maxLength": 255}, "traits": {"type": "object"}},
        ["groupId"],
        {"userId": "u-1001", "groupId": "acme", "traits": {"plan": "pro"}},
    ),
    "alias": (
        "Two ids are one customer: what was known of `previousId` becomes `userId`'s.",
        {"previousId": {"type": "string", "maxLength": 255}},
        ["userId", "previousId"],
        {"previousId": "a-77", "userId": "u-1001"},
    ),
}
_PROBLEM = {
    "type": "object",
    "required": ["code", "field", "message", "parameters"],
    "properties": {
        "code": {"type": "string", "description": "What is wrong, for programs; see the list of problem codes."},
        "field": {"type": ["string", "null"], "description": "Where, dotted."},
        "message": {"type": "string", "description": "What is wrong and what to do, in the language of the caller."},
        "parameters": {"type": "object"},
    },
}


def describe(kind: str) -> dict[str, Any]:
    """Summary, description, request and answers of one call, for ``add_api_route``."""
    if kind == "batch":
        summary, schema, example = _batch()
    else:
        summary, own, required, example = _CALLS[kind]
        properties = {**(_IDENTITY if kind != "alias" else {"userId": _IDENTITY["userId"]}), **own, **_COMMON}
        schema = {"type": "object", "properties": properties, "required": required}
    return {
        "summary": summary.split(":")[0].rstrip("."),
        "description": f"{summary} At most 32 KB a call; gzip is accepted. Answered when it is on disk.",
        "responses": {
            200: {"description": "Stored.", "content": {"application/json": {"schema": _success()}}},
            **{
                status: {"description": words, "content": {"application/json": {"schema": _PROBLEM}}}
                for status, words in {
                    400: "Something is wrong with the call; nothing of it was stored.",
                    401: "The write key is missing or not known.",
                    429: "Too much arrives; `Retry-After` says when to come back.",
                    503: "The database cannot be reached; `Retry-After` says when to come back.",
                }.items()
            },
        },
        "openapi_extra": {
            "security": [{"writeKey": []}, {}],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": schema, "example": example}},
            },
        },
    }


def _batch() -> tuple[str, dict[str, Any], dict[str, Any]]:
    item = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(_CALLS)}, **_IDENTITY, **_COMMON},
    }
    schema = {
        "type": "object",
        "required": ["batch"],
        "properties": {
            "batch": {"type": "array", "maxItems": 2500, "items": item},
            **{name: _COMMON[name] for name in ("sentAt", "context", "writeKey")},
        },
    }
    calls = [{"type": name, **_CALLS[name][3]} for name in ("identify", "track")]
    return (
        "Many calls at once, 500 KB at most: the good ones are stored, the others named in `rejected`.",
        schema,
        {"batch": calls, "sentAt": "2026-03-01T09:30:00Z"},
    )


def _success() -> dict[str, Any]:
    indexed = {"type": "object", "properties": {"index": {"type": "integer"}, **_PROBLEM["properties"]}}  # type: ignore[dict-item]
    return {
        "type": "object",
        "required": ["success"],
        "properties": {
            "success": {"const": True},
            "rejected": {"type": "array", "items": indexed, "description": "Calls that were not stored."},
            "warnings": {"type": "array", "items": indexed, "description": "Traits that were stored, but not used."},
        },
    }
