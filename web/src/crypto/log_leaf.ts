/**
 * Log leaves: 65 bytes that outsiders may see, and their openings. Checking only.
 *
 *     leaf       = 01 ‖ tag (32) ‖ commitment (32)
 *     tag        = HMAC-SHA-256(K_record, "tag" ‖ u64be counter)
 *     names      = SHA-256("intake/log-names/v1" ‖ 00 ‖ JCS([name, …]))        in ascending order
 *     commitment = SHA-256("intake/log-commitment/v1" ‖ 00 ‖ names ‖ field, …)   in the order of the names
 *
 * where each field is `commitments.leaf`. Who holds K_record finds every leaf of a record by its tags,
 * from counter 0 on without a gap; nobody else can tell two leaves apart. An opening shows some fields and
 * only the hashes of the others. Names and places are committed to: one name has one value, whatever is
 * shown. Padding is a leaf like any other whose only field says that it is padding.
 */

import * as checks from "./checks.ts";
import { leaf as fieldLeaf, salted, type Salted } from "./commitments.ts";
import {
  type Bytes,
  canonicalJson,
  equal,
  hexDecode,
  isObject,
  type Json,
  parseCanonicalJson,
  u64be,
  utf8,
} from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import { hmacSha256, same, sha256 } from "./primitives.ts";

export const SIZE = 65;
export const VERSION = 1;
export const TAG_SIZE = 32;
export const MAX_BYTES = 64 * 1024; // of an opening
export const MAX_FIELDS = 64;
const PADDING = "padding";
const MAX_COUNTER = 2n ** 63n - 1n;
const NAME = /^[a-z][a-z0-9_]{0,31}$/;

/** What is hashed into the tree. */
export interface LogLeaf {
  readonly tag: Bytes;
  readonly commitment: Bytes;
}

/** `FormatError` on another length or version. */
export function parseLeaf(data: Bytes): LogLeaf {
  if (data.length !== SIZE || data[0] !== VERSION) throw new FormatError("not a log leaf of version 1");
  return { tag: data.slice(1, 1 + TAG_SIZE), commitment: data.slice(1 + TAG_SIZE) };
}

/** Fields with their salts, and the hashes of those that are not shown, by name. */
export class Opening {
  readonly #fields: ReadonlyMap<string, Salted>; // private: it holds what outsiders must not see
  readonly #hidden: ReadonlyMap<string, Bytes>;

  private constructor(fields: ReadonlyMap<string, Salted>, hidden: ReadonlyMap<string, Bytes>) {
    this.#fields = fields;
    this.#hidden = hidden;
    const names = [...fields.keys(), ...hidden.keys()];
    if (!names.length || names.length > MAX_FIELDS || new Set(names).size !== names.length) {
      throw new FormatError("an opening has 1 to 64 fields, each one shown or hidden");
    }
    for (const name of names) checks.text(name, NAME);
    if (names.includes(PADDING) && (names.length > 1 || fields.get(PADDING)?.[1] !== true)) {
      throw new FormatError("padding says so, and nothing else");
    }
  }

  /** From JCS of {"v": 1, "fields": {name: [salt, value], …}, "hidden": {name: hash, …}}; `FormatError`. */
  static parse(data: Bytes): Opening {
    if (data.length > MAX_BYTES) throw new FormatError("the opening is too long");
    const top = checks.exactly<"v" | "fields" | "hidden">(parseCanonicalJson(data), "v fields hidden");
    checks.version(top.v, VERSION);
    if (!isObject(top.fields) || !isObject(top.hidden)) throw new FormatError("not an opening of version 1");
    return new Opening(
      new Map(Object.entries(top.fields).map(([name, raw]) => [name, salted(raw)])),
      new Map(Object.entries(top.hidden).map(([name, raw]) => [name, hexDecode(raw, 32)])),
    );
  }

  /** Names and values of the fields that are shown. */
  get values(): ReadonlyMap<string, Json> {
    return new Map([...this.#fields].map(([name, [, value]]) => [name, value]));
  }

  /** Whether there is a field that is not shown. */
  get hides(): boolean {
    return this.#hidden.size > 0;
  }

  /** Whether it opens a leaf that stands for nothing. */
  get padding(): boolean {
    return this.#fields.has(PADDING);
  }

  /** 32 bytes, the same whichever fields are shown. */
  commitment(): Bytes {
    const shown = [...this.#fields].map(
      ([name, [salt, value]]) => [name, fieldLeaf(salt, name, value)] as const,
    );
    const leaves = [...shown, ...this.#hidden].sort(([one], [other]) => (one < other ? -1 : 1));
    const names = sha256(utf8("intake/log-names/v1\0"), canonicalJson(leaves.map(([name]) => name)));
    return sha256(utf8("intake/log-commitment/v1\0"), names, ...leaves.map(([, leaf]) => leaf));
  }
}

/** The tag of a record's leaf number `counter`, from 0: 32 bytes. */
export function tag(recordKey: Bytes, counter: number | bigint): Bytes {
  if (recordKey.length !== 32 || counter < 0 || counter > MAX_COUNTER) {
    throw new FormatError("a tag has a key of 32 bytes and a counter from 0");
  }
  return hmacSha256(recordKey, utf8("tag"), u64be(counter));
}

/** Return if what the opening shows is what the leaf commits to; else `VerifyError`. */
export function verifyOpening(leaf: LogLeaf, opening: Opening): void {
  if (!same(leaf.commitment, opening.commitment()))
    throw new VerifyError("the opening is not that of the leaf");
}

/** Return if it is leaf number `counter` of the record with this key; else `VerifyError`. */
export function verifyTag(leaf: LogLeaf, recordKey: Bytes, counter: number | bigint): void {
  if (!equal(leaf.tag, tag(recordKey, counter))) throw new VerifyError("the leaf is another record's");
}
