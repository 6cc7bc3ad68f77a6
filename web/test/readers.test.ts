/** Whom a workspace's key may go to, and which workspaces are believed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { afterRecord, begunByOne, type Place } from "../console/src/work/place.ts";
import type { Card } from "../console/src/work/keys.ts";

const place = (day: string, key: Uint8Array): Place =>
  ({ workspace: { day, member: { id: "anna", key } } }) as unknown as Place;
const [own, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

test("a workspace that is dated before its record is refused, a day's difference of clocks aside", () => {
  assert.doesNotThrow(() => afterRecord(place("2026-11-28", own), "2026-11-28"));
  assert.doesNotThrow(() => afterRecord(place("2026-02-28", own), "2026-03-01"));
  assert.throws(() => afterRecord(place("2026-11-26", own), "2026-11-28"), { name: "VerifyError" });
});

test("whoever began a workspace is known only by the key that the root certified for today", () => {
  const cards = new Map([["anna", [{ key: own }, {}] as unknown as Card]]);
  assert.ok(begunByOne(place("2026-11-28", own), cards));
  assert.ok(!begunByOne(place("2026-11-28", other), cards));
  assert.ok(!begunByOne(place("2026-11-28", own), new Map()));
});
