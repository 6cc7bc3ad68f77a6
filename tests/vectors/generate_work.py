"""Makes work-v1.json: what a mechanism's own people sign: memberships, workspaces, entries, and reasons.

    python -m tests.vectors.generate_work

Each document comes with changed versions of it, signed anew, and how they are answered.
"""

import json
from dataclasses import asdict
from typing import Any

from crypto import age_header, membership, primitives, reason, work, workspace
from crypto.age_keys import Identity
from crypto.encoding import b64u_encode, canonical_json, parse_json
from tests.vectors.generate import DAY, HERE, Stream, pattern, text
from tests.vectors.generate_signed import MEMBER, ROOT, signed
from tests.vectors.outcomes import outcome

FILE = HERE / "work-v1.json"
CERTIFICATE = json.loads((HERE / "signed-v1.json").read_text("utf-8"))["member"]["document"].encode()
READER = Identity(Stream("reviewer")(32))
WORKSPACE = workspace.make_workspace(Stream("workspace"))
RECORD = "ab" * 32
OTHER = "cd" * 16
ROLES = [[role] for role in membership.ROLES] + [["custodian", "reviewer"], ["key-holder", "reviewer"], []]

Json = dict[str, Any]


def memberships() -> Json:
    data = membership.sign_membership(
        ROOT, mechanism="demo", member="anna", key=MEMBER.public, recipient=READER.recipient,
        roles=["reviewer", "custodian"], starts=DAY, expires="2027-11-23",
    )  # fmt: skip
    base, recipient = parse_json(data), READER.recipient.text
    cases: list[Json] = []
    cards: list[Json] = []
    changes: Json
    for changes in (
        {}, {"v": 2}, {"v": True}, {"mechanism": ""}, {"mechanism": "other"}, {"member": "Anna"}, {"member": "bela"}, {"key": "AA"},
        {"key": b64u_encode(ROOT.public)}, {"recipient": recipient.upper()}, {"recipient": recipient[:-1]}, {"recipient": None},
        {"recipient": "age1qqqq"}, {"roles": []}, {"roles": ["reviewer", "custodian"]}, {"roles": ["reviewer", "reviewer"]},
        {"roles": ["reader"]}, {"roles": "reviewer"}, {"roles": ["administrator", "reviewer"]}, {"roles": ["administrator", "auditor"]},
        {"roles": ["auditor", "key-holder"]}, {"roles": ["administrator"]}, {"roles": ["auditor"]}, {"roles": [None]},
        {"roles": ["custodian", "key-holder", "reviewer"]}, {"starts": "2028-01-01"}, {"starts": "2026-11-22"}, {"expires": "2027"},
        {"expires": "2027-11-24"}, {"more": 1},
    ):  # fmt: skip
        body = {n: v for n, v in (base | changes).items() if n != "signature"}
        signature = signed("membership", ROOT, body)
        made = canonical_json(body | {"signature": signature})
        error = outcome(membership.verify_membership, made, ROOT.public)
        card = canonical_json({"certificate": parse_json(CERTIFICATE), "membership": parse_json(made)})
        in_card = outcome(membership.parse_card, card, ROOT.public)
        cases.append({"changes": changes, "signature": signature, "error": error, "in_card": in_card})
    good = parse_json(membership.encode_card(CERTIFICATE, data))
    for changes in ({}, {"more": 1}, {"membership": None}, {"certificate": good["membership"]}):
        error = outcome(membership.parse_card, canonical_json(good | changes), ROOT.public)
        cards.append({"changes": changes, "error": error})
    return {
        "document": data.decode(),
        "fingerprint": membership.fingerprint(MEMBER.public, READER.recipient),
        "opens": [[roles, list(membership.opens(roles))] for roles in ROLES],
        "certificate": CERTIFICATE.decode(),
        "cases": cases,
        "cards": cards,
    }


def workspaces() -> Json:
    data = workspace.sign_workspace(
        MEMBER, CERTIFICATE, workspace=WORKSPACE, mechanism="demo", record=RECORD, day=DAY
    )
    base = parse_json(data)
    cases = []
    for changes in (
        {}, {"v": 2}, {"mechanism": "other"}, {"mechanism": "A"}, {"workspace": "00"}, {"record": None}, {"record": "00"},
        {"recipient": "age1pq1"}, {"recipient": WORKSPACE.identity.recipient.text.upper()}, {"day": "2026-11-22"},
        {"day": "2027-11-24"}, {"day": "today"}, {"more": 1},
    ):  # fmt: skip
        document = base["document"] | changes
        signature = signed("workspace", MEMBER, document)
        made = canonical_json(base | {"document": document, "signature": signature})
        error = outcome(workspace.verify_envelope, made, ROOT.public, "demo")
        cases.append({"changes": changes, "signature": signature, "error": error})
    return {
        "envelope": data.decode(),
        "id": WORKSPACE.id,
        "identity": WORKSPACE.identity.text,
        "cases": cases,
    }


def entry(kind: str, values: Json, files: list[tuple[bytes, Json]]) -> Json:
    """An entry with its payloads. Headers are never the same twice: they are not here."""
    random, sealed = Stream(f"work {kind}"), []
    payloads = []
    for data, label in files:
        sealer = work.begin_file(random)
        payloads.append(bytes(sealer.update(data)) + b"".join(sealer.finish()))
        sealed.append((sealer, label))
    made = work.seal_entry(WORKSPACE.identity.recipient, WORKSPACE.id, values, random, sealed)
    envelope = work.sign_entry(
        MEMBER, CERTIFICATE, mechanism="demo", record=RECORD, kind=kind, day=DAY, refers=OTHER if files else None,
        part=made.part.entry, files=[file for file, _ in made.files],
    )  # fmt: skip
    return {
        "envelope": envelope.decode(),
        "values": values,
        "payload": b64u_encode(made.part.payload),
        "payloads": [b64u_encode(payload) for payload in payloads],
        "labels": [label for _, label in files],
    }


def entries() -> Json:
    note = entry("note", {"text": "Праверыць дату", "language": "be"}, [])
    made = entry(
        "derivative", {"text": "Без твараў"},
        [(pattern(3000), {"name": "a.jpg", "type": "image/jpeg"}), (b"", {"name": "b.txt", "type": "text/plain"})],
    )  # fmt: skip
    base = parse_json(made["envelope"])
    part, files = base["document"]["part"], base["document"]["files"]
    cases: list[Json] = []
    changes: Json
    for changes in (
        {}, {"v": 2}, {"mechanism": "other"}, {"workspace": OTHER}, {"record": None}, {"record": "00"}, {"record": "00" * 32},
        {"kind": "note"}, {"kind": "message"}, {"kind": None}, {"day": "2028-01-01"}, {"refers": None}, {"refers": "00"},
        {"part": None}, {"part": part | {"kind": "message"}}, {"part": part | {"compartment": OTHER}}, {"part": part | {"id": files[0]["id"]}},
        {"part": part | {"commitment": "00"}}, {"files": []}, {"files": files[:1]}, {"files": files[:1] * 2}, {"files": files * 5},
        {"files": [files[0] | {"kind": "medium"}]}, {"files": [files[0] | {"more": 1}]}, {"files": {}},
        {"files": [files[0] | {"id": f"{i:032x}"} for i in range(8)]}, {"files": [files[0] | {"id": f"{i:032x}"} for i in range(9)]},
        {"kind": "note", "files": []}, {"more": 1},
    ):  # fmt: skip
        document = base["document"] | changes
        signature = signed("work", MEMBER, document)
        envelope = canonical_json(base | {"document": document, "signature": signature})
        error = outcome(verify, envelope)
        cases.append({"changes": changes, "signature": signature, "error": error})
    return {"note": note, "derivative": made, "cases": cases, "opened": opened(base)}


def opened(base: Json) -> list[Json]:
    """What an entry with these values and no files, signed for two files, is answered with when opened."""
    found: list[Json] = []
    files: Any
    labels = [
        {"part": file["id"], "name": "a", "type": "b", "size": 1, "digest": "00" * 32, "sha256": "00" * 32}
        for file in base["document"]["files"]
    ]
    for files in (
        labels, labels[:1], labels[::-1], [], {}, None, [None, None], [labels[0], labels[1] | {"size": -1}],
        [labels[0], labels[1] | {"name": 1}], [labels[0] | {"more": 1}, labels[1]],
    ):  # fmt: skip
        made = work.seal_entry(
            WORKSPACE.identity.recipient, WORKSPACE.id, {"files": files}, Stream(f"opened {len(found)}")
        ).part
        document = base["document"] | {"part": asdict(made.entry)}
        envelope = canonical_json(
            base | {"document": document, "signature": signed("work", MEMBER, document)}
        )
        file = made.header + made.payload
        error = outcome(work.open_entry, verify(envelope), file, WORKSPACE.identity)
        found.append({"values": {"files": files}, "envelope": envelope.decode(), "error": error})
    return found


def verify(envelope: bytes) -> work.Entry:
    return work.verify_envelope(envelope, ROOT.public, "demo", workspace=WORKSPACE.id, record=RECORD)


def reasons() -> Json:
    asked = reason.Asked("cd" * 16, RECORD, "client:archive", "anna", ("identity", "sensitive"), "contact")
    words = "Сваякі просяць\nадшукаць сведку"
    data = reason.sign_reason(MEMBER, CERTIFICATE, mechanism="demo", asked=asked, day=DAY, text=words)
    file = reason.seal_envelope(data, [READER.recipient, WORKSPACE.identity.recipient], Stream("reason"))
    header = age_header.parse(file).raw
    base = parse_json(data)
    cases: list[Json] = []
    changes: Json
    for changes in (
        {}, {"v": 2}, {"mechanism": "other"}, {"day": "2028-01-01"}, {"day": "today"}, {"request": "cd" * 15 + "ce"}, {"request": None},
        {"record": "cd" * 32}, {"member": "anna"}, {"asked_by": "bela"}, {"classes": ["identity"]}, {"classes": ["sensitive", "identity"]},
        {"classes": "identity"}, {"classes": {}}, {"reason": "protection"}, {"text": ""}, {"text": None}, {"text": "x" * 2000},
        {"text": "x" * 2001}, {"text": "😀" * 1500}, {"text": "ы" * 2000}, {"text": "ⴰ" * 2000}, {"text": "😀" * 2000}, {"more": 1},
    ):  # fmt: skip
        document = base["document"] | changes
        signature = signed("reason", MEMBER, document)
        envelope = canonical_json(base | {"document": document, "signature": signature})
        error = outcome(reason.verify_envelope, envelope, ROOT.public, "demo", asked)
        cases.append({"changes": changes, "signature": signature, "error": error})
    return {
        "asked": asdict(asked) | {"classes": list(asked.classes)},
        "text": words,
        "envelope": data.decode(),
        "size": len(file),
        "payload_sha256": primitives.sha256(file[len(header) :]).hex(),  # headers are never the same twice
        "cases": cases,
    }


def vectors() -> Json:
    """All of them."""
    return {
        "root": ROOT.public.hex(),
        "membership": memberships(),
        "workspace": workspaces(),
        "work": entries(),
        "reason": reasons(),
    }


if __name__ == "__main__":
    FILE.write_text(text(vectors()), "utf-8")
