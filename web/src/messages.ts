/**
 * Messages about one's own record: the submitter's side of `intake/client/correspondence.py`.
 *
 * What is unsigned, signed by the wrong kind of key, or does not open to what was signed, is not shown; how
 * many those are is. The service's word for a mechanism's root is not enough: a bundle counts only if its
 * root signed a key which the person's own statements grant something to.
 */

import { Recipient } from "./crypto/age_keys.ts";
import { type Bundle, verifyBundle } from "./crypto/bundles.ts";
import {
  b64uEncode,
  type Bytes,
  canonicalJson,
  fromUtf8,
  isList,
  isObject,
  type Json,
  type JsonObject,
  utf8,
} from "./crypto/encoding.ts";
import { CryptoError, FormatError } from "./crypto/errors.ts";
import { openMessage, sealMessage, signMessage, verifyMessage } from "./crypto/message.ts";
import type { ReceiptKeys } from "./crypto/receipt.ts";
import type { RecordReader } from "./crypto/record_reader.ts";
import { parse, type Signed } from "./crypto/statement.ts";
import type { Mailbox } from "./mailbox.ts";
import { correspondence } from "./opened.ts";
import { random } from "./random.ts";

/**
 * A message that holds. `text` is null where the receipt does not open it; `mine`: the submitter wrote it. `name` is of
 * whoever wrote it for the mechanism, as its root certified it for the person; "" without one.
 */
export interface Letter {
  readonly part: string;
  readonly mechanism: string;
  readonly day: string;
  readonly mine: boolean;
  readonly text: string | null;
  readonly name: string;
}

/** What holds, oldest first, and how many do not. */
export interface Letters {
  readonly letters: readonly Letter[];
  readonly hidden: number;
}

/** All messages of the record. */
export async function readLetters(
  mailbox: Mailbox,
  reader: RecordReader,
  revisions: readonly Signed[],
  standings: JsonObject,
): Promise<Letters> {
  const found = await mailbox.get("/messages");
  const listed = isList(found["messages"]) ? found["messages"] : [];
  const bundles = believed(found["mechanisms"], revisions);
  const { restoredKeys } = await import("./restored.ts");
  const signers = restoredKeys(standings, reader.statement.record, bundles);
  const letters = new Map<string, Letter>();
  for (const item of listed) {
    try {
      const letter = await open(item, mailbox, reader, bundles, signers);
      if (!letters.has(letter.part)) letters.set(letter.part, letter);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
    }
  }
  return { letters: [...letters.values()], hidden: listed.length - letters.size };
}

/** Seal a message to the mechanism, sign it, hand it over. `answers` is the part of another one, or null. */
export async function writeLetter(
  mailbox: Mailbox,
  keys: ReceiptKeys,
  reader: RecordReader,
  letter: { mechanism: string; text: string; language: string; answers: string | null; day: string },
): Promise<void> {
  const { mechanism, text, language, answers, day } = letter;
  const { statement } = reader;
  const place = correspondence(statement, mechanism);
  if (!place) throw new FormatError("nothing of this record is open to the mechanism");
  const recipient = Recipient.parse(place.recipient);
  const sealed = await sealMessage(recipient, statement.record, place.id, { text, language }, random);
  const signed = { record: statement.record, mechanism, day, answers, part: sealed.entry };
  await mailbox.post("/messages", {
    envelope: fromUtf8(signMessage(keys.signing, signed)),
    header: b64uEncode(sealed.header),
    payload: b64uEncode(sealed.payload),
  });
}

/** (mechanism, fingerprint) of every key to which these statements grant something. */
export function grantedKeys(revisions: readonly Signed[]): Set<string> {
  return new Set(
    revisions.flatMap(([data]) => parse(data).audience.map((a) => `${a.mechanism} ${a.recipient}`)),
  );
}

/** Whether the root of this bundle signed one of these keys: bundles that are renewed only add keys. */
export function knownBy(bundle: Bundle, granted: ReadonlySet<string>): boolean {
  return bundle.keys.some((key) => granted.has(`${bundle.mechanism} ${key.recipient.fingerprint}`));
}

/** The bundles whose roots are the right ones, by mechanism. */
function believed(raw: Json | undefined, revisions: readonly Signed[]): Map<string, Bundle> {
  const granted = grantedKeys(revisions);
  const found = new Map<string, Bundle>();
  for (const item of isList(raw) ? raw : []) {
    try {
      const bundle = verifyBundle(canonicalJson(item));
      if (knownBy(bundle, granted)) found.set(bundle.mechanism, bundle);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
    }
  }
  return found;
}

async function open(
  item: Json,
  mailbox: Mailbox,
  reader: RecordReader,
  bundles: ReadonlyMap<string, Bundle>,
  restored: ReadonlyMap<string, readonly Bytes[]>,
): Promise<Letter> {
  const envelope = isObject(item) ? item["envelope"] : undefined;
  const bundle = isObject(item) ? bundles.get(String(item["mechanism"])) : undefined;
  if (!bundle || typeof envelope !== "string") throw new FormatError("a message of nobody who is known");
  const { record, signKey } = reader.statement;
  const signKeys = [signKey, ...(restored.get(bundle.mechanism) ?? [])];
  const expected = { signKeys, root: bundle.root, record, mechanism: bundle.mechanism };
  const message = verifyMessage(utf8(envelope), expected);
  const { part, day, member } = message;
  const identity = reader.identities.get(part.compartment);
  let text: string | null = null;
  if (identity) {
    const file: Bytes = await mailbox.part(part.id);
    const said = (await openMessage(message, file, identity)).value("text");
    if (typeof said !== "string") throw new FormatError("a message has a text");
    text = said;
  }
  const name = member?.name ?? "";
  return { part: part.id, mechanism: bundle.mechanism, day, mine: member === null, text, name };
}
