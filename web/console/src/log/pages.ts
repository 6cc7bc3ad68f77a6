/**
 * Pages of a log, checked: each entry says what its leaf commits to, the page is a run of leaves of the tree
 * that the log has signed. What does not hold is a problem that is shown, and nothing is believed of it.
 */

import { get } from "../api.ts";
import type { Checkpoint } from "../../../src/crypto/checkpoints.ts";
import { b64uDecode, type Bytes, hexDecode, type Json, utf8 } from "../../../src/crypto/encoding.ts";
import { CryptoError, FormatError, VerifyError } from "../../../src/crypto/errors.ts";
import { Opening, parseLeaf, SIZE, verifyOpening } from "../../../src/crypto/log_leaf.ts";
import { HASH_SIZE, leafHash } from "../../../src/crypto/merkle.ts";
import * as notes from "../../../src/crypto/notes.ts";
import { signed } from "../../../src/logged.ts";
import { verifyRange } from "./range.ts";

export const PAGE = 500;
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
  readonly keys: readonly string[];
  readonly problems: readonly string[];
}

/** The newest page, or with `before` that page with the one before it. */
export async function read(kind: Kind, mechanism: string, before?: Reading): Promise<Reading> {
  const end = before?.start ?? 0;
  const start = Math.max(0, end - PAGE);
  const where = before ? `&start=${start}&limit=${Math.max(1, end - start)}` : `&limit=${PAGE}`;
  const answer = await get<Answer>(`/review/v1/log?kind=${kind}${where}`);
  return joined(check(answer, kind, mechanism), before);
}

/** One page; whatever does not hold is a sentence in `problems`. */
export function check(answer: Answer, kind: Kind, mechanism: string): Reading {
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
  const checkpoint = attempt("checkpoint", () => signedBy(answer, kind, mechanism));
  const complete = entries.length === answer.entries.length;
  if (checkpoint && complete) {
    attempt("tree", () => lead(entries, answer.start, checkpoint, answer.hashes));
  }
  return { kind, entries, start: answer.start, size: answer.size, checkpoint, keys: answer.keys, problems };
}

/** Both pages as one; when it reaches back to the first entry, all of it is held against the newest root. */
function joined(page: Reading, later: Reading | undefined): Reading {
  const entries = [...page.entries, ...(later?.entries ?? [])];
  const problems = [...(later?.problems ?? []), ...page.problems];
  const size = later?.size ?? page.size;
  const checkpoint = page.checkpoint ?? later?.checkpoint;
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
  return { ...page, entries, size, checkpoint, problems };
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

function signedBy(answer: Answer, kind: Kind, mechanism: string): Checkpoint | undefined {
  if (answer.checkpoint === null) return undefined;
  if (!answer.origin.endsWith(`/${mechanism}/${kind}`)) throw new VerifyError("the log is another one");
  const keys = answer.keys.map((key) => notes.VerifierKey.parse(key));
  const found = signed(answer.checkpoint, answer.origin, keys);
  if (found.size !== BigInt(answer.signed)) throw new VerifyError("it is of another size");
  if (answer.signed > answer.size) throw new VerifyError("the log is shorter than what was signed");
  return found;
}

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
