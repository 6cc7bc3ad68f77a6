/** What the console works out of records by itself: names, what changed in a text, how a list is narrowed down. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { cardOf, openCard, type Row } from "../console/src/records/cards.ts";
import { dated } from "../console/src/records/dated.ts";
import { difference } from "../console/src/records/difference.ts";
import { counted, type Item, meant, narrowed, NO_FILTER, sorted } from "../console/src/records/listed.ts";
import { recordName } from "../console/src/records/names.ts";
import { differences, shutOf, withheld } from "../console/src/records/given.ts";
import { asksAnotherWay, asksFirst, type Limits, writing } from "../console/src/records/limits.ts";
import type { Opened } from "../console/src/records/opening.ts";
import { Named } from "../console/src/records/terms.ts";
import { Identity } from "../src/crypto/age_keys.ts";
import { Fields } from "../src/crypto/commitments.ts";
import { grant } from "../src/crypto/compartments.ts";
import { b64uEncode, type Bytes, type Json, utf8 } from "../src/crypto/encoding.ts";
import { sealFile, WRAP_RANDOM } from "../src/crypto/sealing.ts";
import { random } from "../src/random.ts";

test("a record has the name that the other program gives it", () => {
  assert.equal(recordName("00".repeat(32)), "condition-dock");
  assert.equal(recordName("ab".repeat(32)), "flaring-division");
  assert.equal(recordName("06".repeat(32)), "frill-blurred"); // a word that insults gives way
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
  const other = { ...items[0]!, card: { ...items[0]!.card!, capacity: "relative", language: "ru" } };
  for (const wanted of [{ capacity: "relative" }, { language: "ru" }]) {
    assert.deepEqual(numbers(narrowed([other, items[2]!], { ...NO_FILTER, ...wanted })), [1]);
  }
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

const sides = () => ({ fileKey: random(16), nonce: random(16), randomness: random(WRAP_RANDOM) });
const triage = (values: Record<string, Json>): Fields => Fields.salted(values, random);

test("a card into which somebody sealed nonsense stays closed, and no other one", async () => {
  const [epoch, compartment] = [new Identity(random(32)), new Identity(random(32))];
  const seal = async (data: Bytes, to: Identity): Promise<string> =>
    b64uEncode(await sealFile(data, to.recipient, sides()));
  const fields = await seal(triage({ month: "2020-08", gates: ["insider", 7] }).encode(), compartment);
  const good = { compartment: "cc", file: b64uEncode(await grant(compartment, epoch.recipient, sides())) };
  const parts = [{ id: "p", compartment: "cc", file: fields }];
  const bad = { compartment: "cc", file: await seal(utf8("no key at all"), epoch) };
  assert.equal(await openCard({ grants: [bad], parts }, [epoch]), undefined);
  assert.equal(await openCard({ grants: [{ ...bad, file: "!" }], parts }, [epoch]), undefined);
  const nonsense = [{ ...parts[0]!, file: await seal(utf8("[]"), compartment) }];
  assert.equal(await openCard({ grants: [good], parts: nonsense }, [epoch]), undefined);
  const card = await openCard({ grants: [bad, good], parts }, [epoch]);
  assert.deepEqual([card?.month, card?.gates], ["2020-08", ["insider"]]);
});

test("a reviewer finds records by number, name or id, and is told what is no record", () => {
  const ids = ["00".repeat(32), "ab".repeat(32)]; // condition-dock, flaring-division
  const rows = ids.map((record, i) => ({ ...item(i + 7, "", []).row, record }));
  const items = rows.map((row): Item => ({ row, name: recordName(row.record), card: undefined }));
  const found = (search: string) => narrowed(items, { ...NO_FILTER, search }).map(({ row }) => row.number);
  assert.deepEqual([found("7"), found(" Flaring"), found("abab"), found("9")], [[7], [8], [8], []]);
  assert.deepEqual(meant(rows, "8, condition-dock\n8 9 flaring"), {
    records: [ids[1], ids[0]],
    unknown: ["9", "flaring"],
  });
  assert.deepEqual(meant([...rows, { ...rows[0]!, number: 9 }], "condition-dock").unknown, [
    "condition-dock",
  ]);
});

const PARTS = ["triage", "account", "identity"].map((kind) => ({ id: `${kind}-part`, compartment: kind }));

test("a part that was signed, may be read and is not given is missed; what others hold is not", () => {
  const compartments = ["triage", "account", "identity"].map((kind) => ({ id: kind, kind }));
  const reader = { statement: { compartments }, readable: () => PARTS } as any;
  const missed = (own: string[], given: string[], roles: string[]) =>
    withheld(
      reader,
      {
        own: own.map((compartment) => ({ compartment, file: "", expires: null })),
        parts: given.map((id) => ({ id, size: 1 })),
      },
      roles,
    ).map(({ id }) => id);
  assert.deepEqual(missed(["account"], ["triage-part", "account-part"], ["reviewer"]), []);
  assert.deepEqual(missed(["account"], ["triage-part"], ["reviewer"]), ["account-part"]);
  assert.deepEqual(missed([], ["triage-part"], ["custodian"]), []); // seals identity's key, and reads nothing
  assert.deepEqual(missed([], ["triage-part"], ["key-holder"]), ["account-part"]);
  assert.deepEqual(missed(["identity"], [], ["reviewer"]), ["triage-part", "identity-part"]);
});

test("a row that another record's card was put into, or whose revision is not given, is told apart", () => {
  const said = (month: string) => triage({ month, gates: [] });
  const row = (revision: number, month: string): Item => ({
    ...item(1, "", [], { revision } as Partial<Row>),
    card: cardOf(said(month)),
  });
  const given = (revision: number, months: string[]) =>
    ({
      reader: { statement: { revision } },
      current: () => months.map((month) => ({ fields: said(month) })),
    }) as unknown as Opened["record"];
  const found = (listed: Item | undefined, record: Opened["record"]) => differences({ listed, record });
  assert.deepEqual(found(row(1, "2020-08"), given(1, ["2020-08"])), []);
  assert.deepEqual(found(row(1, "2020-08"), given(1, ["2020-05", "2020-08"])), []);
  assert.deepEqual(found(row(1, "2020-08"), given(1, ["2020-05"])), ["card"]);
  assert.deepEqual(found(row(1, "2020-08"), given(1, [])), ["card"]);
  assert.deepEqual(found(row(2, "2020-08"), given(1, ["2020-08"])), ["revision"]);
  assert.deepEqual(found(row(1, "2020-08"), given(2, ["2020-05"])), []); // it was revised meanwhile
  assert.deepEqual(found({ ...row(1, ""), card: undefined }, given(1, ["2020-05"])), []);
  assert.deepEqual(found(undefined, given(1, [])), []);
});

test("a timeline has what happened, in words, and not when somebody was born", () => {
  const asked = (id: string, label: string) => ({ id, type: "date", label, vocabulary: null });
  const from = [asked("from", "From when? (approximate is fine)"), asked("to", "Until when?")];
  const sections = {
    person: { title: "About the person", questions: [asked("birth", "Date or year of birth")] },
    detention: { title: "Detention", questions: from },
    events: { title: "What happened", questions: [asked("date", "Date (approximate is fine)")] },
  };
  const answered = (values: Record<string, Json>) => ({
    fields: { fields: new Map(Object.entries(values).map(([name, value]) => [name, ["", value]])) },
  });
  const said = [
    answered({ section: "person", "0/birth": "1990" }),
    answered({ section: "detention", "0/from": "2020-08-10", "0/to": "2020-08-12" }),
    answered({ section: "events", "0/date": "2020-08-09" }),
  ];
  const record = { current: () => said } as unknown as Opened["record"];
  const named = new Named({ sections } as unknown as Named["terms"], "en");
  assert.deepEqual(
    dated(record, named).map(({ date, title, what }) => [date, title, what]),
    [
      ["2020-08-09", "What happened", ""],
      ["2020-08-10", "Detention", "beginning"],
      ["2020-08-12", "Detention", "end"],
    ],
  );
});

test("who asked not to be contacted, or gave no answer, is only answered, and is told apart", () => {
  const set = (contact: string | null, ...conditions: string[]): Limits =>
    ({ consent: undefined, choice: { contact, conditions } }) as unknown as Limits;
  const may = (contact: string | null) => [writing(set(contact), false), writing(set(contact), true)];
  assert.deepEqual(may("never"), ["never", "only_answer"]);
  assert.deepEqual(may(null), ["unasked", "only_answer_unasked"]);
  assert.deepEqual(may("here"), ["free", "free"]);
  assert.deepEqual(may("safe_channel"), ["free", "free"]); // and is told to have asked for another way
  assert.deepEqual([asksAnotherWay(set("safe_channel")), asksAnotherWay(set("here"))], [true, false]);
  assert.equal(writing({ consent: undefined, choice: undefined }, true), "unknown");
  assert.deepEqual([asksFirst(set("here", "ask_first")), asksFirst(set("here"))], [true, false]);
});

test("an account that is sealed to a newer epoch is said to be, by its number", () => {
  const account = ["one", "two"].map((id) => ({ id, kind: "account" }));
  const granted = (compartment: string, recipient: string, mechanism = "demo") => ({
    mechanism,
    compartment,
    recipient,
  });
  const audience = [granted("one", "old"), granted("two", "new"), granted("one", "theirs", "other")];
  const statement = { audience, compartments: [...account, { id: "card", kind: "triage" }] };
  const keys = [1, 2].map((epoch) => ({ epoch, recipient: { fingerprint: epoch === 1 ? "old" : "new" } }));
  const shut = (...open: string[]) =>
    shutOf({ statement, identities: new Map(open.map((id) => [id, id])) } as any, { keys } as any, "demo");
  assert.deepEqual(shut("one", "two"), { all: false, epochs: [] });
  assert.deepEqual(shut("one", "card"), { all: false, epochs: [2] });
  assert.deepEqual(shut("card"), { all: true, epochs: [1, 2] });
});
