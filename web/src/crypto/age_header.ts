/**
 * The header of an age v1 file (C2SP age.md, "Header").
 *
 *     age-encryption.org/v1
 *     -> mlkem768x25519 <enc, base64>
 *     <wrapped file key, base64, lines of 64 columns, the last one shorter>
 *     --- <HMAC-SHA-256 of all of the above up to and including "---", base64>
 *
 * `parse` takes the general form, any stanza types; `requirePostQuantum` is the one that intake accepts.
 */

import { b64Decode, b64Encode, type Bytes, concat, latin1, utf8 } from "./encoding.ts";
import { FormatError, VerifyError } from "./errors.ts";
import * as primitives from "./primitives.ts";

const VERSION_LINE = "age-encryption.org/v1\n";
export const STANZA_TYPE = "mlkem768x25519";
export const MAX_HEADER = 64 * 1024; // bytes; ours has about 1.6 kB
export const MAX_STANZAS = 20;
export const FILE_KEY_SIZE = 16;
const COLUMNS = 64;
const ARGUMENT = /^[\x21-\x7e]+$/;

/** One wrapped copy of the file key: its type, arguments after the type, and body. */
export interface Stanza {
  readonly kind: string;
  readonly arguments: readonly string[];
  readonly body: Bytes;
}

/** A parsed header. `raw` are its bytes, from the version line to the line feed after the MAC. */
export interface Header {
  readonly stanzas: readonly Stanza[];
  readonly mac: Bytes;
  readonly raw: Bytes;
}

/** `VerifyError` unless the header's MAC was made with this file key. */
export function checkMac(header: Header, fileKey: Bytes): void {
  const end = latin1(header.raw).lastIndexOf("\n---") + 4;
  if (!primitives.same(macOf(fileKey, header.raw.subarray(0, end)), header.mac)) {
    throw new VerifyError("the header was altered");
  }
}

/** Header bytes for these stanzas, MAC included. */
export function encode(stanzas: readonly Stanza[], fileKey: Bytes): Bytes {
  const authenticated = utf8(`${VERSION_LINE}${stanzas.map(encodeStanza).join("")}---`);
  return concat(authenticated, utf8(` ${b64Encode(macOf(fileKey, authenticated))}\n`));
}

/**
 * Parse the header at the start of `data`; bytes after it are left alone.
 *
 * `FormatError` if it is malformed, longer than `MAX_HEADER`, or has more than `MAX_STANZAS` stanzas.
 */
export function parse(data: Bytes): Header {
  const lines = new Lines(data);
  if (lines.next() !== VERSION_LINE.slice(0, -1)) throw new FormatError("not an age v1 file");
  const stanzas: Stanza[] = [];
  let line = lines.next();
  while (!line.startsWith("---")) {
    if (stanzas.length === MAX_STANZAS) throw new FormatError("too many stanzas");
    stanzas.push(parseStanza(line, lines));
    line = lines.next();
  }
  if (!stanzas.length) throw new FormatError("a header needs at least one stanza");
  if (!line.startsWith("--- ")) throw new FormatError("malformed footer");
  const mac = b64Decode(line.slice(4));
  if (mac.length !== 32) throw new FormatError("the header's MAC has 32 bytes");
  return { stanzas, mac, raw: data.slice(0, lines.position) };
}

/** The only header that intake takes: one well-formed `mlkem768x25519` stanza. Returns the stanza. */
export function requirePostQuantum(header: Header): Stanza {
  const stanza = header.stanzas[0]!;
  if (header.stanzas.length !== 1 || stanza.kind !== STANZA_TYPE) {
    throw new FormatError(`a header must have one stanza, of type ${STANZA_TYPE}`);
  }
  checkHybrid(stanza);
  return stanza;
}

/** The encapsulation of a well-formed `mlkem768x25519` stanza, checked before any decryption. */
export function checkHybrid(stanza: Stanza): Bytes {
  if (stanza.arguments.length !== 1 || stanza.body.length !== FILE_KEY_SIZE + primitives.TAG_SIZE) {
    throw new FormatError(`malformed ${STANZA_TYPE} stanza`);
  }
  const enc = b64Decode(stanza.arguments[0]!);
  if (enc.length !== primitives.HYBRID_ENC) throw new FormatError(`malformed ${STANZA_TYPE} stanza`);
  primitives.refuseLowOrder(enc);
  return enc;
}

function encodeStanza(stanza: Stanza): string {
  const text = b64Encode(stanza.body);
  const lines = [["->", stanza.kind, ...stanza.arguments].join(" ")];
  for (let i = 0; i <= text.length; i += COLUMNS) lines.push(text.slice(i, i + COLUMNS));
  return lines.join("\n") + "\n";
}

function parseStanza(line: string, lines: Lines): Stanza {
  const [marker, kind, ...words] = line.split(" ");
  if (marker !== "->" || kind === undefined || ![kind, ...words].every((word) => ARGUMENT.test(word))) {
    throw new FormatError("malformed stanza");
  }
  let body = "";
  for (;;) {
    const row = lines.next();
    if (row.length > COLUMNS) throw new FormatError("a stanza's body has lines of 64 columns");
    body += row;
    if (row.length < COLUMNS) return { kind, arguments: words, body: b64Decode(body) };
  }
}

class Lines {
  position = 0;
  readonly #data: Bytes;

  constructor(data: Bytes) {
    this.#data = data.subarray(0, MAX_HEADER);
  }

  next(): string {
    const end = this.#data.indexOf(10, this.position);
    if (end < 0) throw new FormatError("the header is cut short or too long");
    const line = this.#data.subarray(this.position, end);
    if (line.some((byte) => byte > 127)) throw new FormatError("the header is not ASCII");
    this.position = end + 1;
    return latin1(line);
  }
}

function macOf(fileKey: Bytes, authenticated: Bytes): Bytes {
  return primitives.hmacSha256(primitives.hkdf(fileKey, "header"), authenticated);
}
