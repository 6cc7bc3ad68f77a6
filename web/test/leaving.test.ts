/** How long a page keeps what was opened, and what a custodian's browser seals to whoever asks. */

import assert from "node:assert/strict";
import { test } from "node:test";
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
