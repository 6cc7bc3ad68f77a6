/** Entries of a workspace: sealed and signed here; what comes is shown only if everything of it holds. */

import { parse as parseHeader } from "../../../src/crypto/age_header.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  concat,
  fromUtf8,
  type Json,
  utf8,
} from "../../../src/crypto/encoding.ts";
import { CryptoError, VerifyError } from "../../../src/crypto/errors.ts";
import type { Fields } from "../../../src/crypto/commitments.ts";
import type { Label } from "../../../src/crypto/record_reader.ts";
import type { SealedMedium } from "../../../src/crypto/record_writer.ts";
import {
  beginFile,
  type Entry,
  labelsOf,
  openEntry,
  openFile,
  sealEntry,
  signEntry,
  verifyEnvelope,
  type WorkKind,
} from "../../../src/crypto/work.ts";
import { Api } from "../../../src/api.ts";
import { random } from "../../../src/random.ts";
import { Uploads } from "../../../src/tus.ts";
import { get, getBytes, post } from "../api.ts";
import { calledOf, self, today } from "./keys.ts";
import type { Place } from "./place.ts";

/** As the server sends an entry. */
export interface SentEntry {
  readonly number: number;
  readonly envelope: string;
  readonly header: string;
  readonly payload: string;
}

/** An entry that holds, opened. `author` is who wrote it, `calledOf`. */
export interface Opened {
  readonly number: number;
  readonly entry: Entry;
  readonly author: string;
  readonly fields: Fields;
  readonly values: Readonly<Record<string, Json>>;
  readonly files: readonly Label[];
}

/** What holds, in the order in which it came, and how many entries do not. */
export interface Entries {
  readonly entries: readonly Opened[];
  readonly hidden: number;
}

const PAGE = 100;
const PIECE = 1024 * 1024;

/** All entries of a workspace. */
export async function readEntries(place: Place): Promise<Entries> {
  const found = new Map<string, Opened>();
  let [after, listed] = [0, 0];
  for (;;) {
    const path = `/review/v1/workspaces/${place.workspace.id}/work?after=${after}`;
    const page = (await get<{ entries: readonly SentEntry[] }>(path)).entries;
    for (const sent of page) {
      listed += 1;
      const opened = await readEntry(place, sent);
      if (opened && !found.has(opened.entry.part.id)) found.set(opened.entry.part.id, opened);
    }
    const last = page.at(-1)?.number ?? 0;
    if (page.length < PAGE || last <= after) break;
    after = last;
  }
  return { entries: [...found.values()], hidden: listed - found.size };
}

/** One entry; undefined if anything of it does not hold. */
export async function readEntry(place: Place, sent: SentEntry): Promise<Opened | undefined> {
  const { rootKey, mechanism } = self();
  const { id: workspace, record } = place.workspace;
  try {
    if (!place.identity) return undefined;
    const entry = verifyEnvelope(utf8(sent.envelope), rootKey, mechanism, { workspace, record });
    const file = concat(b64uDecode(sent.header), b64uDecode(sent.payload));
    const fields = await openEntry(entry, file, place.identity);
    return {
      number: sent.number,
      entry,
      author: calledOf(entry.member.id, entry.member.name),
      fields,
      values: Object.fromEntries([...fields.fields].map(([name, [, value]]) => [name, value])),
      files: labelsOf(fields),
    };
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return undefined;
  }
}

/** What is written: values by name, what it refers to, and files with their names. */
export interface Draft {
  readonly kind: WorkKind;
  readonly values: Readonly<Record<string, Json>>;
  readonly refers?: string | null;
  readonly files?: readonly File[];
}

/** Seal, sign, hand over. `certificate` is one's own, `ownCertificate`. */
export async function writeEntry(place: Place, certificate: Bytes, draft: Draft): Promise<void> {
  const { mechanism, signing } = self();
  const { id: workspace, record, recipient } = place.workspace;
  const sealed: (readonly [SealedMedium, Readonly<Record<string, Json>>])[] = [];
  const uploads: string[] = [];
  for (const file of draft.files ?? []) {
    const [medium, upload] = await sendFile(file);
    const type = file.type || "application/octet-stream";
    sealed.push([medium, { name: file.name, type, origin: "derivative" }]);
    uploads.push(upload);
  }
  const made = await sealEntry(recipient, workspace, draft.values, random, sealed);
  const envelope = signEntry(signing, certificate, {
    mechanism,
    record,
    kind: draft.kind,
    day: today(),
    refers: draft.refers ?? null,
    part: made.part.entry,
    files: made.files.map((file) => file.entry),
  });
  await post(`/review/v1/workspaces/${workspace}/work`, {
    envelope: fromUtf8(envelope),
    header: b64uEncode(made.part.header),
    payload: b64uEncode(made.part.payload),
    files: made.files.map(({ entry, header }, i) => ({
      part: entry.id,
      header: b64uEncode(header),
      upload: uploads[i]!,
    })),
  });
}

/** A derivative's file of this number (from 0), all of it verified. */
export async function readFile(place: Place, opened: Opened, number: number): Promise<Blob> {
  const file = opened.entry.files[number];
  if (!file || !place.identity) throw new VerifyError("there is no such file");
  const whole = await getBytes(`/review/v1/workspaces/${place.workspace.id}/files/${file.id}`);
  const header = parseHeader(whole);
  const opener = await openFile(opened.entry, opened.fields, number, header, place.identity);
  const pieces: Bytes[] = [];
  for (let at = header.raw.length; at < whole.length; at += PIECE) {
    pieces.push(await opener.update(whole.subarray(at, at + PIECE)));
  }
  pieces.push(await opener.finish());
  return new Blob(pieces as BlobPart[]); // its type is for whoever shows it to say
}

async function sendFile(file: File): Promise<[SealedMedium, string]> {
  const sealer = await beginFile(random);
  const pieces: Bytes[] = [];
  for (let at = 0; at < file.size; at += PIECE) {
    const plain = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
    pieces.push((await sealer.update(plain)).slice());
  }
  for await (const piece of sealer.finish()) pieces.push(piece.slice());
  const uploads = new Uploads(new Api(""));
  const upload = await uploads.send(sealer.sealedSize, async function* () {
    yield* pieces;
  });
  return [sealer.sealed(), upload];
}
