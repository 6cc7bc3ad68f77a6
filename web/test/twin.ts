/**
 * The twin as a line-oriented service: one JSON request per line, one answer per line. Bytes are base64.
 * `tests/web/test_twin.py` starts it, and holds it against the Python library.
 */

import { createInterface } from "node:readline";
import { checkMac, parse as parseHeader } from "../src/crypto/age_header.ts";
import { Identity, Recipient } from "../src/crypto/age_keys.ts";
import { Fields } from "../src/crypto/commitments.ts";
import type { Class } from "../src/crypto/compartments.ts";
import {
  type Bytes,
  canonicalJson,
  concat,
  fromUtf8,
  hexDecode,
  parseCanonicalJson,
  parseJson,
} from "../src/crypto/encoding.ts";
import { CryptoError, FormatError } from "../src/crypto/errors.ts";
import { Opening } from "../src/crypto/log_leaf.ts";
import * as notes from "../src/crypto/notes.ts";
import * as oprf from "../src/crypto/oprf.ts";
import { Receipt } from "../src/crypto/receipt.ts";
import { ENGLISH } from "../src/crypto/receipt_words.ts";
import { RecordReader } from "../src/crypto/record_reader.ts";
import { RecordWriter } from "../src/crypto/record_writer.ts";
import * as sealing from "../src/crypto/sealing.ts";
import * as statements from "../src/crypto/statement.ts";
import type { Signed } from "../src/crypto/statement.ts";
import * as tlogProof from "../src/crypto/tlog_proof.ts";
import { operations as ofForms } from "./form_twin.ts";
import { operations as ofOwn } from "./own_twin.ts";
import { operations as ofLogs } from "./log_twin.ts";
import { stream } from "./vectors.ts";

const bytes = (text: string): Bytes => new Uint8Array(Buffer.from(text, "base64"));
const base64 = (data: Bytes): string => Buffer.from(data).toString("base64");
const blinded = new Map<string, oprf.Blinded>();

/** In pieces that are no multiple of anything. */
function* pieces(data: Bytes): Generator<Bytes> {
  for (let i = 0; i < data.length; i += 300_007) yield data.subarray(i, i + 300_007);
}

const readers: Record<string, (data: Bytes) => unknown> = {
  canonical: parseCanonicalJson,
  json: (data) => canonicalJson(parseJson(data)),
  header: parseHeader,
  note: notes.parse,
  proof: tlogProof.parse,
  statement: statements.parse,
  fields: Fields.parse,
  opening: Opening.parse,
  receipt: (data) => Receipt.parse(fromUtf8(data), ENGLISH),
};

const operations: Record<string, (asked: any) => unknown> = {
  ...ofForms,
  ...ofOwn,
  ...ofLogs,
  sealFile: async ({ recipient, plain, seed }) => {
    const random = stream(seed);
    const fresh = { fileKey: random(16), nonce: random(16), randomness: random(64) };
    return base64(await sealing.sealFile(bytes(plain), Recipient.parse(recipient), fresh));
  },
  openFile: async ({ identities, file }) =>
    base64(
      await sealing.openFile(
        bytes(file),
        identities.map((text: string) => Identity.parse(text)),
      ),
    ),
  /** For files whose stanzas are of other types: with the file key. */
  openWithKey: async ({ fileKey, file }) => {
    const [header, payload] = sealing.split(bytes(file));
    checkMac(header, hexDecode(fileKey, 16));
    return base64(await sealing.openPayload(payload, hexDecode(fileKey, 16)));
  },
  header: ({ file }) => parseHeader(bytes(file)).raw.length,
  words: () => ENGLISH,
  /** The class of error that an input is answered with, or null. */
  outcome: ({ what, data }) => {
    try {
      readers[what]!(bytes(data));
      return null;
    } catch (error) {
      if (error instanceof CryptoError) return error instanceof FormatError ? "FormatError" : error.name;
      throw error;
    }
  },
  receipt: async ({ text }) => {
    const keys = await Receipt.parse(text, ENGLISH).keys();
    return { lookup: base64(keys.lookup), identity: keys.identity.text, sign: base64(keys.signing.public) };
  },
  blind: ({ message, randomness }) => {
    const made = oprf.blind(bytes(message), bytes(randomness));
    blinded.set(base64(made.element), made);
    return base64(made.element);
  },
  finalize: ({ message, element, evaluated }) =>
    base64(oprf.finalize(bytes(message), blinded.get(element)!, bytes(evaluated))),
  /** A record with a narrative and a medium in compartments of their own, granted to one reader. */
  sealRecord: async ({ receipt, seed, medium, reader, fileKey, nonce }) => {
    const writer = new RecordWriter(
      await Receipt.parse(receipt).keys(),
      stream(seed),
      stream(`${seed} headers`),
    );
    const to = Recipient.parse(reader);
    const [account, identity] = (["account", "identity"] as Class[]).map((kind) => writer.compartment(kind));
    const narrative = await writer.structured("narrative", account!, { text: "Сведчанне", language: "be" });
    const sealer = await writer.beginMedium(fileKey && bytes(fileKey), nonce && bytes(nonce));
    const payload: Bytes[] = [];
    for (const piece of pieces(bytes(medium))) payload.push(await sealer.update(piece));
    for await (const piece of sealer.finish()) payload.push(piece);
    const sealed = sealer.sealed();
    const [header, label] = await writer.endMedium(sealed, identity!, { name: "a.jpg", type: "image/jpeg" });
    const grants = await writer.grants([account!, identity!].map((c) => [c.id, to] as const));
    const [statement, signature] = writer.statement({
      audience: [account!, identity!].map((c) => ({
        mechanism: "demo",
        compartment: c.id,
        recipient: to.fingerprint,
      })),
      consent: [
        {
          mechanism: "demo",
          purposes: ["archive", "sanctions"],
          expires: "2030-01-01",
          successor: true,
          text: { version: "2026-11", language: "be", sha256: "ab".repeat(32) },
        },
      ],
      createdDay: "2026-11-23",
      sealedBy: "submitter",
      client: { name: "web", version: "1", assets: "cd".repeat(32) },
    });
    return {
      statement: base64(statement),
      signature: base64(signature),
      grants: grants.map((g) => ({ ...g, file: base64(g.file) })),
      narrative: { id: narrative.entry.id, file: base64(concat(narrative.header, narrative.payload)) },
      label: { id: label.entry.id, file: base64(concat(label.header, label.payload)) },
      medium: { id: sealed.part, file: base64(concat(header, ...payload)) },
    };
  },
  openRecord: async ({ revisions, grants, identity, record, structured, medium }) => {
    const signed: Signed[] = revisions.map((r: [string, string]) => [bytes(r[0]), bytes(r[1])]);
    const files = grants.map(([compartment, file]: [string, string]) => [compartment, bytes(file)]);
    const reader = await RecordReader.open(signed, files, [Identity.parse(identity)], record);
    const fields = structured && (await reader.structured(structured.id, bytes(structured.file)));
    let original: string | undefined;
    if (medium) {
      const [header, payload] = sealing.split(bytes(medium.file));
      const opener = await reader.medium(
        medium.id,
        header,
        await reader.structured(medium.label, bytes(medium.labelFile)),
      );
      const opened: Bytes[] = [];
      for (const piece of pieces(payload)) opened.push(await opener.update(piece));
      original = base64(concat(...opened, await opener.finish()));
    }
    const readable = reader.readable().map((entry) => entry.id);
    return {
      readable,
      values: fields && Object.fromEntries([...fields.fields].map(([n, f]) => [n, f[1]])),
      original,
    };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...asked } = JSON.parse(line);
  let answer: { result: unknown } | { error: string; message: string };
  try {
    answer = { result: (await operations[op]!(asked)) ?? null };
  } catch (error) {
    if (!(error instanceof CryptoError)) console.error(error);
    answer = { error: error instanceof Error ? error.name : "?", message: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
