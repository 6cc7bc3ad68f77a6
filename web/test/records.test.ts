/** What the console works out of records by itself: names, what changed in a text, how a list is narrowed down. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Row } from "../console/src/records/cards.ts";
import { difference } from "../console/src/records/difference.ts";
import { counted, type Item, narrowed, NO_FILTER, sorted } from "../console/src/records/listed.ts";
import { recordName } from "../console/src/records/names.ts";

test("a record has the name that the other program gives it", () => {
  assert.equal(recordName("00".repeat(32)), "condition-dock");
  assert.equal(recordName("ab".repeat(32)), "flaring-division");
});

test("a reviewer sees which words went and which came", () => {
  const pieces = difference("I was held for two days there.", "I was held for three days in a cellar.");
  const side = (kind: string): string =>
    pieces
      .filter((piece) => piece.kind === "same" || piece.kind === kind)
      .map(({ text }) => text)
      .join("");
  assert.equal(side("gone"), "I was held for two days there.");
  assert.equal(side("new"), "I was held for three days in a cellar.");
  assert.ok(pieces.some(({ kind, text }) => kind === "gone" && text === "two "));
  assert.deepEqual(difference("same", "same"), [{ kind: "same", text: "same" }]);
});

test("texts too long to compare are both shown whole", () => {
  const [one, other] = ["a ".repeat(3000), "b ".repeat(3000)];
  assert.deepEqual(difference(one, other), [
    { kind: "gone", text: one },
    { kind: "new", text: other },
  ]);
});

function item(number: number, month: string, violations: string[], more: Partial<Row> = {}): Item {
  const card = { capacity: "victim", language: "be", month, facility: "", violations, gates: [] };
  const row = { record: "ab", number, assigned: [], status: "new", unanswered: 0, deadline: null, ...more };
  return { row: row as unknown as Row, name: "", card: month ? card : undefined };
}

test("a reviewer narrows a list down and sorts it", () => {
  const items = [
    item(1, "2020-08", ["beating"]),
    item(2, "", [], { unanswered: 2, assigned: ["rita"] }),
    item(3, "2020-08", ["beating", "search"], { deadline: "2026-12-01" }),
    item(4, "2020-05", ["search"]),
  ];
  const numbers = (found: readonly Item[]): number[] => found.map(({ row }) => row.number);
  assert.deepEqual(numbers(narrowed(items, { ...NO_FILTER, violation: "search" })), [3, 4]);
  assert.deepEqual(numbers(narrowed(items, { ...NO_FILTER, violation: "search", month: "2020-08" })), [3]);
  assert.deepEqual(numbers(narrowed(items, { ...NO_FILTER, member: "rita" })), [2]);
  assert.deepEqual(numbers(narrowed(items, { ...NO_FILTER, member: "nobody" })), [1, 3, 4]);
  assert.deepEqual(
    counted(items, ({ card }) => card?.violations ?? []),
    [
      ["beating", 2],
      ["search", 2],
    ],
  );
  assert.deepEqual(numbers(sorted(items, "number")), [4, 3, 2, 1]);
  assert.deepEqual(numbers(sorted(items, "month")), [4, 3, 1, 2]);
  assert.deepEqual(numbers(sorted(items, "unanswered")), [2, 4, 3, 1]);
  assert.deepEqual(numbers(sorted(items, "deadline")), [3, 4, 2, 1]);
});
