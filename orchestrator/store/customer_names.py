"""What statements call a customer, who is ``c`` in them."""

NAME = "coalesce(c.attributes ->> 'name', c.attributes ->> 'first_name')"
"""Their name, if it is known."""
CALLED = "coalesce(c.attributes ->> 'name', c.attributes ->> 'first_name', c.external_id, c.email, c.phone)"
"""Their name, else the shop's own id, else an address; null where nothing at all is known."""
