"""Routes for the work on records: see `review_routes`. Called in `tests/reviewing/`."""

from intake.audit.events import Event

WORK: dict[str, Event] = {
    "GET /review/v1/workspaces": Event.WORK_LISTED,
    "POST /review/v1/workspaces": Event.WORK_WRITTEN,
    "GET /review/v1/records/{record}/workspace": Event.WORK_LISTED,
    "POST /review/v1/workspaces/{workspace}/grants": Event.WORK_WRITTEN,
    "DELETE /review/v1/workspaces/{workspace}/grants/{reader}": Event.WORK_WRITTEN,
    "GET /review/v1/workspaces/{workspace}/work": Event.WORK_LISTED,
    "POST /review/v1/workspaces/{workspace}/work": Event.WORK_WRITTEN,
    "GET /review/v1/workspaces/{workspace}/files/{part}": Event.WORK_LISTED,
    "GET /review/v1/cases": Event.CASES_LISTED,
    "GET /review/v1/cases/{case}": Event.CASES_LISTED,
    "POST /review/v1/cases": Event.CASE_CHANGED,
    "PUT /review/v1/cases/{case}/records/{record}": Event.CASE_CHANGED,
    "DELETE /review/v1/cases/{case}/records/{record}": Event.CASE_CHANGED,
    "GET /review/v1/due": Event.WORK_LISTED,
    "GET /review/v1/workspaces/{workspace}/deadlines": Event.WORK_LISTED,
    "POST /review/v1/workspaces/{workspace}/deadlines": Event.WORK_WRITTEN,
    "POST /review/v1/deadlines/{deadline}/done": Event.WORK_WRITTEN,
    "GET /review/v1/records/{record}/messages": Event.MESSAGES_LISTED,
    "POST /review/v1/records/{record}/messages": Event.MESSAGE_SENT,
    "POST /review/v1/records/{record}/standing": Event.STANDING_SET,
    "GET /review/v1/records/{record}/same-media": Event.SAME_MEDIA_LISTED,
    "POST /review/v1/exports": Event.PROPOSAL_MADE,
    "GET /review/v1/exports/{export}": Event.RECORD_EXPORTED,
}
