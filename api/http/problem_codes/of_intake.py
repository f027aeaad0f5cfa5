"""What intake tells: of keys, calls, customers, files of them."""

from api.http.problem_codes.kind import Kind
from orchestrator.core.text import Text

OF_INTAKE: dict[str, Kind] = {
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
}
