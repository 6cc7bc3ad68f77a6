"""The routes of the review door, as `test_audited` wants them: by somebody who has thought about each."""

from intake.audit.events import Event

# Each answer follows an entry of this event.
AUDITED: dict[str, Event] = {}
# The same for everybody, or before anybody is known.
UNAUDITED = {
    "GET /review",
    "GET /review/static/{version}/{name}",
}
