"""Secrets in requests: which texts are told to be one, and that what is not stays as it is."""

# ruff: noqa: E501 - tables of what is given and what is shown

import pytest

from orchestrator.core.templating.request_secrets import (
    SEALED,
    change_body,
    change_url,
    is_literal_secret,
    origin_of,
    redact,
)


def hide(value: str) -> str:
    return "X"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer abc123def"),
        ("authorization", "Basic dXNlcjpwYXNz"),
        ("Authorization", "abcdef {{ customer.id }}"),
        ("X-Api-Key", "k-123456"),
        ("x-naver-client-secret", "abcdef"),
        ("Cookie", "session=abcdef"),
        ("X-Auth-Token", "abcd1234"),
        ("password", "hunter22"),
        ("serviceKey", "ab%2Fcd%3D%3D"),
        ("anything", "sk_live_abcdefghijklmnop"),
        ("X-Note", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("anything", f"{SEALED}abc"),
    ],
)
def test_is_a_secret_by_its_name_or_its_looks(name: str, value: str) -> None:
    assert is_literal_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer {{ secret.points_key }}"),
        ("Authorization", "{{ var.given }}"),
        ("Authorization", "Bearer"),
        ("X-Shop", "dalbit-store-2026"),
        ("Idempotency-Key", "{{ entry.id }}"),
        ("Accept", "application/json"),
        ("key", ""),
        ("coupon", "WELCOME10000"),
        ("monkey", "banana-banana"),
    ],
)
def test_is_none(name: str, value: str) -> None:
    assert not is_literal_secret(name, value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.example/x?key=abcdef&id={{ customer.id }}&page=1", "https://api.example/x?key=X&id={{ customer.id }}&page=1"),
        ("https://kim:pass@api.example/x", "https://X@api.example/x"),
        ("https://hooks.slack.com/services/T0/B0/abcdef", "https://hooks.slack.com/services/X"),
        ("https://api.example/x?access_token={{ secret.a }}", "https://api.example/x?access_token={{ secret.a }}"),
        ("https://api.example?q=x", "https://api.example?q=x"),
        ("nothing", "nothing"),
    ],
)  # fmt: skip
def test_of_an_address(url: str, shown: str) -> None:
    assert change_url(url, hide) == shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"a": {{ entry.total | d("x") }}, "api_key": "abcdef", "b": 1}', '{"a": {{ entry.total | d("x") }}, "api_key": "X", "b": 1}'),
        ('{"password" : "a\\"bcdef", "next": "y"}', '{"password" : "X", "next": "y"}'),
        ('{"token": "{{ secret.a }}", "list": ["token", "abcdef"]}', '{"token": "{{ secret.a }}", "list": ["token", "abcdef"]}'),
        ('{"token": "abc', '{"token": "abc'),
        ('{"deep": [{"client_secret": "abcdefgh"}]}', '{"deep": [{"client_secret": "X"}]}'),
    ],
)  # fmt: skip
def test_of_a_body(body: str, shown: str) -> None:
    assert change_body(body, hide) == shown


def test_is_bound_to_scheme_and_host() -> None:
    assert origin_of("https://kim:x@API.example:8443/a?b") == "https://api.example:8443"
    assert origin_of("https://a.example") != origin_of("http://a.example")


def test_is_taken_out_however_it_is_quoted() -> None:
    secret = 'a/b+c "d"'
    given = {"x": [f"<{secret}>", 1, None], "a%2Fb%2Bc%20%22d%22": "kept"}
    assert redact(given, [secret, ""]) == {"x": ["<••••>", 1, None], "••••": "kept"}
