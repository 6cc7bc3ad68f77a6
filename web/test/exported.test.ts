/** An export is fetched once and held; one that broke off is said to be lost, one that was refused is not. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mock, test } from "node:test";
import { fetchedOf, fetchExport } from "../console/src/work/exported.ts";
import { forget } from "../console/src/state.ts";

const answers = (make: () => Response) => mock.method(globalThis, "fetch", async () => make());
const pieces = (broken: boolean) =>
  new ReadableStream<Uint8Array>({
    start(to) {
      to.enqueue(new Uint8Array(5).fill(1));
      to.enqueue(new Uint8Array(7).fill(2));
    },
    pull: (to) => (broken ? to.error(new TypeError("network error")) : to.close()),
  });

test("what came is held, with its size and hash, and asked for once", async () => {
  const fetched = answers(() => new Response(pieces(false)));
  const held = await fetchExport("e1").whole;
  const data = [...new Array(5).fill(1), ...new Array(7).fill(2)];
  assert.equal(held.size, 12);
  assert.equal(held.sha256, createHash("sha256").update(new Uint8Array(data)).digest("hex"));
  assert.equal(await fetchExport("e1").whole, held);
  assert.equal(fetched.mock.callCount(), 1);
  forget();
  assert.equal(fetchedOf("e1"), undefined);
  mock.restoreAll();
});

test("one that breaks off is lost, and is not asked for again", async () => {
  const fetched = answers(() => new Response(pieces(true)));
  const lost = { key: "exports.broke", values: { count: 12 } };
  await assert.rejects(fetchExport("e2").whole, lost);
  await assert.rejects(fetchExport("e2").whole, lost);
  assert.equal(fetched.mock.callCount(), 1);
  mock.restoreAll();
});

test("one that was refused can be asked for again", async () => {
  const said = JSON.stringify({ code: "second_person", detail: "" });
  answers(() => new Response(said, { status: 403 }));
  await assert.rejects(fetchExport("e3").whole, { code: "second_person" });
  assert.ok(fetchedOf("e3")!.refused);
  mock.restoreAll();
  answers(() => new Response(pieces(false)));
  assert.equal((await fetchExport("e3").whole).size, 12);
  mock.restoreAll();
});
