/** The twin's operations about the logs: what is checked before sealing, and after sending. */

import { checkAccesses } from "../src/accesses.ts";
import { Api } from "../src/api.ts";
import { verifyBundle } from "../src/crypto/bundles.ts";
import { canonicalJson, hexDecode, type Json } from "../src/crypto/encoding.ts";
import { VerifierKey } from "../src/crypto/notes.ts";
import { Logs } from "../src/logged.ts";
import { checkPromise } from "../src/promises.ts";
import { SignedLogs } from "../src/searched.ts";

interface Asked {
  readonly url: string;
  readonly logs: Json;
  readonly needed: readonly string[];
  readonly answer: Json;
  readonly record: string;
  readonly share: string;
  readonly key: string;
}

export const operations: Record<string, (asked: any) => unknown> = {
  logged: ({ logs, announced, bundle, day }) => {
    new Logs(logs, announced).require(verifyBundle(canonicalJson(bundle)), day);
    return null;
  },
  /** A list of accesses beside the logs of a service that is there. */
  compared: async ({ url, logs, needed, answer, record, share, key }: Asked) => {
    const recordKey = hexDecode(key, 32);
    const signed = await SignedLogs.read(new Api(url), logs, needed);
    const found = checkAccesses(answer, record, hexDecode(share, 32), recordKey);
    return { ...(await signed.compare(found, recordKey)) };
  },
  promise: ({ promise, key, sent }) => {
    checkPromise(promise, VerifierKey.parse(key), sent);
    return null;
  },
};
