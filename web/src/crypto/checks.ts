/** Strict readers for values of parsed JSON: each returns the value in its type or throws `FormatError`. */

import { Recipient } from "./age_keys.ts";
import { hexDecode, isList, isObject, type Json, type JsonObject } from "./encoding.ts";
import { FormatError } from "./errors.ts";

export const DAY = /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$/;
export const SLUG = /^[a-z0-9][a-z0-9-]{0,30}[a-z0-9]$/; // names of mechanisms
export const WORD = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/; // names and versions of programs and texts
export const PRINTABLE = /^(?:[^\p{C}\p{Z}]| )*$/u;
/** White space as the other implementation counts it; for use inside a character class. */
export const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** An object with these names (separated by spaces) and no others. */
export function exactly<Name extends string>(value: Json | undefined, names: string): Record<Name, Json> {
  const wanted = names.split(" ");
  if (!isObject(value)) throw new FormatError(`expected an object with exactly: ${names}`);
  if (Object.keys(value).length !== wanted.length || !wanted.every((n) => Object.hasOwn(value, n))) {
    throw new FormatError(`expected an object with exactly: ${names}`);
  }
  return value as Record<Name, Json>;
}

/** A list of at most `maximum`. */
export function items(value: Json, maximum: number): readonly Json[] {
  if (!isList(value) || value.length > maximum)
    throw new FormatError(`expected a list of at most ${maximum}`);
  return value;
}

/** A string that matches; the pattern is anchored at both ends. */
export function text(value: Json, pattern: RegExp): string {
  if (typeof value !== "string" || !pattern.test(value)) {
    throw new FormatError("a text field is not of the expected form");
  }
  return value;
}

/** One of the allowed strings. */
export function oneOf<Value extends string>(value: Json, allowed: readonly Value[]): Value {
  if (!allowed.includes(value as Value)) throw new FormatError(`expected one of: ${allowed.join(", ")}`);
  return value as Value;
}

/** An integer from 1 to 2³¹-1. */
export function positive(value: Json): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value <= 0 || value >= 2 ** 31) {
    throw new FormatError("expected a positive number");
  }
  return value;
}

/** True or false. */
export function boolean(value: Json): boolean {
  if (typeof value !== "boolean") throw new FormatError("expected true or false");
  return value;
}

/** 16 bytes in hex. */
export function identifier(value: Json): string {
  hexDecode(value, 16);
  return value as string;
}

/** 32 bytes in hex. */
export function digest(value: Json): string {
  hexDecode(value, 32);
  return value as string;
}

/** A version number: exactly this one. */
export function version(value: Json, known: number): void {
  if (value !== known) throw new FormatError("unknown version of this format");
}

/** The number of characters, not of UTF-16 code units. */
export function characters(value: string): number {
  return Array.from(value).length;
}

/** `value`, or null for null. */
export function optional<Value>(value: Json, read: (value: Json) => Value): Value | null {
  return value === null ? null : read(value);
}

/** An object without one of its names. */
export function without(value: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([n]) => n !== name));
}

/** `age1pq1…`, as it is always written: in lower case. */
export function recipient(value: Json): Recipient {
  const found = Recipient.parse(value);
  if (found.text !== value) throw new FormatError("a recipient is written in lower case");
  return found;
}
