"""Makes refusals-v1.json: inputs, most of them malformed, and what each is answered with.

    python -m tests.vectors.generate_refusals

`error` is the class that is raised (`crypto/errors.py`), or null where the input is accepted. Bytes are
base64url; `statement` and `bundle` cases are the base with `changes` (and without `drop`), signed anew.
"""

import json
from collections.abc import Iterator
from typing import Any

from crypto import age_header, bundles, commitments, encoding, oprf, primitives, sealing, statement
from crypto.age_header import Stanza
from crypto.age_keys import Identity, Recipient
from crypto.age_stream import CHUNK, SEALED_CHUNK
from crypto.encoding import b64_encode, b64u_encode, canonical_json
from crypto.primitives import SigningKey
from crypto.receipt import MistypedReceipt, Receipt
from crypto.statement import parse
from tests.vectors import generate
from tests.vectors.generate import HERE, Stream, text
from tests.vectors.outcomes import Case, case
from tests.vectors.refusals_of_logs import log

FILE = HERE / "refusals-v1.json"
KEY, NONCE = bytes(range(16)), bytes(range(16, 32))
READER = Identity(Stream("reader")(32))
ROOT = SigningKey(Stream("root")(32))
SIGNER = Receipt.from_random(Stream("receipt one")(32)).keys().signing


def base64s() -> Iterator[Case]:
    for given in (
        "",
        "YQ",
        "YWI",
        "-_8",
        "+/8",
        "YQ==",
        "YR",
        "Y",
        "Y Q",
        "YQ\n",
        "Y+Q-",
        "é",
        "====",
        "YQ=",
    ):
        yield case("b64", encoding.b64_decode, given, text=given)
        yield case("b64u", encoding.b64u_decode, given, text=given)
    for given in ("ab" * 16, "AB" * 16, "ab" * 15, "g0" * 16, " " + "ab" * 15 + "a", "０" + "ab" * 15 + "c"):
        yield case("hex16", lambda g: encoding.hex_decode(g, 16), given, text=given)


JSON_TEXTS = (
    '{"a":1,"b":[null,true,false,"é\\n\\u0000"]}', '{"b":1,"a":2}', '{"a": 1}', '{"a":1,"a":1}', "1.0", "1e3",
    "-0", "01", "-", "+1", ".5", "1.", '"\\u0041"', "NaN", "Infinity", "[1,]", "[,1]", '{"a":1,}', "{a:1}",
    "'a'", '"\\ud800"', '"\\ud83d\\ude00"', '"😀"', '"\\x"', '"a', '"\t"', "[" * 5_000, "[" * 64 + "]" * 64,
    "[" * 64 + "1" + "]" * 64, "[" * 63 + "1" + "]" * 63, "9007199254740991", "9007199254740993", "-9007199254740992",
    "", " ", "1 ", "\ufeff1", "nul", "nulll", "true1", "[1 2]", '{"a" 1}', "[]]", '{"__proto__":{"a":1}}',
    '{"😀":1,"\ufb33":2}', '{"\ufb33":2,"😀":1}', '"\\/"', '"/"', '"\u2028\u007f"', '"\\u007f"', '{"1":1,"0":2}',
    '{"0":2,"1":1}', '{"":0}', "\u00a01", "[1,\u20282]", '{"10":1,"9":2}',
)  # fmt: skip


def jsons() -> Iterator[Case]:
    for given in JSON_TEXTS:
        yield case("canonical", encoding.parse_canonical_json, given.encode(), text=given)
        yield case("json", lambda g: canonical_json(encoding.parse_json(g)), given.encode(), text=given)
    for data in (b'"\xff"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b"\xef\xbb\xbf1", b'"\xf4\x90\x80\x80"'):
        yield case("canonical-bytes", encoding.parse_canonical_json, data, data=b64u_encode(data))


def keys() -> Iterator[Case]:
    good, secret = READER.recipient.text, READER.text
    swapped = READER.recipient.public
    for given in (
        good, good.upper(), good[:-1] + good[-1].upper(), good.replace("age1pq1", "age1"), "", "1", "age1pq1",
        good[:-1], good + "q", " " + good, good[:40] + ("q" if good[40] != "q" else "p") + good[41:],
        encoding.bech32_encode("age1pq", swapped[:-1]), encoding.bech32_encode("age1pq", swapped + b"\0"),
        encoding.bech32_encode("age1pq", b"\xff" * 1216), encoding.bech32_encode("age1pq", bytes(1216)),
        encoding.bech32_encode("age1pq", (3328).to_bytes(2, "little") + bytes(1214)),
        encoding.bech32_encode("age1pq", (3329).to_bytes(2, "little") + bytes(1214)),
        encoding.bech32_encode("age1pq", bytes([0, 0x00, 0xD0]) + bytes(1213)),
        encoding.bech32_encode("age1pq", bytes([0, 0x10, 0xD0]) + bytes(1213)), secret,
    ):  # fmt: skip
        yield case("recipient", Recipient.parse, given, text=given)
    for given in (
        secret,
        secret.lower(),
        secret[:-1],
        good,
        encoding.bech32_encode("age-secret-key-pq-", b"1"),
    ):
        yield case("identity", Identity.parse, given, text=given)
    for public in (b"\xff" * 1216, swapped[:1184] + bytes(32), swapped[:-1], swapped):
        yield case("wrap", lambda p: sealing.wrap(KEY, Recipient(p)), public, public=b64u_encode(public))


HEAD, MAC, BODY = "age-encryption.org/v1", "--- " + b64_encode(bytes(32)), "A" * 43


def lines(*rows: str) -> bytes:
    return ("\n".join(rows) + "\n").encode("latin-1")


HEADERS = (
    b"", b"age-encryption.org/v1", lines("age-encryption.org/v2", "-> X a", BODY, MAC), lines(HEAD, MAC),
    lines(HEAD, "->", BODY, MAC), lines(HEAD, "-> ", BODY, MAC), lines(HEAD, "-> X  a", BODY, MAC),
    lines(HEAD, "-> X a ", BODY, MAC), lines(HEAD, "-> X \x7f", BODY, MAC), lines(HEAD, "-> X \xe9", BODY, MAC),
    lines(HEAD, "->X a", BODY, MAC), lines(HEAD, "-> X a", BODY + "=", MAC), lines(HEAD, "-> X a", "B" * 65, "", MAC),
    lines(HEAD, "-> X a", "A" * 64, MAC), lines(HEAD, "-> X a", "A" * 64, "", MAC),
    lines(HEAD, "-> X a", BODY[:-1] + "B", MAC), lines(HEAD, "-> X a", BODY, "---"), lines(HEAD, "-> X a", BODY, "--- "),
    lines(HEAD, "-> X a", BODY, MAC + "="), lines(HEAD, "-> X a", BODY, MAC[:-1]),
    lines(HEAD, "-> X a", BODY, "---" + MAC[4:]), lines(HEAD, "-> X a", BODY, MAC).replace(b"\n", b"\r\n"),
    lines(HEAD, "-> X a", BODY, MAC)[:-1], lines(HEAD, "-> X " + "a" * 70_000, BODY, MAC),
    lines(HEAD, *["-> X a", BODY] * 20, MAC), lines(HEAD, *["-> X a", BODY] * 21, MAC),
    b"\n" + lines(HEAD, "-> X a", BODY, MAC), lines(HEAD, "-> X a", "", MAC), lines(HEAD, "-> X", BODY, MAC) + b"more",
)  # fmt: skip


def headers() -> Iterator[Case]:
    for data in HEADERS:
        yield case("header", age_header.parse, data, data=b64u_encode(data))
    share = Stream("enc")(1120)
    kind = age_header.STANZA_TYPE
    good = Stanza(kind, (b64_encode(share),), bytes(32))
    for stanzas in (
        (good,), (good, good), (Stanza("X25519", (b64_encode(bytes(32)),), bytes(32)),),
        (good, Stanza("X25519", (b64_encode(bytes(32)),), bytes(32))), (Stanza(kind, (), bytes(32)),),
        (Stanza(kind, (*good.arguments, "x"), bytes(32)),), (Stanza(kind, good.arguments, bytes(33)),),
        (Stanza(kind, (b64_encode(share[1:]),), bytes(32)),), (Stanza(kind, (b64_encode(bytes(1120)),), bytes(32)),),
        (Stanza(kind, (b64_encode(share[:1088] + b"\1" + bytes(31)),), bytes(32)),),
        (Stanza(kind, (b64_encode(share[:1088] + bytes([0xEC, *[255] * 30, 127])),), bytes(32)),),
        (Stanza(kind, (b64_encode(share[:1088] + bytes([0xED, *[255] * 31])),), bytes(32)),),
    ):  # fmt: skip
        header = age_header.parse(age_header.encode(stanzas, KEY))
        raw = b64u_encode(header.raw)
        yield case("post-quantum", age_header.require_post_quantum, header, data=raw)
        yield case("unwrap", lambda h: sealing.unwrap(h, [READER]), header, data=raw, identity=READER.text)


def payloads() -> Iterator[Case]:
    plain = generate.pattern(2 * CHUNK + 500)
    whole = sealing.seal_payload(plain, KEY, NONCE)
    c = [whole[16 + i * SEALED_CHUNK : 16 + (i + 1) * SEALED_CHUNK] for i in range(3)]
    n = whole[:16]
    for name, order in (
        ("whole", n + c[0] + c[1] + c[2]), ("a byte short", whole[:-1]), ("a byte more", whole + b"\0"),
        ("first chunk only", n + c[0]), ("two chunks", n + c[0] + c[1]), ("nonce only", n), ("less than a nonce", n[:-1]),
        ("empty", b""), ("last chunk twice", whole + c[2]), ("swapped", n + c[1] + c[0] + c[2]),
        ("repeated", n + c[0] + c[0] + c[2]), ("turned round", n + c[2] + c[1] + c[0]), ("last only", n + c[2]),
        ("one dropped", n + c[0] + c[2]), ("another nonce", bytes(16) + whole[16:]),
        ("empty last after others", n + c[0] + sealing.seal_payload(b"", KEY, NONCE)[16:]),
    ):  # fmt: skip
        # Too long to list: its payload of 0, 1, … 250, 0, 1, … is put together by these names.
        yield case("payload", lambda o: sealing.open_payload(o, KEY), order, name=name)


BUNDLE = json.loads(generate.bundle())
BASE = encoding.parse_json(generate.signed_statement()["statement"].encode())
ENTRY, AUDIENCE, CONSENT, PART = (BASE[n][0] for n in ("compartments", "audience", "consent", "parts"))
CHANGES: tuple[dict[str, Any], ...] = (
    {}, {"v": 2}, {"v": "1"}, {"record": "00" * 32}, {"record": "AB" * 32}, {"share": "AA"}, {"revision": 0},
    {"revision": 2}, {"revision": 2, "previous": "00" * 32}, {"revision": True}, {"revision": 2**31}, {"previous": "00" * 32},
    {"created_day": "2026-13-01"}, {"created_day": "23.11.2026"}, {"created_day": "2026-11-23\n"}, {"sealed_by": "nobody"},
    {"unknown": 1}, {"compartments": []}, {"compartments": [ENTRY] * 2}, {"compartments": [ENTRY | {"class": "secret"}]},
    {"compartments": [ENTRY | {"recipient": ENTRY["recipient"].upper()}]}, {"compartments": [ENTRY, ENTRY | {"id": "00" * 16}]},
    {"audience": []}, {"audience": [AUDIENCE] * 2}, {"audience": [AUDIENCE | {"mechanism": "Demo"}]},
    {"audience": [AUDIENCE | {"mechanism": "demo\n"}]}, {"audience": [AUDIENCE | {"compartment": "00" * 16}]}, {"consent": []},
    {"consent": [CONSENT] * 2}, {"consent": [CONSENT | {"purposes": []}]}, {"consent": [CONSENT | {"purposes": ["archive"] * 2}]},
    {"consent": [CONSENT | {"purposes": ["fun"]}]}, {"consent": [CONSENT | {"successor": 1}]}, {"consent": [CONSENT | {"more": 1}]},
    {"consent": [CONSENT | {"expires": "2027-02-30"}]}, {"consent": [CONSENT | {"expires": "2027-02-32"}]},
    {"parts": [PART] * 2}, {"parts": [PART | {"kind": "virus"}]}, {"parts": [PART | {"compartment": "00" * 16}]}, {"parts": {}},
    {"parts": None}, {"keys": BASE["keys"] | {"sign": BASE["share"]}}, {"client": {"name": "a b", "version": "1", "assets": None}},
    {"client": {"name": "a", "version": "1", "assets": "00" * 32}}, {"client": {"name": "a", "version": "1"}},
)  # fmt: skip


def statements() -> Iterator[Case]:
    for changes, drop in [(c, None) for c in CHANGES] + [({}, name) for name in sorted(BASE)]:
        value = {n: v for n, v in (BASE | changes).items() if n != drop}
        data = canonical_json(value)
        signature = statement.sign(data, SIGNER)
        yield case(
            "statement",
            statement.verify,
            data,
            signature,
            changes=changes,
            drop=drop,
            signature=b64u_encode(signature),
        )
    data = canonical_json(BASE)
    assert parse(data)
    for signature in (bytes(64), statement.sign(data, ROOT), statement.sign(data, SIGNER)[:-1]):
        yield case(
            "statement",
            lambda s: statement.verify(data, s),
            signature,
            changes={},
            drop=None,
            signature=b64u_encode(signature),
        )


def bundle_cases() -> Iterator[Case]:
    base = encoding.parse_json(generate.bundle().encode())
    key = base["keys"][0]
    changes: dict[str, Any]
    for changes in (
        {}, {"v": 2}, {"mechanism": "other"}, {"names": {"be": "Дэма"}}, {"names": {"en": ""}}, {"names": {"en": "a\u2028b"}},
        {"names": {"en": "x" * 201}}, {"names": {"en": "😀" * 200}}, {"names": {"en": "a\u00a0b"}}, {"names": {"en": 1}},
        {"keys": []}, {"keys": [key] * 2}, {"keys": [key | {"epoch": 2}]}, {"keys": [key | {"expires": "2099-01-01"}]},
        {"keys": [key | {"class": "secret"}]}, {"more": 1}, {"root": "AA"}, {"root": b64u_encode(bytes(32))},
    ):  # fmt: skip
        body = {n: v for n, v in (base | changes).items() if n != "signature"}
        signature = b64u_encode(ROOT.sign(b"intake/mechanism-bundle/v1\0" + canonical_json(body)))
        data = canonical_json(body | {"signature": signature})
        yield case("bundle", bundles.verify_bundle, data, changes=changes, signature=signature)


def fields() -> Iterator[Case]:
    salt = b64u_encode(bytes(16))
    value: Any
    for value in (
        {"v": 1, "salt": salt, "fields": {}}, {"v": 1, "salt": salt, "fields": {"a": [salt, {"b": [1, None]}]}},
        {"v": 2, "salt": salt, "fields": {}}, {"v": 1, "salt": "AA", "fields": {}}, {"v": 1, "salt": salt, "fields": []},
        {"v": 1, "salt": salt}, {"v": 1, "salt": salt, "fields": {"a": [salt]}}, {"v": 1, "salt": salt, "fields": {"a": [salt, 1, 2]}},
        {"v": 1, "salt": salt, "fields": {"a": ["", 1]}}, {"v": 1, "salt": salt, "fields": {"a": "b"}}, [], 1,
    ):  # fmt: skip
        given = canonical_json(value).decode()
        yield case("fields", commitments.Fields.parse, given.encode() + bytes(9), text=given)


def elements() -> Iterator[Case]:
    blinded = oprf.blind_with(b"message", 7)
    for element in (
        blinded.element, b"", bytes(33), b"\0", b"\x02" + b"\xff" * 32, b"\x04" + b"\1" * 32, b"\x02" + b"\1" * 31,
        b"\x02" + bytes(31) + b"\5", b"\x03" + bytes(31) + b"\5", b"\x02" + bytes(31) + b"\1", blinded.element + b"\0",
        b"\x02" + (2**256 - 2**224 + 2**192 + 2**96 - 1 + 5).to_bytes(32, "big"),
    ):  # fmt: skip
        yield case(
            "element", lambda e: oprf.finalize(b"message", blinded, e), element, data=b64u_encode(element)
        )


# Points of order 1, 2, 4 and 8 of Curve25519, and other spellings of the first: keys nobody should have.
SMALL = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000080",
)
ORDER = 2**252 + 27742317777372353535851937790883648493


def signatures() -> Iterator[Case]:
    key, message = SIGNER.public, b"message"
    good = SIGNER.sign(message)
    high = good[:32] + (int.from_bytes(good[32:], "little") + ORDER).to_bytes(32, "little")
    tried = [
        (key, good),
        (key, high),
        (key, good[:-1]),
        (key, good + b"\0"),
        (key, bytes(64)),
        (key[:-1], good),
    ]
    tried += [(b"\2" + bytes(31), good), (ROOT.public, good), (b"\xff" * 32, good)]
    tried += [(bytes.fromhex(p), bytes.fromhex(r) + bytes(32)) for p in SMALL for r in SMALL]
    for public, signature in tried:
        yield case(
            "signature",
            primitives.verify_signature, public, signature, message,
            public=public.hex(), signature=signature.hex(), message=message.hex(),
        )  # fmt: skip


def receipts() -> Iterator[Case]:
    receipt = Receipt.from_random(Stream("receipt one")(32))
    digits, words = receipt.digits(), receipt.words("en") or ()
    plain = " ".join(digits)
    for given in (
        plain, "".join(digits), "-".join(digits), ", ".join(words), " ".join(words).upper(), "\u00a0".join(digits),
        " ".join([*digits[:4], *words[4:]]), f"  {plain}\n", "\ufeff" + plain, "", "   ", " ".join(digits[:8]),
        f"{plain} 0000", " ".join([*digits[:8], "zzzzz"]), " ".join(["9999", *digits[1:]]), " ".join(["123", *digits[1:]]),
        " ".join([digits[1], digits[0], *digits[2:]]), " ".join([*digits[:8], "7775"]), "-".join(words), "\u0661" * 36,
        " - ".join(digits), ".".join(digits), "\u0085".join(digits), "0" * 36, "1-2-3",
    ):  # fmt: skip
        found: Case = {"what": "receipt", "text": given, "error": None}
        try:
            Receipt.parse(given)
        except MistypedReceipt as error:
            found |= {"error": "FormatError", "reason": [error.reason, error.group, error.found]}
        yield found


def cases() -> list[Case]:
    """All of them."""
    makers = (
        base64s,
        jsons,
        keys,
        headers,
        payloads,
        statements,
        bundle_cases,
        fields,
        log,
        elements,
        signatures,
        receipts,
    )
    return [one for make in makers for one in make()]


if __name__ == "__main__":
    FILE.write_text(text({"base": BASE, "bundle": BUNDLE, "cases": cases()}), "utf-8")
