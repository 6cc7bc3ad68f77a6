/** A name of two words for a record: the twin of `intake/record/names.py`. */

import { hexDecode, utf8 } from "../../../src/crypto/encoding.ts";
import { sha256 } from "../../../src/crypto/primitives.ts";
import { ENGLISH } from "../../../src/crypto/receipt_words.ts";

const DOMAIN = utf8("intake/record-name/v1");

export function recordName(record: string): string {
  const digest = sha256(DOMAIN, hexDecode(record, 32));
  const word = (at: number): string => ENGLISH[((digest[at]! << 8) | digest[at + 1]!) % ENGLISH.length]!;
  return `${word(0)}-${word(2)}`;
}
