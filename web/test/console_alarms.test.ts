/** Alarms, held against the log: which case one is, which is lacking, and of which the log knows nothing. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import {
  type Alarm,
  caseOf,
  compare,
  lacking,
  renewAlarms,
  unlogged,
  unseen,
} from "../console/src/log/alarms.ts";
import type { Proved } from "../console/src/log/erased.ts";
import type { Entry } from "../console/src/log/pages.ts";
import type { Json } from "../src/crypto/encoding.ts";
import { entry, numbered, page } from "./log_entries.ts";

test("an alarm tells its case and who did it, and one that only the log has is missing", () => {
  const day = "2026-11-03";
  const alarm: Alarm = { id: "a1", kind: "guard_removal", reader: "olga", day, seen_by: null };
  const told = (entries: Entry[]) => Object.values(caseOf(alarm, numbered(0, ...entries)));
  const raised = entry({ event: "alarm.raised", alarm: "guard_removal", reader: "olga", day });
  const made = entry({
    event: "proposal.made",
    kind: "remove_member",
    subject: "olga",
    proposal: "p1",
    member: "ihar",
    day: "2026-11-02",
  });
  const decided = (approved: number, more: Record<string, Json> = {}) =>
    entry({ event: "proposal.decided", proposal: "p1", approved, member: "anna", day, ...more });
  const removed = (more: Record<string, Json>) =>
    entry({ event: "member.removed", subject: "olga", day, ...more });
  const byTwo = removed({ member: "anna", proposal: "p1" });
  assert.deepEqual(told([]), ["alarms.kind.guard_removal", "", ""]);
  assert.deepEqual(told([made, raised]), ["alarms.guard_removal.proposed", "ihar", ""]);
  assert.deepEqual(told([made, raised, decided(0)]), ["alarms.guard_removal.refused", "ihar", "anna"]);
  const withdrawn = decided(0, { withdrawn: 1, member: "ihar" });
  assert.deepEqual(told([made, raised, withdrawn]), ["alarms.guard_removal.withdrawn", "ihar", "ihar"]);
  assert.deepEqual(told([made, byTwo, decided(1)]), ["alarms.guard_removal.done", "ihar", "anna"]);
  assert.deepEqual(told([raised, removed({})]), ["alarms.guard_removal.operator", "", ""]);
  assert.equal(told([made, withdrawn, raised, removed({})])[0], "alarms.guard_removal.operator");
  // Members did it: what they proposed was not read yet, or it was no proposal of this.
  for (const done of [byTwo, removed({ member: "anna" })]) {
    assert.deepEqual(told([raised, done]), ["alarms.kind.guard_removal", "", ""]);
  }
  assert.equal(told([made, raised, removed({ applicant: 1 })])[0], "alarms.guard_removal.proposed");
  const another = { ...alarm, reader: "nina" };
  assert.deepEqual(lacking([raised], [alarm]), []);
  assert.deepEqual(lacking([raised], [another]), [raised]);
  assert.deepEqual(lacking([raised, raised], [alarm]), [raised]); // raised twice, listed once
  assert.deepEqual(unlogged(page("access", [raised]), [alarm, another]), [another]);
  assert.deepEqual(unlogged(page("access", [raised], 5), [alarm, another]), []); // not all was read
});

test("an alarm of a recovery is about what was approved, not about what was proposed since", () => {
  const day = "2026-11-03";
  const alarm: Alarm = { id: "a1", kind: "member_recovered", reader: "olga", day, seen_by: null };
  const made = (proposal: string) =>
    entry({ event: "proposal.made", kind: "recover_member", subject: "olga", proposal, member: "ihar", day });
  const approved = entry({ event: "proposal.decided", proposal: "p1", approved: 1, member: "anna", day });
  const refused = entry({ event: "proposal.decided", proposal: "p2", approved: 0, member: "bela", day });
  const applied = entry({ event: "member.applied", member: "olga", recovered: true, day });
  const told = (...entries: Entry[]) => Object.values(caseOf(alarm, numbered(0, ...entries)));
  const [first, second] = [made("p1"), made("p2")];
  assert.deepEqual(told(first, approved, second), ["alarms.member_recovered.approved", "ihar", "anna"]);
  assert.deepEqual(told(first, approved, applied, second, refused), [
    "alarms.member_recovered.done",
    "ihar",
    "anna",
  ]);
  assert.deepEqual(told(applied), ["alarms.member_recovered.made", "", ""]);
  assert.deepEqual(told(second, refused), ["alarms.kind.member_recovered", "", ""]);
});

test("all of the log is read after the list, so an alarm that was raised meanwhile is not called forged", async () => {
  const day = "2026-11-03";
  const alarm = (reader: string): Alarm => ({ id: reader, kind: "budget_spent", reader, day, seen_by: null });
  const raised = (reader: string) => entry({ event: "alarm.raised", alarm: "budget_spent", reader, day });
  const log = numbered(0, raised("anna"), raised("bela"));
  const listed = [alarm("anna"), alarm("bela")];
  const proved = (start: number, end: number): Proved => ({
    ...page("access", log.slice(start, end), start),
    proof: undefined,
    unexplained: new Set(),
  });
  const read = async (later: Proved | undefined) =>
    later ? proved(0, later.start + later.entries.length) : proved(log.length - 1, log.length);
  const told = async (all: boolean) => {
    const { unknown, missing, reading } = await compare(all, async () => listed, read);
    return [[...unknown], missing, reading.entries.length];
  };
  assert.deepEqual(await told(false), [[], [], 1]);
  log.push(...numbered(2, raised("cyra"))); // and listed, after the first page was read
  listed.push(alarm("cyra"));
  assert.deepEqual(await told(true), [[], [], 3]);
  listed.push(alarm("nina"));
  assert.deepEqual(await told(true), [["nina"], [], 3]);
});

test("alarms are fetched again later, and at once if that failed", async () => {
  const platform = globalThis.fetch;
  let [asked, fails] = [0, true];
  globalThis.fetch = async () => {
    asked++;
    if (fails) throw new TypeError("no connection");
    return new Response(JSON.stringify({ alarms: Array(asked).fill({ seen_by: null }) }));
  };
  mock.timers.enable({ apis: ["Date"] });
  try {
    await renewAlarms();
    fails = false;
    for (const minutes of [0, 0.5, 0.6]) {
      mock.timers.tick(minutes * 60_000);
      await renewAlarms();
    }
    assert.deepEqual([asked, unseen()], [3, 3]);
    fails = true;
    mock.timers.tick(120_000);
    await renewAlarms();
    assert.deepEqual([asked, unseen()], [4, 3]); // what was known stays in sight
  } finally {
    mock.timers.reset();
    globalThis.fetch = platform;
  }
});
