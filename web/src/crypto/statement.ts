/**
 * The statement: what a record consists of and who may open it, signed by the receipt's key.
 *
 *     signature = Ed25519("intake/statement/v1" ‖ 00 ‖ JCS(statement))
 *
 * A statement describes the whole record as of its revision; the next one names the hash of this one.
 * Nothing that the submitter did not sign changes what is theirs. `docs/wire.md`, "Statement", has the
 * meaning of each field; the types below are that table.
 */

import { Recipient } from "./age_keys.ts";
import * as checks from "./checks.ts";
import { CLASSES, type Class } from "./compartments.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  concat,
  equal,
  hexDecode,
  hexEncode,
  type Json,
  parseCanonicalJson,
  utf8,
} from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import { hkdf, sha256, type SigningKey, verifySignature } from "./primitives.ts";

export const MAX_BYTES = 2 * 1024 * 1024;
export const MAX_PARTS = 4000;
export const MAX_COMPARTMENTS = 64;
export const KINDS = [
  "triage",
  "narrative",
  "section",
  "consent",
  "message",
  "label",
  "medium",
  "derivative",
] as const;
export type Kind = (typeof KINDS)[number];
export type PartKind = Kind | "work"; // of a statement's parts, or of what `work` signs
export const BINARY_KINDS: readonly PartKind[] = ["medium", "derivative"]; // the bytes of a file, described by a label
export const PURPOSES = [
  "criminal_investigation",
  "un_fact_finding",
  "reparation",
  "sanctions",
  "anonymised_advocacy",
  "statistics",
  "archive",
] as const;
export type Purpose = (typeof PURPOSES)[number];
const SEALERS = ["submitter", "server"] as const;
const DOMAIN = utf8("intake/statement/v1\0");

/** A compartment: `id` (16 bytes hex), class, generation from 1, its recipient `age1pq1…`. */
export interface CompartmentEntry {
  readonly id: string;
  readonly kind: Class;
  readonly generation: number;
  readonly recipient: string;
}

/** Who is granted a compartment: mechanism, and the fingerprint of the mechanism's key. */
export interface AudienceEntry {
  readonly mechanism: string;
  readonly compartment: string;
  readonly recipient: string;
}

/** What one mechanism may do; `text` is what the person was shown. `expires` is a day or null. */
export interface ConsentEntry {
  readonly mechanism: string;
  readonly purposes: readonly Purpose[];
  readonly expires: string | null;
  readonly successor: boolean;
  readonly text: { readonly version: string; readonly language: string; readonly sha256: string };
}

/** A sealed part: ids and hashes in hex (`id` 16 bytes, the others 32). */
export interface PartEntry {
  readonly id: string;
  readonly kind: PartKind;
  readonly compartment: string;
  readonly payloadId: string;
  readonly keyCommitment: string;
  readonly commitment: string;
}

/** The program that sealed; `assets` is the hash of its asset manifest, hex, or null. */
export interface Client {
  readonly name: string;
  readonly version: string;
  readonly assets: string | null;
}

/** A whole statement. `share` and `signKey` are 32 bytes; days are `YYYY-MM-DD`. */
export interface Statement {
  readonly record: string;
  readonly share: Bytes;
  readonly signKey: Bytes;
  readonly recipient: string;
  readonly revision: number;
  readonly previous: string | null;
  readonly client: Client;
  readonly createdDay: string;
  readonly sealedBy: (typeof SEALERS)[number];
  readonly compartments: readonly CompartmentEntry[];
  readonly audience: readonly AudienceEntry[];
  readonly consent: readonly ConsentEntry[];
  readonly parts: readonly PartEntry[];
}

/** A statement and its signature, as they travel. */
export type Signed = readonly [statement: Bytes, signature: Bytes];

/** Canonical JSON. */
export function encode(statement: Statement): Bytes {
  const { name, version, assets } = statement.client;
  return canonicalJson({
    v: 1,
    record: statement.record,
    share: b64uEncode(statement.share),
    keys: { sign: b64uEncode(statement.signKey), recipient: statement.recipient },
    revision: statement.revision,
    previous: statement.previous,
    client: { name, version, assets },
    created_day: statement.createdDay,
    sealed_by: statement.sealedBy,
    compartments: statement.compartments.map(({ id, kind, generation, recipient }) => ({
      id,
      class: kind,
      generation,
      recipient,
    })),
    audience: statement.audience.map(({ mechanism, compartment, recipient }) => ({
      mechanism,
      compartment,
      recipient,
    })),
    consent: statement.consent.map(({ mechanism, purposes, expires, successor, text }) => ({
      mechanism,
      purposes,
      expires,
      successor,
      text: { version: text.version, language: text.language, sha256: text.sha256 },
    })),
    parts: statement.parts.map(encodePart),
  });
}

/** A part's entry as it stands in a document. */
export function encodePart(entry: PartEntry): { readonly [name: string]: Json } {
  return {
    id: entry.id,
    kind: entry.kind,
    compartment: entry.compartment,
    payload_id: entry.payloadId,
    key_commitment: entry.keyCommitment,
    commitment: entry.commitment,
  };
}

/** SHA-256("intake/record/v1" ‖ share ‖ Ed25519 key ‖ age recipient), hex. */
export function recordId(share: Bytes, signKey: Bytes, recipient: Recipient): string {
  return hexEncode(sha256(utf8("intake/record/v1"), share, signKey, recipient.public));
}

/**
 * HKDF(file key, salt record id, "intake/commit/v1"), hex.
 *
 * ChaCha20-Poly1305 does not commit to its key: one payload could open to two texts under two keys.
 */
export function keyCommitment(fileKey: Bytes, record: string): string {
  return hexEncode(hkdf(fileKey, "intake/commit/v1", hexDecode(record, 32)));
}

/** 64 bytes, over a statement's canonical JSON. */
export function sign(statement: Bytes, key: SigningKey): Bytes {
  return key.sign(concat(DOMAIN, statement));
}

/** What the next revision calls `previous`: SHA-256 of the signed bytes, hex. */
export function statementHash(statement: Bytes): string {
  return hexEncode(sha256(DOMAIN, statement));
}

/** Parse a statement and check signature and record id; `FormatError` or `VerifyError`. */
export function verify(data: Bytes, signature: Bytes): Statement {
  const statement = parse(data);
  verifySignature(statement.signKey, signature, concat(DOMAIN, data));
  if (
    recordId(statement.share, statement.signKey, Recipient.parse(statement.recipient)) !== statement.record
  ) {
    throw new VerifyError("the record id does not follow from the statement's keys");
  }
  return statement;
}

/** Check statements from revision 1 on; return the newest. */
export function verifyChain(revisions: readonly Signed[]): Statement {
  let newest: Statement | undefined;
  let previous: string | null = null;
  for (const [data, signature] of revisions) {
    const statement: Statement = verify(data, signature);
    if (newest && statement.record !== newest.record)
      throw new VerifyError("a revision belongs to another record");
    if (statement.revision !== (newest?.revision ?? 0) + 1 || statement.previous !== previous) {
      throw new VerifyError("a revision is missing, repeated or out of order");
    }
    newest = statement;
    previous = statementHash(data);
  }
  if (!newest) throw new VerifyError("a record has at least one statement");
  return newest;
}

const NAMES =
  "v record share keys revision previous client created_day sealed_by compartments audience consent parts";

/** Parse canonical JSON strictly: known fields only, all references resolved. `FormatError`. */
export function parse(data: Bytes): Statement {
  if (data.length > MAX_BYTES) throw new FormatError("the statement is too long");
  const top = checks.exactly(parseCanonicalJson(data), NAMES) as Record<string, Json>;
  checks.version(top["v"]!, 1);
  const keys = checks.exactly<"sign" | "recipient">(top["keys"], "sign recipient");
  const client = checks.exactly<"name" | "version" | "assets">(top["client"], "name version assets");
  const statement: Statement = {
    record: checks.digest(top["record"]!),
    share: b64uDecode(top["share"], 32),
    signKey: b64uDecode(keys.sign, 32),
    recipient: Recipient.parse(keys.recipient).text,
    revision: checks.positive(top["revision"]!),
    previous: checks.optional(top["previous"]!, checks.digest),
    client: {
      name: checks.text(client.name, checks.WORD),
      version: checks.text(client.version, checks.WORD),
      assets: checks.optional(client.assets, checks.digest),
    },
    createdDay: checks.text(top["created_day"]!, checks.DAY),
    sealedBy: checks.oneOf(top["sealed_by"]!, SEALERS),
    compartments: checks.items(top["compartments"]!, MAX_COMPARTMENTS).map(parseCompartment),
    audience: checks.items(top["audience"]!, MAX_PARTS).map(parseAudience),
    consent: checks.items(top["consent"]!, MAX_PARTS).map(parseConsent),
    parts: checks.items(top["parts"]!, MAX_PARTS).map((part) => parsePart(part, KINDS)),
  };
  if ((statement.revision === 1) !== (statement.previous === null)) {
    throw new FormatError("only the first revision has no previous one");
  }
  checkReferences(statement);
  if (!equal(encode(statement), data)) throw new FormatError("the statement is not in canonical form");
  return statement;
}

/** A part's entry, of one of these kinds. */
export function parsePart(value: Json, kinds: readonly PartKind[]): PartEntry {
  type Names = "id" | "kind" | "compartment" | "payload_id" | "key_commitment" | "commitment";
  const v = checks.exactly<Names>(value, "id kind compartment payload_id key_commitment commitment");
  return {
    id: checks.identifier(v.id),
    kind: checks.oneOf(v.kind, kinds),
    compartment: checks.identifier(v.compartment),
    payloadId: checks.digest(v.payload_id),
    keyCommitment: checks.digest(v.key_commitment),
    commitment: checks.digest(v.commitment),
  };
}

function checkReferences(statement: Statement): void {
  const { compartments, audience, consent, parts } = statement;
  const ids = new Set(compartments.map((c) => c.id));
  const granted = new Set(audience.map((a) => `${a.mechanism} ${a.compartment}`));
  const consenting = new Set(consent.map((c) => c.mechanism));
  const addressed = new Set(audience.map((a) => a.mechanism));
  if (ids.size !== compartments.length) throw new FormatError("two compartments share an id");
  if (new Set(compartments.map((c) => c.recipient)).size !== compartments.length) {
    throw new FormatError("two compartments share a key");
  }
  if (new Set(parts.map((p) => p.id)).size !== parts.length) throw new FormatError("two parts share an id");
  if (granted.size !== audience.length || consenting.size !== consent.length) {
    throw new FormatError("a mechanism is named twice");
  }
  if (![...parts, ...audience].every((entry) => ids.has(entry.compartment))) {
    throw new FormatError("a compartment is referred to that does not exist");
  }
  if (addressed.size !== consenting.size || ![...addressed].every((m) => consenting.has(m))) {
    throw new FormatError("audience and consent must name the same mechanisms");
  }
}

function parseCompartment(value: Json): CompartmentEntry {
  const v = checks.exactly<"id" | "class" | "generation" | "recipient">(
    value,
    "id class generation recipient",
  );
  return {
    id: checks.identifier(v.id),
    kind: checks.oneOf(v.class, CLASSES),
    generation: checks.positive(v.generation),
    recipient: Recipient.parse(v.recipient).text,
  };
}

function parseAudience(value: Json): AudienceEntry {
  const v = checks.exactly<"mechanism" | "compartment" | "recipient">(
    value,
    "mechanism compartment recipient",
  );
  return {
    mechanism: checks.text(v.mechanism, checks.SLUG),
    compartment: checks.identifier(v.compartment),
    recipient: checks.digest(v.recipient),
  };
}

function parseConsent(value: Json): ConsentEntry {
  type Names = "mechanism" | "purposes" | "expires" | "successor" | "text";
  const v = checks.exactly<Names>(value, "mechanism purposes expires successor text");
  const text = checks.exactly<"version" | "language" | "sha256">(v.text, "version language sha256");
  const purposes = checks.items(v.purposes, PURPOSES.length).map((p) => checks.oneOf(p, PURPOSES));
  if (!purposes.length || new Set(purposes).size !== purposes.length) {
    throw new FormatError("a consent names at least one purpose, and each once");
  }
  return {
    mechanism: checks.text(v.mechanism, checks.SLUG),
    purposes,
    expires: checks.optional(v.expires, (day) => checks.text(day, checks.DAY)),
    successor: checks.boolean(v.successor),
    text: {
      version: checks.text(text.version, checks.WORD),
      language: checks.text(text.language, checks.WORD),
      sha256: checks.digest(text.sha256),
    },
  };
}
