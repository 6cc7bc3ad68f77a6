"""A record goes on: who is granted what in each revision follows from what the person allows, and no more."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from crypto.age_keys import Identity
from crypto.bundles import Bundle, sign_bundle, sign_key, verify_bundle
from crypto.compartments import CLASSES
from crypto.errors import VerifyError
from crypto.primitives import SigningKey
from crypto.profiles import Profile
from crypto.receipt import RANDOM_BYTES, Receipt
from crypto.record_reader import RecordReader
from crypto.record_writer import RecordWriter, SealedPart
from crypto.statement import verify_chain
from intake.record import consent_texts
from intake.record.compose import Composed, Composer, Earlier, _narrower
from intake.record.consent import Choice, ConsentError
from intake.record.opened import OpenedRecord, ever_granted, open_all

DAY = "2026-11-25"
TEXT = consent_texts.current("be")
RECEIPT = Receipt.from_random(secrets.token_bytes(RANDOM_BYTES))
KEYS = RECEIPT.keys()


@dataclass
class Mechanism:
    """A mechanism's people: all their identities, and what is public of them."""

    name: str
    identities: dict[str, Identity] = field(
        default_factory=lambda: {c: Identity(secrets.token_bytes(32)) for c in CLASSES}
    )

    def bundle(self) -> Bundle:
        root = SigningKey(secrets.token_bytes(32))
        keys = [
            sign_key(root, self.name, 1, kind, identity.recipient, "2026-01-01", "2027-01-01")
            for kind, identity in self.identities.items()
        ]
        return verify_bundle(sign_bundle(root, self.name, {"en": self.name}, keys))


@dataclass
class Shelf:
    """All that a server holds of one record."""

    revisions: list[tuple[bytes, bytes]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    grants: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def store(self, writer: RecordWriter, composer: Composer, composed: Composed) -> None:
        self.revisions.append(
            writer.statement(
                audience=composed.audience,
                consent=composed.consent,
                created_day=DAY,
                sealed_by="submitter",
                client=("test", "1", None),
            )
        )
        self.files |= {p.entry.id: p.header + p.payload for p in composer.parts}
        for grant in writer.grants(composed.readers):
            self.grants[grant.compartment, grant.recipient] = grant.file
        kept = {(a.compartment, a.recipient) for a in composed.audience}
        own = KEYS.identity.recipient.fingerprint
        self.grants = {k: v for k, v in self.grants.items() if k in kept or k[1] == own}

    def opened(self, identities: list[Identity]) -> OpenedRecord:
        grants = [(compartment, file) for (compartment, _), file in self.grants.items()]
        return open_all(RecordReader(self.revisions, grants, identities), self.files.__getitem__)


MECHANISMS = {name: Mechanism(name) for name in ("iapb", "un", "osce")}
KNOWN: Mapping[str, Bundle] = {name: m.bundle() for name, m in MECHANISMS.items()}


def begin(*choices: Choice) -> tuple[RecordWriter, Composer]:
    writer = RecordWriter(KEYS, secrets.token_bytes)
    return writer, Composer(writer, KNOWN, {}, TEXT, DAY, choices)


def go_on(shelf: Shelf, *choices: Choice) -> tuple[RecordWriter, Composer]:
    opened = shelf.opened([KEYS.identity])
    writer = RecordWriter.continuing(KEYS, secrets.token_bytes, shelf.revisions, opened.reader)
    earlier = Earlier(opened, ever_granted(shelf.revisions))
    return writer, Composer(writer, KNOWN, {}, TEXT, DAY, choices, earlier)


def texts(shelf: Shelf, name: str) -> list[str]:
    opened = shelf.opened(list(MECHANISMS[name].identities.values()))
    assert not opened.problems
    return [str(s.values["text"]) for s in opened.of("narrative")]


def first(*choices: Choice) -> Shelf:
    shelf = Shelf()
    writer, composer = begin(*choices)
    composer.narrative("першае", "victim", "be")
    shelf.store(writer, composer, composer.finish())
    return shelf


def choice(name: str, *classes: str) -> Choice:
    return Choice(name, ("un_fact_finding",), ("account", *classes))


def test_a_person_adds_and_the_mechanism_reads_both() -> None:
    shelf = first(choice("iapb"))
    writer, composer = go_on(shelf, choice("iapb"))
    part = composer.narrative("другое", "victim", "be")
    composed = composer.finish()
    shelf.store(writer, composer, composed)
    assert texts(shelf, "iapb") == ["першае", "другое"] and composed.readers == []
    assert [s.entry.id for s in shelf.opened([KEYS.identity]).current("narrative")][-1] == part.entry.id
    assert verify_chain(shelf.revisions).revision == 2


def test_a_person_corrects_and_both_versions_stay() -> None:
    shelf = first(choice("iapb"))
    (old,) = shelf.opened([KEYS.identity]).current("narrative")
    writer, composer = go_on(shelf, choice("iapb"))
    composer.narrative("выпраўленае", "victim", "be", revises=old.entry.id)
    shelf.store(writer, composer, composer.finish())
    opened = shelf.opened([KEYS.identity])
    assert [s.values["text"] for s in opened.current("narrative")] == ["выпраўленае"]
    assert len(opened.of("narrative")) == 2


def test_a_withdrawn_mechanism_cannot_read_what_comes_later_though_it_kept_every_key() -> None:
    shelf = first(choice("iapb"), choice("un"))
    kept = dict(shelf.grants)
    writer, composer = go_on(shelf, choice("un"))
    composer.narrative("пазнейшае", "victim", "be")
    composed = composer.finish()
    shelf.store(writer, composer, composed)
    (withdrawal,) = composed.withdrawals
    assert withdrawal.mechanism == "iapb" and withdrawal.whole
    assert texts(shelf, "un") == ["першае", "пазнейшае"]
    shelf.grants |= kept
    assert texts(shelf, "iapb") == ["першае"]


def test_a_new_mechanism_is_granted_everything_of_before() -> None:
    shelf = first(choice("iapb"))
    writer, composer = go_on(shelf, choice("iapb"), choice("osce"))
    composed = composer.finish()
    shelf.store(writer, composer, composed)
    assert texts(shelf, "osce") == ["першае"] and composed.withdrawals == []
    assert {c.mechanism for c in composed.consent} == {"iapb", "osce"}


def test_what_one_mechanism_is_told_about_itself_the_other_cannot_read() -> None:
    shelf = first(choice("iapb"), choice("un"))
    for name in ("iapb", "un"):
        opened = shelf.opened(list(MECHANISMS[name].identities.values()))
        assert [s.values["mechanism"] for s in opened.of("consent")] == [name]


def test_a_mechanism_gets_the_identity_only_with_its_own_consent() -> None:
    shelf = Shelf()
    writer, composer = begin(choice("iapb"), choice("un", "identity"))
    composer.narrative("тэкст", "victim", "be")
    composer.writer.compartment("identity")
    part: SealedPart = writer.structured(
        "section", writer.compartment("identity"), {"section": "person", "schema": 1}
    )
    composer.parts.append(part)
    shelf.store(writer, composer, composer.finish())
    assert not shelf.opened(list(MECHANISMS["iapb"].identities.values())).of("section")
    assert shelf.opened(list(MECHANISMS["un"].identities.values())).of("section")


def test_a_class_taken_back_is_a_partial_withdrawal() -> None:
    shelf = Shelf()
    writer, composer = begin(choice("un", "triage"))
    composer.narrative("тэкст", "victim", "be")
    composer.triage("victim", "be", 0, {})
    shelf.store(writer, composer, composer.finish())
    writer, composer = go_on(shelf, choice("un"))
    composed = composer.finish()
    (withdrawal,) = composed.withdrawals
    assert not withdrawal.whole and len(withdrawal.compartments) == 1
    shelf.store(writer, composer, composed)
    assert not shelf.opened(list(MECHANISMS["un"].identities.values())).of("triage")


def test_a_receipt_that_opens_nothing_any_more_still_adds_for_those_who_may_read() -> None:
    shelf = first(choice("iapb"))
    own = KEYS.identity.recipient.fingerprint
    shelf.grants = {k: v for k, v in shelf.grants.items() if k[1] != own}
    writer, composer = go_on(shelf, *_held(shelf))
    composer.narrative("яшчэ", "victim", "be")
    composed = composer.finish()
    assert composed.withdrawals == []
    shelf.store(writer, composer, composed)
    assert texts(shelf, "iapb") == ["першае", "яшчэ"]
    assert not any(recipient == own for _, recipient in shelf.grants)


def _held(shelf: Shelf) -> list[Choice]:
    return list(Earlier(shelf.opened([KEYS.identity]), {}).choices().values())


def test_nobody_but_the_receipt_signs_the_next_revision() -> None:
    shelf = first(choice("iapb"))
    other = Receipt.from_random(secrets.token_bytes(RANDOM_BYTES)).keys()
    with pytest.raises(VerifyError):
        RecordWriter.continuing(
            other, secrets.token_bytes, shelf.revisions, shelf.opened([KEYS.identity]).reader
        )


def test_a_choice_is_refused_that_the_mechanism_does_not_offer() -> None:
    limited = {"iapb": replace(Profile.plain("iapb"), contact=False)}
    for bad, code in (
        (Choice("iapb", ()), "purpose_missing"),
        (Choice("nobody", ("archive",)), "mechanism_unknown"),
        (Choice("iapb", ("archive",), conditions=("ask_first",)), "consent_not_offered"),
        (Choice("iapb", ("archive",), ("triage",)), "consent_not_offered"),
        (Choice("iapb", ("archive",), contact="here"), "consent_not_offered"),
        (Choice("iapb", ("archive",), expires="2020-01-01"), "consent_expired"),
    ):
        with pytest.raises(ConsentError) as caught:
            Composer(RecordWriter(KEYS, secrets.token_bytes), KNOWN, limited, TEXT, DAY, (bad,))
        assert caught.value.code == code


def test_no_answer_is_not_sealed_as_a_refusal_and_allows_as_little() -> None:
    silent = Choice("un", ("archive",))
    shelf = first(silent)
    (said,) = shelf.opened([KEYS.identity]).of("consent")
    assert not {"contact", "identity"} & said.values.keys()
    assert shelf.opened([KEYS.identity]).choices()["un"][0] == silent
    refused = replace(silent, identity="closed", contact="never")
    assert _narrower(silent, refused) and _narrower(refused, silent)
    wider = [replace(silent, identity="mechanism")]
    wider += [replace(silent, contact=contact) for contact in ("here", "safe_channel")]
    for allowed in wider:
        assert _narrower(silent, allowed) and not _narrower(allowed, silent) and allowed != silent


def test_choices_survive_sealing() -> None:
    whole = Choice("un", ("archive",), ("account", "identity"), "2030-01-01", True, "court", "never")
    shelf = first(whole)
    assert shelf.opened([KEYS.identity]).choices()["un"][0] == whole
