"""The table of the review door: who may do what to which object, a row for each route, and why.

a administrator, u auditor, c custodian, k key-holder, r reviewer.
"""

from typing import Any

from tests.http.door_world import Row, World, purpose

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


def _nothing(world: World, _: str) -> Any:
    return {}


def _invitation(world: World, _: str) -> Any:
    return {"roles": ["reviewer"], "days": 56}


def _assertion(world: World, _: str) -> Any:
    empty = {"client_data": "", "authenticator_data": "", "signature": ""}
    return {"assertion": {"id": "x", **empty}}


def _enrolment(world: World, _: str) -> Any:
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
        body=lambda world, _: _assertion(world, "") | purpose(world, ""),
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

ROWS: tuple[Row, ...] = (*OPEN, *ENTERING, *WATCHING)
