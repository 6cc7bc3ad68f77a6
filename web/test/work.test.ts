/** What a mechanism's own people sign and keep: as the Python library has it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse as parseHeader } from "../src/crypto/age_header.ts";
import { Identity } from "../src/crypto/age_keys.ts";
import { grant, openGrant } from "../src/crypto/compartments.ts";
import {
  type Bytes,
  b64uDecode,
  canonicalJson,
  concat,
  hexDecode,
  hexEncode,
  parseJson,
  utf8,
} from "../src/crypto/encoding.ts";
import { CryptoError, NotMine, VerifyError } from "../src/crypto/errors.ts";
import { fingerprint, opens, parseCard, rolesOn, verifyMembership } from "../src/crypto/membership.ts";
import { SigningKey, sha256 } from "../src/crypto/primitives.ts";
import * as reason from "../src/crypto/reason.ts";
import type { SealedMedium } from "../src/crypto/record_writer.ts";
import { openWrap, sealWrap } from "../src/crypto/wraps.ts";
import * as work from "../src/crypto/work.ts";
import * as workspace from "../src/crypto/workspace.ts";
import { load, pattern, stream } from "./vectors.ts";

const V = load("work-v1.json");
const ROOT = hexDecode(V.root, 32);
const MEMBER = new SigningKey(stream("member")(32));
const CERTIFICATE = utf8(V.membership.certificate);
const IDENTITY = Identity.parse(V.workspace.identity);
const AT = { workspace: V.workspace.id as string, record: "ab".repeat(32) };
const DAY = "2026-11-23";

async function outcome(call: () => unknown): Promise<string | null> {
  try {
    await call();
  } catch (error) {
    if (error instanceof CryptoError) return error.name;
    throw error;
  }
  return null;
}

function brief(changes: unknown): string {
  return JSON.stringify(changes).slice(0, 90);
}

test("a membership verifies, and changed ones are answered alike", async () => {
  const found = verifyMembership(utf8(V.membership.document), ROOT);
  assert.deepEqual([found.member, found.roles], ["anna", ["custodian", "reviewer"]]);
  assert.deepEqual(found.recipient.text, new Identity(stream("reviewer")(32)).recipient.text);
  assert.deepEqual([rolesOn(found, "2027-11-23"), rolesOn(found, "2027-11-24")], [true, false]);
  assert.equal(fingerprint(found.key, found.recipient), V.membership.fingerprint);
  for (const [roles, classes] of V.membership.opens) assert.deepEqual(opens(roles), classes);
  const base: any = parseJson(V.membership.document);
  const certificate: any = parseJson(V.membership.certificate);
  for (const { changes, signature, error, in_card } of V.membership.cases) {
    const membership = { ...base, ...changes, signature };
    assert.equal(
      await outcome(() => verifyMembership(canonicalJson(membership), ROOT)),
      error,
      brief(changes),
    );
    const card = canonicalJson({ certificate, membership });
    assert.equal(await outcome(() => parseCard(card, ROOT)), in_card, brief(changes));
  }
  for (const { changes, error } of V.membership.cards) {
    const card = canonicalJson({ certificate, membership: base, ...changes });
    assert.equal(await outcome(() => parseCard(card, ROOT)), error, brief(changes));
  }
  assert.ok(V.membership.cases.length > 25);
});

test("a workspace is the same, to the byte, and changed ones are answered alike", async () => {
  const made = workspace.makeWorkspace(stream("workspace"));
  assert.deepEqual([made.id, made.identity.text], [AT.workspace, IDENTITY.text]);
  const recipient = made.identity.recipient;
  const what = { ...AT, mechanism: "demo", recipient, day: DAY };
  assert.deepEqual(workspace.signWorkspace(MEMBER, CERTIFICATE, what), utf8(V.workspace.envelope));
  const found = workspace.verifyEnvelope(utf8(V.workspace.envelope), ROOT, "demo");
  assert.deepEqual([found.id, found.record, found.member.id], [AT.workspace, AT.record, "anna"]);
  const base: any = parseJson(V.workspace.envelope);
  for (const { changes, signature, error } of V.workspace.cases) {
    const envelope = canonicalJson({ ...base, document: { ...base.document, ...changes }, signature });
    assert.equal(
      await outcome(() => workspace.verifyEnvelope(envelope, ROOT, "demo")),
      error,
      brief(changes),
    );
  }
  const reader = new Identity(stream("reviewer")(32));
  const fresh = { fileKey: stream("f")(16), nonce: stream("n")(16), randomness: stream("r")(64) };
  const file = await grant(made.identity, reader.recipient, fresh);
  assert.equal((await openGrant(file, [reader], found.recipient.text)).text, IDENTITY.text);
  await assert.rejects(openGrant(file, [IDENTITY], found.recipient.text), NotMine);
});

/** A file sealed as `generate_work.py` does: what was sealed, and its payload. */
async function sealFile(random: (size: number) => Bytes, data: Bytes): Promise<[SealedMedium, Bytes]> {
  const sealer = await work.beginFile(random);
  const payload = [await sealer.update(data)];
  for await (const piece of sealer.finish()) payload.push(piece);
  return [sealer.sealed(), concat(...payload)];
}

test("entries are the same, to the byte, and open with the workspace's key alone", async () => {
  const originals: Record<string, Bytes[]> = { note: [], derivative: [pattern(3000), new Uint8Array()] };
  const stranger = new Identity(stream("other")(32));
  for (const kind of ["note", "derivative"] as const) {
    const v = V.work[kind];
    const random = stream(`work ${kind}`);
    const files = [];
    const payloads = [];
    for (const [i, data] of originals[kind]!.entries()) {
      const [file, payload] = await sealFile(random, data);
      assert.deepEqual(payload, b64uDecode(v.payloads[i]));
      files.push([file, v.labels[i]] as const);
      payloads.push(payload);
    }
    // In the order in which Python salts them; the vectors' own are sorted.
    const values = kind === "note" ? { text: v.values.text, language: v.values.language } : v.values;
    const headers = stream("headers");
    const made = await work.sealEntry(IDENTITY.recipient, AT.workspace, values, random, files, headers);
    assert.deepEqual(made.part.payload, b64uDecode(v.payload));
    const what = {
      mechanism: "demo",
      record: AT.record,
      kind,
      day: DAY,
      refers: files.length ? "cd".repeat(16) : null,
      part: made.part.entry,
      files: made.files.map((file) => file.entry),
    };
    assert.deepEqual(work.signEntry(MEMBER, CERTIFICATE, what), utf8(v.envelope));

    const entry = work.verifyEnvelope(utf8(v.envelope), ROOT, "demo", AT);
    assert.deepEqual([entry.kind, entry.day, entry.member.id], [kind, DAY, "anna"]);
    const file = concat(made.part.header, made.part.payload);
    const fields = await work.openEntry(entry, file, IDENTITY);
    assert.equal(fields.value("text"), v.values.text);
    await assert.rejects(work.openEntry(entry, file, stranger), NotMine);
    for (const [i, data] of originals[kind]!.entries()) {
      const header = parseHeader(made.files[i]!.header);
      const opener = await work.openFile(entry, fields, i, header, IDENTITY);
      const opened = await opener.update(payloads[i]!);
      assert.deepEqual(concat(opened, await opener.finish()), data);
      assert.throws(() => work.openFile(entry, fields, 1 - i, header, IDENTITY), VerifyError);
    }
    for (const wrong of [
      { ...AT, record: null },
      { ...AT, workspace: "00".repeat(16) },
    ]) {
      assert.throws(() => work.verifyEnvelope(utf8(v.envelope), ROOT, "demo", wrong), VerifyError);
    }
  }
});

test("changed entries, and labels of other files, are answered alike", async () => {
  const base: any = parseJson(V.work.derivative.envelope);
  for (const { changes, signature, error } of V.work.cases) {
    const envelope = canonicalJson({ ...base, document: { ...base.document, ...changes }, signature });
    assert.equal(await outcome(() => work.verifyEnvelope(envelope, ROOT, "demo", AT)), error, brief(changes));
  }
  for (const [i, { values, envelope, error }] of V.work.opened.entries()) {
    const random = stream(`opened ${i}`);
    const { part } = await work.sealEntry(IDENTITY.recipient, AT.workspace, values, random);
    const entry = work.verifyEnvelope(utf8(envelope), ROOT, "demo", AT);
    const file = concat(part.header, part.payload);
    assert.equal(await outcome(() => work.openEntry(entry, file, IDENTITY)), error, brief(values));
  }
  assert.ok(V.work.cases.length > 25 && V.work.opened.length > 8);
});

test("a reason in words is the same, to the byte, and changed ones are answered alike", async () => {
  const v = V.reason;
  const readers = [new Identity(stream("reviewer")(32)), IDENTITY];
  const made = reason.signReason(MEMBER, CERTIFICATE, { ...v, mechanism: "demo", day: DAY });
  assert.deepEqual(made, utf8(v.envelope));
  const file = await reason.sealEnvelope(
    made,
    readers.map((one) => one.recipient),
    stream("reason"),
  );
  const payload = file.subarray(parseHeader(file).raw.length);
  assert.deepEqual([file.length, hexEncode(sha256(payload))], [v.size, v.payload_sha256]);
  for (const one of readers) assert.deepEqual(await reason.openEnvelope(file, [one]), made);
  await assert.rejects(reason.openEnvelope(file, [new Identity(stream("other")(32))]), NotMine);
  await assert.rejects(reason.openEnvelope(concat(file, file), readers), { name: "FormatError" });
  const found = reason.verifyEnvelope(made, ROOT, "demo", v.asked);
  assert.deepEqual([found.text, found.day, found.member.id], [v.text, DAY, "anna"]);
  const base: any = parseJson(v.envelope);
  for (const { changes, signature, error } of v.cases) {
    const envelope = canonicalJson({ ...base, document: { ...base.document, ...changes }, signature });
    const answer = await outcome(() => reason.verifyEnvelope(envelope, ROOT, "demo", v.asked));
    assert.equal(answer, error, brief(changes));
  }
  const long = { ...v, mechanism: "demo", day: DAY, text: "x".repeat(2001) };
  assert.throws(() => reason.signReason(MEMBER, CERTIFICATE, long), { name: "FormatError" });
});

test("a wrap opens to the key that the root signed, for its reader", async () => {
  const [triage, account, reader] = ["triage", "account", "reviewer"].map(
    (label) => new Identity(stream(label)(32)),
  );
  const key = (kind: "triage" | "account", identity: Identity, epoch = 1) => ({
    mechanism: "demo",
    epoch,
    kind,
    recipient: identity.recipient,
    starts: DAY,
    expires: DAY,
    signature: new Uint8Array(64),
  });
  const to = { kind: "member" as const, id: "anna", recipient: reader!.recipient };
  const wrap = await sealWrap(key("triage", triage!), triage!, to, stream("wrap"));
  assert.deepEqual([wrap.epoch, wrap.compartment, wrap.reader], [1, "triage", "anna"]);
  assert.equal((await openWrap(wrap, key("triage", triage!), [reader!])).text, triage!.text);
  await assert.rejects(openWrap(wrap, key("triage", triage!), [account!]), NotMine);
  for (const other of [key("account", triage!), key("triage", triage!, 2), key("triage", account!)]) {
    await assert.rejects(openWrap(wrap, other, [reader!]), VerifyError);
  }
  await assert.rejects(sealWrap(key("triage", triage!), account!, to, stream("wrap")), VerifyError);
});
