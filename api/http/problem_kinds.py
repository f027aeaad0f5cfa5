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
            "A browser key may not say this (“{field}”), for everybody can read it. Use a server key, on your server."
        ),
    ),
    "reserved_name": Kind(
        400,
        Text("Names that begin with “{prefix}” are reserved. Choose another name for the event."),
    ),
    "key_limit": Kind(
        429,
        Text("This write key admits {limit} events a minute. Send the rest again in {seconds} s."),
    ),
    "unknown_write_key": Kind(401, Text("This write key is not one of ours. Check it.")),
    "missing_token": Kind(
        401,
        Text("Nobody is signed in. Sign in, or send the header “Authorization: Bearer <token>”."),
    ),
    "wrong_token": Kind(
        401,
        Text("This token is not one of ours, or was revoked. Check it."),
    ),
    "not_allowed": Kind(
        403,
        Text("The role “{role}” does not include {permission}. Ask an admin of this workspace."),
    ),
    "csrf": Kind(
        403,
        Text("This did not come from a page of the console, or the page is older than your session. Load it again."),
    ),
    "invalid_host": Kind(400, Text("The header “Host” names no host. Correct it.")),
    "foreign_host": Kind(
        421,
        Text(
            "This installation still has its development keys and answers on this machine only, not as “{host}”. "
            "Open it as localhost, or set SOJOURN_PUBLIC_URL and keys of your own."
        ),
    ),
    "invalid_header": Kind(400, Text("A header of the request cannot be read, or is too long. Leave it out.")),
    # The body as a whole
    "body_too_large": Kind(
        400,
        Text("The body is larger than {limit} bytes. Send less at once."),
    ),
    "too_many_events": Kind(
        400,
        Text("The batch has {count} events, more than {limit}. Send it in parts."),
    ),
    "unsupported_encoding": Kind(
        400,
        Text("Content-Encoding “{encoding}” is not supported. Use gzip, or none."),
    ),
    "invalid_gzip": Kind(400, Text("The body is not valid gzip. Compress it again.")),
    "invalid_json": Kind(
        400,
        Text("The body is not valid JSON in UTF-8 (near character {position}). Correct it."),
    ),
    "invalid_yaml": Kind(
        400,
        Text("The body is not valid YAML (line {line}). Correct it."),
    ),
    "too_deep": Kind(
        400,
        Text("Values are nested more than {limit} levels deep. Flatten them."),
    ),
    "not_a_journey": Kind(
        400,
        Text(
            "This is no journey file: it holds {found} instead of “name”, “steps” and “edges”. "
            "Choose a file that was downloaded from a journey, or correct it."
        ),
    ),
    # One value
    "missing_field": Kind(400, Text("“{field}” is required. Add it.")),
    "wrong_type": Kind(
        400,
        Text("“{field}” must be {expected}. Correct it."),
    ),
    "too_long": Kind(
        400,
        Text("“{field}” is longer than {limit} characters. Shorten it."),
    ),
    "unknown_type": Kind(
        400,
        Text("“type” must be one of: {allowed}. Correct it."),
    ),
    "missing_identity": Kind(
        400,
        Text("Nobody to credit this to: give “userId” or “anonymousId”."),
    ),
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
        Text("This call cannot be read ({reason}); nothing of it was stored. Correct it, or report it."),
    ),
    "not_stored": Kind(
        400,
        Text("The database does not accept this event. Report it with its message id."),
    ),
    "wrong_columns": Kind(
        400,
        Text("The row has {count} columns, the header {expected}. Look for a stray quote or comma."),
    ),
    # Traits that are kept as plain attributes, with a warning
    "invalid_device": Kind(
        400,
        Text("“{field}” is no push token, and no subscription as a browser gives it."),
    ),
    "unproven_identity": Kind(
        403,
        Text("Whoever speaks of a known customer from a page proves it with a valid “userHash”. Send it along."),
    ),
    "consent_needs_evidence": Kind(
        400,
        Text("A browser key gives no consent in anybody's name: “{field}” was not applied. Send it from your server."),
    ),
    "attribute_name": Kind(
        400,
        Text(
            "“{field}” has a name of more than {limit} characters, or none: it stays in the event, and is no attribute."
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
    "unproven_consent": Kind(
        400,
        Text(
            "“{field}” says what the customer did, but not when (“at”, an ISO 8601 time) or by what it is proved "
            "(“evidence”); it was recorded as a statement, which does not outrank the customer's own refusal."
        ),
    ),
    # The admin API
    "not_found": Kind(404, Text("There is nothing here. Check the address.")),
    "unknown_merge": Kind(404, Text("There is no merge of this id that was held. Check the id.")),
    "unknown_provider": Kind(
        404,
        Text("There is no provider “{provider}” that calls us. Check the address."),
    ),
    "wrong_signature": Kind(
        401,
        Text(
            "This call does not prove that it is the provider's. Enter the same secret there and on the page Channels."
        ),
    ),
    "invalid_callback": Kind(
        400,
        Text("This call is not one that the provider makes."),
    ),
    "unknown_journey": Kind(404, Text("There is no journey “{key}”. Check its key.")),
    "unknown_survey": Kind(404, Text("There is no survey “{key}”. Check its key.")),
    "unknown_customer": Kind(
        404,
        Text("There is no customer with this id or external id. Check it."),
    ),
    "unknown_run": Kind(404, Text("There is no run with this id. Check it.")),
    "run_finished": Kind(409, Text("This run is over already.")),
    "run_gone": Kind(409, Text("Temporal does not know this run any more. End it, so that it is closed here too.")),
    "nothing_to_skip": Kind(409, Text("This run is not held up by a message: there is nothing to skip.")),
    "temporal_away": Kind(503, Text("Temporal cannot be reached. Try again in a moment.")),
    "method_not_allowed": Kind(405, Text("This address does not answer to this method.")),
    "invalid_parameter": Kind(400, Text("“{field}”: {reason}. Correct it.")),
    "invalid_cursor": Kind(
        400,
        Text("“cursor” is not one that this list gave out. Start again without it."),
    ),
    "key_differs": Kind(
        400,
        Text("The journey calls itself “{found}”, the address says “{expected}”. Make them the same."),
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
        403, Text("Whoever asked, or changed the draft last, cannot approve it. Ask another marketer or admin.")
    ),
    "approval_decided": Kind(409, Text("Nothing waits for a decision on this draft. Load the page again.")),
    "unknown_comment": Kind(404, Text("This comment is not there any more, or takes no more answers.")),
    "not_your_comment": Kind(403, Text("This comment is somebody else’s. You can delete your own only.")),
    "checks_stop": Kind(
        409,
        Text("These checks say stop: {checks}. Mend what they found, or publish over them with “override”."),
    ),
    "journey_exists": Kind(
        409,
        Text("There is a journey “{key}” already. Choose another key."),
    ),
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
        Text("{by} changed the draft after you opened it, so nothing was saved. Compare it with “current”."),
    ),
    "unknown_version": Kind(
        404,
        Text("“{key}” has no version {version}. Check the number."),
    ),
    "unknown_template": Kind(
        404,
        Text("There is no template “{template}”. Check its id."),
    ),
    "unknown_pool": Kind(
        404,
        Text("There is no coupon pool “{key}”. Check its key."),
    ),
    "secret_exists": Kind(
        409,
        Text("There is a secret “{name}” already. Rotate it, or choose another name."),
    ),
    "secret_value": Kind(
        400,
        Text(
            "The value is no secret that can be used: “whsec_” with 24 to 64 bytes in base64, or {least} to {most} "
            "characters on one line. Correct it, or leave it out: then one is made."
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
    "pool_exists": Kind(
        409,
        Text("There is a coupon pool “{key}” already. Choose another key."),
    ),
    "unknown_code": Kind(404, Text("There is no such coupon code. Check it.")),
    "unknown_message_template": Kind(
        404,
        Text("There is no message template “{key}”. Check its key."),
    ),
    "template_exists": Kind(
        409,
        Text("There is a message template “{key}” already. Choose another key."),
    ),
    "template_has_errors": Kind(
        409,
        Text(
            "The template has {count} error. Correct what “problems” lists first.",
            plural="The template has {count} errors. Correct what “problems” lists first.",
        ),
    ),
    "template_used": Kind(
        409,
        Text("Published journeys send “{key}” ({journeys}): archived, they could not. Change them first."),
    ),
    "template_too_large": Kind(
        400,
        Text("The template is larger than anybody could write, at “{field}”: {reason}. Take something away."),
    ),
    "test_to_team": Kind(400, Text("Tests of a step go to people of the team. Choose one of their e-mail addresses.")),
    "test_not_sent": Kind(
        409,
        Text("The test was not sent: {reason}."),
    ),
    "journey_too_large": Kind(
        400,
        Text("The journey is larger than anybody could draw, at “{field}”: {reason}. Take something away."),
    ),
    "too_slow": Kind(
        422,
        Text("This takes longer than {seconds} s, and was broken off. Take something away, or make it simpler."),
    ),
    "too_much_memory": Kind(
        422,
        Text("This takes more memory than there is for it, and was broken off. Take something away."),
    ),
    # Not your fault
    "no_turn": Kind(
        503,
        Text("Too many others draw and try out at this moment. Try again in {seconds} s."),
    ),
    "busy": Kind(
        429,
        Text("More arrives than can be stored. Send it again in {seconds} s."),
    ),
    "unavailable": Kind(
        503,
        Text("The database cannot be reached. Send it again in {seconds} s."),
    ),
    "internal": Kind(
        500,
        Text("Something went wrong here, and was logged. Try again."),
    ),
}


TITLES: dict[int, Text] = {
    400: Text("The request is not right"),
    401: Text("Sign in first"),
    403: Text("Not allowed"),
    404: Text("Not found"),
    405: Text("Method not allowed"),
    409: Text("Not as things stand"),
    412: Text("Changed meanwhile"),
    421: Text("Meant for another host"),
    422: Text("Cannot be carried out"),
    429: Text("Too much at once"),
    500: Text("Our mistake"),
    503: Text("Not available now"),
}
"""What a status means, in few words."""
