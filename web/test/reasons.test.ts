/** Which words of a reason the console shows: those that are this request's, and of its day. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { openWords } from "../console/src/records/reasons.ts";
import { Identity } from "../src/crypto/age_keys.ts";
import { hexDecode, utf8 } from "../src/crypto/encoding.ts";
import { sealEnvelope } from "../src/crypto/reason.ts";
import { load, stream } from "./vectors.ts";

const V = load("work-v1.json");
const { request: id, ...asked } = V.reason.asked;
const REQUEST = { ...asked, id, day: "2026-11-23", state: "waiting", words: true };
const AT = { rootKey: hexDecode(V.root, 32), mechanism: "demo" };
const [OLGA, LATE] = [new Identity(stream("olga")(32)), new Identity(stream("late")(32))];

test("words are shown with their request, and nowhere else", async () => {
  const file = await sealEnvelope(utf8(V.reason.envelope), [OLGA.recipient], stream("file"));
  const found = await openWords(file, REQUEST, OLGA, AT);
  assert.ok(typeof found === "object");
  assert.deepEqual([found.text, found.day], [V.reason.text, "2026-11-23"]);
  assert.ok(typeof (await openWords(file, { ...REQUEST, day: "2026-11-24" }, OLGA, AT)) === "object");
  for (const other of [
    { day: "2026-11-25" }, // those of a request that is over are not shown again
    { id: "00".repeat(16) },
    { record: "00".repeat(32) },
    { member: "anna" },
    { asked_by: "bela" },
    { classes: ["identity"] },
    { reason: "protection" },
  ]) {
    assert.equal(await openWords(file, { ...REQUEST, ...other }, OLGA, AT), "bad", JSON.stringify(other));
  }
  const altered = file.slice();
  altered[file.length - 1]! ^= 1;
  assert.equal(await openWords(altered, REQUEST, OLGA, AT), "bad");
  assert.equal(await openWords(utf8("Because"), REQUEST, OLGA, AT), "bad");
});

test("who became a custodian later is told that the words are sealed to others", async () => {
  const file = await sealEnvelope(utf8(V.reason.envelope), [OLGA.recipient], stream("file"));
  assert.equal(await openWords(file, REQUEST, LATE, AT), "others");
});
