/**
 * Sealing one record: the same steps as in the Python client and the plain form's server.
 *
 *     const writer = new RecordWriter(await receipt.keys(), random);
 *     const account = writer.compartment("account");
 *     const narrative = await writer.structured("narrative", account, { text: …, language: "be" });
 *     const medium = await writer.beginMedium(fileKey, nonce); await medium.update(…); medium.finish()
 *     const [statement, signature] = writer.statement(…);
 *
 * What `structured` and `endMedium` return goes to the server; the statement ties it together.
 */

import { FILE_KEY_SIZE } from "./age_header.ts";
import { Identity, type Recipient } from "./age_keys.ts";
import { CHUNK, NONCE_SIZE, Sealer } from "./age_stream.ts";
import { Fields, type Random, type Values } from "./commitments.ts";
import { type Class, type Compartment, grant } from "./compartments.ts";
import { ContentDigest } from "./content_key.ts";
import { type Bytes, hexEncode, type Json } from "./encoding.ts";
import { VerifyError } from "./errors.ts";
import * as padding from "./padding.ts";
import { type Hash, sha256, startSha256 } from "./primitives.ts";
import type { ReceiptKeys } from "./receipt.ts";
import type { RecordReader } from "./record_reader.ts";
import * as sealing from "./sealing.ts";
import {
  type AudienceEntry,
  type Client,
  type CompartmentEntry,
  type ConsentEntry,
  encode,
  type Kind,
  keyCommitment,
  type PartEntry,
  type PartKind,
  recordId,
  sign,
  type Signed,
  type Statement,
  statementHash,
} from "./statement.ts";

const ZEROS = new Uint8Array(4 * CHUNK);

/** A part ready to be stored: its entry in the statement, its header and its payload. */
export interface SealedPart {
  readonly entry: PartEntry;
  readonly header: Bytes;
  readonly payload: Bytes;
}

/** A compartment's identity sealed to one reader, named by fingerprint. */
export interface Grant {
  readonly compartment: string;
  readonly recipient: string;
  readonly file: Bytes;
}

/** What a label says of the unpadded bytes: size, D and SHA-256 (hex). */
export interface Measurements {
  readonly size: number;
  readonly digest: string;
  readonly sha256: string;
}

/** A medium of which every byte is sealed, whoever did it, a worker or an earlier page; `part` is its id. */
export interface SealedMedium {
  readonly part: string;
  readonly fileKey: Bytes;
  readonly payloadId: string;
  readonly measurements: Measurements;
}

/** Seal the bytes of one file as they come. Each call must have ended before the next one. */
export class MediumSealer {
  readonly part: string;
  size = 0;
  sealedSize = 0;
  readonly #fileKey: Bytes;
  readonly #sealer: Sealer;
  readonly #original: Hash;
  readonly #payload: Hash;
  readonly #content: ContentDigest | undefined;
  #digest: Bytes | undefined;

  private constructor(
    part: string,
    fileKey: Bytes,
    sealer: Sealer,
    hashes: readonly [Hash, Hash],
    content: ContentDigest | Bytes,
  ) {
    this.part = part;
    this.#fileKey = fileKey;
    this.#sealer = sealer;
    [this.#original, this.#payload] = hashes;
    if (content instanceof ContentDigest) this.#content = content;
    else this.#digest = content;
  }

  /** `digest` (D) may be given where it is already known. */
  static async start(part: string, fileKey: Bytes, nonce: Bytes, digest?: Bytes): Promise<MediumSealer> {
    const sealer = await Sealer.start(fileKey, nonce);
    const hashes = [await startSha256(), await startSha256()] as const;
    return new MediumSealer(part, fileKey, sealer, hashes, digest ?? (await ContentDigest.start()));
  }

  /** Take the next bytes of the original; give payload bytes to store. */
  async update(data: Bytes): Promise<Bytes> {
    // Sealing and digest are under way elsewhere while the hash is computed here.
    const sealing = this.#sealer.update(data);
    const digesting = this.#content?.update(data);
    this.#original.update(data);
    this.size += data.length;
    const [sealed] = await Promise.all([sealing, digesting]);
    return this.#out(sealed);
  }

  /** The padding and the end of the payload, to store; then `sealed` can be asked. */
  async *finish(): AsyncGenerator<Bytes, void> {
    if (this.#content) this.#digest = await this.#content.finish();
    let missing = padding.paddedLength(this.size, padding.FLOOR) - this.size;
    for (; missing > 0; missing -= ZEROS.length) {
      yield this.#out(await this.#sealer.update(ZEROS.subarray(0, missing)));
    }
    yield this.#out(await this.#sealer.finish());
  }

  /** What the record needs to know. Ask once, after `finish` is exhausted. */
  sealed(): SealedMedium {
    return {
      part: this.part,
      fileKey: this.#fileKey,
      payloadId: hexEncode(this.#payload.digest()),
      measurements: {
        size: this.size,
        digest: hexEncode(this.#digest!),
        sha256: hexEncode(this.#original.digest()),
      },
    };
  }

  #out(sealed: Bytes): Bytes {
    this.#payload.update(sealed);
    this.sealedSize += sealed.length;
    return sealed;
  }
}

/**
 * One record being made, or its next revision.
 *
 * `random(n)` returns n fresh random bytes, and is asked in the order in which the Python client asks.
 * The Python library draws those of headers itself: they come from `headers`, by default the same.
 */
export class RecordWriter {
  readonly #keys: ReceiptKeys;
  readonly #random: Random;
  readonly #headers: Random;
  readonly #made = new Map<string, Compartment>();
  readonly #parts: PartEntry[] = [];
  #share: Bytes;
  #record: string;
  #before: Statement | undefined;
  #previous: string | null = null;
  #open: ReadonlyMap<string, Identity> = new Map();
  #blind = false;

  constructor(keys: ReceiptKeys, random: Random, headers: Random = random) {
    this.#keys = keys;
    this.#random = random;
    this.#headers = headers;
    this.#share = random(32);
    this.#record = recordId(this.#share, keys.signing.public, keys.identity.recipient);
  }

  /**
   * The next revision of a record. `reader` has opened what the receipt's own grants open.
   *
   * Nothing of what was signed before is left out or changed; `compartment` makes new ones unless `reuse`
   * names one. A receipt that opens nothing any more gets no grant of anything new either.
   */
  static continuing(
    keys: ReceiptKeys,
    random: Random,
    revisions: readonly Signed[],
    reader: RecordReader,
    headers: Random = random,
  ): RecordWriter {
    const { statement, identities } = reader;
    const writer = new RecordWriter(keys, random, headers);
    writer.#before = statement;
    writer.#previous = statementHash(revisions.at(-1)![0]);
    writer.#open = new Map(identities);
    writer.#blind = statement.compartments.length > 0 && !identities.size;
    writer.#share = statement.share;
    writer.#record = statement.record;
    const signKey = hexEncode(keys.signing.public);
    if (hexEncode(statement.signKey) !== signKey || statement.recipient !== keys.identity.recipient.text) {
      throw new VerifyError("only the receipt that made a record can sign its next revision");
    }
    return writer;
  }

  /** The record's id, hex. */
  get record(): string {
    return this.#record;
  }

  /** 32 random bytes of the record. */
  get share(): Bytes {
    return this.#share;
  }

  /**
   * The record's compartment of this class and name, made on first use.
   *
   * The name exists here only. A new compartment of a class that the record already has is of the next
   * generation.
   */
  compartment(kind: Class, name = ""): Compartment {
    let made = this.#made.get(`${kind} ${name}`);
    if (!made) {
      const before = (this.#before?.compartments ?? []).filter((c) => c.kind === kind);
      const generation = 1 + Math.max(0, ...before.map((c) => c.generation));
      const identity = new Identity(this.#random(32));
      made = { id: hexEncode(this.#random(16)), kind, identity, generation };
      this.#made.set(`${kind} ${name}`, made);
    }
    return made;
  }

  /** Let `compartment` give an earlier one of this record; false if its key is not open. */
  reuse(entry: CompartmentEntry, name = ""): boolean {
    const identity = this.#open.get(entry.id);
    if (!identity) return false;
    const { id, kind, generation } = entry;
    this.#made.set(`${kind} ${name}`, { id, kind, identity, generation });
    return true;
  }

  /** The compartments that this revision makes or reuses. */
  get made(): readonly Compartment[] {
    return [...this.#made.values()];
  }

  /** The ids of the compartments whose keys are at hand. */
  get grantable(): Set<string> {
    return new Set(this.#identities().keys());
  }

  /** Seal named values under a random key, padded to at least `floor` bytes. */
  async structured(
    kind: Kind,
    compartment: Compartment,
    values: Values,
    floor: number = padding.TEXT_FLOOR,
  ): Promise<SealedPart> {
    const part = await this.#structured(kind, compartment, Fields.salted(values, this.#random), floor);
    this.#parts.push(part.entry);
    return part;
  }

  /** As `structured`, for what is signed by a document of its own: the statement will not name it. */
  apart(kind: Kind, compartment: Compartment, values: Values): Promise<SealedPart> {
    return this.#structured(kind, compartment, Fields.salted(values, this.#random), padding.TEXT_FLOOR);
  }

  /** Start sealing a file: under a content key, or, without one, under fresh random bytes. */
  beginMedium(fileKey?: Bytes, nonce?: Bytes, digest?: Bytes): Promise<MediumSealer> {
    const part = hexEncode(this.#random(16));
    const key = fileKey ?? this.#random(FILE_KEY_SIZE);
    return MediumSealer.start(part, key, nonce ?? this.#random(NONCE_SIZE), digest);
  }

  /**
   * The medium's header, and its label, which says `label` and the measurements.
   *
   * Both parts carry the label's commitment: that ties the bytes to their description.
   */
  async endMedium(
    medium: SealedMedium,
    compartment: Compartment,
    label: Readonly<Record<string, Json>>,
  ): Promise<[header: Bytes, label: SealedPart]> {
    const { size, digest, sha256 } = medium.measurements;
    const values = { ...label, part: medium.part, size, digest, sha256 };
    const fields = Fields.salted(values, this.#random);
    const sealedLabel = await this.#structured("label", compartment, fields, padding.FLOOR);
    this.#parts.push(sealedLabel.entry, {
      id: medium.part,
      kind: "medium",
      compartment: compartment.id,
      payloadId: medium.payloadId,
      keyCommitment: keyCommitment(medium.fileKey, this.#record),
      commitment: sealedLabel.entry.commitment,
    });
    return [this.#wrap(medium.fileKey, compartment.identity.recipient), sealedLabel];
  }

  /** For each (compartment id, reader) a grant, and one of every new compartment for the receipt. */
  async grants(audience: readonly (readonly [compartment: string, reader: Recipient])[]): Promise<Grant[]> {
    const before = new Set(this.#before?.compartments.map((c) => c.id));
    const keys = this.#identities();
    const own = this.#blind ? [] : [...keys.keys()].filter((id) => !before.has(id));
    const made: Grant[] = [];
    const wanted = [...own.map((id) => [id, this.#keys.identity.recipient] as const), ...audience];
    for (const [compartment, reader] of wanted) {
      const identity = keys.get(compartment);
      if (!identity) throw new VerifyError("a compartment whose key is not at hand cannot be granted");
      const fresh = {
        fileKey: this.#random(FILE_KEY_SIZE),
        nonce: this.#random(NONCE_SIZE),
        randomness: this.#headers(sealing.WRAP_RANDOM),
      };
      made.push({ compartment, recipient: reader.fingerprint, file: await grant(identity, reader, fresh) });
    }
    return made;
  }

  /** (statement, signature) of this revision. */
  statement(what: {
    audience: readonly AudienceEntry[];
    consent: readonly ConsentEntry[];
    createdDay: string;
    sealedBy: "submitter" | "server";
    client: Client;
  }): Signed {
    const before = this.#before;
    const known = new Set(before?.compartments.map((c) => c.id));
    const made = this.made
      .filter((c) => !known.has(c.id))
      .map(({ id, kind, generation, identity }) => ({
        id,
        kind,
        generation,
        recipient: identity.recipient.text,
      }));
    const data = encode({
      ...what,
      record: this.#record,
      share: this.#share,
      signKey: this.#keys.signing.public,
      recipient: this.#keys.identity.recipient.text,
      revision: (before?.revision ?? 0) + 1,
      previous: this.#previous,
      compartments: [...(before?.compartments ?? []), ...made],
      parts: [...(before?.parts ?? []), ...this.#parts],
    });
    return [data, sign(data, this.#keys.signing)];
  }

  #identities(): Map<string, Identity> {
    return new Map([...this.#open, ...this.made.map((c) => [c.id, c.identity] as const)]);
  }

  #wrap(fileKey: Bytes, recipient: Recipient): Bytes {
    return sealing.wrap(fileKey, recipient, this.#headers(sealing.WRAP_RANDOM));
  }

  #structured(kind: Kind, compartment: Compartment, fields: Fields, floor: number): Promise<SealedPart> {
    const { id, identity } = compartment;
    return sealFields(kind, id, identity.recipient, this.#record, fields, floor, this.#random, this.#headers);
  }
}

/** A structured part of a compartment, whose `recipient` is all that sealing needs. */
export async function sealFields(
  kind: PartKind,
  compartment: string,
  recipient: Recipient,
  record: string,
  fields: Fields,
  floor: number,
  random: Random,
  headers: Random,
): Promise<SealedPart> {
  const fileKey = random(FILE_KEY_SIZE);
  const nonce = random(NONCE_SIZE);
  const id = hexEncode(random(16)); // drawn before anything is waited for: two parts may be under way
  const randomness = headers(sealing.WRAP_RANDOM);
  const payload = await sealing.sealPayload(padding.pad(fields.encode(), floor), fileKey, nonce);
  const entry: PartEntry = {
    id,
    kind,
    compartment,
    payloadId: hexEncode(sha256(payload)),
    keyCommitment: keyCommitment(fileKey, record),
    commitment: hexEncode(fields.commitment()),
  };
  return { entry, header: sealing.wrap(fileKey, recipient, randomness), payload };
}
