"""The table of the review door: who may do what to which object, a row for each route, and why.

a administrator, u auditor, c custodian, k key-holder, r reviewer.
"""

from collections.abc import Mapping
from typing import Any

from tests.http.door_world import Body, Row, World, purpose

# Of records: what is not visible is not there. A key-holder's keys open all of the mechanism's records.
RECORD = {
    "assigned": "ckr",
    "unassigned": "k",
    "another mechanism's": "",
    "nonexistent": "",
    "no id": "",
    "erased": "",
    "withdrawn": "",
}
ALARM = {"own": "au", "another mechanism's": "", "nonexistent": "", "no id": ""}


def _nothing(world: World, _: object) -> Any:
    return {}


def _invitation(world: World, _: object) -> Any:
    return {"roles": ["reviewer"], "days": 56}


def _assertion(world: World, _: object) -> Any:
    empty = {"client_data": "", "authenticator_data": "", "signature": ""}
    return {"assertion": {"id": "x", **empty}}


def _enrolment(world: World, _: object) -> Any:
    return {"secret": "x", "request": "{}", "passkeys": [], "recovery": None}


# Before anybody is known: the same answer for everybody.
OPEN = (
    Row("GET /review", "-", "the console's page is the same for everybody", (200, 404)),
    Row("GET /review/static/{version}/{name}", "-", "files that are the same for everybody", (404,)),
    Row(
        "POST /review/v1/challenges",
        "-",
        "random bytes, asked for before anybody is known",
        body=lambda *_: {"for": "login"},
    ),
    Row(
        "POST /review/v1/invitation",
        "-",
        "the secret is what counts, whoever holds it",
        (401,),
        body=lambda *_: {"secret": "x"},
    ),
    Row("POST /review/v1/enrolments", "-", "the secret is what counts", (401,), body=_enrolment),
    Row(
        "POST /review/v1/sessions",
        "-",
        "the assertion is what counts",
        (401,),
        body=lambda world, _: _assertion(world, _) | purpose(world, _),
    ),
    Row("DELETE /review/v1/sessions", "-", "leaving is always possible, and tells nothing", (204,)),
)

ENTERING = (
    Row("GET /review/v1/oneself", "auckr", "everybody sees themselves"),
    Row("PUT /review/v1/oneself/purpose", "auckr", "everybody says what they read for", (204,), body=purpose),
    Row(
        "POST /review/v1/sessions/fresh",
        "auckr",
        "everybody shows their passkey again; this assertion is none",
        (401,),
        body=_assertion,
    ),
    Row(
        "POST /review/v1/invitations",
        "a",
        "who sees no content decides who comes in",
        (201,),
        body=_invitation,
        fresh=True,
    ),
    Row(
        "POST /review/v1/cards",
        "a",
        "the same; the card of this example holds nothing",
        (422,),
        body=lambda *_: {"card": "{}"},
        fresh=True,
    ),
)

WATCHING = (
    Row("GET /review/v1/log", "u", "whoever watches does nothing else, and who does something else does not"),
    Row("GET /review/v1/alarms", "au", "an administrator can end a session that an alarm is about"),
    Row(
        "POST /review/v1/alarms/{alarm}/seen",
        "au",
        "the same; the first one's name stays",
        (204,),
        lambda world: world.alarms,
        ALARM,
    ),
)

WORKSPACE = {
    "assigned": "ckr",
    "unassigned": "k",
    "another mechanism's": "",
    "a case": "ckr",
    "a case of others": "",  # not even a key-holder, unless it was granted to them
    "nonexistent": "",
    "no id": "",
}


def _in_workspace(route: str, why: str, good: int = 200, body: Body | None = None) -> Row:
    return Row(route, "ckr", why, (good,), lambda world: world.workspaces, WORKSPACE, body)


def _workspace(world: World, object: Mapping[str, str]) -> Any:
    record = object.get("record", "")
    return {"record": record if len(record) == 64 else "ab" * 32, "envelope": "{}", "grants": []}


WORK = (
    Row("GET /review/v1/workspaces", "ckr", "one's own grants, of records that one sees"),
    Row(
        "GET /review/v1/records/{record}/workspace",
        "ckr",
        "who sees the record sees that there are notes on it",
        objects=lambda world: world.records,
        sees=RECORD,
    ),
    Row(
        "POST /review/v1/workspaces",
        "ckr",
        "who sees the record may begin its notes; the envelope of this example holds nothing",
        (422,),
        lambda world: world.records,
        RECORD,
        _workspace,
    ),
    _in_workspace(
        "POST /review/v1/workspaces/{workspace}/grants",
        "who has the key may give it",
        body=lambda *_: {"grants": []},
    ),
    _in_workspace(
        "DELETE /review/v1/workspaces/{workspace}/grants/{reader}", "one's own grant, if it does not open"
    ),
    _in_workspace("GET /review/v1/workspaces/{workspace}/work", "who sees what they are about reads notes"),
    _in_workspace(
        "POST /review/v1/workspaces/{workspace}/work",
        "who reads notes writes them; the envelope of this example holds nothing",
        422,
        lambda *_: {"envelope": "{}", "header": "", "payload": ""},
    ),
    _in_workspace("GET /review/v1/workspaces/{workspace}/files/{part}", "who reads notes reads translations"),
)

REQUEST = {"waiting": "c", "another mechanism's": "", "nonexistent": "", "no id": ""}
ASKED = {kind: letters.replace("c", "") for kind, letters in RECORD.items()}

RECORDS = (
    Row("GET /review/v1/records", "ckr", "triage cards are sealed to everybody who sees content"),
    Row("GET /review/v1/readers", "ckr", "whoever seals something needs the others' keys"),
    Row("GET /review/v1/terms/{language}", "-", "words that are the same for everybody", (404,)),
    Row(
        "GET /review/v1/records/{record}",
        "ckr",
        "what is assigned; a key-holder assigns everything",
        objects=lambda world: world.records,
        sees=RECORD,
    ),
    Row(
        "GET /review/v1/records/{record}/parts/{part}",
        "ckr",
        "the same; there is no such part",
        (404,),
        lambda world: world.records,
        RECORD,
    ),
    Row(
        "POST /review/v1/records/{record}/assignments",
        "k",
        "only their keys open what is sealed to somebody; this example seals nothing",
        (422,),
        lambda world: world.records,
        RECORD,
        body=lambda *_: {"member": "somebody", "grants": []},
    ),
    Row(
        "DELETE /review/v1/records/{record}/assignments/{member}",
        "k",
        "the same; there is no such member",
        (404,),
        lambda world: world.records,
        RECORD,
    ),
    Row(
        "PUT /review/v1/records/{record}/status",
        "ckr",
        "whoever works on it",
        objects=lambda world: world.records,
        sees=RECORD,
        body=lambda *_: {"status": "in_review"},
    ),
    Row("GET /review/v1/identity-requests", "ckr", "one's own; a custodian's are all"),
    Row(
        "POST /review/v1/records/{record}/identity-requests",
        "kr",
        "who decides does not ask; nothing of this class was granted",
        (409,),
        lambda world: world.records,
        ASKED,
        body=lambda *_: {"classes": ["identity"], "reason": "contact"},
    ),
    Row(
        "POST /review/v1/identity-requests/{id}/decision",
        "c",
        "a custodian who has not asked; only once",
        (200, 409),
        lambda world: world.requests,
        REQUEST,
        body=lambda *_: {"approve": False},
        fresh=True,
    ),
)

ROWS: tuple[Row, ...] = (*OPEN, *ENTERING, *WATCHING, *RECORDS, *WORK)
