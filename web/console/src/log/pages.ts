/**
 * Pages of a log, checked: each entry says what its leaf commits to, the page is a run of leaves of the tree
 * that the log has signed. What does not hold is a problem that is shown, and nothing is believed of it.
 */

import { getText } from "../api.ts";
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

/** Something that is wrong with the entry of this number. */
class At extends VerifyError {
  readonly index: number;
  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}
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
  readonly numbers?: Readonly<Record<string, number>>;
}

/** An entry. `values` is empty for an erased one, and for padding, which stands for nothing. */
export interface Entry {
  readonly index: number;
  readonly hash: Bytes;
  readonly erased: boolean;
  readonly padding: boolean;
  /** Not to be believed: what it is said to say, or its number, is not what the log has. */
  readonly bad: boolean;
  readonly values: ReadonlyMap<string, Json>;
}

/**
 * What does not hold: an entry that was changed, or stands in another place; entries that are not there; a silent one
 * that nothing erased; entries that are not in the signed tree; a signature; one that is late; another log than before.
 */
export type Wrong = "altered" | "missing" | "silent" | "tree" | "signature" | "late" | "other" | "records";

/** `first` is the number of the entry where it begins, if that is known; `detail` is for those who look closely. */
export interface Problem {
  readonly wrong: Wrong;
  readonly first: number | undefined;
  readonly count: number;
  readonly detail: string;
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
  readonly problems: readonly Problem[];
  /** By which number the mechanism cites a record: the server says so, the log does not. */
  readonly numbers: ReadonlyMap<string, number>;
  /** The server's answers as they came, for whoever keeps a copy. */
  readonly answers: readonly string[];
}

/** The newest page, or with `before` that page with the one before it. */
export async function readPage(kind: Kind, mechanism: string, before?: Reading): Promise<Reading> {
  const end = before?.start ?? 0;
  const start = Math.max(0, end - PAGE);
  const where = before ? `&start=${start}&limit=${Math.max(1, end - start)}` : `&limit=${PAGE}`;
  const text = await getText(`/review/v1/log?kind=${kind}${where}`);
  const answer = JSON.parse(text) as Answer;
  const asked = before ? start : Math.max(0, answer.size - PAGE);
  // Where an entry is missing, a page goes on into the next one, which is there already.
  const entries = answer.entries.filter(({ index }) => !before || index < end);
  const page = check({ ...answer, start: asked, entries }, kind, mechanism, Date.now() / 1000);
  return joined({ ...page, answers: [text] }, before);
}

// The roots that were signed, by origin and size, as far as they were seen since logging in: a log has one.
const roots = new Map<string, string>();
onForget(() => roots.clear());

/** One page; whatever does not hold is in `problems`. `now` in seconds since 1970. */
export function check(answer: Answer, kind: Kind, mechanism: string, now: number): Reading {
  const problems: Problem[] = [];
  const attempt = <T>(wrong: Wrong, work: () => T, first?: number): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      const place = error instanceof At ? error.index : first;
      problems.push({ wrong, first: place, count: 1, detail: error.message });
      return undefined;
    }
  };
  let next = answer.start;
  let whole = true; // each leaf is there, in its place
  const entries: Entry[] = [];
  for (const raw of answer.entries) {
    if (raw.index > next) problems.push(missing(next, raw.index));
    whole &&= raw.index === next;
    const place = next;
    next = Math.max(next, raw.index + 1);
    const leaf = attempt("altered", () => b64uDecode(raw.leaf, SIZE), raw.index);
    whole &&= leaf !== undefined;
    const hash = leaf ? leafHash(leaf) : new Uint8Array(HASH_SIZE);
    const found = leaf && attempt("altered", () => entry(leaf, raw, place, kind, mechanism), raw.index);
    entries.push({ index: raw.index, hash, ...(found ?? claimed(raw)) });
  }
  const found = attempt("signature", () => signedBy(answer, kind, mechanism, now));
  const { checkpoint, time } = found ?? { checkpoint: undefined, time: undefined };
  if (checkpoint && whole) {
    attempt("tree", () => lead(entries, answer.start, checkpoint, answer.hashes));
  }
  attempt("late", () => requireRecent(entries, Number(checkpoint?.size ?? 0), now));
  const { start, size, origin, keys } = answer;
  const numbers = new Map(Object.entries(answer.numbers ?? {}));
  return { kind, entries, start, size, checkpoint, time, origin, keys, problems, numbers, answers: [] };
}

const missing = (first: number, next: number): Problem => ({
  wrong: "missing",
  first,
  count: next - first,
  detail: `entries ${first} to ${next - 1} are not there`,
});

/** Both pages as one; when it reaches back to the first entry, all of it is held against the newest root. */
export function joined(page: Reading, later: Reading | undefined): Reading {
  const entries = [...page.entries, ...(later?.entries ?? [])];
  const problems = [...(later?.problems ?? []), ...page.problems];
  const size = later?.size ?? page.size;
  const checkpoint = page.checkpoint ?? later?.checkpoint;
  const told = (wrong: Wrong, detail: string): void =>
    void problems.push({ wrong, first: undefined, count: 1, detail });
  const other = later && (later.origin !== page.origin || later.keys.join() !== page.keys.join());
  if (other) told("other", "the log has other keys, or another name, than a page before");
  if (page.size < size) told("other", "the log is shorter than it was");
  const last = Math.max(page.start - 1, ...page.entries.map((each) => each.index));
  const end = later?.start ?? page.size; // a page that ends too early leaves out what was there last
  if (last + 1 < end) problems.push(missing(last + 1, end));
  const gap = entries.some((each, place) => each.index !== page.start + place);
  if (gap && !problems.length) told("other", "pages do not follow one another");
  if (page.start === 0 && checkpoint && !gap && later) {
    try {
      lead(entries, 0, checkpoint, []);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      told("tree", error.message);
    }
  }
  return {
    ...page,
    entries,
    size: Math.max(size, page.size),
    checkpoint,
    problems,
    numbers: new Map([...page.numbers, ...(later?.numbers ?? [])]),
    answers: [...(later?.answers ?? []), ...page.answers],
  };
}

type Said = Omit<Entry, "index" | "hash">;
const NOTHING: Said = { erased: false, padding: false, bad: false, values: new Map() };

/** What it says; `CryptoError` unless that is what its leaf commits to, whole, and it stands in its place. */
function entry(
  leaf: Bytes,
  raw: Answer["entries"][number],
  index: number,
  kind: Kind,
  mechanism: string,
): Said {
  const parsed = parseLeaf(leaf);
  if (raw.index < index) throw new FormatError("its number was there before");
  if (raw.opening === null) return { ...NOTHING, erased: true };
  const opening = Opening.parse(utf8(raw.opening));
  verifyOpening(parsed, opening);
  if (opening.hides) throw new VerifyError("it hides some of what it says");
  if (opening.padding) return { ...NOTHING, padding: true };
  const { values } = opening;
  const needed = ["event", "mechanism", "day", ...(kind === "access" ? ["hour"] : [])];
  const absent = needed.filter((name) => !values.has(name));
  if (absent.length) throw new FormatError(`it does not say its ${absent.join(", ")}`);
  if (values.get("mechanism") !== mechanism) throw new VerifyError("it is of another mechanism's log");
  return { ...NOTHING, values };
}

/** What the server says that it says, for whoever wants to know: it is not believed. */
function claimed(raw: Answer["entries"][number]): Said {
  try {
    return { ...NOTHING, bad: true, values: Opening.parse(utf8(raw.opening ?? "")).values };
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return { ...NOTHING, bad: true };
  }
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
  const oldest = entries.find((each) => each.index >= size && !each.bad && each.values.has("day"));
  if (!oldest) return;
  const [day, hour] = [oldest.values.get("day"), oldest.values.get("hour")];
  const made = Date.parse(`${String(day)}T00:00:00Z`) / 1000 + (typeof hour === "number" ? hour : 23) * 3600;
  if (made + LATEST < now) throw new At(oldest.index, "it is not signed, hours after it was made");
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
