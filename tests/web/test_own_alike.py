"""Coming back, twice: the browser goes on with a record, and reads what belongs to it, as the Python client does."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import log_leaf
from crypto.encoding import b64u_encode, canonical_json, parse_json
from crypto.log_leaf import LogLeaf, Opening
from crypto.record_writer import RecordWriter
from crypto.withdrawal import sign_withdrawal
from intake.client.accesses import check_accesses
from intake.client.own import _join, section_of
from intake.http import reading
from intake.record.compose import Composer, Earlier
from intake.record.consent import Choice, ConsentError
from intake.record.opened import correspondence, ever_granted
from intake.record.questions import parse_questions
from intake.record.sections import from_fields, to_fields
from tests.record.test_compose import DAY, KEYS, KNOWN, RECEIPT, TEXT, Shelf
from tests.vectors.generate import Stream
from tests.web.test_forms_alike import QUESTIONS
from tests.web.twin import Twin, b64

OFFERED = canonical_json({"mechanisms": [parse_json(b.raw) for b in KNOWN.values()], "profiles": {}})
CHOICES = st.builds(
    Choice,
    st.sampled_from(sorted(KNOWN)),
    st.sampled_from([("archive",), ("un_fact_finding", "archive")]),
    st.sampled_from([("account",), ("account", "triage"), ("account", "identity"), ("account", "sensitive")]),
    st.sampled_from([None, "2026-11-24", "2026-12-24", "2030-01-01"]),
    st.booleans(),
    st.sampled_from(["closed", "court"]),
)
STEPS = st.lists(
    st.tuples(
        st.lists(CHOICES, max_size=3, unique_by=lambda choice: choice.mechanism),
        st.sampled_from(["", "яшчэ"]),
        st.sets(st.sampled_from(sorted(KNOWN)), max_size=1),
    ),
    min_size=1,
    max_size=3,
)


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin() as running:
        yield running


def plain(choice: Choice) -> dict[str, Any]:
    names = "mechanism purposes classes expires successor identity contact conditions states answers"
    return {name: getattr(choice, name) for name in names.split()}


def sent(shelf: Shelf, gone: set[str]) -> dict[str, Any]:
    own = KEYS.identity.recipient.fingerprint
    return {
        "receipt": " ".join(RECEIPT.digits()),
        "revisions": [[b64(data), b64(signature)] for data, signature in shelf.revisions],
        "grants": [[c, b64(file)] for (c, who), file in shelf.grants.items() if who == own],
        "files": {part: b64(file) for part, file in shelf.files.items()},
        "gone": sorted(gone),
    }


@settings(max_examples=12, deadline=None)
@given(STEPS)
def test_the_next_revision_is_the_same_to_the_byte(
    twin: Twin, steps: list[tuple[list[Choice], str, set[str]]]
) -> None:
    shelf = Shelf()
    writer = RecordWriter(KEYS, Stream("first"))
    first = Composer(writer, KNOWN, {}, TEXT, DAY, [Choice("iapb", ("archive",), ("account", "identity"))])
    first.narrative("першае", "victim", "be")
    first.triage("victim", "be", 0, {})
    shelf.store(writer, first, first.finish())
    for number, (choices, text, gone) in enumerate(steps):
        opened = shelf.opened([KEYS.identity])
        signed = opened.reader.statement
        earlier = Earlier(opened, ever_granted(shelf.revisions), frozenset(gone))
        held = twin.ask("held", **sent(shelf, gone), mechanisms=sorted(KNOWN))
        assert held["choices"] == {name: _json(plain(c)) for name, c in earlier.choices().items()}
        assert held["current"] == [said.entry.id for said in opened.current("narrative")]
        places = [correspondence(signed, name) for name in sorted(KNOWN)]
        assert held["letters"] == [place.id if place else None for place in places]

        asked = twin.ask(
            "revise",
            **sent(shelf, gone),
            seed=f"step {number}",
            mechanisms=OFFERED.decode(),
            text={"version": TEXT.version, "language": "be", "sha256": TEXT.sha256, "text": TEXT.text},
            today=DAY,
            choices=[plain(choice) for choice in choices],
            texts=[text] if text else [],
        )
        writer = RecordWriter.continuing(KEYS, Stream(f"step {number}"), shelf.revisions, opened.reader)
        try:
            composer = Composer(writer, KNOWN, {}, TEXT, DAY, choices, earlier)
            if text:
                composer.narrative(text, "victim", "be")
            composed = composer.finish()
        except ConsentError as error:
            assert asked == {"refused": error.code}
            return
        shelf.store(writer, composer, composed)
        assert asked["statement"] == shelf.revisions[-1][0].decode()
        assert asked["withdrawals"] == [
            sign_withdrawal(w, KEYS.signing).decode() for w in composed.withdrawals
        ]
        assert asked["readers"] == [[c, reader.fingerprint] for c, reader in composed.readers]
        assert asked["left_out"] == sorted(composed.left_out)


def _json(value: dict[str, Any]) -> Any:
    return parse_json(canonical_json({name: _listed(v) for name, v in value.items()}))


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


KEY, RECORD, SHARE = b"k" * 32, "ab" * 32, b"s" * 32
BENDS = st.sampled_from(["", "drop", "twice", "leaf", "counter", "mechanism", "opening", "blank", "record"])


def access(counter: int, record: str = RECORD) -> dict[str, Any]:
    fields = {"event": "record.opened", "mechanism": "demo", "day": "2026-11-05", "record": record}
    opening = Opening.salted(fields, Stream(f"access {counter}"))
    leaf = LogLeaf(log_leaf.tag(KEY, counter), opening.commitment())
    return {
        "mechanism": "demo", "log": "access", "index": counter, "counter": counter,
        "leaf": b64u_encode(leaf.encode()), "opening": opening.encode().decode(),
    }  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(0, 4), BENDS, st.integers(0, 1))
def test_both_believe_the_same_accesses(twin: Twin, length: int, place: int, bend: str, delayed: int) -> None:
    listed = [access(n) for n in range(length)]
    bent = listed[place % length]
    other = access(9, "cd" * 32 if bend == "record" else RECORD)
    if bend == "drop":
        listed.remove(bent)
    elif bend == "twice":
        listed.append(dict(bent))
    elif bend == "blank":
        bent["opening"] = Opening.parse(bent["opening"].encode()).disclose(["event"]).encode().decode()
    elif bend == "record":
        listed.append(other | {"counter": 9})
    elif bend:
        bent[bend] = {"mechanism": "other", "counter": 7}.get(bend, other.get(bend))
    answer = {"accesses": listed, "share": SHARE.hex(), "delayed": delayed, "delayed_until": []}
    ours = check_accesses(answer, RECORD, SHARE, KEY)
    theirs = twin.ask(
        "accesses", answer=canonical_json(answer).decode(), record=RECORD, share=SHARE.hex(), key=KEY.hex()
    )
    assert [shown[0] for shown in theirs["shown"]] == [counter for counter, _ in ours.shown]
    assert theirs["problems"] == len(ours.problems)


ITEMS = st.lists(
    st.dictionaries(st.sampled_from(["date", "place", "a/b"]), st.text(max_size=3), max_size=2), max_size=3
)


@settings(max_examples=25, deadline=None)
@given(ITEMS, st.booleans(), st.sampled_from(["", "items", "0/date"]))
def test_both_read_the_same_answers_from_a_section(
    twin: Twin, items: list[dict[str, str]], single: bool, dropped: str
) -> None:
    value: Any = (items or [{}])[0] if single else items
    fields = {name: v for name, v in to_fields("events", value).items() if name != dropped}
    try:
        found = from_fields(fields)[1]
        wanted: Any = found if isinstance(found, list) else [found]
    except ValueError:
        wanted = None
    assert twin.ask("items", values=fields) == wanted


def test_both_count_the_same_answers_after_a_correction(twin: Twin) -> None:
    shelf = Shelf()
    writer = RecordWriter(KEYS, Stream("answers"))
    first = Composer(writer, KNOWN, {}, TEXT, DAY, [Choice("iapb", ("archive",), ("account",))])
    events = [first.section("events", [{"place": place}]) for place in ("Мінск", "Брэст")]
    first.section("gates", {"insider": True})
    shelf.store(writer, first, first.finish())
    said: dict[str, Any] = {}
    for part in shelf.opened([KEYS.identity]).current("section"):
        if part.entry.id != events[0].entry.id:
            _join(said, *section_of(part))
    _join(said, "events", [{}])
    asked = {"asked": {"id": "events"}, "value": [{}], "revises": events[0].entry.id}
    assert twin.ask("joined", **sent(shelf, set()), answered=[asked]) == said
    assert said == {"events": [{"place": "Брэст"}, {}], "gates": {"insider": True}}


def test_both_show_answers_in_the_same_fields_of_a_form(twin: Twin) -> None:
    answers = {
        "line": "радок", "text": "тэкст", "date": "2020-08~/2021", "yes_no": False, "number": 7, "country": "BY",
        "language": {"unsaid": "unknown"}, "needed": {"unsaid": "declined"}, "many": ["beating"],
    }  # fmt: skip
    wanted = reading.typed(parse_questions(QUESTIONS), answers, "own:demo:")
    assert twin.ask("typed", questions=QUESTIONS, answers=answers, prefix="own:demo:") == wanted
