/** What is signed besides statements, and a record's second revision: as the Python library has them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Identity, Recipient } from "../src/crypto/age_keys.ts";
import {
  b64uDecode,
  type Bytes,
  canonicalJson,
  concat,
  hexDecode,
  parseJson,
  utf8,
} from "../src/crypto/encoding.ts";
import { CryptoError, VerifyError } from "../src/crypto/errors.ts";
import { verifyMember } from "../src/crypto/members.ts";
import { signObjection, targetOf, verifyObjection } from "../src/crypto/objection.ts";
import { openMessage, sealMessage, signMessage, verifyMessage } from "../src/crypto/message.ts";
import { takesOn, textIn, verifyProfile } from "../src/crypto/profiles.ts";
import { Receipt } from "../src/crypto/receipt.ts";
import {
  encodeEnvelope,
  halvesOf,
  makeDocument,
  parseEnvelope,
  sameReceipt,
  signRestoration,
  verifyRestoration,
} from "../src/crypto/restoration.ts";
import { SigningKey } from "../src/crypto/primitives.ts";
import { RecordReader } from "../src/crypto/record_reader.ts";
import { RecordWriter } from "../src/crypto/record_writer.ts";
import * as statement from "../src/crypto/statement.ts";
import { signWithdrawal, verifyWithdrawal } from "../src/crypto/withdrawal.ts";
import { load, stream } from "./vectors.ts";

const V = load("signed-v1.json");
const RECORD = load("record-v1.json");
const ROOT = hexDecode(V.member.root, 32);
const KEYS = await Receipt.fromRandom(stream("receipt two")(32)).keys();
const FIRST = statement.parse(utf8(RECORD.statement));
const GRANTS = RECORD.grants.map((g: any) => [g.compartment, b64uDecode(g.file)]);
const REVISION: statement.Signed = [utf8(RECORD.statement), b64uDecode(RECORD.signature)];

function outcome(call: () => unknown): string | null {
  try {
    call();
  } catch (error) {
    if (error instanceof CryptoError) return error.name;
    throw error;
  }
  return null;
}

function changed(base: any, { changes, signature }: any): Bytes {
  return canonicalJson({ ...base, ...changes, signature });
}

test("a profile verifies, and changed ones are answered alike", () => {
  const profile = verifyProfile(utf8(V.profile.document), ROOT);
  assert.equal(profile.sha256, V.profile.sha256);
  assert.deepEqual([profile.version, profile.delayDays, profile.continues], [2, 14, ["older"]]);
  assert.deepEqual([textIn(profile.mandate, "be"), textIn(profile.note, "be")], ["Дакументаваць", ""]);
  assert.equal(textIn(profile.hold, "toString"), "To document.\nTo keep.");
  assert.deepEqual([takesOn(profile, "2027-01-01"), takesOn(profile, "2027-01-02")], [true, false]);
  const other = ROOT.slice();
  other[0]! ^= 1;
  assert.throws(() => verifyProfile(utf8(V.profile.document), other), VerifyError);
  const base = parseJson(V.profile.document);
  for (const given of V.profile.cases) {
    const { changes, error } = given;
    assert.equal(
      outcome(() => verifyProfile(changed(base, given))),
      error,
      JSON.stringify(changes).slice(0, 80),
    );
  }
  assert.ok(V.profile.cases.length > 30);
});

test("a member's certificate verifies, and changed ones are answered alike", () => {
  assert.equal(verifyMember(utf8(V.member.document), ROOT).name, "Anna, demo");
  const base = parseJson(V.member.document);
  for (const given of V.member.cases) {
    const { changes, error } = given;
    assert.equal(
      outcome(() => verifyMember(changed(base, given), ROOT)),
      error,
      JSON.stringify(changes),
    );
  }
});

test("a withdrawal is the same, to the byte, and changed ones are answered alike", () => {
  const compartments = [FIRST.compartments[0]!.id];
  const what = {
    record: FIRST.record,
    mechanism: "demo",
    day: "2026-11-23",
    whole: false,
    compartments,
    revision: 1,
    statement: "ab".repeat(32),
    kind: "consent" as const,
  };
  assert.deepEqual(signWithdrawal(what, KEYS.signing), utf8(V.withdrawal.document));
  assert.deepEqual(verifyWithdrawal(utf8(V.withdrawal.document), KEYS.signing.public), what);
  const base: any = parseJson(V.withdrawal.document);
  for (const { changes, signature, error } of V.withdrawal.cases) {
    const envelope = canonicalJson({ document: { ...base.document, ...changes }, signature });
    assert.equal(
      outcome(() => verifyWithdrawal(envelope, KEYS.signing.public)),
      error,
      JSON.stringify(changes),
    );
  }
});

test("an asking for deletion says so once, and so does the objection to it", () => {
  const asked = verifyWithdrawal(utf8(V.withdrawal.deletion), KEYS.signing.public);
  assert.deepEqual([asked.kind, asked.nonce], ["deletion", "cd".repeat(16)]);
  assert.deepEqual(signWithdrawal(asked, KEYS.signing), utf8(V.withdrawal.deletion));
  const what = {
    record: FIRST.record,
    mechanism: "demo",
    day: "2026-11-23",
    kind: "deletion" as const,
    target: targetOf(utf8("envelope")),
  };
  assert.deepEqual(signObjection(what, KEYS.signing), utf8(V.objection.document));
  assert.deepEqual(verifyObjection(utf8(V.objection.document), KEYS.signing.public), what);
  const base: any = parseJson(V.objection.document);
  for (const { changes, signature, error } of V.objection.cases) {
    const envelope = canonicalJson({ document: { ...base.document, ...changes }, signature });
    assert.equal(
      outcome(() => verifyObjection(envelope, KEYS.signing.public)),
      error,
      JSON.stringify(changes),
    );
  }
});

test("a second receipt is the same, to the byte, and two members alone ask for it", async () => {
  const v = V.restoration;
  const receipt = halvesOf(await Receipt.fromRandom(stream("receipt three")(32)).keys());
  const said = {
    record: FIRST.record,
    mechanism: "demo",
    kind: "receipt" as const,
    receipt,
    day: "2026-11-23",
  };
  const document = makeDocument(said, b64uDecode(v.nonce, 16));
  assert.deepEqual(document, utf8(v.document));
  const keys = ["member", "another member"].map((name) => new SigningKey(stream(name)(32)));
  const signatures = keys.map((key) => signRestoration(document, key));
  const envelope = encodeEnvelope(
    document,
    signatures.map((signature, i) => [signature, utf8(v.certificates[i])] as const),
  );
  assert.deepEqual(envelope, utf8(v.cases[0].envelope));
  assert.ok(sameReceipt(parseEnvelope(envelope).receipt!, receipt));
  assert.ok(!sameReceipt(halvesOf(KEYS), receipt));
  const found = verifyRestoration(envelope, ROOT, "2026-11-23");
  assert.deepEqual([found.members[0].id, found.members[1].id], ["anna", "bela"]);
  assert.throws(() => verifyRestoration(envelope, KEYS.signing.public, "2026-11-23"), VerifyError);
  assert.throws(() => verifyRestoration(envelope, ROOT, "2030-01-01"), VerifyError);
  for (const { envelope: text, error } of v.cases) {
    assert.equal(
      outcome(() => verifyRestoration(utf8(text), ROOT, "2026-11-23")),
      error,
      text.slice(0, 120),
    );
  }
});

test("messages are the same, open, and hold for their record and people only", async () => {
  const compartment = FIRST.compartments[0]!;
  const recipient = Recipient.parse(compartment.recipient);
  const reader = await RecordReader.open([REVISION], GRANTS, [KEYS.identity]);
  const expected = {
    signKeys: [ROOT, KEYS.signing.public],
    root: ROOT,
    record: FIRST.record,
    mechanism: "demo",
  };
  for (const sender of ["submitter", "mechanism"]) {
    const v = V.messages[sender];
    const values = { text: `Ад: ${sender}`, language: "be" };
    const random = stream(`message of ${sender}`);
    const part = await sealMessage(
      recipient,
      FIRST.record,
      compartment.id,
      values,
      random,
      stream("headers"),
    );
    assert.deepEqual(part.payload, b64uDecode(v.payload));
    const what = {
      record: FIRST.record,
      mechanism: "demo",
      day: "2026-11-23",
      answers: null,
      part: part.entry,
    };
    if (sender === "submitter") assert.deepEqual(signMessage(KEYS.signing, what), utf8(v.envelope));
    const message = verifyMessage(utf8(v.envelope), expected);
    assert.deepEqual(
      [message.sender, message.member?.id],
      [sender, sender === "mechanism" ? "anna" : undefined],
    );
    const identity = reader.identities.get(message.part.compartment)!;
    const fields = await openMessage(message, concat(part.header, part.payload), identity);
    assert.equal(fields.value("text"), `Ад: ${sender}`);
    for (const wrong of [
      { ...expected, record: "00".repeat(32) },
      { ...expected, mechanism: "other" },
      { ...expected, signKeys: [], root: KEYS.signing.public },
    ]) {
      assert.throws(() => verifyMessage(utf8(v.envelope), wrong), VerifyError);
    }
    const other = new Identity(stream("other")(32));
    await assert.rejects(openMessage(message, concat(part.header, part.payload), other), CryptoError);
  }
});

test("the next revision is the same, to the byte", async () => {
  const reader = await RecordReader.open([REVISION], GRANTS, [KEYS.identity]);
  const writer = RecordWriter.continuing(
    KEYS,
    stream("second revision"),
    [REVISION],
    reader,
    stream("headers"),
  );
  const account = FIRST.compartments[0]!;
  assert.ok(writer.reuse(account));
  await writer.structured("section", writer.compartment("account"), { place: "Мінск" });
  const identity = writer.compartment("identity");
  assert.equal(writer.compartment("account", "again").generation, 2);
  await writer.structured("section", identity, { name: "Імя" });
  const reading = new Identity(stream("mechanism")(32)).recipient;
  const grants = await writer.grants([
    [account.id, reading],
    [identity.id, reading],
  ]);
  assert.equal(grants.length, 4); // one of each new compartment is the receipt's own
  const second = writer.statement({
    audience: [account.id, identity.id].map((compartment) => ({
      mechanism: "demo",
      compartment,
      recipient: reading.fingerprint,
    })),
    consent: [
      {
        mechanism: "demo",
        purposes: ["archive"],
        expires: null,
        successor: true,
        text: { version: "2026-11", language: "be", sha256: "ab".repeat(32) },
      },
    ],
    createdDay: "2026-11-23",
    sealedBy: "submitter",
    client: { name: "vectors", version: "1", assets: "cd".repeat(32) },
  });
  assert.deepEqual(second, [utf8(V.revision.statement), b64uDecode(V.revision.signature)]);
  assert.equal(statement.verifyChain([REVISION, second]).revision, 2);
  for (const wrong of [[second], [REVISION, REVISION], [second, REVISION], [REVISION, second, second], []]) {
    assert.throws(() => statement.verifyChain(wrong), VerifyError);
  }
  const stranger = await Receipt.fromRandom(stream("receipt one")(32)).keys();
  assert.throws(() => RecordWriter.continuing(stranger, stream("x"), [REVISION], reader), VerifyError);
  const locked = await RecordReader.open([REVISION], [], [KEYS.identity]);
  const blind = RecordWriter.continuing(KEYS, stream("blind"), [REVISION], locked);
  assert.equal(blind.reuse(account), false);
  blind.compartment("account");
  assert.deepEqual(await blind.grants([]), []); // a receipt that opens nothing gets nothing new either
});
