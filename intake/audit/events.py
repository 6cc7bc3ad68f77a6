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
    RECORD_REVISED = "record.revised"
    RECORD_ERASED = "record.erased"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    DELETION_ASKED = "deletion.asked"
    DELETION_CANCELLED = "deletion.cancelled"
    MESSAGE_ADDED = "message.added"
    RESTORATION_ASKED = "restoration.asked"
    RESTORATION_REFUSED = "restoration.refused"
    RESTORATION_DONE = "restoration.done"
    # records: what concerns keys, and the mechanism itself
    KEYS_ADDED = "mechanism.keys"
    LOG_KEYS = "log.keys"
    PROFILE_ADDED = "mechanism.profile"
    PROGRAM_SERVED = "program.served"
    MECHANISM_CLOSED = "mechanism.closed"
    MECHANISM_OPENED = "mechanism.opened"
    MEMBER_ADDED = "member.added"
    MEMBER_REVOKED = "member.revoked"
    # access: what a reader did, or was refused
    TOKEN_ISSUED = "token.issued"
    TOKEN_REFUSED = "token.refused"
    FEED_LISTED = "feed.listed"
    RECORD_OPENED = "record.opened"
    PART_DOWNLOADED = "part.downloaded"
    COSIGNED = "log.cosigned"
    MESSAGES_LISTED = "messages.listed"
    MESSAGE_SENT = "message.sent"
    STANDING_SET = "standing.set"
    WITHDRAWAL_ANSWERED = "withdrawal.answered"
    HANDED_OVER = "record.handed_over"
    REFUSED = "access.refused"
    # access: what the operator did
    CLIENT_ADDED = "client.added"
    CLIENT_REVOKED = "client.revoked"
    WITNESS_ADDED = "witness.added"


_ACCESS = {
    Event.TOKEN_ISSUED,
    Event.TOKEN_REFUSED,
    Event.FEED_LISTED,
    Event.RECORD_OPENED,
    Event.PART_DOWNLOADED,
    Event.COSIGNED,
    Event.MESSAGES_LISTED,
    Event.MESSAGE_SENT,
    Event.STANDING_SET,
    Event.WITHDRAWAL_ANSWERED,
    Event.HANDED_OVER,
    Event.REFUSED,
    Event.CLIENT_ADDED,
    Event.CLIENT_REVOKED,
    Event.WITNESS_ADDED,
}
LOG_OF = {event: Log.ACCESS if event in _ACCESS else Log.RECORDS for event in Event}
