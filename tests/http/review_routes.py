"""The routes of the review door, as `test_audited` wants them: by somebody who has thought about each."""

from intake.audit.events import Event
from tests.http.work_routes import WORK

# Each answer follows an entry of this event.
AUDITED: dict[str, Event] = {
    "GET /review/v1/alarms": Event.ALARMS_LISTED,
    "GET /review/v1/log": Event.LOG_READ,
    "POST /review/v1/alarms/{alarm}/seen": Event.ALARM_SEEN,
    "POST /review/v1/enrolments": Event.MEMBER_APPLIED,
    "POST /review/v1/sessions": Event.MEMBER_ENTERED,
    "POST /review/v1/sessions/fresh": Event.MEMBER_ENTERED,
    "GET /review/v1/oneself": Event.ONESELF_SEEN,
    "PUT /review/v1/oneself/purpose": Event.ONESELF_CHANGED,
    "POST /review/v1/invitations": Event.MEMBER_INVITED,
    "POST /review/v1/cards": Event.MEMBER_ADMITTED,
    **WORK,
    "GET /review/v1/records": Event.TRIAGE_LISTED,
    "GET /review/v1/records/{record}": Event.RECORD_OPENED,
    "GET /review/v1/records/{record}/parts/{part}": Event.PART_DOWNLOADED,
    "POST /review/v1/records/{record}/assignments": Event.RECORD_ASSIGNED,
    "DELETE /review/v1/records/{record}/assignments/{member}": Event.RECORD_ASSIGNED,
    "PUT /review/v1/records/{record}/status": Event.STATUS_SET,
    "GET /review/v1/readers": Event.PEOPLE_LISTED,
    "GET /review/v1/identity-requests": Event.ASSIGNED_LISTED,
    "POST /review/v1/records/{record}/identity-requests": Event.IDENTITY_ASKED,
    "GET /review/v1/identity-requests/{id}/words": Event.ASSIGNED_LISTED,
    "POST /review/v1/identity-requests/{id}/decision": Event.IDENTITY_DECIDED,
    "GET /review/v1/keys": Event.KEYS_LISTED,
    "POST /review/v1/keys/wraps": Event.KEYS_WRAPPED,
    "POST /review/v1/recoveries": Event.MEMBER_APPLIED,
    "POST /review/v1/oneself/passkeys": Event.ONESELF_CHANGED,
    "PUT /review/v1/oneself/passkeys/{passkey}": Event.ONESELF_CHANGED,
    "DELETE /review/v1/oneself/passkeys/{passkey}": Event.ONESELF_CHANGED,
    "PUT /review/v1/oneself/vaults/{wrapper}": Event.ONESELF_CHANGED,
    "POST /review/v1/oneself/saved-key": Event.ONESELF_CHANGED,
    "GET /review/v1/people": Event.PEOPLE_LISTED,
    "POST /review/v1/applications/{member}/refusal": Event.MEMBER_REMOVED,
    "POST /review/v1/people/{member}/removal": Event.MEMBER_REMOVED,
    "POST /review/v1/proposals": Event.PROPOSAL_MADE,
    "POST /review/v1/proposals/{proposal}/decision": Event.PROPOSAL_DECIDED,
    "DELETE /review/v1/proposals/{proposal}": Event.PROPOSAL_DECIDED,
}
# The same for everybody, or before anybody is known.
UNAUDITED = {
    "GET /review",
    "GET /review/static/{version}/{name}",
    "GET /review/v1/terms/{language}",
    "POST /review/v1/challenges",
    "POST /review/v1/invitation",
    "DELETE /review/v1/sessions",
}
