/**
 * Before anything is sealed: the keys of a mechanism are entries of its own log of records. The twin of
 * `intake/client/announced.py`.
 *
 * A key that its root signed and that is in no log was slipped in by somebody who does not want the
 * mechanism's people to know: what is in the log, their own program is shown.
 */

import type { Api } from "./api.ts";
import { type Bundle, keyFor } from "./crypto/bundles.ts";
import * as checkpoints from "./crypto/checkpoints.ts";
import * as checks from "./crypto/checks.ts";
import { CLASSES } from "./crypto/compartments.ts";
import {
  b64uDecode,
  hexDecode,
  isList,
  isObject,
  type Json,
  type JsonObject,
  utf8,
} from "./crypto/encoding.ts";
import { FormatError, VerifyError } from "./crypto/errors.ts";
import * as logLeaf from "./crypto/log_leaf.ts";
import * as merkle from "./crypto/merkle.ts";
import * as notes from "./crypto/notes.ts";

const MOST = 1000; // entries
const MOST_KEYS = 16;
const MOST_HASHES = 63;

/** What a service shows of its logs: the keys that sign them, and the entries that concern nobody. */
export class Logs {
  readonly #keys: Json;
  readonly #announced: Json;

  constructor(keys: Json, announced: Json) {
    this.#keys = keys;
    this.#announced = announced;
  }

  /** Asked for first: when the answer to a submission comes, nothing new can be made to fit it. */
  static async current(api: Api): Promise<Logs> {
    return new Logs(await api.get("/v1/logs"), await api.get("/v1/logs/announced"));
  }

  /** What promises are signed with. */
  get promiseKey(): notes.VerifierKey {
    return notes.VerifierKey.parse(string(object(this.#keys)["promise_key"]));
  }

  /** `VerifyError` if a key that would be sealed to on this day is not in the mechanism's log. */
  require(bundle: Bundle, day: string): void {
    const known = this.#keysOf(bundle.mechanism);
    for (const kind of CLASSES) {
      const key = keyFor(bundle, kind, day);
      if (key && !known.has(`${key.epoch} ${kind} ${key.recipient.fingerprint}`)) {
        throw new VerifyError("a key of the mechanism is not in its log");
      }
    }
  }

  /** `<epoch> <class> <fingerprint>` of every key that the log's signed checkpoint covers. */
  #keysOf(mechanism: string): Set<string> {
    const shown = object(object(object(this.#announced)["announced"])[mechanism]);
    const logs = object(this.#keys)["logs"];
    const its = (isList(logs) ? logs : [])
      .filter(isObject)
      .find((log) => log["mechanism"] === mechanism && log["log"] === "records");
    const origin = string(its?.["origin"]);
    if (!origin.endsWith(`/${mechanism}/records`)) throw new FormatError("the log is another mechanism's");
    const keys = checks.items(its!["keys"]!, MOST_KEYS).map((key) => notes.VerifierKey.parse(string(key)));
    const { size, root } = signed(string(shown["checkpoint"]), origin, keys);
    const found = new Set<string>();
    for (const raw of checks.items(shown["entries"] ?? null, MOST)) {
      const entry = checks.exactly<"index" | "leaf" | "opening" | "hashes">(raw, "index leaf opening hashes");
      const leaf = b64uDecode(entry.leaf, logLeaf.SIZE);
      const opening = logLeaf.Opening.parse(utf8(string(entry.opening)));
      logLeaf.verifyOpening(logLeaf.parseLeaf(leaf), opening);
      if (typeof entry.index !== "number") throw new FormatError("an entry without its number");
      const hashes = checks.items(entry.hashes, MOST_HASHES).map((hash) => hexDecode(hash, merkle.HASH_SIZE));
      merkle.verifyInclusion(merkle.leafHash(leaf), BigInt(entry.index), size, root, hashes);
      const values = opening.values;
      if (values.get("event") === "mechanism.keys" && values.get("mechanism") === mechanism) {
        found.add(`${values.get("epoch")} ${values.get("compartment")} ${values.get("key")}`);
      }
    }
    return found;
  }
}

/** The checkpoint, signed by keys of both types: while keys change, older ones sign alone for an hour. */
export function signed(
  note: string,
  origin: string,
  keys: readonly notes.VerifierKey[],
): checkpoints.Checkpoint {
  return verified(note, origin, keys).checkpoint;
}

/** As `signed`, with the signatures: those of ML-DSA say when they were made. None may be later than `latest`. */
export function verified(
  note: string,
  origin: string,
  keys: readonly notes.VerifierKey[],
  latest?: bigint,
): checkpoints.Verified {
  const data = utf8(note);
  const parsed = notes.parse(data);
  const logKeys = keys.filter((key) => notes.signatureBy(parsed, key));
  if (![notes.ED25519, notes.MLDSA_COSIGNATURE].every((kind) => logKeys.some((key) => key.kind === kind))) {
    throw new VerifyError("the checkpoint is not signed by the log's keys");
  }
  return checkpoints.verify(data, { origin, logKeys, ...(latest === undefined ? {} : { latest }) });
}

function object(value: Json | undefined): JsonObject {
  if (!isObject(value)) throw new FormatError("not what a service shows of its logs");
  return value;
}

function string(value: Json | undefined): string {
  if (typeof value !== "string") throw new FormatError("not what a service shows of its logs");
  return value;
}
