"""The closed list of events, and which log each goes to. Names are never reused."""

from enum import StrEnum


class Log(StrEnum):
    """Two logs per mechanism; the index in RECORDS is the cursor of the pull feed."""

    RECORDS = "records"
    ACCESS = "access"


class Event(StrEnum):
    """What can be logged."""

    # records: what a submitter did
    RECORD_ADDED = "record.added"
    # records: what concerns the mechanism's keys
    KEYS_ADDED = "mechanism.keys"
    # access: what a reader did, or was refused
    TOKEN_ISSUED = "token.issued"
    TOKEN_REFUSED = "token.refused"
    FEED_LISTED = "feed.listed"
    RECORD_OPENED = "record.opened"
    PART_DOWNLOADED = "part.downloaded"
    REFUSED = "access.refused"
    # access: what the operator did
    CLIENT_ADDED = "client.added"
    CLIENT_REVOKED = "client.revoked"


LOG_OF = {
    event: Log.RECORDS if event in (Event.RECORD_ADDED, Event.KEYS_ADDED) else Log.ACCESS for event in Event
}
