/** The twin's operations about the logs: what is checked before sealing, and after sending. */

import { verifyBundle } from "../src/crypto/bundles.ts";
import { canonicalJson } from "../src/crypto/encoding.ts";
import { VerifierKey } from "../src/crypto/notes.ts";
import { Logs } from "../src/logged.ts";
import { checkPromise } from "../src/promises.ts";

export const operations: Record<string, (asked: any) => unknown> = {
  logged: ({ logs, announced, bundle, day }) => {
    new Logs(logs, announced).require(verifyBundle(canonicalJson(bundle)), day);
    return null;
  },
  promise: ({ promise, key, sent }) => {
    checkPromise(promise, VerifierKey.parse(key), sent);
    return null;
  },
};
