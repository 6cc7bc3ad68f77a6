/**
 * Salted commitments: a signed statement can be checked field by field, and fields can be left out.
 *
 *     leaf       = SHA-256("intake/field/v1" ‖ 00 ‖ salt ‖ JCS([name, value]))
 *     commitment = SHA-256("intake/commitment/v1" ‖ 00 ‖ part salt ‖ leaves in ascending order)
 *
 * Salts have 16 bytes. Leaves are ordered by their hash, so that their places tell nothing about omitted
 * names. The plaintext of a structured part (narrative, triage card, label, …) is
 *
 *     JCS({"v": 1, "salt": …, "fields": {name: [salt, value], …}})
 */

import * as checks from "./checks.ts";
import {
  b64uDecode,
  b64uEncode,
  type Bytes,
  canonicalJson,
  compare,
  isList,
  isObject,
  type Json,
  parseCanonicalJson,
  utf8,
} from "./encoding.ts";
import { FormatError } from "./errors.ts";
import { stripText } from "./padding.ts";
import { sha256 } from "./primitives.ts";

export const SALT_SIZE = 16;
export const MAX_FIELDS = 2000;
const FIELD_DOMAIN = utf8("intake/field/v1\0");
const COMMITMENT_DOMAIN = utf8("intake/commitment/v1\0");

/** Gives n fresh random bytes. */
export type Random = (size: number) => Bytes;
/** Named values, in the order in which they are salted. */
export type Values = Readonly<Record<string, Json>> | ReadonlyMap<string, Json>;
export type Salted = readonly [salt: Bytes, value: Json];

/** Named values, each with a salt of its own. */
export class Fields {
  readonly salt: Bytes;
  readonly fields: ReadonlyMap<string, Salted>;

  constructor(salt: Bytes, fields: ReadonlyMap<string, Salted>) {
    this.salt = salt;
    this.fields = fields;
  }

  /** Salt each value. */
  static salted(values: Values, random: Random): Fields {
    const pairs = values instanceof Map ? [...values] : Object.entries(values as Record<string, Json>);
    const salted = new Map(pairs.map(([name, value]) => [name, [random(SALT_SIZE), value] as const]));
    return new Fields(random(SALT_SIZE), salted);
  }

  /** Inverse of `encode`, after stripping zero padding; `FormatError` if it is not that form. */
  static parse(padded: Bytes): Fields {
    const top = checks.exactly<"v" | "salt" | "fields">(
      parseCanonicalJson(stripText(padded)),
      "v salt fields",
    );
    checks.version(top.v, 1);
    if (!isObject(top.fields)) throw new FormatError("a structured part has named fields");
    const fields = Object.entries(top.fields);
    if (fields.length > MAX_FIELDS)
      throw new FormatError(`a structured part has at most ${MAX_FIELDS} fields`);
    return new Fields(
      b64uDecode(top.salt, SALT_SIZE),
      new Map(fields.map(([name, raw]) => [name, salted(raw)])),
    );
  }

  /** The value of one field; undefined if there is none of that name. */
  value(name: string): Json | undefined {
    return this.fields.get(name)?.[1];
  }

  /** The leaf of each field, 32 bytes. */
  leaves(): Map<string, Bytes> {
    return new Map([...this.fields].map(([name, [salt, value]]) => [name, leaf(salt, name, value)]));
  }

  /** 32 bytes. */
  commitment(): Bytes {
    return commitment(this.salt, this.leaves().values());
  }

  /** The plaintext, before padding. */
  encode(): Bytes {
    const fields = [...this.fields].map(
      ([name, [salt, value]]) => [name, [b64uEncode(salt), value]] as const,
    );
    return canonicalJson({ v: 1, salt: b64uEncode(this.salt), fields: Object.fromEntries(fields) });
  }
}

/** The leaf of one field, 32 bytes. */
export function leaf(salt: Bytes, name: string, value: Json): Bytes {
  return sha256(FIELD_DOMAIN, salt, canonicalJson([name, value]));
}

/** The commitment over all leaves of a part, disclosed or not, 32 bytes. */
export function commitment(salt: Bytes, leaves: Iterable<Bytes>): Bytes {
  return sha256(COMMITMENT_DOMAIN, salt, ...[...leaves].sort(compare));
}

/** [salt, value] of one field. */
export function salted(raw: Json): Salted {
  if (!isList(raw) || raw.length !== 2) throw new FormatError("a field is [salt, value]");
  return [b64uDecode(raw[0], SALT_SIZE), raw[1]!];
}
