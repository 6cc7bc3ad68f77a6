/**
 * Whole logs, searched for what concerns one record: the twin of `intake/client/search.py`, and of `compare` in
 * `intake/client/accesses.py`.
 *
 * The list of accesses that a service shows is compared with the logs that it has signed: nothing may be listed
 * that is in no log, and nothing may be in a log that is not listed. The logs are fetched whole, so that the
 * service does not learn which entries are looked for.
 */

import type { Access, Accesses } from "./accesses.ts";
import { type Api, ApiError } from "./api.ts";
import * as checkpoints from "./crypto/checkpoints.ts";
import * as checks from "./crypto/checks.ts";
import { type Bytes, equal, hexEncode, isObject, type Json } from "./crypto/encoding.ts";
import { CryptoError, FormatError, VerifyError } from "./crypto/errors.ts";
import * as logLeaf from "./crypto/log_leaf.ts";
import * as merkle from "./crypto/merkle.ts";
import * as notes from "./crypto/notes.ts";

const WIDTH = 256; // entries of a full bundle
const STEP = 2 + logLeaf.SIZE; // an entry of ours in a bundle: its length, and its bytes
const AT_ONCE = 6; // requests
const BEYOND = 64; // numbers that are looked for after the last one listed
const MOST_LOGS = 1000;
const KINDS = ["records", "access"];
const DAY_MS = 86_400_000;

/** A log up to its newest checkpoint, which holds: `day` is that of its signing, "" if nothing was signed yet. */
class SignedLog {
  readonly mechanism: string;
  readonly kind: string;
  readonly origin: string;
  size = 0;
  root: Bytes = merkle.EMPTY_ROOT;
  day = "";
  /** Leaf hashes at the places that were asked for, and numbers of the record's entries by their places. */
  readonly hashes = new Map<number, Bytes>();
  readonly tagged = new Map<number, number>();

  constructor(mechanism: string, kind: string, origin: string) {
    this.mechanism = mechanism;
    this.kind = kind;
    this.origin = origin;
  }

  get name(): string {
    return `${this.mechanism}/${this.kind}`;
  }

  /** Below the service's own address. */
  get path(): string {
    return `/log/${this.name}`;
  }
}

/** What does not hold, as sentences, and what was looked through. `unsigned` are newer than what was signed. */
export interface Compared {
  readonly problems: readonly string[];
  readonly unsigned: number;
  readonly entries: number;
  readonly logs: number;
  readonly stale: number; // logs of which nothing was signed lately
}

/** The logs of a service, each up to a checkpoint that was fetched before the list of accesses was. */
export class SignedLogs {
  readonly #api: Api;
  readonly #logs = new Map<string, SignedLog>();
  readonly #problems: string[] = [];
  #stale = 0;

  private constructor(api: Api) {
    this.#api = api;
  }

  /** `shown` is the service's list of logs; of each mechanism in `needed` both logs must be there. */
  static async read(api: Api, shown: Json | undefined, needed: Iterable<string>): Promise<SignedLogs> {
    const found = new SignedLogs(api);
    let listed: readonly (readonly [SignedLog, notes.VerifierKey[]])[] = [];
    try {
      listed = checks.items(shown ?? null, MOST_LOGS).map(parse);
    } catch (error) {
      found.#complain(error, "the service's list of logs is not of the form that it should have");
      return found;
    }
    for (const [log, keys] of listed) {
      try {
        await verify(api, log, keys);
        if (!log.size || log.day < daysFromNow(-2)) found.#stale++;
        found.#logs.set(log.name, log);
      } catch (error) {
        found.#complain(error, `the checkpoint of ${log.origin} cannot be believed`);
      }
    }
    const named = new Set(listed.map(([log]) => log.name));
    for (const mechanism of needed) {
      for (const kind of KINDS.filter((kind) => !named.has(`${mechanism}/${kind}`))) {
        found.#problems.push(`the service shows no log of ${kind} for ${mechanism}`);
      }
    }
    return found;
  }

  /** Search all logs for the record's entries, and compare the list with them. */
  async compare(accesses: Accesses, recordKey: Bytes): Promise<Compared> {
    const last = Math.max(-1, ...accesses.shown.map(({ counter }) => counter));
    const tags = new Map(
      Array.from({ length: last + 1 + BEYOND }, (_, n) => [hexEncode(logLeaf.tag(recordKey, n)), n]),
    );
    for (const [name, log] of [...this.#logs]) {
      const places = accesses.shown.filter((one) => `${one.mechanism}/${one.log}` === name);
      try {
        await search(this.#api, log, tags, new Set(places.map(({ index }) => index)));
      } catch (error) {
        this.#complain(error, `the log ${log.origin} does not hold`);
        this.#logs.delete(name);
      }
    }
    const listed = this.#listed(accesses.shown);
    const hidden = this.#hidden(accesses);
    return {
      problems: [...accesses.problems, ...this.#problems, ...listed.problems, ...hidden],
      unsigned: listed.unsigned,
      entries: [...this.#logs.values()].reduce((sum, { size }) => sum + size, 0),
      logs: this.#logs.size,
      stale: this.#stale,
    };
  }

  /** Whether all that is listed is where it is said to be. */
  #listed(shown: readonly Access[]): { problems: string[]; unsigned: number } {
    const problems: string[] = [];
    const without = new Map<string, number[]>(); // by log: accesses that nothing can be compared with
    let unsigned = 0;
    for (const { counter, mechanism, log: kind, index, leaf, day } of shown) {
      const where = `${mechanism}/${kind}`;
      const log = this.#logs.get(where);
      const name = `access ${counter} (entry ${index} of ${mechanism}/${kind})`;
      if (!log) without.set(where, [...(without.get(where) ?? []), counter]);
      else if (index >= log.size) {
        if (log.day && day < daysFromNow(-1) && day < log.day) {
          problems.push(`${name} is of ${day}, and the log signed on ${log.day} does not hold it`);
        } else unsigned++;
      } else if (!equal(log.hashes.get(index) ?? merkle.EMPTY_ROOT, merkle.leafHash(leaf))) {
        problems.push(`${name} is listed, and the log holds another entry there: it was made up`);
      }
    }
    for (const [unusable, counters] of without) {
      const named = counters.slice(0, 20).join(", ") + (counters.length > 20 ? ", …" : "");
      problems.push(
        `${counters.length} accesses (numbers ${named}) are in a log that the service does not show, or that` +
          ` does not hold: ${unusable}`,
      );
    }
    return { problems, unsigned };
  }

  /** Whether all that is in the logs is listed, but for what is delayed. */
  #hidden({ shown, delayed }: Accesses): string[] {
    const problems: string[] = [];
    const places = new Set(shown.map(({ mechanism, log, index }) => `${mechanism}/${log} ${index}`));
    const counters = new Set(shown.map(({ counter }) => counter));
    const absent = new Set(numbers(Math.max(0, ...counters) + 1).filter((n) => !counters.has(n)));
    for (const log of this.#logs.values()) {
      for (const [index, counter] of log.tagged) {
        if (places.has(`${log.name} ${index}`)) continue;
        const name = `entry ${index} of ${log.name} is about your record`;
        if (counters.has(counter)) {
          problems.push(`${name}, under the number ${counter} of another access: a hidden access`);
          continue;
        }
        absent.add(counter);
        if (!delayed) problems.push(`${name} (number ${counter}), and is not in the list: a hidden access`);
      }
    }
    if (delayed && absent.size > delayed) {
      const named = [...absent].sort((one, other) => one - other).slice(0, 20);
      problems.push(
        `${absent.size} accesses are in the logs or missing, and not in the list (numbers ${named.join(", ")}),` +
          ` and the service says that ${delayed} are delayed: accesses to your record are kept from you`,
      );
    }
    return problems;
  }

  #complain(error: unknown, what: string): void {
    const lost = error instanceof ApiError && error.status === 404;
    if (!lost && !(error instanceof CryptoError)) throw error;
    this.#problems.push(`${what}: ${error.message}`);
  }
}

function parse(item: Json): [log: SignedLog, keys: notes.VerifierKey[]] {
  const { mechanism, log: kind, origin, keys } = isObject(item) ? item : {};
  if (typeof origin !== "string") throw new FormatError("a log has an origin");
  const log = new SignedLog(
    checks.text(mechanism ?? null, checks.SLUG),
    checks.text(kind ?? null, checks.SLUG),
    origin,
  );
  return [log, checks.items(keys ?? null, 16).map((key) => notes.VerifierKey.parse(String(key)))];
}

/** Fill in what the newest checkpoint says, if one was signed: by every type that there is among the keys. */
async function verify(api: Api, log: SignedLog, keys: readonly notes.VerifierKey[]): Promise<void> {
  if (keys.some((key) => key.name !== log.origin))
    throw new VerifyError("the service shows keys of another log");
  if (!keys.length) throw new VerifyError("there is no key to verify it with");
  let data: Bytes;
  try {
    data = await read(api, `${log.path}/checkpoint`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return;
    throw error;
  }
  const note = notes.parse(data);
  const signers = keys.filter((key) => notes.signatureBy(note, key));
  // While keys change, not each of them has signed.
  if (keys.some(({ kind }) => !signers.some((key) => key.kind === kind))) {
    throw new VerifyError("a key of the log has not signed it");
  }
  const { checkpoint, log: signed } = checkpoints.verify(data, { origin: log.origin, logKeys: signers });
  if (checkpoint.size > Number.MAX_SAFE_INTEGER) throw new FormatError("the log is too large");
  log.size = Number(checkpoint.size);
  log.root = checkpoint.root;
  const times = signed.map(({ time }) => Number(time ?? 0n));
  const newest = Math.min(Math.max(...times), 2 ** 33);
  if (newest) log.day = new Date(newest * 1000).toISOString().slice(0, 10);
}

/** Fetch every entry, look for tags and places, and check that all lead to the root that was signed. */
async function search(
  api: Api,
  log: SignedLog,
  tags: ReadonlyMap<string, number>,
  places: ReadonlySet<number>,
): Promise<void> {
  const roots: Bytes[] = []; // of complete subtrees, largest first, as the bits of the number of leaves say
  let count = 0;
  for await (const bundle of bundles(api, log)) {
    for (let at = 0; at < bundle.length; at += STEP) {
      if (bundle[at] !== 0 || bundle[at + 1] !== logLeaf.SIZE)
        throw new FormatError("an entry is not of our form");
      const entry = bundle.subarray(at + 2, at + STEP);
      const number = tags.get(hexEncode(entry.subarray(1, 1 + logLeaf.TAG_SIZE)));
      if (number !== undefined) log.tagged.set(count, number);
      let hash = merkle.leafHash(entry);
      if (places.has(count)) log.hashes.set(count, hash);
      for (let rest = count; rest % 2 === 1; rest = (rest - 1) / 2)
        hash = merkle.nodeHash(roots.pop()!, hash);
      roots.push(hash);
      count++;
    }
  }
  const root = roots.reduceRight(
    (right, left) => merkle.nodeHash(left, right),
    roots.pop() ?? merkle.EMPTY_ROOT,
  );
  if (!equal(root, log.root)) {
    throw new VerifyError(`its ${log.size} entries are not those that were signed`);
  }
}

/** All entry bundles in order; a few more are on their way while one is looked at. */
async function* bundles(api: Api, log: SignedLog): AsyncGenerator<Bytes, void> {
  const count = Math.ceil(log.size / WIDTH);
  const waiting: Promise<Bytes>[] = [];
  for (let index = 0; index < count || waiting.length;) {
    for (; index < count && waiting.length < AT_ONCE; index++) {
      const next = bundle(api, log, index);
      next.catch(() => undefined); // it is waited for in its turn
      waiting.push(next);
    }
    yield await waiting.shift()!;
  }
}

async function bundle(api: Api, log: SignedLog, index: number): Promise<Bytes> {
  const width = Math.min(WIDTH, log.size - index * WIDTH);
  const data = await read(api, `${log.path}/${pathOf(index, width)}`);
  if (data.length !== width * STEP) throw new FormatError(`the bundle ${index} is not of our form`);
  return data;
}

/** The path of an entry bundle: C2SP tlog-tiles. */
function pathOf(index: number, width: number): string {
  const groups = [String(index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1000); rest; rest = Math.floor(rest / 1000)) {
    groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  }
  return `tile/entries/${groups.join("/")}${width < WIDTH ? `.p/${width}` : ""}`;
}

async function read(api: Api, path: string): Promise<Bytes> {
  return new Uint8Array(await (await api.request(path, { method: "GET" })).arrayBuffer());
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

function daysFromNow(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}
