/** What entries say, for people: who, when, about what; and who opened how much on which day. */

import type { Json } from "../../../src/crypto/encoding.ts";
import { recordName } from "../records/names.ts";
import type { Entry } from "./pages.ts";

const OPENED: ReadonlySet<string> = new Set(["record.opened", "part.downloaded", "record.exported"]);
/** So many times the usual day, and at least so many records, is unusual. */
const TIMES = 3;
const LEAST = 5;

/** A field as text; "" if there is none. */
export function said(entry: Entry, name: string): string {
  const value: Json | undefined = entry.values.get(name);
  return value === undefined || value === null
    ? ""
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
}

/** A member, or a program as budgets and alarms call it; "" where nobody did it, or a submitter. */
export function who(entry: Entry): string {
  const client = said(entry, "client");
  return said(entry, "member") || (client && `client:${client}`);
}

/** What to look for. Empty ones leave everything. */
export interface Filter {
  readonly who: string;
  readonly record: string;
  readonly event: string;
  readonly from: string;
  readonly to: string;
}

export const EVERYTHING: Filter = { who: "", record: "", event: "", from: "", to: "" };

const ID = /^[0-9a-f]{64}$/;
const called = new Map<string, string>(); // a hash for each, once

/** A record's name of two words; "" for what is no record's id. */
export function nameOf(record: string): string {
  if (!ID.test(record)) return "";
  const found = called.get(record) ?? recordName(record);
  called.set(record, found);
  return found;
}

/** Which records are what somebody typed: the beginning of their id or of their name, or their number. */
function sought(typed: string, numbers: ReadonlyMap<string, number>): (record: string) => boolean {
  const wanted = typed
    .trim()
    .toLowerCase()
    .replace(/^[#№]\s*/, "");
  if (!wanted) return () => true;
  if ([...numbers.values()].some((one) => String(one) === wanted)) {
    return (record) => numbers.get(record) === Number(wanted);
  }
  const name = wanted.replace(/\s+/g, "-");
  return (record) => record.startsWith(wanted) || nameOf(record).startsWith(name);
}

/** Entries that say something of what is looked for, the newest first. What is not believed is left out of none. */
export function filtered(
  entries: readonly Entry[],
  filter: Filter,
  numbers: ReadonlyMap<string, number> = new Map(),
): Entry[] {
  const chosen = sought(filter.record, numbers);
  const wanted = (entry: Entry): boolean => {
    const day = said(entry, "day");
    return (
      !entry.padding &&
      (entry.bad ||
        ((!filter.who || who(entry) === filter.who) &&
          chosen(said(entry, "record")) &&
          (!filter.event || said(entry, "event") === filter.event) &&
          (!filter.from || day >= filter.from) &&
          (!filter.to || (day !== "" && day <= filter.to))))
    );
  };
  return entries.filter(wanted).reverse();
}

/** How many different records a reader opened: on their busiest day, and in all. */
export interface Openings {
  readonly reader: string;
  readonly most: number;
  readonly day: string;
  readonly records: number;
  readonly days: number;
  readonly unusual: boolean;
}

/**
 * One row for each reader, the busiest compared with everybody's usual day first. `assigning` has the indexes of
 * openings that only served to assign: whoever reads such a record fetches its parts, and these count.
 */
export function openings(entries: readonly Entry[], assigning: ReadonlySet<number> = new Set()): Openings[] {
  const readers = new Map<string, Map<string, Set<string>>>();
  for (const entry of entries) {
    const [reader, record] = [who(entry), said(entry, "record")];
    if (entry.bad || !reader || !record || !OPENED.has(said(entry, "event"))) continue;
    // Triage cards are what everybody sees in the inbox; assigning fetches them to hold the row against the record.
    if (assigning.has(entry.index) || said(entry, "class") === "triage") continue;
    const days = readers.get(reader) ?? new Map<string, Set<string>>();
    const records = days.get(said(entry, "day")) ?? new Set<string>();
    readers.set(reader, days.set(said(entry, "day"), records.add(record)));
  }
  const counts = [...readers.values()].flatMap((days) => [...days.values()].map((records) => records.size));
  const usual = Math.max(1, median(counts));
  const rows = [...readers].map(([reader, days]) => {
    const [day, busiest] = [...days].reduce((one, other) => (other[1].size > one[1].size ? other : one));
    const records = new Set([...days.values()].flatMap((each) => [...each])).size;
    const most = busiest.size;
    return { reader, most, day, records, days: days.size, unusual: most >= LEAST && most >= TIMES * usual };
  });
  return rows.sort((one, other) => other.most - one.most || (one.reader < other.reader ? -1 : 1));
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0; // the lower one: half of the days are no excuse
}
