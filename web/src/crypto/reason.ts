/**
 * Why identity or what is intimate is asked for, in words: signed by who asks, sealed to who decides.
 *
 *     envelope = what a member signs (`envelopes`), domain "intake/reason/v1"
 *     file     = an age file of the envelope, padded with zeros to 8 KiB, with a stanza for each reader
 *
 * The document says for which request it is, so that it counts for no other. It is sealed to the custodians
 * of the mechanism and to who asks; who keeps it sees how many readers it has, and nothing of the words.
 */

import * as ageHeader from "./age_header.ts";
import type { Identity, Recipient } from "./age_keys.ts";
import { NONCE_SIZE, sealedLength } from "./age_stream.ts";
import * as checks from "./checks.ts";
import type { Random } from "./commitments.ts";
import { type Bytes, canonicalJson, concat, equal, type Json, type JsonObject } from "./encoding.ts";
import { encodeEnvelope, MAX_ENVELOPE, verifyEnvelope as verifySigned } from "./envelopes.ts";
import { FormatError, VerifyError } from "./errors.ts";
import type { Member } from "./members.ts";
import { stripText } from "./padding.ts";
import type { SigningKey } from "./primitives.ts";
import * as sealing from "./sealing.ts";

export const MAX_CHARACTERS = 2000;
export const MAX_READERS = ageHeader.MAX_STANZAS;
export const MAX_FILE = 40 * 1024;
const WHAT = "reason";

/**
 * A request: its id, the record, for whom (a member, or "client:" and a program), who asks, and for what.
 * `classes` are in ascending order; `reason` is the one that was chosen.
 */
export interface Asked {
  readonly request: string;
  readonly record: string;
  readonly member: string;
  readonly asked_by: string;
  readonly classes: readonly string[];
  readonly reason: string;
}

/** Verified words: what they say, the day that they carry, and who signed them. */
export interface Reason {
  readonly text: string;
  readonly day: string;
  readonly member: Member;
}

/** The envelope, by the key of who asks, with its certificate; `FormatError` if the words are too long. */
export function signReason(
  key: SigningKey,
  certificate: Bytes,
  what: { mechanism: string; asked: Asked; day: string; text: string },
): Bytes {
  const { mechanism, day, asked } = what;
  const document = { v: 1, mechanism, day, text: textOf(what.text), ...named(asked) };
  const envelope = encodeEnvelope(WHAT, document, key, certificate);
  if (envelope.length > MAX_ENVELOPE) throw new FormatError("the reason is too long");
  return envelope;
}

/**
 * Parse an envelope and check who signed it; `FormatError` or `VerifyError`.
 *
 * Words of another request, or by somebody else than who asks, are refused.
 */
export function verifyEnvelope(envelope: Bytes, root: Bytes, mechanism: string, asked: Asked): Reason {
  const names = "v mechanism day text request record member asked_by classes reason";
  type Names = "text" | "request" | "record" | "member" | "asked_by" | "classes" | "reason";
  const [found, member] = verifySigned<Names>(WHAT, names, envelope, root, mechanism);
  const said = Object.fromEntries(Object.keys(named(asked)).map((name) => [name, found[name as Names]]));
  const same = equal(canonicalJson(said), canonicalJson(named(asked)));
  if (!same) throw new VerifyError("the reason belongs to another request");
  if (member.id !== asked.asked_by) throw new VerifyError("the reason is somebody else's than who asks");
  return { text: textOf(found.text), day: checks.text(found.day, checks.DAY), member };
}

/** The file, for 1 to `MAX_READERS`. */
export async function sealEnvelope(
  envelope: Bytes,
  readers: readonly Recipient[],
  random: Random,
): Promise<Bytes> {
  if (!readers.length || readers.length > MAX_READERS) {
    throw new FormatError(`a reason is sealed to 1 to ${MAX_READERS} readers`);
  }
  const [fileKey, nonce] = [random(ageHeader.FILE_KEY_SIZE), random(NONCE_SIZE)];
  const padded = new Uint8Array(MAX_ENVELOPE);
  padded.set(envelope);
  const payload = await sealing.sealPayload(padded, fileKey, nonce);
  return concat(sealing.wrapAll(fileKey, readers, random), payload);
}

/** The envelope in a file, not yet verified. `NotMine` if it is sealed to others. */
export async function openEnvelope(file: Bytes, readers: readonly Identity[]): Promise<Bytes> {
  checkForm(file);
  return stripText(await sealing.openFile(file, readers));
}

/** What can be checked without opening it; `FormatError` if it cannot be one. */
export function checkForm(file: Bytes): void {
  if (file.length > MAX_FILE) throw new FormatError("the reason is too long");
  const [header, payload] = sealing.split(file);
  for (const stanza of header.stanzas) {
    if (stanza.kind !== ageHeader.STANZA_TYPE) {
      throw new FormatError(`a reason has stanzas of type ${ageHeader.STANZA_TYPE} only`);
    }
    ageHeader.checkHybrid(stanza);
  }
  if (payload.length !== sealedLength(MAX_ENVELOPE)) {
    throw new FormatError("a reason holds an envelope and nothing else");
  }
}

/** What the document says of the request: these, whatever else an object has. */
function named({ request, record, member, asked_by, classes, reason }: Asked): JsonObject {
  return { request, record, member, asked_by, classes, reason };
}

function textOf(value: Json): string {
  if (typeof value !== "string" || !value || checks.characters(value) > MAX_CHARACTERS) {
    throw new FormatError(`a reason has 1 to ${MAX_CHARACTERS} characters`);
  }
  return value;
}
