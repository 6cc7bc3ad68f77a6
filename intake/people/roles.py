"""The one table of who may do what at the review door. Everything not in it is refused.

A role is what the mechanism's root signed (`crypto.membership`). What a role may do is done to what its
member may see: a record of another mechanism, or one that was not assigned, is `NotFound` whatever the role.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from intake.errors import Forbidden
from intake.people.reader import Reader

ADMINISTRATOR, AUDITOR, CUSTODIAN, KEY_HOLDER, REVIEWER = (
    "administrator",
    "auditor",
    "custodian",
    "key-holder",
    "reviewer",
)
_EVERYBODY = frozenset({ADMINISTRATOR, AUDITOR, CUSTODIAN, KEY_HOLDER, REVIEWER})
_CONTENT = frozenset({CUSTODIAN, KEY_HOLDER, REVIEWER})


class Action(StrEnum):
    """What a member can ask for. Each route of the review door names one."""

    # oneself
    SEE_ONESELF = "see_oneself"
    CHANGE_ONESELF = "change_oneself"
    # people and keys
    SEE_PEOPLE = "see_people"
    INVITE = "invite"
    ADMIT = "admit"
    REMOVE = "remove"
    PROPOSE = "propose"
    DECIDE = "decide"
    SEE_KEYS = "see_keys"
    WRAP = "wrap"
    # records
    LIST_TRIAGE = "list_triage"
    SEE_ASSIGNED = "see_assigned"
    OPEN = "open"
    ASSIGN = "assign"
    SET_STATUS = "set_status"
    WRITE = "write"
    SHARE = "share"
    MESSAGE = "message"
    ASK_IDENTITY = "ask_identity"
    APPROVE_IDENTITY = "approve_identity"
    KEEP_CASES = "keep_cases"
    EXPORT = "export"
    # the log
    READ_LOG = "read_log"
    SEE_ALARMS = "see_alarms"
    MARK_ALARMS = "mark_alarms"


MAY: Mapping[Action, frozenset[str]] = {
    Action.SEE_ONESELF: _EVERYBODY,
    Action.CHANGE_ONESELF: _EVERYBODY,
    Action.SEE_PEOPLE: _EVERYBODY,
    Action.INVITE: frozenset({ADMINISTRATOR}),
    Action.ADMIT: frozenset({ADMINISTRATOR}),
    Action.REMOVE: frozenset({ADMINISTRATOR, KEY_HOLDER}),
    Action.PROPOSE: frozenset({ADMINISTRATOR, CUSTODIAN, KEY_HOLDER, REVIEWER}),
    Action.DECIDE: frozenset({ADMINISTRATOR, CUSTODIAN, KEY_HOLDER}),
    Action.SEE_KEYS: _CONTENT,
    Action.WRAP: frozenset({KEY_HOLDER}),
    Action.LIST_TRIAGE: _CONTENT,
    Action.SEE_ASSIGNED: _CONTENT,
    Action.OPEN: _CONTENT,
    Action.ASSIGN: frozenset({KEY_HOLDER}),
    Action.SET_STATUS: _CONTENT,
    Action.WRITE: _CONTENT,
    Action.SHARE: _CONTENT,  # a workspace's key: giving it, and taking it back
    Action.MESSAGE: _CONTENT,
    Action.ASK_IDENTITY: frozenset({REVIEWER, KEY_HOLDER}),
    Action.APPROVE_IDENTITY: frozenset({CUSTODIAN}),
    Action.KEEP_CASES: _CONTENT,
    Action.EXPORT: frozenset({REVIEWER, KEY_HOLDER}),
    Action.READ_LOG: frozenset({AUDITOR}),
    Action.SEE_ALARMS: frozenset({AUDITOR, ADMINISTRATOR}),
    # What was looked at is not raised again on that day: whom it may be about does not say so.
    Action.MARK_ALARMS: frozenset({AUDITOR}),
}
# Nothing of these without an assertion of the last minutes: a browser left open is not the person.
FRESH = frozenset(
    {
        Action.CHANGE_ONESELF,
        Action.INVITE,
        Action.ADMIT,
        Action.REMOVE,
        Action.PROPOSE,
        Action.DECIDE,
        Action.WRAP,
        Action.ASSIGN,
        Action.SHARE,
        Action.EXPORT,
        Action.APPROVE_IDENTITY,
    }
)


def reads(roles: Iterable[str]) -> bool:
    """Whether whoever has these roles sees content, so that what they read for means something."""
    return not _CONTENT.isdisjoint(roles)


def require(reader: Reader, action: Action) -> None:
    """`Forbidden` unless one of the reader's roles may do this."""
    if not MAY[action] & set(reader.roles):
        raise Forbidden("role", f"this needs one of the roles: {', '.join(sorted(MAY[action]))}")
