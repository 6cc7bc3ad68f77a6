/** Messages with the person, by the member's own key: what holds is shown, the rest is counted. */

import { Recipient } from "../../../src/crypto/age_keys.ts";
import { b64uEncode, type Bytes, fromUtf8, utf8 } from "../../../src/crypto/encoding.ts";
import { CryptoError, FormatError } from "../../../src/crypto/errors.ts";
import { openMessage, sealMessage, signMessage, verifyMessage } from "../../../src/crypto/message.ts";
import { parseEnvelope, verifyRestoration } from "../../../src/crypto/restoration.ts";
import { parse as parseStatement } from "../../../src/crypto/statement.ts";
import { correspondence } from "../../../src/opened.ts";
import { random } from "../../../src/random.ts";
import { get, getBytes, post, Refused } from "../api.ts";
import type { Opened } from "../records/opening.ts";
import { calledOf, self, today } from "./keys.ts";

/** A message that holds and opens. `author` is null for the person. */
export interface Letter {
  readonly part: string;
  readonly number: number;
  readonly day: string;
  readonly author: string | null;
  readonly answers: string | null;
  readonly text: string;
}

export interface Letters {
  readonly letters: readonly Letter[];
  readonly hidden: number;
}

interface Sent {
  readonly messages: readonly { readonly number: number; readonly envelope: string }[];
  readonly restorations: readonly string[];
}

/** All messages about a record, oldest first. */
export async function readLetters(opened: Opened): Promise<Letters> {
  const { record } = opened.answer;
  const { rootKey, mechanism } = self();
  const { messages, restorations } = await get<Sent>(`/review/v1/records/${record}/messages`);
  const signKeys = [
    ...opened.revisions.map(([data]) => parseStatement(data).signKey),
    ...restorations.flatMap((document) => restoredKey(document, record)),
  ];
  const letters = new Map<string, Letter>();
  for (const sent of messages) {
    try {
      const message = verifyMessage(utf8(sent.envelope), { signKeys, root: rootKey, record, mechanism });
      const key = opened.record.reader.identities.get(message.part.compartment);
      if (!key || letters.has(message.part.id)) continue;
      const file = await getBytes(`/review/v1/records/${record}/parts/${message.part.id}`);
      const text = (await openMessage(message, file, key)).value("text");
      letters.set(message.part.id, {
        part: message.part.id,
        number: sent.number,
        day: message.day,
        author: message.member && calledOf(message.member.id, message.member.name),
        answers: message.answers,
        text: typeof text === "string" ? text : "",
      });
    } catch (error) {
      const notOurs = error instanceof Refused && error.status === 404;
      if (!(error instanceof CryptoError) && !notOurs) throw error;
    }
  }
  return { letters: [...letters.values()], hidden: messages.length - letters.size };
}

/** The signing key of a receipt that two members of this mechanism gave in place of a lost one. */
function restoredKey(document: string, record: string): Bytes[] {
  const { rootKey, mechanism } = self();
  try {
    const envelope = utf8(document);
    const held = verifyRestoration(envelope, rootKey, parseEnvelope(envelope).day);
    return held.receipt && held.record === record && held.mechanism === mechanism
      ? [held.receipt.signKey]
      : [];
  } catch (error) {
    if (error instanceof CryptoError) return [];
    throw error;
  }
}

/** Whether a compartment for messages is open to this member. */
export function canWrite(opened: Opened): boolean {
  const place = correspondence(opened.record.reader.statement, self().mechanism);
  return place !== undefined && opened.record.reader.identities.has(place.id);
}

/** Seal to the compartment that the statement names, sign, hand over. */
export async function writeLetter(
  opened: Opened,
  certificate: Bytes,
  letter: { readonly text: string; readonly language: string; readonly answers: string | null },
): Promise<void> {
  const { mechanism, signing } = self();
  const { statement } = opened.record.reader;
  const { record } = statement;
  const place = correspondence(statement, mechanism);
  if (!place) throw new FormatError("nothing of this record is open to the mechanism");
  const { text, language, answers } = letter;
  const recipient = Recipient.parse(place.recipient);
  const sealed = await sealMessage(recipient, record, place.id, { text, language }, random);
  const said = { record, mechanism, day: today(), answers, part: sealed.entry };
  await post(`/review/v1/records/${record}/messages`, {
    envelope: fromUtf8(signMessage(signing, said, certificate)),
    header: b64uEncode(sealed.header),
    payload: b64uEncode(sealed.payload),
  });
}
