/** Entries of logs, and pages of them, for tests of what the console says of them. */

import type { Entry, Kind, Reading } from "../console/src/log/pages.ts";
import { type Json, utf8 } from "../src/crypto/encoding.ts";
import { leafHash } from "../src/crypto/merkle.ts";

let next = 0;
export const entry = (values: Record<string, Json>, rest: Partial<Entry> = {}): Entry => ({
  index: next++,
  hash: leafHash(utf8("an entry")),
  erased: false,
  padding: false,
  bad: false,
  values: new Map(Object.entries(values)),
  ...rest,
});
export const opened = (member: string, day: string, record: string): Entry =>
  entry({ event: "record.opened", member, day, record });

/** A log's page that holds, of which nothing is asked any more. */
export const page = (kind: Kind, entries: readonly Entry[], start = 0): Reading => ({
  kind,
  entries,
  start,
  size: start + entries.length,
  checkpoint: undefined,
  time: undefined,
  origin: "",
  keys: [],
  problems: [],
  numbers: new Map(),
  answers: [],
});
export const numbered = (first: number, ...entries: Entry[]): Entry[] =>
  entries.map((each, place) => ({ ...each, index: first + place }));
