/** Vectors: payloads, digests, receipts and statements are those of the Python library, to the byte. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse as parseHeader } from "../src/crypto/age_header.ts";
import { Identity } from "../src/crypto/age_keys.ts";
import { CHUNK, Opener, Sealer, sealedLength, plainLength } from "../src/crypto/age_stream.ts";
import { keyFor, verifyBundle } from "../src/crypto/bundles.ts";
import { Fields } from "../src/crypto/commitments.ts";
import { ContentDigest, fileKeyAndNonce, LEAF, LeafCheck } from "../src/crypto/content_key.ts";
import { b64uDecode, type Bytes, concat, hexDecode, hexEncode, utf8 } from "../src/crypto/encoding.ts";
import { VerifyError } from "../src/crypto/errors.ts";
import * as oprf from "../src/crypto/oprf.ts";
import * as padding from "../src/crypto/padding.ts";
import { sha256 } from "../src/crypto/primitives.ts";
import { Receipt, type ReceiptKeys } from "../src/crypto/receipt.ts";
import { ENGLISH } from "../src/crypto/receipt_words.ts";
import { RecordReader } from "../src/crypto/record_reader.ts";
import { RecordWriter } from "../src/crypto/record_writer.ts";
import * as sealing from "../src/crypto/sealing.ts";
import * as statement from "../src/crypto/statement.ts";
import { load, pattern, stream } from "./vectors.ts";

const V = load("intake-v1.json");
const RECORD = load("record-v1.json");
const DAY = "2026-11-23";
const hex = (text: string): Bytes => hexDecode(text, text.length / 2);
const CONSENT: statement.ConsentEntry = {
  mechanism: "demo",
  purposes: ["archive"],
  expires: null,
  successor: false,
  text: { version: "2026-11", language: "be", sha256: "ab".repeat(32) },
};
const CLIENT = { name: "vectors", version: "1", assets: null };

async function keysOf(seed: string): Promise<ReceiptKeys> {
  return Receipt.fromRandom(stream(`receipt ${seed}`)(32)).keys();
}

test("a receipt leads to the same keys", async () => {
  for (const v of V.receipts) {
    const receipt = new Receipt(v.numbers);
    assert.equal(receipt.digits().join(" "), v.digits);
    assert.equal(receipt.words(ENGLISH).join(" "), v.words_en);
    assert.deepEqual(Receipt.parse(v.digits).numbers, v.numbers);
    assert.deepEqual(Receipt.parse(v.words_en, ENGLISH).numbers, v.numbers);
    const keys = await receipt.keys();
    const share = hex(v.share);
    assert.equal(hexEncode(keys.lookup), v.lookup);
    assert.equal(hexEncode(keys.auth), v.auth);
    assert.equal(hexEncode(keys.accessTag), v.access_tag);
    assert.equal(hexEncode(keys.signing.public), v.sign_public);
    assert.equal(hexEncode(keys.identity.seed), v.age_seed);
    assert.equal(keys.identity.recipient.fingerprint, v.recipient_fingerprint);
    assert.equal(hexEncode(keys.recordKey(share)), v.record_key);
    assert.equal(statement.recordId(share, keys.signing.public, keys.identity.recipient), v.record);
  }
  assert.deepEqual(
    [ENGLISH.length, new Set(ENGLISH).size, ENGLISH[0], ENGLISH.at(-1)],
    [7776, 7776, "abacus", "zoom"],
  );
});

test("padding is the same", () => {
  for (const v of V.padding) {
    assert.equal(padding.padme(v.length), v.padme);
    assert.equal(padding.paddedLength(v.length, padding.FLOOR), v.medium);
    assert.equal(padding.paddedLength(v.length, padding.TEXT_FLOOR), v.text);
  }
});

test("the content digest and what follows from it are the same, whatever the pieces", async () => {
  for (const v of V.content_digests) {
    for (const step of [v.length || 1, 100_003, LEAF]) {
      const data = pattern(v.length);
      const digest = await ContentDigest.start();
      for (let i = 0; i < data.length; i += step) await digest.update(data.subarray(i, i + step));
      assert.equal(hexEncode(await digest.finish()), v.digest);
    }
  }
  const { u, digest, file_key, nonce } = V.content_key;
  assert.deepEqual(fileKeyAndNonce(hex(u), hex(digest)).map(hexEncode), [file_key, nonce]);
});

test("a file that changes between digest and seal is noticed", async () => {
  const data = pattern(2 * LEAF + 5);
  const digest = await ContentDigest.start();
  await digest.update(data);
  await digest.finish();
  const leaves = [0, 1, 2].map((i) => data.slice(i * LEAF, (i + 1) * LEAF));
  const whole = await LeafCheck.start(digest.leaves);
  for (const leaf of leaves) await whole.check(leaf);
  whole.finish();
  await assert.rejects(whole.check(utf8("more")), VerifyError);
  leaves[1]![7]! ^= 1;
  const changed = await LeafCheck.start(digest.leaves);
  await changed.check(leaves[0]!);
  await assert.rejects(changed.check(leaves[1]!), VerifyError);
  assert.throws(() => changed.finish(), VerifyError);
});

test("payloads are the same, and open", async () => {
  for (const v of V.payloads) {
    const payload = await sealing.sealPayload(pattern(v.length), hex(v.file_key), hex(v.nonce));
    assert.equal(hexEncode(sha256(payload)), v.sha256);
    assert.equal(payload.length, sealedLength(v.length));
    assert.equal(plainLength(payload.length), v.length);
    assert.deepEqual(await sealing.openPayload(payload, hex(v.file_key)), pattern(v.length));
  }
});

test("pieces do not change a payload, nor what it opens to", async () => {
  const [key, nonce] = [pattern(16), pattern(16)];
  for (const length of [0, 1, CHUNK, 3 * CHUNK, 3 * CHUNK + 7]) {
    const plain = pattern(length);
    const whole = await sealing.sealPayload(plain, key, nonce);
    for (const step of [1000, CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 16, 2 * CHUNK + 5]) {
      const sealer = await Sealer.start(key, nonce);
      const opener = new Opener(key);
      const [sealed, opened]: [Bytes[], Bytes[]] = [[], []];
      for (let i = 0; i < length; i += step) sealed.push(await sealer.update(plain.slice(i, i + step)));
      sealed.push(await sealer.finish());
      assert.deepEqual(concat(...sealed), whole);
      for (let i = 0; i < whole.length; i += step) opened.push(await opener.update(whole.slice(i, i + step)));
      opened.push(await opener.finish());
      assert.deepEqual(concat(...opened), plain);
    }
  }
});

test("the caller's buffer may be used again once an update has ended", async () => {
  const plain = pattern(5 * CHUNK + 9);
  const sealer = await Sealer.start(pattern(16), pattern(16));
  const buffer = new Uint8Array(40_000);
  const sealed: Bytes[] = [];
  for (let i = 0; i < plain.length; i += buffer.length) {
    const piece = plain.subarray(i, i + buffer.length);
    buffer.set(piece);
    sealed.push(await sealer.update(buffer.subarray(0, piece.length)));
    buffer.fill(255);
  }
  const whole = await sealing.sealPayload(plain, pattern(16), pattern(16));
  assert.deepEqual(concat(...sealed, await sealer.finish()), whole);
});

test("structured parts are the same", () => {
  const values = { text: "Сведчанне \u{1f54a}", language: "be", n: [1, null, true] };
  const fields = Fields.salted(values, stream("fields"));
  assert.deepEqual(fields.encode(), utf8(V.fields.plaintext));
  assert.deepEqual(
    Object.fromEntries([...fields.leaves()].map(([n, leaf]) => [n, hexEncode(leaf)])),
    V.fields.leaves,
  );
  assert.equal(hexEncode(fields.commitment()), V.fields.commitment);
  const parsed = Fields.parse(padding.pad(fields.encode(), padding.TEXT_FLOOR));
  assert.equal(hexEncode(parsed.commitment()), V.fields.commitment);
  assert.deepEqual(parsed.value("text"), values.text);
});

test("a statement is the same, to the byte", async () => {
  const writer = new RecordWriter(await keysOf("one"), stream("record"), stream("headers"));
  const account = writer.compartment("account");
  const reader = new Identity(stream("mechanism")(32)).recipient;
  await writer.structured("narrative", account, { text: "Сведчанне", language: "be", capacity: "victim" });
  const [data, signature] = writer.statement({
    audience: [{ mechanism: "demo", compartment: account.id, recipient: reader.fingerprint }],
    consent: [CONSENT],
    createdDay: DAY,
    sealedBy: "submitter",
    client: CLIENT,
  });
  assert.deepEqual(data, utf8(V.statement.statement));
  assert.deepEqual(signature, b64uDecode(V.statement.signature));
  assert.equal(statement.statementHash(data), V.statement.hash);
  assert.deepEqual(statement.encode(statement.verify(data, signature)), data);
  const { file_key, record, value } = V.statement.key_commitment;
  assert.equal(statement.keyCommitment(hex(file_key), record), value);
});

test("a whole record is sealed to the same payloads and the same statement", async () => {
  const writer = new RecordWriter(await keysOf("two"), stream("whole record"), stream("headers"));
  const account = writer.compartment("account");
  const mechanism = Identity.parse(RECORD.mechanism_identity).recipient;
  const values = { text: "Сведчанне", language: "be", capacity: "victim" };
  const narrative = await writer.structured("narrative", account, values);
  const medium = await writer.beginMedium();
  const pieces = [await medium.update(pattern(70_000))];
  for await (const piece of medium.finish()) pieces.push(piece);
  const name = { name: "фота.jpg", type: "image/jpeg", origin: "self" };
  const [header, label] = await writer.endMedium(medium.sealed(), account, name);
  const grants = await writer.grants([[account.id, mechanism]]);
  const signed = writer.statement({
    audience: [{ mechanism: "demo", compartment: account.id, recipient: mechanism.fingerprint }],
    consent: [CONSENT],
    createdDay: DAY,
    sealedBy: "submitter",
    client: CLIENT,
  });
  assert.deepEqual(signed, [utf8(RECORD.statement), b64uDecode(RECORD.signature)]);
  const payloadOf = (part: string): Bytes => sealing.split(b64uDecode(RECORD.parts[part]))[1];
  assert.deepEqual(narrative.payload, payloadOf(RECORD.narrative));
  assert.deepEqual(label.payload, payloadOf(RECORD.label));
  assert.deepEqual(concat(...pieces), payloadOf(RECORD.medium));
  assert.equal(medium.sealedSize, concat(...pieces).length);

  // Our headers and grants differ from those that were made once, and open to the same.
  const files = grants.map((g) => [g.compartment, g.file] as const);
  const reader = await RecordReader.open([signed], files, [Identity.parse(RECORD.mechanism_identity)]);
  const opened = await reader.structured(label.entry.id, concat(label.header, label.payload));
  const opener = await reader.medium(RECORD.medium, parseHeader(header), opened);
  const original = concat(await opener.update(concat(...pieces)), await opener.finish());
  assert.deepEqual(original, pattern(70_000));
});

test("a reader in many years opens a record sealed with version one", async () => {
  for (const who of ["receipt_identity", "mechanism_identity"]) {
    const grants = RECORD.grants.map((g: any) => [g.compartment, b64uDecode(g.file)]);
    const revisions = [[utf8(RECORD.statement), b64uDecode(RECORD.signature)]] as const;
    const reader = await RecordReader.open(revisions, grants, [Identity.parse(RECORD[who])]);
    assert.deepEqual(reader.readable(), reader.statement.parts);
    const file = (part: string): Bytes => b64uDecode(RECORD.parts[part]);
    const narrative = await reader.structured(RECORD.narrative, file(RECORD.narrative));
    assert.equal(narrative.value("text"), "Сведчанне");
    const [header, payload] = sealing.split(file(RECORD.medium));
    const opener = await reader.medium(
      RECORD.medium,
      header,
      await reader.structured(RECORD.label, file(RECORD.label)),
    );
    const opened: Bytes[] = [];
    for (let i = 0; i < payload.length; i += 9999)
      opened.push(await opener.update(payload.subarray(i, i + 9999)));
    opened.push(await opener.finish());
    assert.deepEqual(concat(...opened), pattern(RECORD.medium_length));
  }
});

test("a bundle verifies, and gives the key of a day", () => {
  const bundle = verifyBundle(utf8(V.bundle));
  assert.deepEqual([bundle.mechanism, bundle.names["be"]], ["demo", "Дэма"]);
  assert.equal(keyFor(bundle, "account", DAY)?.epoch, 1);
  assert.equal(keyFor(bundle, "account", "2026-11-22"), undefined);
  assert.equal(keyFor(bundle, "account", "2027-11-24"), undefined);
  assert.equal(keyFor(bundle, "identity", DAY), undefined);
});

test("the OPRF is RFC 9497's", () => {
  const [suite] = load("rfc9497-p256-sha256-oprf.json");
  for (const v of suite.vectors) {
    const blinded = oprf.blindWith(hex(v.Input), BigInt(`0x${v.Blind}`));
    assert.equal(hexEncode(blinded.element), v.BlindedElement);
    assert.equal(hexEncode(oprf.finalize(hex(v.Input), blinded, hex(v.EvaluationElement))), v.Output);
  }
  assert.equal(suite.vectors.length, 2);
});
