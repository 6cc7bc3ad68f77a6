"""Log leaves: any part of one can be shown and checked, nothing can be shown two ways."""

import hashlib
import hmac
import json
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import commitments, log_leaf
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.log_leaf import LogLeaf, Opening
from tests.crypto.logs import flips
from tests.vectors.generate import Stream

KEY = b"k" * 32
VALUES = {
    "time": "2026-11-23T14:00Z",
    "actor": "member-7",
    "action": "record.read",
    "record": "ab" * 32,
    "count": 3,
    "refused": False,
    "purpose": None,
}


def opened() -> tuple[LogLeaf, Opening]:
    opening = Opening.salted(VALUES, Stream("opening"))
    return LogLeaf(log_leaf.tag(KEY, 0), opening.commitment()), opening


def test_leaf_is_65_bytes_and_comes_back() -> None:
    leaf, _ = opened()
    data = leaf.encode()
    assert len(data) == log_leaf.SIZE == 65 and data[0] == 1
    assert data[1:33] == leaf.tag and data[33:] == leaf.commitment
    assert LogLeaf.parse(data) == leaf
    for bad in (b"", data[:-1], data + b"\0", b"\0" + data[1:], b"\x02" + data[1:]):
        with pytest.raises(FormatError):
            LogLeaf.parse(bad)
    for tag, commitment in ((b"", bytes(32)), (bytes(32), bytes(31))):
        with pytest.raises(FormatError):
            LogLeaf(tag, commitment)


def test_submitter_finds_their_own_leaves_by_their_tags() -> None:
    leaf, _ = opened()
    assert log_leaf.tag(KEY, 7) == hmac.digest(KEY, b"tag" + (7).to_bytes(8, "big"), "sha256")
    log_leaf.verify_tag(leaf, KEY, 0)
    for key, counter in ((KEY, 1), (b"x" * 32, 0)):
        with pytest.raises(VerifyError):
            log_leaf.verify_tag(leaf, key, counter)
    for key, counter in ((KEY, -1), (KEY, 2**63), (b"short", 0)):
        with pytest.raises(FormatError):
            log_leaf.tag(key, counter)


def test_commitment_is_that_of_the_specification() -> None:
    """Rebuilt here from docs/wire.md."""
    _, opening = opened()
    names = sorted(VALUES)
    leaves = [
        hashlib.sha256(
            b"intake/field/v1\0"
            + opening.fields[n][0]
            + json.dumps([n, VALUES[n]], separators=(",", ":")).encode()
        ).digest()
        for n in names
    ]
    hashed = hashlib.sha256(
        b"intake/log-names/v1\0" + json.dumps(names, separators=(",", ":")).encode()
    ).digest()
    assert (
        opening.commitment()
        == hashlib.sha256(b"intake/log-commitment/v1\0" + hashed + b"".join(leaves)).digest()
    )


def test_any_part_of_an_opening_can_be_shown_and_checked() -> None:
    leaf, opening = opened()
    for count in range(len(VALUES) + 1):
        for names in combinations(VALUES, count):
            shown = opening.disclose(names)
            assert shown.values == {n: VALUES[n] for n in names}
            assert set(shown.hidden) == set(VALUES) - set(names)
            read = Opening.parse(shown.encode())
            assert read == shown
            log_leaf.verify_opening(leaf, read)
    part = opening.disclose(["time", "action"])
    log_leaf.verify_opening(leaf, part.disclose(["time"]))
    for name in ("actor", "nothing"):
        with pytest.raises(FormatError):
            part.disclose([name])


def test_what_is_hidden_cannot_be_read_from_what_is_shown() -> None:
    _, opening = opened()
    shown = opening.disclose(["time"]).encode()
    assert b"member-7" not in shown and "member-7" not in repr(opening)
    salts = [salt for salt, _ in opening.fields.values()]
    assert len(set(salts)) == len(VALUES)  # each with a salt of its own


def test_altered_opening_does_not_open_the_leaf() -> None:
    leaf, opening = opened()
    shown = opening.disclose(["time", "actor", "count", "refused"])
    altered = [
        Opening({**shown.fields, "actor": (shown.fields["actor"][0], "member-8")}, shown.hidden),
        Opening({**shown.fields, "actor": (bytes(16), "member-7")}, shown.hidden),
        Opening({**shown.fields, "count": (shown.fields["count"][0], "3")}, shown.hidden),
        Opening({**shown.fields, "refused": (shown.fields["refused"][0], 0)}, shown.hidden),
        Opening(shown.fields, {n: h for n, h in shown.hidden.items() if n != "purpose"}),
        Opening(shown.fields, {**shown.hidden, "purpose": bytes(32)}),
        Opening(shown.fields, {**shown.hidden, "more": bytes(32)}),
        Opening({n: f for n, f in shown.fields.items() if n != "count"}, shown.hidden),
        Opening({("actress" if n == "actor" else n): f for n, f in shown.fields.items()}, shown.hidden),
        Opening(shown.fields, {("porpoise" if n == "purpose" else n): h for n, h in shown.hidden.items()}),
    ]
    for bad in altered:
        with pytest.raises(VerifyError):
            log_leaf.verify_opening(leaf, bad)
    for data in flips(shown.encode(), 1500, 4):
        with pytest.raises(CryptoError):
            log_leaf.verify_opening(leaf, Opening.parse(data))


def test_server_cannot_commit_to_two_values_of_one_name() -> None:
    """Under the commitment of structured parts it could: that one does not say which leaf is whose."""
    one, two = (bytes(16), "member-7"), (bytes(16), "member-8")
    hash_one, hash_two = (commitments.leaf(salt, "actor", value) for salt, value in (one, two))
    sorted_by_hash = {
        commitments.commitment(bytes(16), pair) for pair in ((hash_one, hash_two), (hash_two, hash_one))
    }
    assert len(sorted_by_hash) == 1

    to_alice = Opening({"actor": one}, {"zone": hash_two})
    to_bob = [
        Opening({"actor": two}, {"zone": hash_one}),
        Opening({"actor": two}, {"action": hash_one}),
        Opening({"actor": two}, {"aa": hash_one}),
    ]
    leaf = LogLeaf(bytes(32), to_alice.commitment())
    for opening in to_bob:
        with pytest.raises(VerifyError):
            log_leaf.verify_opening(leaf, opening)


def test_padding_looks_like_a_leaf_and_says_what_it_is_when_opened() -> None:
    leaf, opening = log_leaf.padding(Stream("padding"))
    assert (leaf, opening) == log_leaf.padding(Stream("padding"))
    assert leaf != log_leaf.padding(Stream("other"))[0]
    assert len(leaf.encode()) == 65
    assert opening.padding and opening.values == {"padding": True}
    log_leaf.verify_opening(leaf, Opening.parse(opening.encode()))
    real, real_opening = opened()
    assert not real_opening.padding
    with pytest.raises(VerifyError):
        log_leaf.verify_opening(real, opening)


def test_nothing_else_can_be_opened_as_padding() -> None:
    field = (bytes(16), True)
    for fields, hidden in (
        ({"padding": field, "record": field}, {}),
        ({"padding": field}, {"record": bytes(32)}),
        ({"record": field}, {"padding": bytes(32)}),
        ({}, {"padding": bytes(32)}),
        ({"padding": (bytes(16), False)}, {}),
        ({"padding": (bytes(16), 1)}, {}),
        ({"padding": (bytes(16), "true")}, {}),
    ):
        with pytest.raises(FormatError):
            Opening(fields, hidden)
    with pytest.raises(FormatError):
        Opening.parse(b'{"fields":{"padding":["AAAAAAAAAAAAAAAAAAAAAA",1]},"hidden":{},"v":1}')
    with pytest.raises(FormatError):
        log_leaf.padding(Stream("padding"))[1].disclose([])


SALT = "AAAAAAAAAAAAAAAAAAAAAA"
GOOD = '{"fields":{"a":["' + SALT + '","x"]},"hidden":{"b":"' + "00" * 32 + '"},"v":1}'


def test_opening_of_another_form_is_refused() -> None:
    assert Opening.parse(GOOD.encode()).encode().decode() == GOOD
    for old, new in (
        ('"v":1', '"v":2'),
        ('"v":1', '"v":true'),
        ('"v":1', '"v":1,"w":1'),
        (',"v":1', ""),
        ('"v":1', '"v": 1'),
        ('"v":1}', '"v":1}\0'),
        ('"v":1}', '"v":1}\n'),
        ('"b"', '"a"'),
        ('"b"', '"B"'),
        ('"b"', '""'),
        ('"b"', '"' + "b" * 33 + '"'),
        ('"b"', '"b\u0301"'),
        ("00" * 32, "00" * 31),
        ("00" * 32, "0A" * 32),
        (SALT, SALT[:-2]),
        (SALT, SALT[:-1] + "B"),
        (SALT, SALT + "=="),
        ('"x"', '"x","y"'),
        (',"x"', ""),
        ('"x"', "1.5"),
        ('"x"', str(2**53)),
        ('"x"', '"\\u0078"'),
        ('"x"', '"\\ud800"'),
        ('["' + SALT + '","x"]', '"x"'),
        ('{"a":["' + SALT + '","x"]}', "[]"),
        ('{"a":["' + SALT + '","x"]}', "{}},"),
        ('"x"', '"' + "x" * log_leaf.MAX_BYTES + '"'),
    ):
        assert GOOD.replace(old, new) != GOOD
        with pytest.raises(FormatError):
            Opening.parse(GOOD.replace(old, new).encode())
    for data in (b"", b"{}", b"[]", b"1", b"\xff", b'{"fields":{},"hidden":{},"v":1}'):
        with pytest.raises(FormatError):
            Opening.parse(data)


def test_impossible_opening_is_not_made() -> None:
    field = (bytes(16), "x")
    for fields, hidden in (
        ({}, {}),
        ({"a": field}, {"a": bytes(32)}),
        ({"A": field}, {}),
        ({"a": (bytes(15), "x")}, {}),
        ({"a": field}, {"b": bytes(31)}),
        ({f"a{i}": field for i in range(65)}, {}),
    ):
        with pytest.raises(FormatError):
            Opening(fields, hidden)
    with pytest.raises(FormatError):
        Opening({"a": (bytes(16), 0.5)}).commitment()
    with pytest.raises(FormatError):
        Opening({"a": (bytes(16), "x" * log_leaf.MAX_BYTES)}).encode()


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True), values, min_size=1, max_size=8),
    st.data(),
)
def test_any_opening_comes_back_and_any_part_of_it_opens_the_leaf(
    fields: dict[str, object], data: st.DataObject
) -> None:
    fields.pop("padding", None)
    if not fields:
        return
    opening = Opening.salted(fields, Stream("any"))
    leaf = LogLeaf(bytes(32), opening.commitment())
    shown = opening.disclose(data.draw(st.sets(st.sampled_from(sorted(fields)))))
    assert Opening.parse(shown.encode()).encode() == shown.encode()
    log_leaf.verify_opening(leaf, Opening.parse(shown.encode()))
