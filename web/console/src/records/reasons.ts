/**
 * Why something is asked for, in words: sealed here to who is a custodian today and to oneself, and read only if all
 * of it is this request's.
 */

import type { Identity } from "../../../src/crypto/age_keys.ts";
import { b64uEncode, type Bytes, hexEncode } from "../../../src/crypto/encoding.ts";
import { CryptoError, NotMine, VerifyError } from "../../../src/crypto/errors.ts";
import * as reason from "../../../src/crypto/reason.ts";
import { random } from "../../../src/random.ts";
import { getBytes } from "../api.ts";
import { ownCard } from "../keys/root.ts";
import { state } from "../state.ts";
import { self, today } from "../work/keys.ts";
import { readers } from "./keyring.ts";

/** A request as it is listed, as far as words name it. */
export interface Named extends Omit<reason.Asked, "request"> {
  readonly id: string;
  readonly day: string;
}

/** Words that hold; or that they are sealed to others, or do not hold. */
export type Words = reason.Reason | "others" | "bad";

const DAY = 24 * 3_600_000;

/** What goes with a request: its id, which the words name, and the words. `asked.classes` in ascending order. */
export async function sealWords(
  asked: Omit<reason.Asked, "request" | "asked_by">,
  text: string,
): Promise<{ readonly id: string; readonly words: string }> {
  const { mechanism, member, signing, identity } = self();
  const [{ raw }] = ownCard(state.oneself!, state.keys!, today());
  const id = hexEncode(random(16));
  const what = { mechanism, asked: { ...asked, request: id, asked_by: member }, day: today(), text };
  const envelope = reason.signReason(signing, raw, what);
  // Of two cards of one member the later one counts: it comes first. Who does not fit any more is told so.
  const custodians = new Map(
    (await readers())
      .filter((one) => one.roles.includes("custodian") && one.member !== member)
      .reverse()
      .map((one) => [one.member, one.recipient]),
  );
  const others = [...custodians.values()].slice(0, reason.MAX_READERS - 1);
  const file = await reason.sealEnvelope(envelope, [identity.recipient, ...others], random);
  return { id, words: b64uEncode(file) };
}

/** The words of a request, fetched and checked. */
export async function readWords(request: Named): Promise<Words> {
  const { identity } = self();
  return openWords(await getBytes(`/review/v1/identity-requests/${request.id}/words`), request, identity);
}

/** The same of a file that is here. */
export async function openWords(
  file: Bytes,
  request: Named,
  identity: Identity,
  { rootKey, mechanism }: { readonly rootKey: Bytes; readonly mechanism: string } = self(),
): Promise<Words> {
  try {
    const envelope = await reason.openEnvelope(file, [identity]);
    const found = reason.verifyEnvelope(envelope, rootKey, mechanism, { ...request, request: request.id });
    // Two clocks may differ by a day; older words are those of a request that is over.
    if (!(Math.abs(Date.parse(found.day) - Date.parse(request.day)) <= DAY)) {
      throw new VerifyError("the words are of another day than the request");
    }
    return found;
  } catch (error) {
    if (error instanceof NotMine) return "others";
    if (error instanceof CryptoError) return "bad";
    throw error;
  }
}
