"""What an order came to, and in which currency, in SQL: as ``core.traits.compute`` reads it of an event ``e``."""

from collections.abc import Mapping
from typing import Any

from orchestrator.core.traits.definition import Orders

_NUMBER = r"^[+-]?([0-9]{1,20}[.]?[0-9]{0,20}|[.][0-9]{1,20})(e[+-]?[0-9]{1,2})?$"
AMOUNT = rf"""(
    select cast(said.amount as numeric)
    from unnest(cast(:order_amounts as text[])) with ordinality as place(name, nth)
    cross join lateral (
        select coalesce(e.properties -> place.name, e.properties #> string_to_array(place.name, '.')) as value
    ) as found
    cross join lateral (select lower(btrim(replace(found.value #>> '{{}}', ',', ''))) as amount) as said
    where jsonb_typeof(found.value) in ('number', 'string')
        and case when said.amount ~ '{_NUMBER}' then abs(cast(said.amount as numeric)) <= 1e15 end
    order by place.nth limit 1
)"""
"""Null where no place has a number."""
_SAID = """coalesce(e.properties -> cast(:order_currency_property as text),
    e.properties #> string_to_array(cast(:order_currency_property as text), '.'))"""
CURRENCY = f"""case when jsonb_typeof({_SAID}) = 'string' and {_SAID} #>> '{{}}' ~ '^[A-Za-z]{{3}}$'
    then upper({_SAID} #>> '{{}}') else cast(:order_currency as text) end"""


def order_parameters(orders: Orders) -> Mapping[str, Any]:
    """What the two take."""
    return {
        "order_amounts": list(orders.amount),
        "order_currency_property": orders.currency_property,
        "order_currency": orders.currency,
    }
