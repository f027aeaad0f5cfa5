"""What the admin API tells."""

from api.http.problem_codes.kind import Kind
from orchestrator.core.text import Text

OF_ADMIN: dict[str, Kind] = {
    "not_found": Kind(404, Text("Not found. Check the address.")),
    "unknown_merge": Kind(404, Text("There is no held merge with this id. Check the id.")),
    "unknown_provider": Kind(404, Text("There is no provider “{provider}” with callbacks. Check the address.")),
    "wrong_signature": Kind(
        401,
        Text(
            "This call is not proven to come from the provider. Enter the same secret at the provider and under "
            "Settings › Channels."
        ),
    ),
    "invalid_callback": Kind(400, Text("This is not a valid call from the provider.")),
    "unknown_journey": Kind(404, Text("There is no journey “{key}”. Check its key.")),
    "unknown_survey": Kind(404, Text("There is no survey “{key}”. Check its key.")),
    "unknown_customer": Kind(404, Text("There is no customer with this id or external id. Check it.")),
    "unknown_run": Kind(404, Text("There is no run with this id. Check it.")),
    "run_finished": Kind(409, Text("This run has already ended.")),
    "run_gone": Kind(409, Text("Temporal no longer has this run. End it to close it here too.")),
    "nothing_to_skip": Kind(409, Text("This run is not stuck on a message, so there is nothing to skip.")),
    "unknown_backtest": Kind(404, Text("There is no such back-test of this journey (any more). Start it again.")),
    "unknown_operation": Kind(404, Text("There is no operation with this id. Check it.")),
    "operation_empty": Kind(409, Text("There is no run to which this could be done now. Load the page again.")),
    "operation_grown": Kind(
        409, Text("There are {count} runs by now, more than you were shown. Look at the preview again.")
    ),
    "move_unknown_step": Kind(422, Text("There is no step “{step}” in this version. Use the id of one that it has.")),
    "move_unsaid": Kind(
        409, Text("Nobody has said where runs at these steps are to go: {steps}. Choose a step for each of them.")
    ),
    "nothing_to_move_back": Kind(409, Text("This operation moved nobody, so there is nothing to take back.")),
    "operation_not_running": Kind(409, Text("This operation is not running, so there is nothing to cancel.")),
    "operation_not_cancelled": Kind(409, Text("This operation was not cancelled, so there is nothing to go on with.")),
    "nothing_to_pause": Kind(
        404,
        Text(
            "There is nothing to pause called “{what}”: `everything`, `channel:…`, `journey:…` that is published, or "
            "`step:…/…` at which something is sent."
        ),
    ),
    "temporal_away": Kind(503, Text("Temporal cannot be reached. Try again in a moment.")),
    "method_not_allowed": Kind(405, Text("This address does not support this method.")),
    "invalid_parameter": Kind(400, Text("“{field}”: {reason}. Correct it.")),
    "invalid_cursor": Kind(400, Text("This “cursor” did not come from this list. Start again without it.")),
    "key_differs": Kind(
        400,
        Text("The journey's key is “{found}”, but the address says “{expected}”. Use the same key."),
    ),
    "journey_has_errors": Kind(
        409,
        Text(
            "The journey has {count} error. Correct what “problems” lists first.",
            plural="The journey has {count} errors. Correct what “problems” lists first.",
        ),
    ),
    "approval_missing": Kind(
        409,
        Text("This workspace publishes only what another person approved. Ask for approval of this draft first."),
    ),
    "approval_own": Kind(
        403,
        Text("The person who asked, or who changed the draft last, cannot approve it. Ask another marketer or admin."),
    ),
    "approval_decided": Kind(409, Text("Nothing waits for a decision on this draft. Load the page again.")),
    "unknown_comment": Kind(404, Text("This comment is not there any more, or takes no more answers.")),
    "not_your_comment": Kind(403, Text("This comment is somebody else’s. You can delete your own only.")),
    "checks_stop": Kind(
        409,
        Text(
            "These checks advise against publishing: {checks}. Fix what they found, or publish anyway with “override”."
        ),
    ),
    "journey_inside": Kind(
        409, Text("Customers are in this journey ({count}). Let them go through, or end their runs first.")
    ),
    "journey_not_now": Kind(409, Text("This cannot be done to a journey that is “{status}”. Look at its state.")),
    "journey_not_open": Kind(
        409, Text("“{key}” is not live, so nobody can enter it. Publish it first, or open it again.")
    ),
    "no_request_trigger": Kind(
        409,
        Text(
            "“{key}” lets nobody in by request. Add the trigger “When another journey or the API asks”, and publish it."
        ),
    ),
    "list_encoding": Kind(400, Text("The list is neither UTF-8 nor CP949. Save it as CSV in UTF-8.")),
    "list_column": Kind(
        400,
        Text("The list has no column “customer” (or customer_id, external_id, user_id). It has: {columns}. Name one."),
    ),
    "list_too_long": Kind(400, Text("The list has more than {most} lines. Send it in parts.")),
    "list_unreadable": Kind(400, Text("The list is no CSV from line {line} on. Correct it.")),
    "who_enters": Kind(400, Text("Say who enters: either “customer”, or “customers” with at least one.")),
    "journey_exists": Kind(409, Text("There is already a journey “{key}”. Choose another key.")),
    "journey_published": Kind(
        409,
        Text("“{key}” has been published, and customers may be in it: it cannot be deleted. Pause it instead."),
    ),
    "journey_not_published": Kind(
        409,
        Text("“{key}” has not been published yet, so there is nothing to pause. Publish it first."),
    ),
    "draft_changed": Kind(
        412,
        Text("{by} changed the draft after you opened it, so nothing was saved. Compare with “current”."),
    ),
    "unknown_version": Kind(404, Text("“{key}” has no version {version}. Check the number.")),
    "unknown_template": Kind(404, Text("There is no template “{template}”. Check its id.")),
    "unknown_segment": Kind(404, Text("There is no segment with the key “{key}”. Check it.")),
    "segment_exists": Kind(409, Text("There is already a segment “{key}”. Choose another key.")),
    "segment_in_use": Kind(
        409, Text("Something live asks about the segment “{key}” ({uses}). Take it out there first.")
    ),
    "unknown_experiment": Kind(404, Text("There is no experiment with this id. Check the id.")),
    "unknown_pool": Kind(404, Text("There is no coupon pool “{key}”. Check its key.")),
    "secret_exists": Kind(
        409,
        Text("There is already a secret “{name}”. Rotate it, or choose another name."),
    ),
    "secret_value": Kind(
        400,
        Text(
            "This value cannot be used as a secret. Use “whsec_” followed by 24 to 64 bytes in base64, or {least}"
            " to {most} characters on one line. Leave it out to have one generated."
        ),
    ),
    "unknown_secret": Kind(404, Text("There is no secret “{name}”, or it was revoked. Check the name.")),
    "unknown_picture": Kind(
        404, Text("There is no such picture in the library, or it was deleted. Load the list again.")
    ),
    "picture_missing": Kind(400, Text("No file arrived. Choose a picture and send it again.")),
    "picture_type": Kind(400, Text("This file is no picture that we take. Use a PNG, JPEG, WebP or GIF.")),
    "picture_unreadable": Kind(400, Text("The picture is damaged and cannot be read. Save it again and send that.")),
    "picture_too_large": Kind(
        400, Text("The file is larger than {limit} MB. Make the picture smaller and send it again.")
    ),
    "picture_pixels": Kind(
        400, Text("The picture has more than {limit} million pixels. Make it smaller and send it again.")
    ),
    "picture_frames": Kind(
        400, Text("The moving picture is too long: {limit} frames at most, fewer of a large one. Shorten it.")
    ),
    "picture_heavy": Kind(
        400, Text("The picture would be larger than {limit} MB, too much for a message. Shorten it or make it smaller.")
    ),
    "picture_used": Kind(409, Text("Something shows this picture ({count}). Take it out there first.")),
    "storage_away": Kind(503, Text("The storage of pictures cannot be reached. Try again in {seconds} s.")),
    "pool_exists": Kind(409, Text("There is already a coupon pool “{key}”. Choose another key.")),
    "unknown_code": Kind(404, Text("There is no such coupon code. Check it.")),
    "unknown_message_template": Kind(404, Text("There is no message template “{key}”. Check its key.")),
    "template_exists": Kind(409, Text("There is already a message template “{key}”. Choose another key.")),
    "template_has_errors": Kind(
        409,
        Text(
            "The template has {count} error. Correct what “problems” lists first.",
            plural="The template has {count} errors. Correct what “problems” lists first.",
        ),
    ),
    "template_used": Kind(
        409,
        Text("Published journeys use “{key}” ({journeys}), so it cannot be archived. Change them first."),
    ),
    "template_too_large": Kind(400, Text("The template is too large, at “{field}”: {reason}. Remove something.")),
    "test_to_team": Kind(400, Text("Tests of a step go to people of the team. Choose one of their e-mail addresses.")),
    "test_not_sent": Kind(409, Text("The test was not sent: {reason}.")),
    "journey_too_large": Kind(400, Text("The journey is too large, at “{field}”: {reason}. Remove something.")),
    "too_slow": Kind(
        422,
        Text("This took longer than {seconds} s and was stopped. Remove something, or make it simpler."),
    ),
    "too_much_memory": Kind(422, Text("This needs too much memory and was stopped. Remove something.")),
}
