"""Every problem that the API can tell of: its code, its HTTP status, its words. Told by ``api/http/problems.py``.

Each code stands in ``docs/api.md``, by test.
"""

from api.http.problem_codes.kind import Kind
from api.http.problem_codes.of_admin import OF_ADMIN
from api.http.problem_codes.of_broadcasts import OF_BROADCASTS
from api.http.problem_codes.of_intake import OF_INTAKE
from api.http.problem_codes.of_measures import OF_MEASURES
from orchestrator.core.text import Text

NOT_THE_CALLERS_FAULT: dict[str, Kind] = {
    "no_turn": Kind(
        503,
        Text("Too many people are editing and testing right now. Try again in {seconds} s."),
    ),
    "busy": Kind(429, Text("Too much is coming in to be stored. Send it again in {seconds} s.")),
    "unavailable": Kind(503, Text("The database cannot be reached. Send it again in {seconds} s.")),
    "internal": Kind(500, Text("Something went wrong and was logged. Try again.")),
}
PROBLEMS: dict[str, Kind] = {**OF_INTAKE, **OF_ADMIN, **OF_BROADCASTS, **OF_MEASURES, **NOT_THE_CALLERS_FAULT}


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
