/** How long a page keeps what was opened, and what a custodian's browser seals to whoever asks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { endsNow } from "../console/src/ending.ts";
import { IDLE, leftAt, LIFE } from "../console/src/leaving.ts";
import { askedOnly } from "../console/src/records/asked.ts";
import { onRenew, renew } from "../console/src/state.ts";

const MINUTE = 60 * 1000;

test("a page forgets a quarter of an hour after the last touch, and eight hours after the login in any case", () => {
  assert.equal(leftAt(14 * MINUTE, 0, 0), MINUTE);
  assert.equal(leftAt(14 * MINUTE, 13 * MINUTE, 0), 14 * MINUTE);
  assert.equal(leftAt(LIFE - MINUTE, LIFE - MINUTE, 0), MINUTE);
  assert.ok(leftAt(LIFE, LIFE, 0) <= 0);
  assert.equal(leftAt(0, 0, undefined), IDLE); // nobody is logged in: somebody enrols
});

test("a custodian's browser gives identity and sensitive content only, whatever the server says was asked for", () => {
  assert.deepEqual(askedOnly(["identity", "sensitive"]), ["identity", "sensitive"]);
  for (const asked of [["identity", "account"], ["triage"], []] as const) {
    assert.throws(
      () => askedOnly(asked),
      (error: unknown) => (error as { code?: string }).code === "other_classes",
    );
  }
});

test("what was fetched before is fetched anew when a member goes to another view", () => {
  let kept = true;
  onRenew(() => (kept = false));
  renew();
  assert.ok(!kept);
});

test("a membership's end is told a week before, or in the last quarter of a shorter one", () => {
  const told = (starts: string, expires: string, days: string[]) =>
    days.map((day) => endsNow(starts, expires, day));
  assert.deepEqual(told("2026-01-01", "2026-02-25", ["2026-02-17", "2026-02-18", "2026-02-25"]), [
    false,
    true,
    true,
  ]);
  assert.deepEqual(told("2026-01-01", "2026-01-12", ["2026-01-08", "2026-01-09"]), [false, true]);
  assert.deepEqual(told("2026-01-01", "2026-01-01", ["2026-01-01"]), [true]); // one day
});
