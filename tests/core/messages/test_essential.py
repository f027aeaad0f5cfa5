"""A message without its code, its link or what its event was about does not go out, unless somebody says it should."""

from typing import Any

import pytest

from orchestrator.core.messages.essential import essential
from tests.core.messages.test_render import said, template, words

UNSET = [
    ("Code: {{ var.coupon.code }}", ["var.coupon.code"]),
    ("Order {{ entry.order_id }}", ["entry.order_id"]),
    ("You saw {{ event.sku }}", ["event.sku"]),
    ("Answer here: {{ links.survey }}", ["links.survey"]),
    ("Hello {{ customer.first_name }}, hello", None),
    ("Look: https://shop.kr/{{ customer.slug }}/new", ["customer.slug"]),
    ("Look: {{ customer.slug }} at https://shop.kr/", None),
    ("Code: {{ var.coupon.code | default('HELLO') }}", None),
]


@pytest.mark.parametrize(("body", "names"), UNSET)
def test_by_default_only_what_matters_keeps_a_message_back(body: str, names: list[str] | None) -> None:
    own = words(None, content={"en": {"body": body}})
    reason, again = own.refusal(said(own, {}))
    assert (None if reason is None else reason.as_json()["names"]) == names
    assert again is None
    assert words(None, content={"en": {"body": body}}, on_missing="blank").refusal(said(own, {})) == (None, None)


@pytest.mark.parametrize(("body", "names"), UNSET)
def test_a_templates_words_are_held_to_the_same(body: str, names: list[str] | None) -> None:
    document: Any = template(channels={"email": {"en": {"subject": "Hi", "body": body}}})
    one = words(document)
    reason, _ = one.refusal(said(one, {}, "email", "en"))
    assert (None if reason is None else reason.as_json()["names"]) == names


def test_a_rule_of_the_template_comes_first() -> None:
    body = {"en": {"subject": "Hi", "body": "Code: {{ var.coupon.code }} and"}}
    document: Any = template(channels={"email": body}, variables={"var.coupon.code": {"unset": "blank"}})
    one = words(document)
    assert one.refusal(said(one, {}, "email", "en")) == (None, None)


def test_the_address_of_a_button_is_a_link_in_full() -> None:
    written = {"buttons": [{"name": "Go", "link_mobile": "{{ customer.cart_url }}"}], "body": "{{ customer.city }}"}
    assert essential(["customer.city", "customer.cart_url"], written) == ["customer.cart_url"]
