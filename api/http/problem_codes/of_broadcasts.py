"""What is told of broadcasts."""

from api.http.problem_codes.kind import Kind
from orchestrator.core.text import Text

OF_BROADCASTS: dict[str, Kind] = {
    "unknown_broadcast": Kind(404, Text("There is no broadcast with this id. Check it.")),
    "segment_not_ready": Kind(
        409, Text("It is not known yet who is in the segment “{key}”. Wait until it is built, or choose another.")
    ),
    "broadcast_audience": Kind(
        422, Text("Say who is meant: a segment, a condition, named customers, or everybody; one of them.")
    ),
    "broadcast_unreadable": Kind(422, Text("A number, an hour or a date cannot be read. Check them.")),
    "broadcast_without_key": Kind(
        422, Text("This journey tells entries apart by the property “{name}”. Give it a value in `properties`.")
    ),
    "start_without_zone": Kind(422, Text("The start needs a time zone, such as `2026-03-01T09:00:00+09:00`.")),
    "broadcast_not_running": Kind(409, Text("This broadcast is not running, so there is nothing to pause.")),
    "broadcast_not_paused": Kind(409, Text("This broadcast is not paused, so there is nothing to resume.")),
    "broadcast_share_not_done": Kind(
        409, Text("There is no first share that is done, so there is no rest to go on with. Wait until it is.")
    ),
    "broadcast_nothing_to_retry": Kind(409, Text("There is nobody whose entry failed, so there is nothing to retry.")),
    "broadcast_recalled": Kind(409, Text("This broadcast was recalled already.")),
    "broadcast_still_running": Kind(409, Text("Pause or recall the broadcast first: it is still reaching people.")),
    "broadcast_reached_nobody": Kind(
        409, Text("There is nobody whom it has reached, and for whom nothing was made up yet.")
    ),
}
