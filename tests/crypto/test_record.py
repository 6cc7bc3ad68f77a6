"""What a submitter signed, and what a reader refuses."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import bundles, commitments, compartments, sealing, statement
from crypto.age_header import parse as parse_header
from crypto.age_keys import Identity
from crypto.commitments import Fields
from crypto.encoding import canonical_json, parse_json
from crypto.errors import CryptoError, FormatError, NotMine, VerifyError
from crypto.primitives import SigningKey
from crypto.receipt import Receipt, ReceiptKeys
from crypto.record_reader import RecordReader
from crypto.record_writer import RecordWriter, SealedPart
from crypto.statement import AudienceEntry, ConsentEntry, Statement
from tests.tools import Typage

MECHANISM, OTHER = Identity(b"m" * 32), Identity(b"o" * 32)
KEYS = [Receipt.from_random(bytes([i]) * 32).keys() for i in range(3)]
CONSENT = ConsentEntry("demo", ("archive", "sanctions"), "2030-01-01", True, "2026-11", "be", "ab" * 32)


class Record:
    """A sealed record with a narrative, a medium in another compartment, and its label."""

    def __init__(self, seed: int, photo: bytes = b"photo" * 9999) -> None:
        self.keys: ReceiptKeys = KEYS[seed]
        self.writer = RecordWriter(self.keys, os.urandom)
        self.account, self.identity = (self.writer.compartment(k) for k in ("account", "identity"))
        self.narrative = self.writer.structured(
            "narrative", self.account, {"text": f"text {seed}", "language": "en"}
        )
        self.section = self.writer.structured("section", self.account, {"place": "Minsk"})
        medium = self.writer.begin_medium()
        payload = bytes(medium.update(photo)) + b"".join(bytes(p) for p in medium.finish())
        header, self.label = self.writer.end_medium(
            medium, self.identity, {"name": "a.jpg", "type": "image/jpeg"}
        )
        self.photo, self.medium, self.medium_file = photo, medium.part, header + payload
        audience = [AudienceEntry("demo", self.account.id, MECHANISM.recipient.fingerprint)]
        self.statement, self.signature = self.writer.statement(
            audience=audience,
            consent=[CONSENT],
            created_day="2026-11-23",
            sealed_by="submitter",
            client=("t", "1", None),
        )
        self.grants = self.writer.grants([(self.account.id, MECHANISM.recipient)])

    def grants_of(self, reader: Identity) -> list[tuple[str, bytes]]:
        return [(g.compartment, g.file) for g in self.grants if g.recipient == reader.recipient.fingerprint]

    def reader(self, who: Identity | None = None) -> RecordReader:
        who = who or self.keys.identity
        return RecordReader([(self.statement, self.signature)], self.grants_of(who), [who])


def file(part: SealedPart) -> bytes:
    return part.header + part.payload


ONE, TWO = Record(0), Record(1)


def read_medium(record: Record, medium_file: bytes, label: SealedPart, part: str | None = None) -> bytes:
    reader = record.reader()
    header, payload = sealing.split(medium_file)
    opener = reader.medium(part or record.medium, header, reader.structured(label.entry.id, file(label)))
    return bytes(opener.update(payload)) + bytes(opener.finish())


def test_submitter_and_mechanism_open_what_is_theirs() -> None:
    assert ONE.reader().structured(ONE.narrative.entry.id, file(ONE.narrative)).values["text"] == "text 0"
    assert read_medium(ONE, ONE.medium_file, ONE.label) == ONE.photo
    reader = ONE.reader(MECHANISM)
    assert {p.kind for p in reader.readable()} == {"narrative", "section"}
    with pytest.raises(NotMine):
        reader.structured(ONE.label.entry.id, file(ONE.label))


def test_any_age_tool_opens_grant_then_part() -> None:
    with Typage() as age:
        ((_, grant),) = ONE.grants_of(MECHANISM)
        compartment = age.decrypt(MECHANISM.text, grant).decode().strip()
        assert b"text 0" in age.decrypt(compartment, file(ONE.narrative))


def glued(head: bytes, body: bytes) -> bytes:
    return sealing.split(head)[0].raw + sealing.split(body)[1]


ATTACKS: dict[str, Callable[[], Any]] = {
    "part of another record": lambda: ONE.reader().structured(ONE.narrative.entry.id, file(TWO.narrative)),
    "another part's id": lambda: ONE.reader().structured(TWO.narrative.entry.id, file(TWO.narrative)),
    "another part of the same compartment": lambda: ONE.reader().structured(
        ONE.narrative.entry.id, file(ONE.section)
    ),
    "header of another part": lambda: ONE.reader().structured(
        ONE.narrative.entry.id, glued(file(ONE.section), file(ONE.narrative))
    ),
    "payload of another part": lambda: ONE.reader().structured(
        ONE.narrative.entry.id, glued(file(ONE.narrative), file(ONE.section))
    ),
    "label of another medium": lambda: read_medium(ONE, ONE.medium_file, ONE.section),
    "medium of another record": lambda: read_medium(ONE, TWO.medium_file, ONE.label),
    "medium's payload swapped": lambda: read_medium(ONE, glued(ONE.medium_file, TWO.medium_file), ONE.label),
    "medium read as a text": lambda: ONE.reader().structured(ONE.medium, ONE.medium_file),
    "text read as a medium": lambda: read_medium(ONE, file(ONE.narrative), ONE.label, ONE.narrative.entry.id),
    "cut medium": lambda: read_medium(ONE, ONE.medium_file[:-1], ONE.label),
    "grants of another record": lambda: RecordReader(
        [(ONE.statement, ONE.signature)], TWO.grants_of(TWO.keys.identity), [TWO.keys.identity]
    ),
    "grant of another compartment": lambda: RecordReader(
        [(ONE.statement, ONE.signature)],
        [(ONE.account.id, dict(ONE.grants_of(ONE.keys.identity))[ONE.identity.id])],
        [ONE.keys.identity],
    ),
    "statement of another record": lambda: RecordReader(
        [(TWO.statement, ONE.signature)], ONE.grants_of(MECHANISM), [MECHANISM]
    ),
    "record that was not asked for": lambda: RecordReader(
        [(ONE.statement, ONE.signature)], [], [], record=TWO.writer.record
    ),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_reader_refuses(attack: Callable[[], Any]) -> None:
    with pytest.raises(CryptoError):
        attack()


def test_reader_refuses_a_second_key_that_opens_the_same_payload() -> None:
    """A payload that some other key opens too: the header is for the right compartment, the key is not."""
    header = parse_header(sealing.wrap(os.urandom(16), ONE.identity.identity.recipient))
    reader = ONE.reader()
    label = reader.structured(ONE.label.entry.id, file(ONE.label))
    with pytest.raises(VerifyError, match="key is not the one"):
        reader.medium(ONE.medium, header, label)


def test_reader_refuses_bytes_hidden_behind_the_medium() -> None:
    record = Record(2)
    writer = RecordWriter(record.keys, os.urandom)
    compartment = writer.compartment("account")
    medium = writer.begin_medium()
    payload = bytes(medium.update(b"shown" + bytes(100) + b"hidden")) + b"".join(
        bytes(p) for p in medium.finish()
    )
    medium.size = 5  # the label lies about where the medium ends
    header, label = writer.end_medium(medium, compartment, {"name": "a", "type": "b"})
    data, signature = writer.statement(
        audience=[], consent=[], created_day="2026-11-23", sealed_by="submitter", client=("t", "1", None)
    )
    grants = [(g.compartment, g.file) for g in writer.grants([])]
    reader = RecordReader([(data, signature)], grants, [record.keys.identity])
    opener = reader.medium(medium.part, parse_header(header), reader.structured(label.entry.id, file(label)))
    with pytest.raises(VerifyError, match="padding"):
        opener.update(payload)
        opener.finish()


# --- statements ---


def signed(changes: dict[str, Any], drop: str | None = None) -> tuple[bytes, bytes]:
    value = parse_json(ONE.statement) | changes
    if drop:
        del value[drop]
    data = canonical_json(value)
    return data, statement.sign(data, ONE.keys.signing)


BASE = parse_json(ONE.statement)


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"record": "00" * 32},
        {"record": "AB" * 32},
        {"share": "AA"},
        {"revision": 0},
        {"revision": 2},
        {"revision": True},
        {"previous": "00" * 32},
        {"created_day": "2026-13-01"},
        {"created_day": "23.11.2026"},
        {"sealed_by": "nobody"},
        {"unknown": 1},
        {"compartments": []},
        {"compartments": BASE["compartments"] * 2},
        {"compartments": [BASE["compartments"][0] | {"class": "secret"}, BASE["compartments"][1]]},
        {
            "compartments": [
                c | {"recipient": BASE["compartments"][0]["recipient"]} for c in BASE["compartments"]
            ]
        },
        {"audience": []},
        {"audience": BASE["audience"] * 2},
        {"audience": [BASE["audience"][0] | {"mechanism": "Demo"}]},
        {"audience": [BASE["audience"][0] | {"compartment": "00" * 16}]},
        {"consent": []},
        {"consent": BASE["consent"] * 2},
        {"consent": [BASE["consent"][0] | {"purposes": []}]},
        {"consent": [BASE["consent"][0] | {"purposes": ["archive", "archive"]}]},
        {"consent": [BASE["consent"][0] | {"purposes": ["fun"]}]},
        {"consent": [BASE["consent"][0] | {"successor": 1}]},
        {"parts": BASE["parts"] * 2},
        {"parts": [BASE["parts"][0] | {"kind": "virus"}]},
        {"parts": [BASE["parts"][0] | {"compartment": "00" * 16}]},
        {"keys": BASE["keys"] | {"sign": BASE["share"]}},
        {"client": {"name": "a b", "version": "1", "assets": None}},
    ],
    ids=lambda c: "-".join(c),
)
def test_a_statement_that_does_not_hold_is_refused_even_when_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(CryptoError):
        statement.verify(*signed(changes))


@pytest.mark.parametrize("name", sorted(BASE))
def test_no_field_of_a_statement_may_be_missing(name: str) -> None:
    with pytest.raises(CryptoError):
        statement.verify(*signed({}, drop=name))


def test_a_statement_is_what_was_signed_to_the_byte() -> None:
    assert statement.verify(ONE.statement, ONE.signature).encode() == ONE.statement
    for data in (
        ONE.statement + b" ",
        ONE.statement.replace(b'"v":1', b'"v": 1'),
        ONE.statement.replace(b"demo", b"dema"),
    ):
        with pytest.raises(CryptoError):
            statement.verify(data, ONE.signature)
    with pytest.raises(VerifyError):
        statement.verify(ONE.statement, TWO.signature)
    with pytest.raises(VerifyError):
        statement.verify(ONE.statement, statement.sign(ONE.statement, TWO.keys.signing))


def revision(before: tuple[bytes, bytes], number: int, previous: str | None = None) -> tuple[bytes, bytes]:
    value: Statement = statement.parse(before[0])
    data = replace(value, revision=number, previous=previous or statement.statement_hash(before[0])).encode()
    return data, statement.sign(data, ONE.keys.signing)


def test_revisions_follow_one_another_without_gap_repeat_or_fork() -> None:
    first = (ONE.statement, ONE.signature)
    second = revision(first, 2)
    third = revision(second, 3)
    assert statement.verify_chain([first, second, third]).revision == 3
    for chain in (
        [],
        [second],
        [first, third],
        [first, second, second],
        [first, revision(first, 2, "00" * 32)],
        [first, revision(first, 3)],
        [second, first],
        [first, (TWO.statement, TWO.signature)],
    ):
        with pytest.raises(CryptoError):
            statement.verify_chain(chain)


# --- commitments ---

values = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text("abc") | st.integers(0, 99) | st.none(),
    min_size=1,
)


@settings(max_examples=60)
@given(values, st.data())
def test_fields_can_be_left_out_and_the_commitment_still_holds(
    names: dict[str, Any], data: st.DataObject
) -> None:
    fields = Fields.salted(names, os.urandom)
    assert Fields.parse(fields.encode() + bytes(99)).commitment() == fields.commitment()
    hidden = data.draw(st.sets(st.sampled_from(sorted(names))))
    leaves = [leaf for name, leaf in fields.leaves().items() if name in hidden]
    leaves += [
        commitments.leaf(salt, name, value)
        for name, (salt, value) in fields.fields.items()
        if name not in hidden
    ]
    assert commitments.commitment(fields.salt, leaves) == fields.commitment()
    assert commitments.commitment(fields.salt, leaves[1:]) != fields.commitment()


def test_any_change_of_a_field_changes_the_commitment() -> None:
    fields = Fields.salted({"a": 1, "b": "x"}, os.urandom)
    salt_a, salt_b = fields.fields["a"][0], fields.fields["b"][0]
    for other in (
        {"a": (salt_a, 2), "b": (salt_b, "x")},
        {"a": (salt_b, 1), "b": (salt_a, "x")},
        {"b": (salt_a, 1), "a": (salt_b, "x")},
        {"a": (salt_a, 1)},
        {"a": (salt_a, 1), "b": (salt_b, "x"), "c": (salt_b, None)},
    ):
        assert Fields(fields.salt, other).commitment() != fields.commitment()
    assert Fields(bytes(16), fields.fields).commitment() != fields.commitment()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"fields":{},"salt":"AA","v":1}',
        b'{"fields":[],"salt":"' + b"A" * 22 + b'","v":1}',
        b'{"fields":{"a":1},"salt":"' + b"A" * 22 + b'","v":1}',
    ],
)
def test_a_structured_part_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        Fields.parse(data)


# --- grants and bundles ---


def test_a_grant_holds_one_identity_and_nothing_else() -> None:
    compartments.check_grant_form(ONE.grants[0].file)
    for wrong in (
        sealing.seal_file(b"x" * 77, MECHANISM.recipient, file_key=bytes(16), nonce=bytes(16)),
        ONE.grants[0].file + b"x",
        b"x" * 10_000,
        file(ONE.narrative),
    ):
        with pytest.raises(FormatError):
            compartments.check_grant_form(wrong)
    rubbish = sealing.seal_file(b"z" * 78, MECHANISM.recipient, file_key=bytes(16), nonce=bytes(16))
    with pytest.raises(VerifyError):
        compartments.open_grant(rubbish, [MECHANISM], OTHER.recipient.text)


ROOT = SigningKey(b"r" * 32)


def bundle(root: SigningKey = ROOT, mechanism: str = "demo", **changes: Any) -> bytes:
    keys = [
        bundles.sign_key(
            root, mechanism, epoch, "account", Identity(bytes([epoch]) * 32).recipient, starts, expires
        )
        for epoch, starts, expires in ((1, "2026-01-01", "2026-12-31"), (2, "2026-06-01", "2027-06-01"))
    ]
    data = bundles.sign_bundle(root, mechanism, {"en": "Demo"}, keys)
    return canonical_json(parse_json(data) | changes) if changes else data


def test_sealer_takes_the_newest_key_that_is_valid_today() -> None:
    verified = bundles.verify_bundle(bundle())
    found = {
        day: verified.key_for("account", day)
        for day in ("2025-12-31", "2026-01-01", "2026-06-01", "2027-06-01", "2027-06-02")
    }
    assert [k and k.epoch for k in found.values()] == [None, 1, 2, 2, None]
    assert verified.key_for("identity", "2026-06-01") is None


def test_a_bundle_that_its_root_did_not_sign_is_refused() -> None:
    good, evil = parse_json(bundle()), parse_json(bundle(SigningKey(b"e" * 32)))
    other = parse_json(bundle(mechanism="other"))
    resigned = bundles.sign_bundle(
        ROOT, "demo", {"en": "Demo"}, list(bundles.verify_bundle(bundle(SigningKey(b"e" * 32))).keys)
    )
    for wrong in (
        good | {"root": evil["root"]},
        good | {"keys": evil["keys"]},
        good | {"keys": good["keys"][:1]},
        good | {"keys": [good["keys"][0] | {"expires": "2099-01-01"}, good["keys"][1]]},
        good | {"names": {"en": "Other"}},
        good | {"keys": other["keys"]},
        good | {"mechanism": "other"},
        good | {"signature": evil["signature"]},
        good | {"extra": 1},
        parse_json(resigned),
        parse_json(bundles.sign_bundle(ROOT, "demo", {"be": "no English"}, [])),
        parse_json(bundles.sign_bundle(ROOT, "Demo!", {"en": "Demo"}, [])),
    ):
        with pytest.raises(CryptoError):
            bundles.verify_bundle(canonical_json(wrong))
