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
}
