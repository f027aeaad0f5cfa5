"""The console: pages for people, rendered on the server. Included in the application as one router."""

from fastapi import APIRouter, Request

from api.console.accounts import people, sign_in, write_keys
from api.console.accounts import settings as account
from api.console.brand import pages as brand_pages
from api.console.channels import pages as channel_pages
from api.console.channels import policies
from api.console.coupons import pages as coupon_pages
from api.console.customers import consents, merges
from api.console.customers import editing as customer_editing
from api.console.customers import listing as customer_list
from api.console.customers import merging as customer_merging
from api.console.customers import pages as customer_pages
from api.console.erasures import pages as erasure_pages
from api.console.events import pages as event_pages
from api.console.experiments import pages as experiment_pages
from api.console.imports import pages as import_pages
from api.console.journeys import canvas
from api.console.journeys import pages as journey_pages
from api.console.media import pages as picture_pages
from api.console.operations import audit, broadcasts, pauses, trouble
from api.console.operations import pages as operation_pages
from api.console.overview import connect
from api.console.overview import pages as overview_pages
from api.console.reports import compositions
from api.console.reports import pages as report_pages
from api.console.runs import pages as run_pages
from api.console.runs import temporal_link
from api.console.secrets import pages as secret_pages
from api.console.segments import pages as segment_pages
from api.console.suggestions import pages as suggestion_pages
from api.console.surveys import complaints
from api.console.surveys import pages as survey_pages
from api.console.surveys import report as survey_report
from api.console.templates import pages as template_pages
from api.console.traits import pages as trait_pages
from api.pages import static
from api.pages.console_route import page_not_found

router = APIRouter(include_in_schema=False)
# Under names of their own: that of a section is its package's.
_PARTS = (
    static,
    sign_in,
    overview_pages,
    connect,
    journey_pages,
    customer_list,
    customer_editing,
    customer_merging,
    customer_pages,
    erasure_pages,
    import_pages,
    consents,
    merges,
    trait_pages,
    event_pages,
    run_pages,
    trouble,
    operation_pages,
    broadcasts,
    pauses,
    audit,
    temporal_link,
    template_pages,
    picture_pages,
    coupon_pages,
    segment_pages,
    experiment_pages,
    report_pages,
    compositions,
    survey_pages,
    survey_report,
    complaints,
    suggestion_pages,
    channel_pages,
    policies,
    account,
    people,
    write_keys,
    secret_pages,
    brand_pages,
    canvas,
)
# The canvas comes last: any word is a key of a journey.
for _part in _PARTS:
    router.include_router(_part.router)


def wants_page(request: Request) -> bool:
    """Whether the request is a person's, for a page of the console, and not a program's, for the API."""
    programs = request.url.path.startswith(("/api/", "/v1/", "/static/"))
    return not programs and "text/html" in request.headers.get("accept", "")


__all__ = ["page_not_found", "router", "wants_page"]
