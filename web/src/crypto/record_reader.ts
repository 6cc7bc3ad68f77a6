/**
 * Opening one record, and refusing to show anything of it that does not hold.
 *
 * The checks, in order (`docs/wire.md`, "What a reader checks"):
 *
 *  1. each statement is canonical, signed by the record's key, and the record id follows from its keys;
 *  2. revisions follow one another without a gap, each naming the hash of the one before;
 *  3. a grant opens to the identity of the compartment that the statement names;
 *  4. a part's header has one post-quantum stanza for that compartment, and its MAC holds;
 *  5. the file key is the one the statement commits to, for this record;
 *  6. the payload's hash is the payload id, and every chunk opens, in order, to its end;
 *  7. a structured part's fields hash to its commitment;
 *  8. a medium's commitment is its label's, and the label names this medium;
 *  9. a medium's bytes have the label's size, D and SHA-256, and nothing but zeros after them.
 */

import { type Header, requirePostQuantum } from "./age_header.ts";
import type { Identity } from "./age_keys.ts";
import { Opener } from "./age_stream.ts";
import * as checks from "./checks.ts";
import { Fields } from "./commitments.ts";
import { openGrant } from "./compartments.ts";
import { ContentDigest } from "./content_key.ts";
import { type Bytes, hexEncode, type Json } from "./encoding.ts";
import { FormatError, NotMine, VerifyError } from "./errors.ts";
import { type Hash, sha256, startSha256 } from "./primitives.ts";
import * as sealing from "./sealing.ts";
import {
  BINARY_KINDS,
  keyCommitment,
  type PartEntry,
  type Signed,
  type Statement,
  verifyChain,
} from "./statement.ts";

/** Open one medium as its payload comes. Nothing may be relied on before `finish` has ended well. */
export class MediumOpener {
  readonly size: number;
  readonly #entry: PartEntry;
  readonly #label: Label;
  readonly #opener: Opener;
  readonly #payload: Hash;
  readonly #original: Hash;
  readonly #content: ContentDigest;
  #seen = 0;

  private constructor(
    entry: PartEntry,
    label: Label,
    opener: Opener,
    hashes: readonly [Hash, Hash],
    content: ContentDigest,
  ) {
    this.#entry = entry;
    this.#label = label;
    this.size = label.size;
    this.#opener = opener;
    [this.#payload, this.#original] = hashes;
    this.#content = content;
  }

  static async start(entry: PartEntry, fileKey: Bytes, label: Label): Promise<MediumOpener> {
    const hashes = [await startSha256(), await startSha256()] as const;
    return new MediumOpener(entry, label, new Opener(fileKey), hashes, await ContentDigest.start());
  }

  /** Take payload bytes; give bytes of the original, maybe none. */
  async update(sealed: Bytes): Promise<Bytes> {
    const opening = this.#opener.update(sealed);
    this.#payload.update(sealed);
    return this.#take(await opening);
  }

  /** The last bytes of the original; `VerifyError` if any check of steps 6 and 9 fails. */
  async finish(): Promise<Bytes> {
    const last = await this.#take(await this.#opener.finish());
    if (hexEncode(this.#payload.digest()) !== this.#entry.payloadId) {
      throw new VerifyError("the payload is not the one that was signed");
    }
    if (this.#seen < this.size) throw new VerifyError("the medium is shorter than its label says");
    const found = [hexEncode(await this.#content.finish()), hexEncode(this.#original.digest())];
    if (found[0] !== this.#label.digest || found[1] !== this.#label.sha256) {
      throw new VerifyError("the medium is not the one its label describes");
    }
    return last;
  }

  async #take(plain: Bytes): Promise<Bytes> {
    const keep = Math.min(plain.length, Math.max(0, this.size - this.#seen));
    this.#seen += plain.length;
    if (plain.subarray(keep).some((byte) => byte !== 0)) {
      throw new VerifyError("something other than padding follows the medium");
    }
    const kept = plain.subarray(0, keep);
    const digesting = this.#content.update(kept);
    this.#original.update(kept);
    await digesting;
    return kept;
  }
}

/** A record whose statements hold, and the compartments of it that these identities open. */
export class RecordReader {
  readonly statement: Statement;
  readonly #keys: ReadonlyMap<string, Identity>;

  private constructor(statement: Statement, keys: ReadonlyMap<string, Identity>) {
    this.statement = statement;
    this.#keys = keys;
  }

  /** `grants` are (compartment id, age file). With `record`, the id asked for, any other is refused. */
  static async open(
    revisions: readonly Signed[],
    grants: Iterable<readonly [compartment: string, file: Bytes]>,
    identities: readonly Identity[],
    record?: string,
  ): Promise<RecordReader> {
    const statement = verifyChain(revisions);
    if (record !== undefined && statement.record !== record) {
      throw new VerifyError("another record than the one asked for");
    }
    const recipients = new Map(statement.compartments.map((c) => [c.id, c.recipient]));
    const keys = new Map<string, Identity>();
    for (const [compartment, file] of grants) {
      const recipient = recipients.get(compartment);
      if (!recipient) throw new VerifyError("a grant for a compartment that the statement does not name");
      try {
        keys.set(compartment, await openGrant(file, identities, recipient));
      } catch (error) {
        if (!(error instanceof NotMine)) throw error;
      }
    }
    return new RecordReader(statement, keys);
  }

  /** The compartments that are open, by id, and their keys. */
  get identities(): ReadonlyMap<string, Identity> {
    return this.#keys;
  }

  /** The parts whose compartments are open, in the statement's order. */
  readable(): PartEntry[] {
    return this.statement.parts.filter((entry) => this.#keys.has(entry.compartment));
  }

  /** The fields of a structured part from its whole age file. */
  async structured(part: string, file: Bytes): Promise<Fields> {
    const entry = this.#entry(part);
    return openEntry(entry, this.statement.record, file, this.#identity(entry));
  }

  /** Start opening a medium from its header and its opened label; feed it the payload. */
  async medium(part: string, header: Header, label: Fields): Promise<MediumOpener> {
    const entry = this.#entry(part);
    if (!BINARY_KINDS.includes(entry.kind)) throw new VerifyError("this part is not a medium");
    const said = checkLabel(label);
    if (hexEncode(label.commitment()) !== entry.commitment || said.part !== part) {
      throw new VerifyError("the label belongs to another medium");
    }
    const fileKey = fileKeyOf(entry, this.statement.record, header, this.#identity(entry));
    return MediumOpener.start(entry, fileKey, said);
  }

  #entry(part: string): PartEntry {
    const entry = this.statement.parts.find((e) => e.id === part);
    if (!entry) throw new VerifyError("a part that the statement does not name");
    return entry;
  }

  #identity(entry: PartEntry): Identity {
    const identity = this.#keys.get(entry.compartment);
    if (!identity) throw new NotMine("the part's compartment was not granted to these keys");
    return identity;
  }
}

/**
 * The fields of a structured part that something signed names, from its whole age file.
 *
 * `compartment` is the identity of the compartment that the entry names. `NotMine` if the part is sealed
 * to another, `VerifyError` if key, payload or fields are not those that were signed.
 */
export async function openEntry(
  entry: PartEntry,
  record: string,
  file: Bytes,
  compartment: Identity,
): Promise<Fields> {
  const [header, payload] = sealing.split(file);
  const fileKey = fileKeyOf(entry, record, header, compartment);
  if (hexEncode(sha256(payload)) !== entry.payloadId) {
    throw new VerifyError("the payload is not the one that was signed");
  }
  const fields = Fields.parse(await sealing.openPayload(payload, fileKey));
  if (hexEncode(fields.commitment()) !== entry.commitment) {
    throw new VerifyError("the fields are not the ones that were signed");
  }
  return fields;
}

/** The file key of a part, if it is the one that was committed to for this record. */
export function fileKeyOf(entry: PartEntry, record: string, header: Header, compartment: Identity): Bytes {
  requirePostQuantum(header);
  const fileKey = sealing.unwrap(header, [compartment]);
  if (keyCommitment(fileKey, record) !== entry.keyCommitment) {
    throw new VerifyError("the key is not the one that was signed");
  }
  return fileKey;
}

/** What every label says. `part` is an id; hashes are hex. */
export interface Label {
  readonly part: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly digest: string;
  readonly sha256: string;
}

/** What the label says; `FormatError` unless what every label must say is there and well formed. */
export function checkLabel(label: Fields): Label {
  return readLabel((name) => label.value(name) ?? null);
}

/** As `checkLabel`, from whatever gives the values by their names; null for one that is not there. */
export function readLabel(value: (name: string) => Json): Label {
  const text = (name: string): string => {
    const found = value(name);
    if (typeof found !== "string" || checks.characters(found) > 4096) {
      throw new FormatError("the label's name and type are texts");
    }
    return found;
  };
  const size = value("size");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw new FormatError("the label's size is not a number of bytes");
  }
  return {
    part: checks.identifier(value("part")),
    name: text("name"),
    type: text("type"),
    size,
    digest: checks.digest(value("digest")),
    sha256: checks.digest(value("sha256")),
  };
}
