"""The closed list of events, and which log each goes to. Names are never reused."""

from enum import StrEnum


class Log(StrEnum):
    """Two logs per mechanism; the index in RECORDS is the cursor of the pull feed."""

    RECORDS = "records"
    ACCESS = "access"


class Event(StrEnum):
    """What can be logged."""

    # records: what a submitter did, and what follows from it
    RECORD_ADDED = "record.added"
    RECORD_ERASED = "record.erased"
    # records: what concerns keys
    KEYS_ADDED = "mechanism.keys"
    LOG_KEYS = "log.keys"
    # access: what a reader did, or was refused
    TOKEN_ISSUED = "token.issued"
    TOKEN_REFUSED = "token.refused"
    FEED_LISTED = "feed.listed"
    RECORD_OPENED = "record.opened"
    PART_DOWNLOADED = "part.downloaded"
    COSIGNED = "log.cosigned"
    REFUSED = "access.refused"
    # access: what the operator did
    CLIENT_ADDED = "client.added"
    CLIENT_REVOKED = "client.revoked"
    WITNESS_ADDED = "witness.added"


_RECORDS = {Event.RECORD_ADDED, Event.RECORD_ERASED, Event.KEYS_ADDED, Event.LOG_KEYS}
LOG_OF = {event: Log.RECORDS if event in _RECORDS else Log.ACCESS for event in Event}
