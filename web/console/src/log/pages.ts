/**
 * Pages of a log, checked: each entry says what its leaf commits to, the page is a run of leaves of the tree
 * that the log has signed. What does not hold is a problem that is shown, and nothing is believed of it.
 */

import { get } from "../api.ts";
import type { Checkpoint } from "../../../src/crypto/checkpoints.ts";
import {
  b64uDecode,
  type Bytes,
  hexDecode,
  hexEncode,
  type Json,
  utf8,
} from "../../../src/crypto/encoding.ts";
import { CryptoError, FormatError, VerifyError } from "../../../src/crypto/errors.ts";
import { Opening, parseLeaf, SIZE, verifyOpening } from "../../../src/crypto/log_leaf.ts";
import { HASH_SIZE, leafHash } from "../../../src/crypto/merkle.ts";
import * as notes from "../../../src/crypto/notes.ts";
import { sha256 } from "../../../src/crypto/primitives.ts";
import { verified } from "../../../src/logged.ts";
import { onForget } from "../state.ts";
import { verifyRange } from "./range.ts";

export const PAGE = 500;
const SLACK = 3600; // seconds by which this device's clock may be late
const LATEST = 4 * 3600; // seconds from an entry's hour until it must have been signed
export type Kind = "access" | "records";

/** What `GET /review/v1/log` says. */
export interface Answer {
  readonly log: string;
  readonly start: number;
  readonly size: number;
  readonly origin: string;
  readonly keys: readonly string[];
  readonly checkpoint: string | null;
  readonly signed: number;
  readonly hashes: readonly string[];
  readonly entries: readonly { index: number; leaf: string; opening: string | null }[];
}

/** An entry that holds. `values` is empty for an erased one, and for padding, which stands for nothing. */
export interface Entry {
  readonly index: number;
  readonly hash: Bytes;
  readonly erased: boolean;
  readonly padding: boolean;
  readonly values: ReadonlyMap<string, Json>;
}

/** What was read of one log: `entries` from index `start` to the newest, in order. */
export interface Reading {
  readonly kind: Kind;
  readonly entries: readonly Entry[];
  readonly start: number;
  readonly size: number;
  readonly checkpoint: Checkpoint | undefined;
  /** When the log signed it, in seconds since 1970. */
  readonly time: number | undefined;
  readonly origin: string;
  readonly keys: readonly string[];
  readonly problems: readonly string[];
}

/** The newest page, or with `before` that page with the one before it. */
export async function read(kind: Kind, mechanism: string, before?: Reading): Promise<Reading> {
  const end = before?.start ?? 0;
  const start = Math.max(0, end - PAGE);
  const where = before ? `&start=${start}&limit=${Math.max(1, end - start)}` : `&limit=${PAGE}`;
  const answer = await get<Answer>(`/review/v1/log?kind=${kind}${where}`);
  return joined(check(answer, kind, mechanism, Date.now() / 1000), before);
}

// The roots that were signed, by origin and size, as far as they were seen since logging in: a log has one.
const roots = new Map<string, string>();
onForget(() => roots.clear());

/** One page; whatever does not hold is a sentence in `problems`. `now` in seconds since 1970. */
export function check(answer: Answer, kind: Kind, mechanism: string, now: number): Reading {
  const problems: string[] = [];
  const attempt = <T>(what: string, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      problems.push(`${what}: ${error.message}`);
      return undefined;
    }
  };
  const entries = answer.entries.flatMap(
    (raw, place) => attempt(`#${raw.index}`, () => entry(raw, answer.start + place, mechanism)) ?? [],
  );
  const found = attempt("checkpoint", () => signedBy(answer, kind, mechanism, now));
  const { checkpoint, time } = found ?? { checkpoint: undefined, time: undefined };
  const complete = entries.length === answer.entries.length;
  if (checkpoint && complete) {
    attempt("tree", () => lead(entries, answer.start, checkpoint, answer.hashes));
  }
  attempt("signature", () => requireRecent(entries, Number(checkpoint?.size ?? 0), now));
  const { start, size, origin, keys } = answer;
  return { kind, entries, start, size, checkpoint, time, origin, keys, problems };
}

/** Both pages as one; when it reaches back to the first entry, all of it is held against the newest root. */
function joined(page: Reading, later: Reading | undefined): Reading {
  const entries = [...page.entries, ...(later?.entries ?? [])];
  const problems = [...(later?.problems ?? []), ...page.problems];
  const size = later?.size ?? page.size;
  const checkpoint = page.checkpoint ?? later?.checkpoint;
  const other = later && (later.origin !== page.origin || later.keys.join() !== page.keys.join());
  if (other) problems.push("the log has other keys, or another name, than a page before");
  if (page.size < size) problems.push("the log is shorter than it was");
  const gap = entries.some((each, place) => each.index !== page.start + place);
  if (gap && !problems.length) problems.push("entries are missing between two pages");
  if (page.start === 0 && checkpoint && !gap && later) {
    try {
      lead(entries, 0, checkpoint, []);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      problems.push(`tree: ${error.message}`);
    }
  }
  return { ...page, entries, size: Math.max(size, page.size), checkpoint, problems };
}

function entry(raw: Answer["entries"][number], index: number, mechanism: string): Entry {
  if (raw.index !== index) throw new FormatError("its number is not the next one");
  const leaf = b64uDecode(raw.leaf, SIZE);
  const parsed = parseLeaf(leaf);
  const hash = leafHash(leaf);
  if (raw.opening === null) return { index, hash, erased: true, padding: false, values: new Map() };
  const opening = Opening.parse(utf8(raw.opening));
  verifyOpening(parsed, opening);
  if (opening.padding) return { index, hash, erased: false, padding: true, values: new Map() };
  if (opening.values.get("mechanism") !== mechanism)
    throw new VerifyError("it is of another mechanism's log");
  return { index, hash, erased: false, padding: false, values: opening.values };
}

function signedBy(
  answer: Answer,
  kind: Kind,
  mechanism: string,
  now: number,
): { checkpoint: Checkpoint; time: number } | undefined {
  if (answer.checkpoint === null) return undefined;
  const [service, ...rest] = answer.origin.split("/");
  if (!service || rest.join("/") !== `${mechanism}/${kind}`) throw new VerifyError("the log is another one");
  const keys = answer.keys.map((key) => notes.VerifierKey.parse(key));
  const { checkpoint, log } = verified(
    answer.checkpoint,
    answer.origin,
    keys,
    BigInt(Math.ceil(now) + SLACK),
  );
  if (checkpoint.size !== BigInt(answer.signed)) throw new VerifyError("it is of another size");
  if (answer.signed > answer.size) throw new VerifyError("the log is shorter than what was signed");
  const name = `${answer.origin} ${checkpoint.size}`;
  const root = hexEncode(checkpoint.root);
  if ((roots.get(name) ?? root) !== root) throw new VerifyError("it signed another tree of this size before");
  roots.set(name, root);
  return { checkpoint, time: Math.max(...log.map((one) => Number(one.time ?? 0n))) };
}

/**
 * The log signs within the hour, and knows of entries their day, or hour. One that is older than `LATEST`, and not
 * in the signed tree, could still be taken back.
 */
export function requireRecent(entries: readonly Entry[], size: number, now: number): void {
  const oldest = entries.find((each) => each.index >= size && each.values.has("day"));
  if (!oldest) return;
  const [day, hour] = [oldest.values.get("day"), oldest.values.get("hour")];
  const made = Date.parse(`${String(day)}T00:00:00Z`) / 1000 + (typeof hour === "number" ? hour : 23) * 3600;
  if (made + LATEST < now) throw new VerifyError(`#${oldest.index} is not signed, hours after it was made`);
}

/** By which people compare a key of the log: SHA-256 of its line, in hex. */
export const keyFingerprint = (key: string): string => hexEncode(sha256(utf8(key)));

function lead(
  entries: readonly Entry[],
  start: number,
  checkpoint: Checkpoint,
  hashes: readonly string[],
): void {
  const size = Number(checkpoint.size);
  const covered = entries.filter((each) => each.index < size).map((each) => each.hash);
  if (!covered.length) return;
  verifyRange(
    covered,
    start,
    size,
    checkpoint.root,
    hashes.map((hash) => hexDecode(hash, HASH_SIZE)),
  );
}
