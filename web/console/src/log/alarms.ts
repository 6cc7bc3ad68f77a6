/** Alarms as the server lists them, held against the log: each has an entry there, and each entry there is listed. */

import { get } from "../api.ts";
import { changed, onForget } from "../state.ts";
import type { Proved } from "./erased.ts";
import type { Entry, Reading } from "./pages.ts";
import { byOperator } from "./fields.ts";
import { said, who } from "./words.ts";

/** As `GET /review/v1/alarms` lists it. */
export interface Alarm {
  readonly id: string;
  readonly kind: string;
  readonly reader: string;
  readonly day: string;
  readonly seen_by: string | null;
}

const FRESH = 60_000; // milliseconds: each fetch is an entry of the log, so not at every step
let listed: readonly Alarm[] = [];
let fetched = -Infinity;
onForget(() => {
  listed = [];
  fetched = -Infinity;
});

/** Fetch the list; how many nobody has looked at is shown wherever the member is. */
export async function fetchAlarms(): Promise<readonly Alarm[]> {
  listed = (await get<{ alarms: readonly Alarm[] }>("/review/v1/alarms")).alarms;
  fetched = Date.now();
  changed();
  return listed;
}

/** Fetch it again, unless that was done just now; what failed is tried again the next time. */
export async function renewAlarms(): Promise<void> {
  if (Date.now() - fetched < FRESH) return;
  await fetchAlarms().catch(() => undefined);
}

/** As they were last fetched. */
export const listedAlarms = (): readonly Alarm[] => listed;

/** How many of them nobody has looked at. */
export const unseen = (): number => listed.filter((alarm) => !alarm.seen_by).length;

const same = (entry: Entry, alarm: Alarm): boolean =>
  said(entry, "alarm") === alarm.kind &&
  said(entry, "reader") === alarm.reader &&
  said(entry, "day") === alarm.day;
const raised = (entry: Entry): boolean => !entry.bad && said(entry, "event") === "alarm.raised";

/** Entries of alarms that the list lacks: it was fetched after them. */
export function lacking(entries: readonly Entry[], alarms: readonly Alarm[]): Entry[] {
  const left = [...alarms];
  return entries.filter(raised).filter((entry) => {
    const place = left.findIndex((alarm) => same(entry, alarm));
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

/** Listed alarms of which the log knows nothing, if all of it was read, after the list. */
export function unlogged(reading: Reading, alarms: readonly Alarm[]): Alarm[] {
  if (reading.start > 0) return [];
  const left = reading.entries.filter(raised);
  return alarms.filter((alarm) => {
    const place = left.findIndex((entry) => same(entry, alarm));
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

/** The list held against the log: entries that the list lacks, and ids of alarms that the log does not have. */
export interface Compared {
  readonly reading: Proved;
  readonly missing: readonly Entry[];
  readonly unknown: ReadonlySet<string>;
}

/**
 * Compare with the newest entries, or with all: what was listed before is in the log, what is in the log is listed after.
 * So the log is read anew, from its end: in what was read earlier, an alarm that was raised since would be lacking.
 */
export async function compare(
  all: boolean,
  list: () => Promise<readonly Alarm[]>,
  page: (later: Proved | undefined) => Promise<Proved>,
): Promise<Compared> {
  const before = await list();
  let reading = await page(undefined);
  while (all && reading.start > 0) reading = await page(reading);
  const unknown = new Set(unlogged(reading, before).map(({ id }) => id));
  const lacks = lacking(reading.entries, before);
  return { reading, missing: lacks.length ? lacking(reading.entries, await list()) : lacks, unknown };
}

const DAYS = 4; // a proposal is decided within three, and what was decided is done within one
const PROPOSED: Readonly<Record<string, string>> = {
  guard_removal: "remove_member",
  member_recovered: "recover_member",
};

/** Entries that tell what an alarm is about, the oldest first. */
export function behind(alarm: Alarm, entries: readonly Entry[]): Entry[] {
  const near = entries.filter((entry) => {
    const apart = Math.abs(Date.parse(said(entry, "day")) - Date.parse(alarm.day)) / 86_400_000;
    return !entry.bad && apart <= DAYS;
  });
  const about = (entry: Entry): boolean => said(entry, "subject") === alarm.reader;
  const made = near.filter(
    (entry) =>
      said(entry, "event") === "proposal.made" &&
      about(entry) &&
      said(entry, "kind") === PROPOSED[alarm.kind],
  );
  const removed = (entry: Entry): boolean =>
    said(entry, "event") === "member.removed" && about(entry) && !entry.values.has("applicant");
  const ids = new Set([...made, ...near.filter(removed)].map((entry) => said(entry, "proposal")));
  return near.filter((entry) => {
    const event = said(entry, "event");
    if (event === "alarm.raised") return same(entry, alarm);
    if (made.includes(entry)) return true;
    if (event === "proposal.decided") return ids.has(said(entry, "proposal"));
    if (alarm.kind === "guard_removal") return removed(entry);
    if (alarm.kind === "admitted_alone") return event === "member.admitted" && about(entry);
    if (who(entry) !== alarm.reader) return false;
    if (alarm.kind === "member_recovered") return event === "member.applied" && entry.values.has("recovered");
    return said(entry, "reason") === "budget_spent" && said(entry, "day") === alarm.day;
  });
}

/** Which of its cases an alarm is, with who did it; without what is needed to tell, the kind alone. */
export interface Case {
  readonly text: string;
  readonly by: string;
  readonly decided: string;
}

export function caseOf(alarm: Alarm, entries: readonly Entry[]): Case {
  const its = behind(alarm, entries);
  const all = (event: string): Entry[] => its.filter((entry) => said(entry, "event") === event);
  const of = (event: string, proposal: string): Entry | undefined =>
    all(event)
      .filter((entry) => said(entry, "proposal") === proposal)
      .at(-1);
  const done = all(alarm.kind === "guard_removal" ? "member.removed" : "member.applied").at(-1);
  const approval = (made: Entry): boolean => {
    const decided = of("proposal.decided", said(made, "proposal"));
    return decided !== undefined && said(decided, "approved") === "1";
  };
  const proposed = (): Entry | undefined => {
    // It is raised when a recovery was approved: one that still waits, or was refused, is not what it is about.
    if (alarm.kind === "member_recovered") return all("proposal.made").filter(approval).at(-1);
    return done ? of("proposal.made", said(done, "proposal")) : all("proposal.made").at(-1);
  };
  const made = proposed();
  const decided = made && of("proposal.decided", said(made, "proposal"));
  const ended = (): string => {
    if (done && alarm.kind === "guard_removal") return byOperator(done) ? "operator" : decided ? "done" : "";
    if (done) return made ? "done" : "made";
    if (!made) return "";
    if (!decided) return "proposed";
    if (said(decided, "withdrawn") === "1") return "withdrawn";
    return said(decided, "approved") === "1" ? "approved" : "refused";
  };
  const which = PROPOSED[alarm.kind] ? ended() : "";
  return {
    text: which ? `alarms.${alarm.kind}.${which}` : `alarms.kind.${alarm.kind}`,
    by: made ? who(made) : "",
    decided: decided ? who(decided) : "",
  };
}
