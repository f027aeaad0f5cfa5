"""Every problem that the API can tell of: its code, its HTTP status, its words. Told by ``problems.py``.

Each code stands in ``docs/api.md``, by test.
"""

from typing import NamedTuple

from orchestrator.core.text import Text


class Kind(NamedTuple):
    """The HTTP status of a problem that stands alone, and the words for it."""

    status: int
    text: Text


PROBLEMS: dict[str, Kind] = {
    # Who are you?
    "missing_write_key": Kind(
        401,
        Text("No write key. Send it as the user name of basic authentication, or as “writeKey” in the body."),
    ),
    "server_key_needed": Kind(
        403,
        Text(
            "A browser key cannot send “{field}”, because everyone can read the key. Use a server key, on your server."
        ),
    ),
    "reserved_name": Kind(
        400,
        Text("Names that start with “{prefix}” are reserved. Choose another name for the event."),
    ),
    "key_limit": Kind(
        429,
        Text("This write key accepts {limit} events a minute. Send the rest in {seconds} s."),
    ),
    "unknown_write_key": Kind(401, Text("This write key is unknown. Check it.")),
    "missing_token": Kind(
        401,
        Text("Nobody is signed in. Sign in, or send the header “Authorization: Bearer <token>”."),
    ),
    "wrong_token": Kind(401, Text("This token is unknown or has been revoked. Check it.")),
    "not_allowed": Kind(
        403,
        Text("The role “{role}” does not include {permission}. Ask an admin of this workspace."),
    ),
    "csrf": Kind(
        403,
        Text("This did not come from the console, or the page is older than your session. Reload the page."),
    ),
    "invalid_host": Kind(400, Text("The “Host” header is not valid. Correct it.")),
    "foreign_host": Kind(
        421,
        Text(
            "This installation still has its development keys and answers on this machine only, not as “{host}”. "
            "Open it as localhost, or set SOJOURN_PUBLIC_URL and keys of your own."
        ),
    ),
    "invalid_header": Kind(400, Text("A header of the request cannot be read, or is too long. Remove it.")),
    # The body as a whole
    "body_too_large": Kind(400, Text("The body is larger than {limit} bytes. Send less at once.")),
    "too_many_events": Kind(400, Text("The batch has {count} events, more than {limit}. Send it in parts.")),
    "unsupported_encoding": Kind(400, Text("Content-Encoding “{encoding}” is not supported. Use gzip, or none.")),
    "invalid_gzip": Kind(400, Text("The body is not valid gzip. Compress it again.")),
    "invalid_json": Kind(
        400,
        Text("The body is not valid JSON in UTF-8 (near character {position}). Correct it."),
    ),
    "invalid_yaml": Kind(400, Text("The body is not valid YAML (line {line}). Correct it.")),
    "too_deep": Kind(400, Text("Values are nested more than {limit} levels deep. Flatten them.")),
    "not_a_journey": Kind(
        400,
        Text(
            "This is not a journey file: it has {found} instead of “name”, “steps” and “edges”. Choose a file "
            "downloaded from a journey, or correct it."
        ),
    ),
    # One value
    "missing_field": Kind(400, Text("“{field}” is required. Add it.")),
    "wrong_type": Kind(400, Text("“{field}” must be {expected}. Correct it.")),
    "too_long": Kind(400, Text("“{field}” is longer than {limit} characters. Shorten it.")),
    "unknown_type": Kind(400, Text("“type” must be one of: {allowed}. Correct it.")),
    "missing_identity": Kind(400, Text("This event belongs to nobody: send “userId” or “anonymousId”.")),
    "event_too_large": Kind(
        400,
        Text("The event has {size} bytes, more than {limit}. Send fewer or shorter properties."),
    ),
    "invalid_timestamp": Kind(
        400,
        Text(
            "“{field}” is not an ISO 8601 time after 1900, such as 2026-03-01T09:30:00Z. Correct it, or leave it out."
        ),
    ),
    "unreadable_call": Kind(
        400,
        Text("This call cannot be read ({reason}), so nothing was stored. Correct it, or report it."),
    ),
    "not_stored": Kind(400, Text("The database rejected this event. Report it with its message id.")),
    "wrong_columns": Kind(
        400,
        Text("The row has {count} columns, the header {expected}. Look for a stray quote or comma."),
    ),
    # Changes of a customer by the team
    "unusable_value": Kind(400, Text("“{field}” cannot be used, and nothing was changed. {advice}")),
    "erase_unconfirmed": Kind(
        400, Text("“{field}” must be the customer's own id: erasing cannot be taken back. Nothing was erased.")
    ),
    "unknown_receipt": Kind(404, Text("There is no such receipt. Check its id.")),
    "unknown_column": Kind(
        400, Text("“{name}” is not a column, or more than {limit} were asked for. See docs/customers.md for the names.")
    ),
    "same_customer": Kind(400, Text("“{field}” is this very customer. Choose another one.")),
    "unusable_tag": Kind(
        400,
        Text("“{field}” must be at most {most} tags of 1 to {longest} characters. Correct it; nothing was changed."),
    ),
    "unknown_consent": Kind(400, Text("“{field}” is not a consent. Use one of: {allowed}.")),
    "consent_unproven": Kind(
        400,
        Text(
            "“{field}” must say what proves that the customer agreed: who asked, with which words, where it is "
            "written down. Add it; nothing was changed."
        ),
    ),
    # Files of customers
    "table_empty": Kind(400, Text("The file has no rows. Choose another one.")),
    "table_large": Kind(400, Text("The file is larger than {limit} MB. Split it.")),
    "table_old_workbook": Kind(400, Text("This is an old workbook (.xls). Save it as .xlsx or as CSV.")),
    "table_unreadable": Kind(400, Text("The file cannot be read as CSV or as a workbook (.xlsx). Save it again.")),
    "table_quote": Kind(
        400, Text('A quote (") is opened near line {limit} and not closed properly. Close it, or double it.')
    ),
    "table_columns": Kind(400, Text("The file has more than {limit} columns. Leave some out.")),
    "table_rows": Kind(400, Text("The file has more than {limit} rows. Split it.")),
    "table_encoding": Kind(400, Text("The file is neither UTF-8, UTF-16 nor CP949. Save it as UTF-8.")),
    "table_headers": Kind(400, Text("The first row must name every column, each with a name of its own. Correct it.")),
    "unknown_import": Kind(404, Text("There is no such import. It may have been removed.")),
    "row_nobody": Kind(400, Text("The row has no customer ID. Add it.")),
    "import_over": Kind(409, Text("This import has begun already, or is over. Upload the file again.")),
    "import_fields": Kind(400, Text("“{field}” has {count} entries, the file {expected} columns. Say each column.")),
    "import_nobody": Kind(400, Text("No column says who the customer is. Choose one for the customer ID.")),
    "import_twice": Kind(400, Text("Two columns are “{name}”. Choose another for one of them, or leave it out.")),
    # Traits that are kept as plain attributes, with a warning
    "invalid_device": Kind(400, Text("“{field}” is neither a push token nor a browser subscription.")),
    "unproven_identity": Kind(
        403,
        Text("Calls from a page about a known customer need a valid “userHash”. Send it along."),
    ),
    "consent_needs_evidence": Kind(
        400,
        Text("A browser key cannot give consent for anyone: “{field}” was not applied. Send it from your server."),
    ),
    "attribute_name": Kind(
        400,
        Text(
            "“{field}” has a name longer than {limit} characters, or none: it stays in the event and does not "
            "become an attribute."
        ),
    ),
    "invalid_email": Kind(
        400,
        Text("“{field}” is not an e-mail address; it was kept as an attribute, and nothing is sent to it."),
    ),
    "invalid_phone": Kind(
        400,
        Text(
            "“{field}” is not a telephone number; it was kept as an attribute, and nothing is sent to it. "
            "Numbers without + are read as Korean."
        ),
    ),
    "invalid_locale": Kind(
        400,
        Text("“{field}” is not a language such as ko or en-US; it was kept as an attribute."),
    ),
    "invalid_time_zone": Kind(
        400,
        Text("“{field}” is not an IANA time zone such as Europe/Paris; it was kept as an attribute."),
    ),
    "invalid_consent": Kind(
        400,
        Text("“{field}” must be true or false, under a channel such as “email” or “email:night”; it was not applied."),
    ),
    "placeholder_id": Kind(
        400,
        Text(
            "“{field}” is “{value}”, which means nobody, and was not used as an id. Leave it out where you have none."
        ),
    ),
    "crowded_device": Kind(
        400,
        Text(
            "“{field}” names a device of more than {limit} users in one request. The call was taken as its user's, and "
            "the device was not given to them."
        ),
    ),
    "computed_attribute": Kind(
        400,
        Text("“{field}” was not kept: computed traits are counted by Sojourn. Send it under another name."),
    ),
    "unproven_consent": Kind(
        400,
        Text(
            "“{field}” says what the customer did, but not when (“at”, an ISO 8601 time) or by what it is proved "
            "(“evidence”); it was recorded as a statement, which does not outrank the customer's own refusal."
        ),
    ),
    # The admin API
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
    # Not your fault
    "no_turn": Kind(
        503,
        Text("Too many people are editing and testing right now. Try again in {seconds} s."),
    ),
    "busy": Kind(429, Text("Too much is coming in to be stored. Send it again in {seconds} s.")),
    "unavailable": Kind(503, Text("The database cannot be reached. Send it again in {seconds} s.")),
    "internal": Kind(500, Text("Something went wrong and was logged. Try again.")),
}


TITLES: dict[int, Text] = {
    400: Text("Invalid request"),
    401: Text("Sign in first"),
    403: Text("Not allowed"),
    404: Text("Not found"),
    405: Text("Method not allowed"),
    409: Text("Not as things stand"),
    412: Text("Changed in the meantime"),
    421: Text("Meant for another host"),
    422: Text("Cannot be processed"),
    429: Text("Too many requests"),
    500: Text("Server error"),
    503: Text("Not available now"),
}
"""What a status means, in few words."""
