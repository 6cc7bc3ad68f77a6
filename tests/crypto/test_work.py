"""Notes of a mechanism's people: believed only from its members, opened only with the workspace's key."""

import os
from dataclasses import replace
from typing import Any

import pytest

from crypto import compartments, work, workspace
from crypto.age_header import parse as parse_header
from crypto.age_keys import Identity
from crypto.encoding import b64u_encode, canonical_json, parse_json
from crypto.envelopes import MAX_ENVELOPE
from crypto.errors import CryptoError, FormatError, NotMine, VerifyError
from crypto.message import seal_message
from crypto.primitives import SigningKey
from crypto.record_reader import open_entry
from tests.crypto.members import ANNA, BELA, DAY, EVE, OTHER_ROOT, ROOT, certificate
from tests.tools import Typage

RECORD = "ab" * 32
CARD = certificate(ANNA, "anna")
OURS, OTHERS = workspace.make_workspace(os.urandom), workspace.make_workspace(os.urandom)
READER, STRANGER = Identity(b"1" * 32), Identity(b"2" * 32)
VALUES = {"text": "Праверыць дату з іншым сведчаннем", "language": "be"}
PHOTO = os.urandom(5000)


def place(key: SigningKey = ANNA, card: bytes = CARD, **changes: Any) -> bytes:
    said: dict[str, Any] = {"workspace": OURS, "mechanism": "demo", "record": RECORD, "day": DAY}
    return workspace.sign_workspace(key, card, **(said | changes))


def sealed(files: list[bytes] | None = None) -> tuple[work.SealedEntry, list[bytes]]:
    """An entry, and the payloads of its files."""
    payloads, made = [], []
    for number, data in enumerate(files or []):
        sealer = work.begin_file(os.urandom)
        payloads.append(bytes(sealer.update(data)) + b"".join(sealer.finish()))
        made.append((sealer, {"name": f"{number}.jpg", "type": "image/jpeg"}))
    return work.seal_entry(OURS.identity.recipient, OURS.id, VALUES, os.urandom, made), payloads


def entry(
    made: work.SealedEntry, kind: str = "note", key: SigningKey = ANNA, card: bytes = CARD, **changes: Any
) -> bytes:
    said = {
        "mechanism": "demo",
        "record": RECORD,
        "kind": kind,
        "day": DAY,
        "refers": None,
        "part": made.part.entry,
        "files": [file for file, _ in made.files],
    }
    return work.sign_entry(key, card, **(said | changes))


def verify(
    envelope: bytes, mechanism: str = "demo", root: SigningKey = ROOT, at: str = OURS.id, about: Any = RECORD
) -> work.Entry:
    return work.verify_envelope(envelope, root.public, mechanism, workspace=at, record=about)


def test_a_member_makes_a_workspace_and_gives_its_key_to_another() -> None:
    found = workspace.verify_envelope(place(), ROOT.public, "demo")
    assert (found.id, found.record, found.day, found.member.id) == (OURS.id, RECORD, DAY, "anna")
    grant = OURS.grant(READER.recipient, file_key=os.urandom(16), nonce=os.urandom(16))
    compartments.check_grant_form(grant)
    opened = compartments.open_grant(grant, [READER], found.recipient.text)
    assert opened.text == OURS.identity.text
    with pytest.raises(NotMine):
        compartments.open_grant(grant, [STRANGER], found.recipient.text)
    other = workspace.verify_envelope(place(workspace=OTHERS, record=None), ROOT.public, "demo")
    assert other.record is None
    with pytest.raises(VerifyError):  # the key of another workspace is not taken for this one's
        compartments.open_grant(grant, [READER], other.recipient.text)


@pytest.mark.parametrize("make", [place, lambda *a, **k: entry(sealed()[0], "note", *a, **k)])
def test_only_members_of_the_mechanism_sign(make: Any) -> None:
    def check(envelope: bytes, root: SigningKey = ROOT, mechanism: str = "demo") -> None:
        workspace_of = "recipient" in parse_json(envelope)["document"]
        if workspace_of:
            workspace.verify_envelope(envelope, root.public, mechanism)
        else:
            verify(envelope, mechanism, root)

    check(make())
    for bad in (
        make(EVE),  # with Anna's certificate
        make(EVE, certificate(EVE, "eve", OTHER_ROOT)),
        make(EVE, certificate(EVE, "eve", mechanism="other")),
        make(ANNA, certificate(ANNA, "anna", expires="2026-11-22")),
        make(ANNA, certificate(ANNA, "anna", starts="2026-11-24")),
        make(ROOT),
        make(mechanism="other"),
    ):
        with pytest.raises(VerifyError):
            check(bad)
    with pytest.raises(VerifyError):
        check(make(), OTHER_ROOT)
    with pytest.raises(VerifyError):
        check(make(), mechanism="other")
    for changes in ({"certificate": None}, {"more": 1}, {"signature": b64u_encode(bytes(63))}):
        with pytest.raises(FormatError):
            check(canonical_json(parse_json(make()) | changes))
    for bent in (make() + b" ", make() + b" " * MAX_ENVELOPE):
        with pytest.raises(FormatError):
            workspace.verify_envelope(bent, ROOT.public, "demo")
        with pytest.raises(FormatError):
            verify(bent)


def test_a_workspaces_word_is_not_an_entrys() -> None:
    with pytest.raises(FormatError):
        verify(place())
    # Nor does a signature of one count for the other, whatever the document says.
    top, said = parse_json(entry(sealed()[0])), parse_json(place())
    with pytest.raises(VerifyError):
        verify(canonical_json(top | {"signature": said["signature"]}))
    bela = parse_json(entry(sealed()[0], key=BELA, card=certificate(BELA, "bela")))
    with pytest.raises(VerifyError):  # somebody else's certificate on what Anna signed
        verify(canonical_json(top | {"certificate": bela["certificate"]}))


def test_a_note_opens_for_who_has_the_workspaces_key() -> None:
    made, _ = sealed()
    found = verify(entry(made, refers="cd" * 16))
    assert (found.kind, found.refers, found.files, found.member.id) == ("note", "cd" * 16, (), "anna")
    file = made.part.header + made.part.payload
    assert work.open_entry(found, file, OURS.identity).values == VALUES
    assert len(made.part.payload) >= 16 * 1024
    with pytest.raises(NotMine):
        work.open_entry(found, file, OTHERS.identity)
    with Typage() as typage:
        plain = typage.decrypt(OURS.identity.text, file)
    assert parse_json(plain.rstrip(b"\0"))["fields"]["text"][1] == VALUES["text"]


def test_a_derivative_brings_files_that_open_to_what_was_sealed() -> None:
    made, payloads = sealed([PHOTO, b""])
    found = verify(entry(made, "derivative"))
    fields = work.open_entry(found, made.part.header + made.part.payload, OURS.identity)
    for number, data in enumerate((PHOTO, b"")):
        header = parse_header(made.files[number][1])
        opener = work.open_file(found, fields, number, header, OURS.identity)
        assert bytes(opener.update(payloads[number])) + bytes(opener.finish()) == data
        with pytest.raises(NotMine):
            work.open_file(found, fields, number, header, OTHERS.identity)
        bent = bytearray(payloads[number])
        bent[-1] ^= 1
        with pytest.raises(VerifyError):
            opener = work.open_file(found, fields, number, header, OURS.identity)
            opener.update(bent)
            opener.finish()
    with pytest.raises(VerifyError):  # the header of the other file
        work.open_file(found, fields, 0, parse_header(made.files[1][1]), OURS.identity)
    with Typage() as typage:
        opened = typage.decrypt(OURS.identity.text, made.files[0][1] + payloads[0])
    assert opened[: len(PHOTO)] == PHOTO and not opened[len(PHOTO) :].strip(b"\0")


def test_files_are_those_of_a_derivative_and_described() -> None:
    made, _ = sealed([PHOTO])
    plain, _ = sealed()
    nine, _ = sealed([b"x"] * 9)
    for bad in (
        entry(made, "note"),
        entry(made, "derivative", files=[]),
        entry(plain, "derivative"),
        entry(nine, "derivative"),
        entry(made, "derivative", files=[replace(made.files[0][0], id=made.part.entry.id)]),
        entry(made, "derivative", files=[made.files[0][0]] * 2),
        entry(plain, "conclusion"),
    ):
        with pytest.raises(FormatError):
            verify(bad)
    other, _ = sealed([PHOTO])
    for of, said in ((made, [other.files[0][0]]), (plain, [made.files[0][0]])):
        found = verify(entry(of, "derivative", files=said))
        with pytest.raises(VerifyError):  # signed, but not what the part describes
            work.open_entry(found, of.part.header + of.part.payload, OURS.identity)


def test_an_entry_counts_in_its_workspace_alone() -> None:
    envelope = entry(sealed()[0])
    for at, about in ((OTHERS.id, RECORD), (OURS.id, None), (OURS.id, "cd" * 32)):
        with pytest.raises(VerifyError):
            verify(envelope, at=at, about=about)
    assert verify(entry(sealed()[0], record=None), about=None).record is None


def test_what_was_sealed_elsewhere_with_the_same_key_does_not_open_here() -> None:
    moved = seal_message(OURS.identity.recipient, RECORD, OURS.id, VALUES, os.urandom)
    said = replace(moved.entry, kind="work")
    found = verify(entry(work.SealedEntry(replace(moved, entry=said), ())))
    file = moved.header + moved.payload
    assert open_entry(moved.entry, RECORD, file, OURS.identity).values == VALUES
    with pytest.raises(VerifyError):
        work.open_entry(found, file, OURS.identity)
    assert work.key_context(OURS.id) not in (OURS.id, RECORD, work.key_context(OTHERS.id))


def test_a_part_that_is_not_the_signed_one_is_not_opened() -> None:
    (made, _), (other, _) = sealed(), sealed()
    found = verify(entry(made))
    for header, payload in (
        (made.part.header, other.part.payload),
        (other.part.header, other.part.payload),
        (other.part.header, made.part.payload),
    ):
        with pytest.raises(VerifyError):
            work.open_entry(found, header + payload, OURS.identity)
    lied = verify(entry(made, part=replace(made.part.entry, commitment="ab" * 32)))
    with pytest.raises(VerifyError):
        work.open_entry(lied, made.part.header + made.part.payload, OURS.identity)


@pytest.mark.parametrize(
    "changes",
    [{"day": "2026-11-24"}, {"refers": "ab" * 16}, {"kind": "reason"}, {"v": 2}, {"more": 1}, {"part": None}],
    ids=str,
)
def test_an_entry_with_anything_changed_is_refused(changes: dict[str, Any]) -> None:
    top = parse_json(entry(sealed()[0]))
    with pytest.raises(CryptoError):
        verify(canonical_json(top | {"document": top["document"] | changes}))
