/** Receipts that two members of a mechanism gave in place of lost ones: as far as the service shows and they hold. */

import { Refused } from "./consent.ts";
import type { Bundle } from "./crypto/bundles.ts";
import { type Bytes, type JsonObject, utf8 } from "./crypto/encoding.ts";
import { CryptoError, VerifyError } from "./crypto/errors.ts";
import type { ReceiptKeys } from "./crypto/receipt.ts";
import {
  halvesOf,
  parseEnvelope,
  type Restoration,
  sameReceipt,
  verifyRestoration,
} from "./crypto/restoration.ts";
import type { Signed } from "./crypto/statement.ts";
import { grantedKeys, knownBy } from "./messages.ts";
import { listOf } from "./own.ts";

/**
 * How a receipt came to this record. `VerifyError` if nobody gave it, or not two members of a mechanism whose
 * root signed a key to which the record is granted; `Refused` (`receipt_second`) if that root is not known here.
 */
export function restoredTo(
  keys: ReceiptKeys,
  record: string,
  revisions: readonly Signed[],
  standings: JsonObject,
  bundles: ReadonlyMap<string, Bundle>,
): Restoration {
  const own = halvesOf(keys);
  const granted = grantedKeys(revisions);
  for (const envelope of done(standings)) {
    const said = read(() => parseEnvelope(envelope));
    if (!said?.receipt || said.record !== record || !sameReceipt(said.receipt, own)) continue;
    const bundle = bundles.get(said.mechanism);
    if (!bundle) throw new Refused("receipt_second");
    if (!knownBy(bundle, granted)) throw new VerifyError("another root than the one known before");
    return verifyRestoration(envelope, bundle.root, said.day);
  }
  throw new VerifyError("nobody gave this receipt in place of another one");
}

/** By mechanism: the keys with which restored receipts sign messages to it, as its own two members have said. */
export function restoredKeys(
  standings: JsonObject,
  record: string,
  bundles: ReadonlyMap<string, Bundle>,
): Map<string, Bytes[]> {
  const found = new Map<string, Bytes[]>();
  for (const envelope of done(standings)) {
    const held = read(() => {
      const { mechanism, day } = parseEnvelope(envelope);
      const bundle = bundles.get(mechanism);
      return bundle && verifyRestoration(envelope, bundle.root, day);
    });
    if (!held?.receipt || held.record !== record) continue;
    found.set(held.mechanism, [...(found.get(held.mechanism) ?? []), held.receipt.signKey]);
  }
  return found;
}

function done(standings: JsonObject): Bytes[] {
  const listed = listOf(standings["restorations"]).filter((one) => one["state"] === "done");
  return listed.map((one) => utf8(String(one["document"])));
}

/** Undefined for what does not hold. */
function read<Value>(call: () => Value): Value | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof CryptoError) return undefined;
    throw error;
  }
}
