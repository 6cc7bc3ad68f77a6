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
    CONSOLE_SERVED = "console.served"
    MECHANISM_CLOSED = "mechanism.closed"
    MECHANISM_OPENED = "mechanism.opened"
    MEMBER_ADDED = "member.added"
    MEMBER_REVOKED = "member.revoked"
    MEMBERSHIP_ADDED = "membership.added"
    MEMBERSHIP_REMOVED = "membership.removed"
    DRILL_DONE = "drill.done"
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
    # access: what members did at the review door
    MEMBER_APPLIED = "member.applied"
    MEMBER_ENTERED = "member.entered"
    ENTRY_REFUSED = "entry.refused"
    ONESELF_SEEN = "oneself.seen"
    ONESELF_CHANGED = "oneself.changed"
    PEOPLE_LISTED = "people.listed"
    MEMBER_INVITED = "member.invited"
    MEMBER_ADMITTED = "member.admitted"
    MEMBER_REMOVED = "member.removed"
    PROPOSAL_MADE = "proposal.made"
    PROPOSAL_DECIDED = "proposal.decided"
    KEYS_LISTED = "keys.listed"
    KEYS_WRAPPED = "keys.wrapped"
    TRIAGE_LISTED = "triage.listed"
    TRIAGE_READ = "triage.read"
    ASSIGNED_LISTED = "assigned.listed"
    RECORD_ASSIGNED = "record.assigned"
    STATUS_SET = "status.set"
    WORK_LISTED = "work.listed"
    WORK_WRITTEN = "work.written"
    IDENTITY_ASKED = "identity.asked"
    IDENTITY_DECIDED = "identity.decided"
    CASES_LISTED = "cases.listed"
    CASE_CHANGED = "case.changed"
    SAME_MEDIA_LISTED = "same_media.listed"
    RECORD_EXPORTED = "record.exported"
    LOG_READ = "log.read"
    ALARM_RAISED = "alarm.raised"
    ALARMS_LISTED = "alarms.listed"
    ALARM_SEEN = "alarm.seen"
    BUDGET_CHANGED = "budget.changed"
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
    Event.MEMBER_APPLIED,
    Event.MEMBER_ENTERED,
    Event.ENTRY_REFUSED,
    Event.ONESELF_SEEN,
    Event.ONESELF_CHANGED,
    Event.PEOPLE_LISTED,
    Event.MEMBER_INVITED,
    Event.MEMBER_ADMITTED,
    Event.MEMBER_REMOVED,
    Event.PROPOSAL_MADE,
    Event.PROPOSAL_DECIDED,
    Event.KEYS_LISTED,
    Event.KEYS_WRAPPED,
    Event.TRIAGE_LISTED,
    Event.TRIAGE_READ,
    Event.ASSIGNED_LISTED,
    Event.RECORD_ASSIGNED,
    Event.STATUS_SET,
    Event.WORK_LISTED,
    Event.WORK_WRITTEN,
    Event.IDENTITY_ASKED,
    Event.IDENTITY_DECIDED,
    Event.CASES_LISTED,
    Event.CASE_CHANGED,
    Event.SAME_MEDIA_LISTED,
    Event.RECORD_EXPORTED,
    Event.LOG_READ,
    Event.ALARM_RAISED,
    Event.ALARMS_LISTED,
    Event.ALARM_SEEN,
    Event.BUDGET_CHANGED,
    Event.CLIENT_ADDED,
    Event.CLIENT_REVOKED,
    Event.WITNESS_ADDED,
}
# What can be said of one record. Its submitter is told of each in words, in every language.
OF_RECORD = frozenset(
    {
        Event.RECORD_ADDED,
        Event.RECORD_REVISED,
        Event.CONSENT_WITHDRAWN,
        Event.DELETION_ASKED,
        Event.DELETION_CANCELLED,
        Event.MESSAGE_ADDED,
        Event.RESTORATION_ASKED,
        Event.RESTORATION_REFUSED,
        Event.RESTORATION_DONE,
        Event.RECORD_OPENED,
        Event.PART_DOWNLOADED,
        Event.MESSAGES_LISTED,
        Event.MESSAGE_SENT,
        Event.STANDING_SET,
        Event.WITHDRAWAL_ANSWERED,
        Event.HANDED_OVER,
        Event.REFUSED,
        Event.TRIAGE_READ,
        Event.RECORD_ASSIGNED,
        Event.STATUS_SET,
        Event.WORK_LISTED,
        Event.WORK_WRITTEN,
        Event.IDENTITY_ASKED,
        Event.IDENTITY_DECIDED,
        Event.CASE_CHANGED,
        Event.SAME_MEDIA_LISTED,
        Event.RECORD_EXPORTED,
    }
)
# What is kept apart from the account has words of its own when it is fetched, by its class.
APART = ("identity", "sensitive")
FETCHED_APART = tuple(f"{Event.PART_DOWNLOADED}.{kind}" for kind in APART)
LOG_OF = {event: Log.ACCESS if event in _ACCESS else Log.RECORDS for event in Event}
