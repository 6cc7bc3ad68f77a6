/**
 * Entries that say nothing. One may be silent only if the records log names it as erased, of this log, in an entry that
 * holds and came later: else somebody took away what it said, and nothing was erased.
 */

import { type Entry, type Kind, type Problem, type Reading, readPage } from "./pages.ts";

/** Which entries of the log `kind` these entries of the records log name as erased. */
export function named(entries: readonly Entry[], kind: Kind): Set<number> {
  const found = new Set<number>();
  for (const { bad, index, values } of entries) {
    const listed = values.get(kind);
    if (bad || values.get("event") !== "record.erased" || !Array.isArray(listed)) continue;
    for (const one of listed) {
      if (typeof one === "number" && (kind === "access" || one < index)) found.add(one);
    }
  }
  return found;
}

/** What was read, with what shows that its silent entries may be silent. */
export interface Proved extends Reading {
  /** The records log, as far back as it had to be read; nothing of it, where nothing is silent. */
  readonly proof: Reading | undefined;
  /** Silent entries for which nothing was found. */
  readonly unexplained: ReadonlySet<number>;
}

type Read = typeof readPage;

/** The newest page, or with `before` that page with the one before it; and what proves its silent entries. */
export async function read(
  kind: Kind,
  mechanism: string,
  before?: Proved,
  page: Read = readPage,
): Promise<Proved> {
  // What was told of silent entries is told anew below: an erasure may have come since.
  const known = before && { ...before, problems: before.problems.filter(({ wrong }) => !looked(wrong)) };
  return prove(await page(kind, mechanism, known), mechanism, before, page);
}

const looked = (wrong: string): boolean => wrong === "silent" || wrong === "records";

async function prove(
  reading: Reading,
  mechanism: string,
  before: Proved | undefined,
  page: Read,
): Promise<Proved> {
  const { entries, kind, problems } = reading;
  const silent = entries.filter(({ erased }) => erased).map(({ index }) => index);
  let proof = before?.proof;
  const own = kind === "records" ? named(entries, kind) : new Set<number>();
  // Of its own log all that is newer was read, but for what came since: an entry is silenced by a later one.
  const back = kind === "access" ? 0 : (entries.at(-1)?.index ?? -1) + 1;
  let listed = own;
  const note = (): void => void (listed = new Set([...own, ...named(proof?.entries ?? [], kind)]));
  const given = before?.unexplained ?? new Set<number>(); // looked for before, in all of the records log
  const open = (): boolean => silent.some((index) => !listed.has(index) && !given.has(index));
  const look = async (): Promise<void> => {
    while (open() && (!proof || proof.start > back)) {
      proof = await page("records", mechanism, proof);
      note();
    }
  };
  const kept = proof !== undefined;
  note();
  await look();
  if (kept && open()) {
    proof = undefined; // erased since that was read
    note();
    await look();
  }
  const unexplained = silent.filter((index) => !listed.has(index));
  const found: Problem[] = unexplained.map((first) => ({
    wrong: "silent",
    first,
    count: 1,
    detail: "it says nothing, and no entry names it as erased",
  }));
  for (const { first, detail } of proof?.problems.slice(0, 1) ?? []) {
    const place = first === undefined ? "" : `#${first}: `;
    found.push({ wrong: "records", first: undefined, count: 1, detail: `${place}${detail}` });
  }
  if (proof && !proof.checkpoint && reading.checkpoint) {
    found.push({ wrong: "records", first: undefined, count: 1, detail: "nothing of it is signed" });
  }
  const told = new Set(unexplained);
  return {
    ...reading,
    entries: entries.map((each) => (each.erased ? { ...each, bad: told.has(each.index) } : each)),
    proof,
    unexplained: told,
    problems: [...problems, ...found],
  };
}
