"""Why a report is empty, and where to go: by the source that has no row."""

from collections.abc import Mapping

from orchestrator.core.text import Text

NOTHING: Mapping[str, Text] = {
    "customers": Text("There are no customers yet. Send events, or import customers from a file under Customers."),
    "orders": Text("No orders have come in yet. Send order events, and say under Traits which event is an order."),
    "stage_changes": Text("No customer has changed stage yet. Journeys set stages by their steps."),
    "runs": Text("Nobody has entered a journey yet. Publish one under Journeys."),
    "passages": Text("Nobody has entered a journey yet. Publish one under Journeys."),
    "goals": Text("No goal has been reached yet. Add a goal to a journey, or wait until somebody reaches it."),
    "sends": Text("No messages have been sent yet. Publish a journey that sends some."),
    "consent_changes": Text("Nobody has given or withdrawn a consent yet. Consents come with events and imports."),
    "entries": Text("No entry into a journey has been decided yet. Publish one under Journeys."),
}
IN_PERIOD = Text("There is nothing in this period with these filters. Choose a longer period or fewer filters.")
