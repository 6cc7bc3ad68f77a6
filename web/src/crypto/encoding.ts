/**
 * Text forms of bytes: strict base64 (RFC 4648), hex, bech32 (BIP 173) and canonical JSON (RFC 8785).
 *
 * Every decoder accepts exactly what its encoder writes: it decodes, encodes again and compares. Two
 * spellings of one value would give two hashes of one statement.
 */

import { FormatError } from "./errors.ts";

export type Bytes = Uint8Array;
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

const UTF8 = new TextEncoder();
const FROM_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The pieces one after another. */
export function concat(...pieces: readonly Bytes[]): Bytes {
  const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let position = 0;
  for (const piece of pieces) {
    out.set(piece, position);
    position += piece.length;
  }
  return out;
}

/** Whether two byte strings are equal; for values that are public. */
export function equal(left: Bytes, right: Bytes): boolean {
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

/** Negative, 0 or positive: the order of bytes, as of their hex. */
export function compare(left: Bytes, right: Bytes): number {
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    if (left[i] !== right[i]) return left[i]! - right[i]!;
  }
  return left.length - right.length;
}

/** u64be(value), 8 bytes. */
export function u64be(value: number | bigint): Bytes {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value));
  return out;
}

/** UTF-8; `FormatError` for lone surrogates, which JSON can smuggle into a string. */
export function utf8(text: string): Bytes {
  if (LONE_SURROGATE.test(text)) throw new FormatError("a text is not Unicode: it holds a lone surrogate");
  return UTF8.encode(text);
}

/** Inverse of `utf8`; `FormatError` for anything else. A byte order mark is kept: it is no JSON. */
export function fromUtf8(data: Bytes): string {
  try {
    return FROM_UTF8.decode(data);
  } catch {
    throw new FormatError("not UTF-8");
  }
}

/** The characters with these codes, for data that is ASCII or about to be refused. */
export function latin1(data: Bytes): string {
  let out = "";
  for (let i = 0; i < data.length; i += 8192) out += String.fromCharCode(...data.subarray(i, i + 8192));
  return out;
}

/** Standard alphabet with padding, as signed notes write it. */
export function b64EncodePadded(data: Bytes): string {
  return btoa(latin1(data));
}

/** Standard alphabet without padding, as age writes it. */
export function b64Encode(data: Bytes): string {
  return b64EncodePadded(data).replace(/=+$/, "");
}

/** Inverse of `b64Encode`; `FormatError` on padding, foreign characters or non-zero spare bits. */
export function b64Decode(text: string): Bytes {
  return b64Strict(text, text, b64Encode);
}

/** URL-safe alphabet without padding: binary values in our JSON. */
export function b64uEncode(data: Bytes): string {
  return b64Encode(data).replaceAll("+", "-").replaceAll("/", "_");
}

/** Inverse of `b64uEncode`; with `length`, any other number of bytes is a `FormatError`. */
export function b64uDecode(text: Json | undefined, length?: number): Bytes {
  if (typeof text !== "string") throw new FormatError("not base64");
  const data = b64Strict(text, text.replaceAll("-", "+").replaceAll("_", "/"), b64uEncode);
  if (length !== undefined && data.length !== length) {
    throw new FormatError(`expected ${length} bytes, got ${data.length}`);
  }
  return data;
}

function b64Strict(text: string, standard: string, encode: (data: Bytes) => string): Bytes {
  let binary: string;
  try {
    binary = atob(standard);
  } catch {
    throw new FormatError("not base64");
  }
  const data = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  if (encode(data) !== text) throw new FormatError("not canonical base64 without padding");
  return data;
}

/** Lower-case hex. */
export function hexEncode(data: Bytes): string {
  let out = "";
  for (const byte of data) out += byte.toString(16).padStart(2, "0");
  return out;
}

/** Lower-case hex of exactly `length` bytes: identifiers and hashes in our JSON. */
export function hexDecode(text: Json | undefined, length: number): Bytes {
  if (typeof text !== "string" || text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) {
    throw new FormatError(`expected ${length} bytes in lower-case hex`);
  }
  return Uint8Array.from({ length }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

const DEEPEST = 64; // nested lists and objects: none of our formats comes near

/** RFC 8785. Fractions are refused: none of our formats has one, and they invite two spellings. */
export function canonicalJson(value: Json): Bytes {
  return utf8(canonical(value, DEEPEST));
}

function canonical(value: Json, deep: number): string {
  if (!deep) throw new FormatError("JSON is nested too deeply");
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new FormatError("a number is not an integer below 2^53");
  }
  if (value === null || typeof value !== "object") {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new FormatError("not representable in JSON");
    if (typeof value === "string") utf8(value); // JSON.stringify would escape a lone surrogate
    return text;
  }
  if (isList(value)) return `[${value.map((item) => canonical(item, deep - 1)).join(",")}]`;
  const names = Object.keys(value).sort(); // by UTF-16 code units, as RFC 8785 asks
  return `{${names.map((n) => `${canonical(n, 1)}:${canonical(value[n]!, deep - 1)}`).join(",")}}`;
}

/** Whether a value is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Whether a value is an object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}

/** JSON that is byte for byte its own canonical form. */
export function parseCanonicalJson(data: Bytes): Json {
  const value = parseJson(data);
  if (!equal(canonicalJson(value), data)) throw new FormatError("JSON is not in canonical form (RFC 8785)");
  return value;
}

/**
 * JSON (RFC 8259) with duplicate names, fractions, integers beyond 2^53 - 1, lone surrogates and absurd
 * nesting refused. `JSON.parse` would take the last of two names, and round numbers, without a word.
 */
export function parseJson(data: Bytes | string): Json {
  const text = typeof data === "string" ? data : fromUtf8(data);
  const reader = new JsonReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

const SPACES = /[ \t\n\r]*/y;
const INTEGER = /-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
const WORDS = new Map<string, Json>([
  ["null", null],
  ["true", true],
  ["false", false],
]);
const MOST_NESTED = 900;

class JsonReader {
  #position = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  value(deep: number): Json {
    if (deep > MOST_NESTED) throw new FormatError("JSON is nested too deeply");
    this.#match(SPACES);
    const next = this.#text[this.#position];
    if (next === "{") return this.#object(deep);
    if (next === "[") return this.#list(deep);
    if (next === '"') return this.#string();
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#position)) {
        this.#position += word.length;
        return value;
      }
    }
    const number = Number(this.#match(INTEGER) || NaN);
    if (!Number.isSafeInteger(number)) throw new FormatError("not JSON, or a number with two spellings");
    return number;
  }

  end(): void {
    this.#match(SPACES);
    if (this.#position !== this.#text.length) throw new FormatError("not JSON: something follows");
  }

  #object(deep: number): JsonObject {
    const found = new Map<string, Json>();
    this.#sequence("}", () => {
      this.#match(SPACES);
      const name = this.#string();
      if (found.has(name)) throw new FormatError("not JSON: duplicate name");
      if (!this.#take(":")) throw new FormatError("not JSON");
      found.set(name, this.value(deep + 1));
    });
    return Object.fromEntries(found); // and not by assignment, which `__proto__` would abuse
  }

  #list(deep: number): Json[] {
    const found: Json[] = [];
    this.#sequence("]", () => found.push(this.value(deep + 1)));
    return found;
  }

  #sequence(end: string, item: () => void): void {
    this.#position++;
    if (this.#take(end)) return;
    do item();
    while (this.#take(","));
    if (!this.#take(end)) throw new FormatError("not JSON");
  }

  #string(): string {
    const start = this.#position;
    if (this.#text[start] !== '"') throw new FormatError("not JSON");
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === "\\" ? 2 : 1;
    this.#position = end + 1;
    let text: string;
    try {
      text = JSON.parse(this.#text.slice(start, end + 1)) as string; // of one string it is strict
    } catch {
      throw new FormatError("not JSON");
    }
    utf8(text);
    return text;
  }

  #take(token: string): boolean {
    this.#match(SPACES);
    if (this.#text[this.#position] !== token) return false;
    this.#position++;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#position += found.length;
    return found;
  }
}

const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** BIP 173 without its 90-character limit, as age uses it. Lower case. */
export function bech32Encode(hrp: string, data: Bytes): string {
  const values = regroup(data, 8, 5);
  if ((data.length * 8) % 5) values[values.length - 1]! <<= 5 - ((data.length * 8) % 5);
  const check = polymod([...expand(hrp), ...values, 0, 0, 0, 0, 0, 0]) ^ 1;
  for (let i = 0; i < 6; i++) values.push((check >> (5 * (5 - i))) & 31);
  return `${hrp}1${values.map((v) => BECH32[v]).join("")}`;
}

/** Inverse of `bech32Encode` for this `hrp` (given in lower case); mixed case is refused. */
export function bech32Decode(text: Json | undefined, hrp: string): Bytes {
  if (typeof text !== "string" || (text !== text.toLowerCase() && text !== text.toUpperCase())) {
    throw new FormatError("bech32 mixes upper and lower case");
  }
  const lower = text.toLowerCase();
  const cut = lower.lastIndexOf("1");
  if (cut < 0 || lower.slice(0, cut) !== hrp)
    throw new FormatError(`expected a key that starts with ${hrp}1`);
  const values = Array.from(lower.slice(cut + 1), (c) => BECH32.indexOf(c));
  if (values.length < 6 || values.includes(-1) || polymod([...expand(hrp), ...values]) !== 1) {
    throw new FormatError("bech32 checksum does not hold (a character is mistyped or missing)");
  }
  const digits = values.slice(0, -6);
  const spare = (digits.length * 5) % 8;
  if (spare >= 5 || (spare && digits.at(-1)! & ((1 << spare) - 1))) {
    throw new FormatError("bech32 has stray digits or bits at its end");
  }
  return Uint8Array.from(regroup(digits, 5, 8).slice(0, (digits.length * 5) >> 3));
}

/** The same bits in groups of another size; what is left over is the last, smaller number. */
function regroup(from: Iterable<number>, size: number, wanted: number): number[] {
  const out: number[] = [];
  let held = 0;
  let bits = 0;
  for (const value of from) {
    held = (held << size) | value;
    for (bits += size; bits >= wanted; held &= (1 << bits) - 1) out.push(held >> (bits -= wanted));
  }
  if (bits) out.push(held);
  return out;
}

function expand(hrp: string): number[] {
  const codes = Array.from(hrp, (c) => c.charCodeAt(0));
  return [...codes.map((c) => c >> 5), 0, ...codes.map((c) => c & 31)];
}

function polymod(values: readonly number[]): number {
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((generator, bit) => {
      if ((top >> bit) & 1) check ^= generator;
    });
  }
  return check;
}
