/** What the log viewer says of one entry, and of entries beside one another. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assigning, byItself, byOperator, details, doer, done, partOf } from "../console/src/log/fields.ts";
import type { Json } from "../src/crypto/encoding.ts";
import { openings } from "../console/src/log/words.ts";
import { entry, numbered } from "./log_entries.ts";

test("what an entry says is said in words", () => {
  const proposal = entry({
    event: "proposal.made",
    kind: "change_budget",
    subject: "rita",
    proposal: "ab".repeat(16),
  });
  assert.deepEqual(details(proposal), ["what: another daily limit", "proposal: abababab…", "about: rita"]);
  const said = [
    entry({ event: "member.invited", for_roles: "auditor custodian", days: 56 }),
    entry({ event: "access.refused", member: "rita", asked: "record.opened", reason: "budget_spent" }),
    entry({ event: "proposal.decided", member: "anna", approved: 0 }),
    entry({ event: "proposal.decided", member: "anna", approved: 0, withdrawn: 1 }),
    entry({ event: "proposal.made", member: "anna", kind: "export", subject: 3, what_for: "analysis" }),
    entry({ event: "identity.asked", member: "rita", classes: "identity sensitive", why: "contact" }),
    entry({ event: "member.entered", member: "rita", again: 1 }),
    entry({ event: "record.erased", records: [1, 2], access: [7] }),
    entry({ event: "budget.changed", member: "anna", reader: "rita", daily: 60 }),
    entry({ event: "part.downloaded", member: "rita", class: "identity" }),
    entry({ event: "later.version", field: "x" }),
  ].map((each) => details(each).join(" · "));
  assert.deepEqual(said, [
    "days: 56 · roles: auditor, custodian",
    "asked for: Opened a testimony · reason: the daily limit was used up",
    "refused",
    "taken back",
    "what: an export · records: 3 · for: work on it with other tools",
    "what: identity, intimate · why: to reach the person",
    "confirmed once more with the passkey",
    "silent entries of the other log: 1 · silent entries of this log: 2",
    "records in a day: 60 · whose: rita",
    "kind of part: identity",
    "field: x",
  ]);
  assert.ok(byOperator(entry({ event: "member.admitted", subject: "rita" })));
  assert.ok(!byOperator(entry({ event: "member.admitted", subject: "rita", member: "anna" })));
});

test("what is kept apart is named in the line, and who added a program is not the program", () => {
  const part = (kind?: string) => done(entry({ event: "part.downloaded", ...(kind && { class: kind }) }));
  assert.ok(part("identity").startsWith("Opened a part about who somebody is"));
  assert.equal(part("sensitive"), "Opened an intimate part");
  for (const kind of ["account", "later", undefined])
    assert.equal(part(kind), "Opened a part of a testimony");
  const added = entry({ event: "client.added", client: "demo-client" });
  assert.deepEqual([doer(added), details(added)], ["the operator", ["program: demo-client"]]);
  const listed = entry({ event: "feed.listed", client: "demo-client" });
  assert.deepEqual([doer(listed), details(listed)], ["client:demo-client", []]);
});

test("an application that nobody answered was dropped by the service, not by the operator", () => {
  const dropped = entry({ event: "member.removed", subject: "rita", applicant: 1, reason: "expired" });
  assert.ok(byItself(dropped) && !byOperator(dropped));
  assert.equal(doer(dropped), "the service, by itself");
  assert.deepEqual(details(dropped), [
    "had applied, and was not a member yet",
    "reason: its time was over",
    "about: rita",
  ]);
  const removed = entry({ event: "member.removed", subject: "rita" });
  assert.ok(byOperator(removed) && !byItself(removed));
  assert.equal(doer(removed), "the operator");
  const refused = entry({ event: "member.removed", subject: "rita", applicant: 1, member: "anna" });
  assert.equal(doer(refused), "anna");
});

test("an opening that was part of an export, or was next assigned, is told apart from reading", () => {
  const at = (event: string, member: string, more: Record<string, Json> = {}) =>
    entry({ event, member, record: "r", day: "2026-11-03", hour: 9, ...more });
  const entries = numbered(
    0,
    at("record.opened", "keeper"),
    at("record.assigned", "keeper", { to: "rita" }),
    at("record.opened", "rita"),
    at("record.exported", "rita"),
    at("record.opened", "rita"),
    at("record.opened", "rita"),
    at("record.exported", "nina"), // and nothing of it came
    at("record.opened", "nina", { day: "2026-11-04" }),
    at("record.exported", "olga", { hour: 23 }),
    at("record.opened", "olga", { day: "2026-11-04", hour: 0 }),
    at("record.opened", "olga", { day: "2026-11-04", hour: 0 }),
  );
  assert.deepEqual(
    [...partOf(entries)],
    [
      [0, "assigning"],
      [4, "exporting"],
      [9, "exporting"],
    ],
  );
});

test("a key-holder who assigns reads nothing unusual, and one who reads what they assign does", () => {
  const at = (event: string, member: string, record: string, more: Record<string, Json> = {}) =>
    entry({ event, member, record, day: "2026-11-03", hour: 9, ...more });
  const records = Array.from({ length: 6 }, (_, number) => `r${number}`);
  const both = (member: string) =>
    records.flatMap((record) => [
      at("record.opened", member, record),
      at("part.downloaded", member, record, { class: "triage" }),
      at("record.assigned", member, record, { to: "rita" }),
    ]);
  const fetched = records.map((record) => at("part.downloaded", "lena", record, { class: "account" }));
  const others = ["rita", "nina", "olga"].map((member) => at("record.opened", member, "r0"));
  const entries = numbered(0, ...both("kira"), ...both("lena"), ...fetched, ...others);
  const found = openings(entries, assigning(entries));
  assert.deepEqual(found.map(({ reader, most, unusual }) => [reader, most, unusual]).slice(0, 2), [
    ["lena", 6, true],
    ["nina", 1, false],
  ]);
  assert.ok(!found.some(({ reader }) => reader === "kira"));
});
