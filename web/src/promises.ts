/**
 * A promise is made when a testimony is received, before it is in a signed log: if the leaves that it names
 * are not there by its day, it convicts the operator. The twin of `check_promise` in
 * `intake/client/promises.py`.
 *
 *     intake/promise/v1
 *     <record>
 *     <SHA-256 of the statement, hex>
 *     <day by which the leaves are in signed checkpoints>
 *     <origin of a log> <base64(leaf hash)>              one line for each mechanism
 */

import * as checks from "./crypto/checks.ts";
import { type Json, utf8 } from "./crypto/encoding.ts";
import { FormatError, VerifyError } from "./crypto/errors.ts";
import * as merkle from "./crypto/merkle.ts";
import * as notes from "./crypto/notes.ts";

const TITLE = "intake/promise/v1";
const LONGEST = 2; // days from now: a promise for the end of time can be kept by doing nothing
const DAY_MS = 86_400_000;

/** What has been received, as whoever sent it knows it. `today` is a day. */
export interface Sent {
  readonly record: string;
  readonly statementHash: string;
  readonly mechanisms: readonly string[];
  readonly today: string;
}

/** Return if the promise holds and covers this statement for all these mechanisms; else `CryptoError`. */
export function checkPromise(promise: Json | undefined, key: notes.VerifierKey, sent: Sent): void {
  if (typeof promise !== "string") throw new VerifyError("there is no promise");
  // 1. The form, and who has signed it.
  const text = notes.verify(utf8(promise), [key]).text;
  const [title, record, statementHash, day, ...logs] = text.slice(0, -1).split("\n");
  if (title !== TITLE || day === undefined) throw new FormatError("the promise has another form");
  const origins = logs.map((line) => {
    const [origin, ...leaf] = line.split(" ");
    notes.parsePaddedB64(leaf.join(" "), merkle.HASH_SIZE);
    return origin;
  });
  // 2. What it is for, and until when.
  if (record !== sent.record || statementHash !== sent.statementHash) {
    throw new VerifyError("the promise is for another record, or for another statement");
  }
  checks.text(day, checks.DAY);
  const latest = new Date(Date.parse(sent.today) + LONGEST * DAY_MS).toISOString().slice(0, 10);
  if (day < sent.today || day > latest) throw new VerifyError("the promise is for another day");
  // 3. That it binds in every mechanism's log.
  if (!sent.mechanisms.every((name) => origins.includes(`${key.name}/${name}/records`))) {
    throw new VerifyError("the promise does not name the log of every mechanism");
  }
}
