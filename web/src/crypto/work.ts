/**
 * Work: one entry in a workspace. A note, a decision, or what was made of a photo; sealed, and signed.
 *
 *     envelope = what a member signs (`envelopes`), domain "intake/work/v1"
 *
 * The part is a structured part as in a record, sealed to the workspace's recipient. Files are sealed to
 * the same, and described in the part's field `files`, each as a label describes a medium. Where a record's
 * parts commit to their keys for the record's id, these commit for
 *
 *     SHA-256("intake/workspace-id/v1" ‖ workspace id)
 *
 * so that nothing sealed in one place opens in another.
 */

import { FILE_KEY_SIZE, type Header } from "./age_header.ts";
import type { Identity, Recipient } from "./age_keys.ts";
import { NONCE_SIZE } from "./age_stream.ts";
import * as checks from "./checks.ts";
import { Fields, type Random } from "./commitments.ts";
import { type Bytes, hexDecode, hexEncode, isList, isObject, type Json, utf8 } from "./encoding.ts";
import { encodeEnvelope, verifyEnvelope as verifySigned } from "./envelopes.ts";
import { FormatError, VerifyError } from "./errors.ts";
import type { Member } from "./members.ts";
import { TEXT_FLOOR } from "./padding.ts";
import { sha256, type SigningKey } from "./primitives.ts";
import { fileKeyOf, type Label, MediumOpener, openEntry as openPart, readLabel } from "./record_reader.ts";
import { MediumSealer, type SealedMedium, type SealedPart, sealFields } from "./record_writer.ts";
import * as sealing from "./sealing.ts";
import { encodePart, keyCommitment, type PartEntry, parsePart } from "./statement.ts";

export const KINDS = ["title", "note", "tags", "decision", "reason", "derivative"] as const;
export type WorkKind = (typeof KINDS)[number];
const PART = "work";
const FILE = "derivative";
export const MAX_FILES = 8;
const WHAT = "work";

/** A sealed file of an entry: `id` has 16 bytes, the others 32, in hex. */
export interface FileEntry {
  readonly id: string;
  readonly payloadId: string;
  readonly keyCommitment: string;
}

/** An entry ready to be signed and stored; the payloads of its files are stored already. */
export interface SealedEntry {
  readonly part: SealedPart;
  readonly files: readonly { readonly entry: FileEntry; readonly header: Bytes }[];
}

/** A verified entry, not yet opened. `refers`: the id of the part it is about, or null. */
export interface Entry {
  readonly workspace: string;
  readonly mechanism: string;
  readonly record: string | null;
  readonly kind: WorkKind;
  readonly day: string;
  readonly refers: string | null;
  readonly part: PartEntry;
  readonly files: readonly FileEntry[];
  readonly member: Member;
}

/** What stands in the record id's place where keys of a workspace are committed to, hex. */
export function keyContext(workspace: string): string {
  return hexEncode(sha256(utf8("intake/workspace-id/v1"), hexDecode(workspace, 16)));
}

/** Start sealing a file; what it gives when its payload is complete goes to `sealEntry`. */
export function beginFile(random: Random): Promise<MediumSealer> {
  const id = hexEncode(random(16));
  const fileKey = random(FILE_KEY_SIZE);
  return MediumSealer.start(id, fileKey, random(NONCE_SIZE));
}

/** Seal named values for a workspace. `files` are [what was sealed, its label: name, type, …]. */
export async function sealEntry(
  recipient: Recipient,
  workspace: string,
  values: Readonly<Record<string, Json>>,
  random: Random,
  files: readonly (readonly [SealedMedium, Readonly<Record<string, Json>>])[] = [],
  headers: Random = random,
): Promise<SealedEntry> {
  const context = keyContext(workspace);
  const labels = files.map(([{ part, measurements }, label]) => {
    const { size, digest, sha256 } = measurements;
    return { ...label, part, size, digest, sha256 };
  });
  const fields = Fields.salted(files.length ? { ...values, files: labels } : values, random);
  const part = await sealFields(PART, workspace, recipient, context, fields, TEXT_FLOOR, random, headers);
  const sealed = files.map(([{ part: id, payloadId, fileKey }]) => ({
    entry: { id, payloadId, keyCommitment: keyCommitment(fileKey, context) },
    header: sealing.wrap(fileKey, recipient, headers(sealing.WRAP_RANDOM)),
  }));
  return { part, files: sealed };
}

/** The envelope; by a member's key, with its certificate. The workspace is the part's compartment. */
export function signEntry(
  key: SigningKey,
  certificate: Bytes,
  what: Pick<Entry, "mechanism" | "record" | "kind" | "day" | "refers" | "part" | "files">,
): Bytes {
  const { mechanism, record, kind, day, refers, part } = what;
  const files = what.files.map((file) => ({
    id: file.id,
    kind: FILE,
    payload_id: file.payloadId,
    key_commitment: file.keyCommitment,
  }));
  const document = {
    v: 1,
    workspace: part.compartment,
    mechanism,
    record,
    kind,
    day,
    refers,
    part: encodePart(part),
    files,
  };
  return encodeEnvelope(WHAT, document, key, certificate);
}

/**
 * Parse an envelope and check who signed it; `FormatError` or `VerifyError`.
 *
 * An entry of another workspace, or about another record than the workspace's, is refused.
 */
export function verifyEnvelope(
  envelope: Bytes,
  root: Bytes,
  mechanism: string,
  expected: { readonly workspace: string; readonly record: string | null },
): Entry {
  const names = "v workspace mechanism record kind day refers part files";
  type Names = "workspace" | "record" | "kind" | "refers" | "part" | "files";
  const [found, member] = verifySigned<Names>(WHAT, names, envelope, root, mechanism);
  const { workspace, record } = expected;
  const said = checks.optional(found.record, checks.digest);
  if (checks.identifier(found.workspace) !== workspace || said !== record) {
    throw new VerifyError("the entry belongs to another workspace");
  }
  const kind = checks.oneOf(found.kind, KINDS);
  const part = parsePart(found.part, [PART]);
  if (part.compartment !== workspace) throw new FormatError("the part of an entry lies in its workspace");
  const files = checks.items(found.files, MAX_FILES).map(fileOf);
  if (files.length > 0 !== (kind === "derivative")) {
    throw new FormatError("a derivative has files, and nothing else has");
  }
  if (new Set([part.id, ...files.map((file) => file.id)]).size !== 1 + files.length) {
    throw new FormatError("two parts share an id");
  }
  const refers = checks.optional(found.refers, checks.identifier);
  const day = checks.text(found.day, checks.DAY);
  return { workspace, mechanism, record, kind, day, refers, part, files, member };
}

/**
 * The fields of a verified entry from its whole age file; its files are those that were signed.
 *
 * `NotMine` if it is sealed to another workspace, `VerifyError` if anything is not what was signed.
 */
export async function openEntry(entry: Entry, file: Bytes, workspace: Identity): Promise<Fields> {
  const fields = await openPart(entry.part, keyContext(entry.workspace), file, workspace);
  const found = labelsOf(fields).map((label) => label.part);
  if (found.length !== entry.files.length || !entry.files.every((file, i) => file.id === found[i])) {
    throw new VerifyError("the labels are of other files");
  }
  return fields;
}

/** What the labels of an opened entry's files say, in their order; `FormatError`. */
export function labelsOf(fields: Fields): Label[] {
  const labels = fields.fields.has("files") ? fields.value("files") : [];
  if (!isList(labels)) {
    throw new FormatError("the files of an entry are a list of labels");
  }
  return labels.map((label) => {
    if (!isObject(label)) throw new FormatError("the files of an entry are a list of labels");
    return readLabel((name) => (Object.hasOwn(label, name) ? label[name]! : null));
  });
}

/** Start opening an entry's file of this number (from 0), after `openEntry`; feed it the payload. */
export function openFile(
  entry: Entry,
  fields: Fields,
  number: number,
  header: Header,
  workspace: Identity,
): Promise<MediumOpener> {
  const { id, payloadId, keyCommitment: committed } = entry.files[number]!;
  const part: PartEntry = {
    id,
    kind: FILE,
    compartment: entry.workspace,
    payloadId,
    keyCommitment: committed,
    commitment: entry.part.commitment,
  };
  const fileKey = fileKeyOf(part, keyContext(entry.workspace), header, workspace);
  return MediumOpener.start(part, fileKey, labelsOf(fields)[number]!);
}

function fileOf(value: Json): FileEntry {
  const v = checks.exactly<"id" | "kind" | "payload_id" | "key_commitment">(
    value,
    "id kind payload_id key_commitment",
  );
  checks.oneOf(v.kind, [FILE]);
  return {
    id: checks.identifier(v.id),
    payloadId: checks.digest(v.payload_id),
    keyCommitment: checks.digest(v.key_commitment),
  };
}
