"""Rows of the table for people and keys: see `who_may`."""

from typing import Any

from tests.http.door_world import Row, World

PASSKEY = {"a key-holder's": "k", "nonexistent": ""}
PROPOSAL = {"waiting": "ack", "another mechanism's": "", "nonexistent": ""}


def _passkey(world: World, _: object) -> Any:
    return {"id": "x", "client_data": "", "attestation": "", "name": "n", "vault": None}


def _wraps(world: World, _: object) -> Any:
    sealed = {"epoch": 99, "class": "triage", "file": world.sealed}
    return {"member": world.people["r"].member, "wraps": [sealed]}


def _recovery(world: World, object: object) -> Any:
    return {"secret": "x", "passkey": _passkey(world, object), "signature": "A" * 86}


ONESELF = (
    Row(
        "POST /review/v1/oneself/passkeys",
        "auckr",
        "everybody has a second passkey; this one answers no challenge (fresh: `test_entering_attacks`)",
        (401,),
        body=_passkey,
    ),
    Row(
        "PUT /review/v1/oneself/passkeys/{passkey}",
        "auckr",
        "one's own; another's is not there",
        (204,),
        lambda world: world.passkeys,
        PASSKEY,
        lambda *_: {"name": "at home"},
        fresh=True,
    ),
    Row(
        "DELETE /review/v1/oneself/passkeys/{passkey}",
        "auckr",
        "one's own, and never the last one",
        (409,),
        lambda world: world.passkeys,
        PASSKEY,
        fresh=True,
    ),
    Row(
        "PUT /review/v1/oneself/vaults/{wrapper}",
        "auckr",
        "one's own; there is no such wrapper",
        (404, 422),
        body=lambda *_: {"file": "AAAA"},
        fresh=True,
    ),
    Row("POST /review/v1/oneself/saved-key", "auckr", "everybody's own key is theirs", (204,), fresh=True),
)

PEOPLE = (
    Row("GET /review/v1/people", "auckr", "everybody knows their colleagues"),
    Row("POST /review/v1/recoveries", "-", "the secret is what counts", (401,), body=_recovery),
    Row(
        "POST /review/v1/applications/{member}/refusal",
        "a",
        "who sees no content decides who comes in; nobody has applied",
        (404,),
        lambda world: {"nobody": {"member": "nobody-here"}},
        {"nobody": "a"},
        fresh=True,
    ),
    Row(
        "POST /review/v1/people/{member}/removal",
        "ak",
        "who gives rights or keys can end them; once",
        (200, 404),
        lambda world: world.somebody,
        {"somebody": "ak", "gone before": "", "nobody": ""},
        fresh=True,
    ),
    Row(
        "POST /review/v1/proposals",
        "ack",
        "a lost device is reported by who may help; a reviewer has others propose it",
        (201,),
        body=lambda world, _: {"kind": "recover_member", "member": world.people["r"].member},
        fresh=True,
    ),
    Row(
        "POST /review/v1/proposals/{proposal}/decision",
        "ack",
        "another one than who proposed it; once",
        (200, 409),
        lambda world: world.proposals,
        PROPOSAL,
        lambda *_: {"approve": False},
        fresh=True,
    ),
    Row(
        "DELETE /review/v1/proposals/{proposal}",
        "ackr",
        "one's own, before anybody has decided it; this one is the reviewer's",
        (204, 409),
        lambda world: world.proposals,
        PROPOSAL | {"waiting": "r"},
        fresh=True,
    ),
)

KEYS = (
    Row("GET /review/v1/keys", "ckr", "what was sealed to oneself; who has no content has no keys"),
    Row(
        "POST /review/v1/keys/wraps",
        "k",
        "who has a key can give it; there is no such epoch",
        (422,),
        body=_wraps,
        fresh=True,
    ),
)
