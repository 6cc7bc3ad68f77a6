/** Malformed inputs: what the Python library refuses is refused, with the same class of error. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import * as ageHeader from "../src/crypto/age_header.ts";
import { Identity, Recipient } from "../src/crypto/age_keys.ts";
import { CHUNK, SEALED_CHUNK } from "../src/crypto/age_stream.ts";
import { verifyBundle } from "../src/crypto/bundles.ts";
import * as checkpoints from "../src/crypto/checkpoints.ts";
import { Fields } from "../src/crypto/commitments.ts";
import * as encoding from "../src/crypto/encoding.ts";
import { b64uDecode, type Bytes, canonicalJson, concat, hexDecode, utf8 } from "../src/crypto/encoding.ts";
import { CryptoError, FormatError } from "../src/crypto/errors.ts";
import { Opening } from "../src/crypto/log_leaf.ts";
import * as notes from "../src/crypto/notes.ts";
import * as oprf from "../src/crypto/oprf.ts";
import { verifySignature } from "../src/crypto/primitives.ts";
import { MistypedReceipt, Receipt } from "../src/crypto/receipt.ts";
import { ENGLISH } from "../src/crypto/receipt_words.ts";
import * as sealing from "../src/crypto/sealing.ts";
import * as statement from "../src/crypto/statement.ts";
import * as tlogProof from "../src/crypto/tlog_proof.ts";
import { load, pattern, stream } from "./vectors.ts";

const V = load("refusals-v1.json");
const hex = (text: string): Bytes => hexDecode(text, text.length / 2);
const KEY = pattern(32).slice(0, 16);
const NONCE = pattern(32).slice(16);
const WHOLE = await sealing.sealPayload(pattern(2 * CHUNK + 500), KEY, NONCE);
const EMPTY = await sealing.sealPayload(new Uint8Array(0), KEY, NONCE);
const BLINDED = oprf.blindWith(utf8("message"), 7n);
const ORIGIN = "log.example/demo/records";

function altered(name: string): Bytes {
  const n = WHOLE.subarray(0, 16);
  const [a, b, c] = [0, 1, 2].map((i) =>
    WHOLE.subarray(16 + i * SEALED_CHUNK, 16 + (i + 1) * SEALED_CHUNK),
  ) as [Bytes, Bytes, Bytes];
  const orders: Record<string, Bytes[]> = {
    whole: [WHOLE],
    "a byte short": [WHOLE.subarray(0, -1)],
    "a byte more": [WHOLE, new Uint8Array(1)],
    "first chunk only": [n, a],
    "two chunks": [n, a, b],
    "nonce only": [n],
    "less than a nonce": [n.subarray(1)],
    empty: [],
    "last chunk twice": [WHOLE, c],
    swapped: [n, b, a, c],
    repeated: [n, a, a, c],
    "turned round": [n, c, b, a],
    "last only": [n, c],
    "one dropped": [n, a, c],
    "another nonce": [new Uint8Array(16), WHOLE.subarray(16)],
    "empty last after others": [n, a, EMPTY.subarray(16)],
  };
  return concat(...orders[name]!);
}

/** The base with what a case changes, and without what it drops. */
function changed(base: any, { changes, drop }: any): any {
  return Object.fromEntries(Object.entries({ ...base, ...changes }).filter(([name]) => name !== drop));
}

const WHAT: Record<string, (given: any) => unknown> = {
  b64: (g) => encoding.b64Decode(g.text),
  b64u: (g) => encoding.b64uDecode(g.text),
  hex16: (g) => encoding.hexDecode(g.text, 16),
  canonical: (g) => encoding.parseCanonicalJson(utf8(g.text)),
  "canonical-bytes": (g) => encoding.parseCanonicalJson(b64uDecode(g.data)),
  json: (g) => canonicalJson(encoding.parseJson(utf8(g.text))),
  recipient: (g) => Recipient.parse(g.text),
  identity: (g) => Identity.parse(g.text),
  wrap: (g) => sealing.wrap(KEY, new Recipient(b64uDecode(g.public)), stream("wrap")(64)),
  header: (g) => ageHeader.parse(b64uDecode(g.data)),
  "post-quantum": (g) => ageHeader.requirePostQuantum(ageHeader.parse(b64uDecode(g.data))),
  unwrap: (g) => sealing.unwrap(ageHeader.parse(b64uDecode(g.data)), [Identity.parse(g.identity)]),
  payload: (g) => sealing.openPayload(altered(g.name), KEY),
  statement: (g) => statement.verify(canonicalJson(changed(V.base, g)), b64uDecode(g.signature)),
  bundle: (g) => verifyBundle(canonicalJson({ ...changed(V.bundle, g), signature: g.signature })),
  fields: (g) => Fields.parse(concat(utf8(g.text), new Uint8Array(9))),
  note: (g) => notes.parse(utf8(g.text)),
  "verifier-key": (g) => notes.VerifierKey.parse(g.text),
  checkpoint: (g) => checkpoints.parse(g.text),
  "checkpoint-note": (g) =>
    checkpoints.verify(utf8(g.text), {
      origin: ORIGIN,
      logKeys: g.log_keys.map(notes.VerifierKey.parse),
      witnesses: g.witnesses.map(notes.VerifierKey.parse),
      quorum: g.quorum,
      latest: g.latest === null ? checkpoints.MAX_TIME : BigInt(g.latest),
    }),
  "log-proof": (g) =>
    tlogProof.verify(utf8(g.text), hex(g.leaf), {
      origin: ORIGIN,
      logKeys: [notes.VerifierKey.parse(g.log_key)],
    }),
  opening: (g) => Opening.parse(utf8(g.text)),
  element: (g) => oprf.finalize(utf8("message"), BLINDED, b64uDecode(g.data)),
  signature: (g) => verifySignature(hex(g.public), hex(g.signature), hex(g.message)),
  receipt: (g) => Receipt.parse(g.text, ENGLISH),
};

async function outcome(call: () => unknown): Promise<CryptoError | null> {
  try {
    await call();
  } catch (error) {
    if (error instanceof CryptoError) return error;
    throw error;
  }
  return null;
}

test("both libraries answer every input alike", async (t) => {
  const seen = new Set<string>();
  for (const [i, given] of V.cases.entries()) {
    seen.add(given.what);
    const name = `${i} ${given.what} ${JSON.stringify(given.text ?? given.changes ?? given.name ?? "").slice(0, 60)}`;
    await t.test(name, async () => {
      const error = await outcome(() => WHAT[given.what]!(given));
      // A mistyped receipt is told apart by its reason.
      assert.equal(error instanceof MistypedReceipt ? "FormatError" : (error?.name ?? null), given.error);
      if (error instanceof MistypedReceipt) {
        assert.deepEqual([error.reason, error.group, error.found], given.reason);
      }
    });
  }
  assert.deepEqual([...seen].sort(), Object.keys(WHAT).sort());
  assert.ok(V.cases.length > 500);
});

test("numbers with two spellings are refused wherever they stand, and depth too", () => {
  for (const text of ['{"é":0.5}', '{"é":1e2}', '{"é":9007199254740993}', "1.0"]) {
    assert.throws(() => encoding.parseJson(text), FormatError);
  }
  for (const value of [0.5, { é: 0.5 }, [2 ** 53], Number.NaN, Infinity]) {
    assert.throws(() => canonicalJson(value), FormatError);
  }
  let deep: encoding.Json = 1;
  for (let i = 0; i < 64; i++) deep = { é: deep };
  assert.throws(() => canonicalJson(deep), FormatError);
});

test("no byte of a sealed file may change", async () => {
  const alice = new Identity(pattern(32));
  const fresh = { fileKey: KEY, nonce: NONCE, randomness: stream("header")(64) };
  const file = await sealing.sealFile(utf8("testimony ".repeat(9)), alice.recipient, fresh);
  for (let i = 0; i < file.length; i += 1 + (i < 60 ? 0 : 17)) {
    const bad = file.slice();
    bad[i]! ^= 1 << (i % 8);
    await assert.rejects(sealing.openFile(bad, [alice]), CryptoError);
  }
  assert.deepEqual(
    await sealing.openFile(file, [new Identity(pattern(33).slice(1)), alice]),
    utf8("testimony ".repeat(9)),
  );
});

test("nothing secret shows when printed", async () => {
  const receipt = Receipt.fromRandom(pattern(32));
  const keys = await receipt.keys();
  const blinded = oprf.blind(utf8("message"), stream("blind")(48));
  const secrets = [keys.auth, keys.lookup, keys.accessTag, keys.identity.seed].map((bytes) =>
    [...bytes].join(),
  );
  for (const value of [receipt, keys, keys.identity, keys.signing, blinded]) {
    for (const shown of [
      inspect(value, { depth: 9, maxArrayLength: null }),
      JSON.stringify(value),
      String(value),
    ]) {
      const plain = shown.replaceAll(/\s/g, "").replaceAll(/"\d+":/g, "");
      assert.ok(!secrets.some((secret) => plain.includes(secret)), shown);
      assert.ok(!plain.includes(receipt.numbers.join()) && !plain.includes(receipt.digits().join()), shown);
      assert.ok(!plain.includes(String(blinded.blind)), shown);
    }
  }
});
