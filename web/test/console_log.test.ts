/** The log viewer: runs of leaves against a signed root, forged pages, and who opened unusually much. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { named, read } from "../console/src/log/erased.ts";
import {
  type Answer,
  check,
  type Entry,
  joined,
  type Kind,
  keyFingerprint,
  type Reading,
  requireRecent,
} from "../console/src/log/pages.ts";
import { verifyRange } from "../console/src/log/range.ts";
import { EVERYTHING, filtered, openings } from "../console/src/log/words.ts";
import { recordName } from "../console/src/records/names.ts";
import { b64uEncode, type Bytes, type Json, utf8 } from "../src/crypto/encoding.ts";
import { VerifyError } from "../src/crypto/errors.ts";
import { leafHash, nodeHash } from "../src/crypto/merkle.ts";
import { entry, numbered, opened, page } from "./log_entries.ts";

const LEAVES = Array.from({ length: 20 }, (_, number) => leafHash(utf8(`entry ${number}`)));

/** RFC 6962, 2.1, by its definition. */
function root(leaves: readonly Bytes[]): Bytes {
  if (leaves.length === 1) return leaves[0]!;
  let power = 1;
  while (power * 2 < leaves.length) power *= 2;
  return nodeHash(root(leaves.slice(0, power)), root(leaves.slice(power)));
}

/** The largest subtrees outside a run. */
function around(start: number, end: number, low: number, high: number): Bytes[] {
  if (high <= start || end <= low) return [root(LEAVES.slice(low, high))];
  if (start <= low && high <= end) return [];
  let power = 1;
  while (power * 2 < high - low) power *= 2;
  return [...around(start, end, low, low + power), ...around(start, end, low + power, high)];
}

test("every run of every small tree holds", () => {
  for (let size = 1; size <= LEAVES.length; size++) {
    const top = root(LEAVES.slice(0, size));
    for (let start = 0; start < size; start++) {
      for (let end = start + 1; end <= size; end++) {
        verifyRange(LEAVES.slice(start, end), start, size, top, around(start, end, 0, size));
      }
    }
  }
});

test("a run with a leaf changed, left out, added or moved is refused, and so is another proof", () => {
  const [start, end, size] = [5, 11, 19];
  const top = root(LEAVES.slice(0, size));
  const proof = around(start, end, 0, size);
  const run = LEAVES.slice(start, end);
  const wrong: [Bytes[], number, number, Bytes, Bytes[]][] = [
    [run.slice(1), start, size, top, proof],
    [run.slice(0, -1), start, size, top, proof],
    [[...run, LEAVES[end]!], start, size, top, proof],
    [[LEAVES[0]!, ...run.slice(1)], start, size, top, proof],
    [[run[1]!, run[0]!, ...run.slice(2)], start, size, top, proof],
    [run, start + 1, size, top, proof],
    [run, start, 40, top, proof],
    [run, start, size, root(LEAVES), proof],
    [run, start, size, top, proof.slice(0, -1)],
    [run, start, size, top, [...proof, proof[0]!]],
    [run, start, size, top, [...proof].reverse()],
    [run, -1, size, top, proof],
    [run, 0.5, size, top, proof],
    [[], start, size, top, proof],
    [run, start, size, top, [Uint8Array.of(1), ...proof.slice(1)]],
  ];
  for (const each of wrong) assert.throws(() => verifyRange(...each), VerifyError);
});

test("a page whose entries or checkpoint do not hold says so", () => {
  const page: Answer = {
    log: "access",
    start: 0,
    size: 1,
    origin: "service.example/demo/access",
    keys: [],
    checkpoint: "service.example/demo/access\n1\nAAAA\n",
    signed: 1,
    hashes: [],
    entries: [{ index: 0, leaf: "AQ", opening: null }],
  };
  const found = check(page, "access", "demo", 0);
  assert.deepEqual(
    found.problems.map(({ wrong, first }) => [wrong, first]),
    [
      ["altered", 0],
      ["signature", undefined],
    ],
  );
  assert.equal(found.checkpoint, undefined);
  assert.deepEqual(
    found.entries.map(({ index, bad }) => [index, bad]),
    [[0, true]],
  );
  for (const origin of ["demo/access", "/demo/access", "service.example/x/demo/access", "x-demo/access"]) {
    const { problems } = check({ ...page, origin }, "access", "demo", 0);
    assert.ok(
      problems.some(({ wrong, detail }) => wrong === "signature" && detail === "the log is another one"),
      origin,
    );
  }
});

test("an entry that is not signed hours after it was made is a problem, a new one is not", () => {
  const made = (hour: number): Entry[] => [opened("anna", "2026-11-02", "r"), timed(hour)];
  const timed = (hour: number) => entry({ event: "log.read", member: "olga", day: "2026-11-03", hour });
  const at = (time: string): number => Date.parse(`2026-11-03T${time}:00Z`) / 1000;
  const [first] = made(9);
  for (const [hour, time, late] of [
    [9, "10:30", false],
    [9, "12:59", false],
    [9, "13:01", true],
    [0, "05:00", true],
  ] as const) {
    const entries = [first!, timed(hour)].map((each, i) => ({ ...each, index: i }));
    const run = () => requireRecent(entries, 1, at(time));
    if (late) assert.throws(run, VerifyError);
    else run();
    requireRecent(entries, 2, at(time) + 1e6); // both are signed
  }
  assert.throws(() => requireRecent([{ ...first!, index: 0 }], 0, at("04:00")), VerifyError); // nothing signed
});

test("a key's fingerprint is what sha256sum says of its line", () => {
  assert.equal(keyFingerprint("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("whoever opens many times what is usual stands first and is marked", () => {
  const entries: Entry[] = [];
  for (const day of ["2026-11-02", "2026-11-03", "2026-11-04"]) {
    for (const member of ["anna", "bela", "cyra"]) {
      for (const record of ["r1", "r2"]) entries.push(opened(member, day, record));
    }
  }
  for (let number = 0; number < 30; number++) entries.push(opened("eve", "2026-11-04", `e${number}`));
  entries.push(opened("eve", "2026-11-04", "e1")); // again: one record
  entries.push(entry({ event: "part.downloaded", client: "puller", day: "2026-11-04", record: "r1" }));
  entries.push(entry({ event: "log.read", member: "olga", day: "2026-11-04" }));
  const rows = openings(entries);
  assert.deepEqual(
    rows.map((row) => [row.reader, row.most, row.records, row.unusual]),
    [
      ["eve", 30, 30, true],
      ["anna", 2, 2, false],
      ["bela", 2, 2, false],
      ["cyra", 2, 2, false],
      ["client:puller", 1, 1, false],
    ],
  );
});

test("a silent entry is believed only if the records log names it as erased, on whichever page", async () => {
  const silent = () => entry({}, { erased: true });
  const erasing = (fields: Record<string, Json>) => entry({ event: "record.erased", ...fields });
  const access = page("access", numbered(0, opened("anna", "2026-11-02", "r"), silent(), silent()));
  const plain = entry({ event: "record.added", record: "r", day: "2026-11-02" });
  const asked: string[] = [];
  const server = (records: readonly Reading[]) => async (kind: Kind, _: string, before?: Reading) => {
    asked.push(kind);
    if (kind === "access") return access;
    const at = records.findIndex((each) => each.start === before?.start) + 1;
    return before ? joined(records[at]!, before) : records[0]!;
  };
  const wrong = async (...records: Reading[]) => {
    asked.length = 0;
    const { problems, entries } = await read("access", "demo", undefined, server(records));
    return [problems.map((each) => `${each.wrong} ${each.first}`), entries.map(({ bad }) => bad)];
  };
  const nothing = [[], [false, false, false]];
  assert.deepEqual(await wrong(page("records", [erasing({ records: [], access: [1, 2] })])), nothing);
  assert.deepEqual(asked, ["access", "records"]);
  const older = { ...page("records", numbered(0, erasing({ records: [], access: [2, 1] }))), size: 2 };
  assert.deepEqual(await wrong(page("records", numbered(1, plain), 1), older), nothing);
  assert.deepEqual(asked, ["access", "records", "records"]);
  for (const other of [
    plain,
    erasing({ records: [1, 2], access: [2] }),
    entry({ event: "record.added", access: [1, 2] }),
    entry({ event: "record.erased", access: [1, 2] }, { bad: true }),
  ]) {
    const [problems] = await wrong(page("records", [other]));
    assert.equal(problems![0], "silent 1");
  }
  assert.deepEqual(await wrong(page("records", [erasing({ access: [2] })])), [
    ["silent 1"],
    [false, true, false],
  ]);
  const broken = {
    ...page("records", [erasing({ access: [1, 2] })]),
    problems: joined(older, older).problems,
  };
  assert.ok(broken.problems.length);
  assert.deepEqual((await wrong(broken))[0], ["records undefined"]);
});

test("an entry of the records log is silenced by a later one, of the same log", () => {
  const entries = numbered(5, entry({ event: "record.erased", records: [3, 5, 9], access: [40] }));
  assert.deepEqual([...named(entries, "records")], [3]);
  assert.deepEqual([...named(entries, "access")], [40]);
});

test("for the records log's own silent entries only what is newer than it is read", async () => {
  const silent = () => entry({}, { erased: true });
  const plain = () => entry({ event: "record.added", record: "r", day: "2026-11-02" });
  const log = numbered(0, plain(), silent(), plain(), plain());
  const asked: string[] = [];
  // Two entries at a time.
  const server = async (kind: Kind, _: string, before?: Reading) => {
    const end = before ? before.start : log.length;
    asked.push(`${kind} ${end}`);
    return joined({ ...page(kind, log.slice(end - 2, end), end - 2), size: log.length }, before);
  };
  const wrong = async (meanwhile = () => {}) => {
    asked.length = 0;
    const newest = await read("records", "demo", undefined, server);
    meanwhile();
    const { problems } = await read("records", "demo", newest, server);
    return problems.map((each) => `${each.wrong} ${each.first}`);
  };
  assert.deepEqual(await wrong(), ["silent 1"]);
  assert.deepEqual(asked, ["records 4", "records 2", "records 4"]);
  const erasing = entry({ event: "record.erased", records: [1], access: [] });
  assert.deepEqual(await wrong(() => log.push(...numbered(4, erasing, plain()))), []);
  assert.deepEqual(asked, ["records 4", "records 2", "records 6"]); // erased since the newest was read
  assert.deepEqual(await wrong(), []);
  assert.deepEqual(asked, ["records 6", "records 4"]);
});

test("entries that were left out are counted, and the others keep their numbers", () => {
  const answer: Answer = {
    log: "access",
    start: 3,
    size: 9,
    origin: "service.example/demo/access",
    keys: [],
    checkpoint: null,
    signed: 0,
    hashes: [],
    entries: [3, 4, 7].map((index) => ({ index, leaf: LEAF, opening: null })),
  };
  const found = joined(check(answer, "access", "demo", 0), undefined);
  assert.deepEqual(
    found.problems.map(({ wrong, first, count }) => [wrong, first, count]),
    [
      ["missing", 5, 2],
      ["missing", 8, 1], // and what was last
    ],
  );
  assert.deepEqual(
    found.entries.map(({ index, bad }) => [index, bad]),
    [
      [3, false],
      [4, false],
      [7, false],
    ],
  );
});
const LEAF = b64uEncode(Uint8Array.from({ length: 65 }, (_, place) => (place ? 7 : 1)));

test("a record is found by its name and its number too, and what is not believed stays in sight", () => {
  const record = "ab".repeat(32);
  const entries = [
    opened("anna", "2026-11-02", record),
    opened("anna", "2026-11-02", "2".repeat(64)),
    entry({ event: "record.opened", member: "anna" }, { bad: true }),
  ];
  const numbers = new Map([[record, 2]]);
  const find = (typed: string) =>
    filtered(entries, { ...EVERYTHING, record: typed }, numbers).map(({ bad }) => bad);
  for (const typed of [
    recordName(record),
    recordName(record).replace("-", " ").toUpperCase(),
    "2",
    "#2",
    "№ 2",
  ]) {
    assert.deepEqual(find(typed), [true, false], typed);
  }
  assert.deepEqual(find("22"), [true, false]);
  assert.deepEqual(find("nobody-nowhere"), [true]);
  assert.equal(openings(entries)[0]!.records, 2);
});

test("what is looked for is found, padding never, erased entries where nothing is asked of them", () => {
  const entries = [
    opened("anna", "2026-11-02", "aa11"),
    opened("bela", "2026-11-03", "bb22"),
    entry({}, { padding: true }),
    entry({}, { erased: true }),
  ];
  const find = (more: Partial<typeof EVERYTHING>) => filtered(entries, { ...EVERYTHING, ...more });
  assert.equal(find({}).length, 3);
  assert.equal(find({})[0]!.erased, true);
  assert.deepEqual(find({ who: "anna" }), [entries[0]]);
  assert.deepEqual(find({ record: " BB" }), [entries[1]]);
  assert.deepEqual(find({ from: "2026-11-03" }), [entries[1]]);
  assert.deepEqual(find({ to: "2026-11-02" }), [entries[0]]);
  assert.deepEqual(find({ event: "log.read" }), []);
});
