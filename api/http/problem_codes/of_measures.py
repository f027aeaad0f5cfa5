"""What is told of reports."""

from api.http.problem_codes.kind import Kind
from orchestrator.core.text import Text

OF_MEASURES: dict[str, Kind] = {
    "unknown_report": Kind(404, Text("There is no report “{name}”. `GET /api/measures` lists all.")),
    "report_filter": Kind(422, Text("“{field}”: {reason}. Correct it.")),
    "report_too_slow": Kind(
        422,
        Text(
            "This report took longer than {seconds} s and was stopped. Choose a shorter period, or wait until the "
            "columns have been written."
        ),
    ),
}
