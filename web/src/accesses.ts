/**
 * The list of accesses to a record: the twin of `check_accesses` in `intake/client/accesses.py`.
 *
 * Entries carry tags that only the receipt makes findable, numbered without a gap: one that is left out in
 * the middle is a number that is missing. The records logs have one entry of every revision for each
 * mechanism that it names: more of them than statements means that a revision is kept back.
 */

import * as checks from "./crypto/checks.ts";
import { b64uDecode, type Bytes, hexEncode, isList, isObject, type Json, utf8 } from "./crypto/encoding.ts";
import { CryptoError, FormatError, VerifyError } from "./crypto/errors.ts";
import { Opening, parseLeaf, SIZE, verifyOpening, verifyTag } from "./crypto/log_leaf.ts";
import type { Statement } from "./crypto/statement.ts";

const MOST = 2 ** 20; // a number that no record reaches
const OF_REVISIONS = ["record.added", "record.revised"];

/** One entry about one's own record: what its leaf commits to, and where it is said to be. */
export interface Access {
  readonly counter: number;
  readonly index: number;
  readonly leaf: Bytes;
  readonly mechanism: string;
  readonly log: string;
  readonly day: string;
  readonly event: string;
  readonly purpose: string;
  /** Of a member, with spaces between them; a program has none. */
  readonly roles: string;
  /** Of a part that was fetched: the class of its compartment; older entries do not say it. */
  readonly class: string;
}

/**
 * Entries in order; `delayed` are not shown yet, and `later` are the days from which they are. `problems` are
 * sentences. Only `compare` in `searched.ts` shows whether the list is whole.
 */
export interface Accesses {
  readonly shown: readonly Access[];
  readonly delayed: number;
  readonly later: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Check the list; whatever does not hold is a sentence in `problems`, nothing is thrown.
 *
 * `recordKey` follows from the receipt and the share in the signed statement. Without it, as a receipt that
 * replaces a lost one has none, it is not known whether an entry is about this record, nor whether one is missing.
 */
export function checkAccesses(answer: Json, record: string, share: Bytes, recordKey: Bytes | null): Accesses {
  const listed = isObject(answer) ? answer["accesses"] : undefined;
  const delayed = isObject(answer) ? (answer["delayed"] ?? 0) : undefined;
  if (!isObject(answer) || !isList(listed) || typeof delayed !== "number" || delayed < 0) {
    return {
      shown: [],
      delayed: 0,
      later: [],
      problems: ["the list of accesses is not of the form that it should have"],
    };
  }
  const problems: string[] = [];
  const shown = new Map<number, Access>();
  if (answer["share"] !== hexEncode(share)) problems.push("the service names another share of this record");
  listed.forEach((item, place) => {
    try {
      const found = access(item, record, recordKey);
      if (shown.has(found.counter)) throw new VerifyError(`number ${found.counter} is there twice`);
      shown.set(found.counter, found);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      problems.push(`access ${place + 1} of the list does not hold: ${error.message}`);
    }
  });
  const last = Math.max(0, ...shown.keys());
  const absent = Array.from({ length: last + 1 }, (_, n) => n).filter((n) => !shown.has(n)).length;
  if (absent > delayed) problems.push(`${absent} accesses are missing from the list, ${delayed} are delayed`);
  const until = answer["delayed_until"] ?? [];
  const later = isList(until) ? until.filter((day) => typeof day === "string" && checks.DAY.test(day)) : [];
  const sorted = [...shown.values()].sort((one, other) => one.counter - other.counter);
  return { shown: sorted, delayed, later: later.map(String), problems };
}

/** Whether the entries speak of more revisions than these; `handed` have entries of their own. */
export function keptBack(
  accesses: Accesses,
  statements: readonly Statement[],
  handed: ReadonlySet<string>,
): boolean {
  const named = new Map<string, number>();
  const told = new Map<string, number>();
  for (const { consent } of statements) for (const { mechanism } of consent) count(named, mechanism);
  for (const { mechanism, event } of accesses.shown) if (OF_REVISIONS.includes(event)) count(told, mechanism);
  return [...told].some(([name, times]) => !handed.has(name) && times > (named.get(name) ?? 0));
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function access(item: Json, record: string, recordKey: Bytes | null): Access {
  if (!isObject(item)) throw new FormatError("it is no object");
  const data = b64uDecode(item["leaf"], SIZE);
  const leaf = parseLeaf(data);
  const { counter, index, opening: text, log } = item;
  for (const number of [counter, index]) {
    if (typeof number !== "number" || number < 0) throw new FormatError("its number is none");
  }
  if (Number(counter) > MOST) throw new FormatError("its number is too large");
  if (typeof text !== "string" || typeof log !== "string") throw new FormatError("it is not of its form");
  const opening = Opening.parse(utf8(text));
  verifyOpening(leaf, opening);
  if (recordKey) verifyTag(leaf, recordKey, Number(counter));
  const { values } = opening;
  if (opening.padding || (values.get("record") ?? record) !== record) {
    throw new VerifyError("it is about something else");
  }
  const said = (name: string): string => {
    const value = values.get(name);
    if (typeof value !== "string") throw new VerifyError(`it does not say its ${name}`);
    return value;
  };
  const mechanism = said("mechanism");
  if (mechanism !== item["mechanism"]) throw new VerifyError("it is in another mechanism's log");
  const day = checks.text(said("day"), checks.DAY);
  const maybe = (name: string): string => {
    const value = values.get(name);
    return typeof value === "string" ? value : "";
  };
  return {
    counter: Number(counter),
    index: Number(index),
    leaf: data,
    mechanism,
    log,
    day,
    event: said("event"),
    purpose: maybe("purpose"),
    roles: maybe("roles"),
    class: maybe("class"),
  };
}
