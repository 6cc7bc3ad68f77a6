"""The routes of the review door, as `test_audited` wants them: by somebody who has thought about each."""

from intake.audit.events import Event

# Each answer follows an entry of this event.
AUDITED: dict[str, Event] = {
    "GET /review/v1/alarms": Event.ALARMS_LISTED,
    "GET /review/v1/log": Event.LOG_READ,
    "POST /review/v1/alarms/{alarm}/seen": Event.ALARM_SEEN,
}
# The same for everybody, or before anybody is known.
UNAUDITED = {
    "GET /review",
    "GET /review/static/{version}/{name}",
}
