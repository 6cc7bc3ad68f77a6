"""The table of the review door: who may do what to which object, a row for each route, and why.

a administrator, u auditor, c custodian, k key-holder, r reviewer.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from intake import clock
from tests.http.door_world import Body, Row, World, purpose
from tests.http.who_may_people import KEYS, ONESELF, PEOPLE

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
    Row("GET /review/v1/terms/{language}", "-", "public lists of terms", (200, 404)),
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
        "u",
        "an administrator whom it is about would hide it; the first one's name stays",
        (204,),
        lambda world: world.alarms,
        ALARM | {"own": "u"},
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


def _in_workspace(
    route: str, why: str, good: int = 200, body: Body | None = None, fresh: bool = False
) -> Row:
    return Row(route, "ckr", why, (good,), lambda world: world.workspaces, WORKSPACE, body, fresh)


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
        fresh=True,
    ),
    _in_workspace(
        "DELETE /review/v1/workspaces/{workspace}/grants/{reader}",
        "one's own grant, if it does not open",
        fresh=True,
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


def _of_record(
    route: str,
    roles: str,
    why: str,
    good: int | tuple[int, ...] = 200,
    body: Body | None = None,
    fresh: bool = False,
    **sees: str,
) -> Row:
    answers = (good,) if isinstance(good, int) else good
    return Row(route, roles, why, answers, lambda world: world.records, RECORD | sees, body, fresh)


RECORDS = (
    Row("GET /review/v1/records", "ckr", "who sees content sees triage cards; the list names what they see"),
    Row("GET /review/v1/readers", "ckr", "who sees content sees to whom it can be sealed"),
    Row("GET /review/v1/identity-requests", "ckr", "one's own; a custodian's are all of them"),
    _of_record("GET /review/v1/records/{record}", "ckr", "what is assigned; a key-holder has to assign it"),
    _of_record("GET /review/v1/records/{record}/parts/{part}", "ckr", "as the record"),
    _of_record(
        "POST /review/v1/records/{record}/assignments",
        "k",
        "whose keys open it gives it to others; this example seals nothing",
        422,
        lambda world, _: {"member": world.people["r"].member, "grants": []},
        fresh=True,
    ),
    _of_record(
        "DELETE /review/v1/records/{record}/assignments/{member}",
        "k",
        "who gives takes back; where nothing is assigned there is nothing to take",
        204,
        fresh=True,
        unassigned="",
    ),
    _of_record(
        "PUT /review/v1/records/{record}/status",
        "ckr",
        "who works on it says how far",
        body=lambda *_: {"status": "in_review"},
    ),
    _of_record(
        "POST /review/v1/records/{record}/identity-requests",
        "kr",
        "who needs to know who somebody is asks; these records hold nobody's name",
        409,
        lambda *_: {"classes": ["identity"], "reason": "contact"},
    ),
    Row(
        "GET /review/v1/identity-requests/{id}/words",
        "ckr",
        "who asked, and a custodian, who decides; a key-holder who did not ask sees no request",
        (200,),
        lambda world: world.requests,
        {"waiting": "cr", "another mechanism's": "", "nonexistent": "", "no id": ""},
    ),
    Row(
        "POST /review/v1/identity-requests/{id}/decision",
        "c",
        "only a custodian opens who somebody is; once",
        (200, 409),
        lambda world: world.requests,
        {"waiting": "c", "another mechanism's": "", "nonexistent": "", "no id": ""},
        lambda *_: {"approve": False},
        fresh=True,
    ),
)

CASE = {"a case": "ckr", "a case of others": "", "a record's notes": "", "nonexistent": ""}


def _of_case(route: str, why: str, good: tuple[int, ...] = (200,)) -> Row:
    return Row(route, "ckr", why, good, lambda world: world.cases, CASE)


CASES = (
    Row("GET /review/v1/cases", "ckr", "those that one was granted"),
    Row(
        "POST /review/v1/cases",
        "ckr",
        "who sees content may begin one; the envelope of this example holds nothing",
        (422,),
        body=lambda *_: {"envelope": "{}", "grants": []},
    ),
    _of_case("GET /review/v1/cases/{case}", "only whom it was granted to"),
    _of_case("PUT /review/v1/cases/{case}/records/{record}", "the same, and a record that one sees"),
    _of_case("DELETE /review/v1/cases/{case}/records/{record}", "the same", (200, 404)),
    Row("GET /review/v1/due", "ckr", "one's own"),
    _in_workspace("GET /review/v1/workspaces/{workspace}/deadlines", "who reads notes"),
    _in_workspace(
        "POST /review/v1/workspaces/{workspace}/deadlines",
        "who writes notes, for somebody who reads them",
        body=lambda world, object: {
            "id": secrets.token_hex(16),
            "due": clock.day(clock.now() + clock.DAY),
            "kind": "hearing",
            "member": object.get("reader", ""),
        },
    ),
    Row(
        "POST /review/v1/deadlines/{deadline}/done",
        "ckr",
        "who reads the notes that it stands in",
        objects=lambda world: world.deadlines,
        sees=CASE,
    ),
)
MESSAGES = (
    _of_record("GET /review/v1/records/{record}/messages", "ckr", "who sees the record"),
    _of_record(
        "POST /review/v1/records/{record}/messages",
        "ckr",
        "who sees the record, with their own signature; this one is the reviewer's",
        (200, 403),
        lambda world, object: world.message(object.get("record", "")),
    ),
    _of_record(
        "POST /review/v1/records/{record}/standing",
        "ckr",
        "who works on it tells the person",
        body=lambda *_: {"standing": "in_case"},
    ),
    _of_record("GET /review/v1/records/{record}/same-media", "ckr", "others that one sees, too"),
)


def _whole(world: World, object: Mapping[str, str]) -> Any:
    record = object.get("record", "")
    return {"records": [record if len(record) == 64 else "ab" * 32], "reason": "analysis"}


EXPORTS = (
    Row(
        "POST /review/v1/exports",
        "kr",
        "what one sees may leave, if another one agrees",
        (201,),
        lambda world: world.records,
        {kind: letters.replace("c", "") for kind, letters in RECORD.items()},
        _whole,
        fresh=True,
    ),
    Row(
        "GET /review/v1/exports/{export}",
        "kr",
        "who proposed it, once another one has agreed: nobody has",
        (403,),
        lambda world: world.exports,
        {"waiting": "r", "another mechanism's": "", "nonexistent": ""},
        fresh=True,
    ),
)

ROWS: tuple[Row, ...] = (
    *OPEN,
    *ENTERING,
    *ONESELF,
    *WATCHING,
    *WORK,
    *RECORDS,
    *CASES,
    *MESSAGES,
    *EXPORTS,
    *KEYS,
    *PEOPLE,
)
